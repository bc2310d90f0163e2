/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan_scene_guest.c - the guest's side of the picture of a plan
 *
 * Takes:  the leaves of a plan.
 * Gives:  cells, root complexes (expanders, bus 0) and switches around the places of the devices.
 * Rule:   links are what ports and devices say in the guest, as NCCL reads them; one that is
 *         another one than the host's is marked, and so is every frame and card that is not as on
 *         the host.
 * Not here: the host's side (plan_scene_host.c), what differs (plan_marks.c).
 */
#include "report/plan_scene.h"

#include "model/link_text.h"
#include "model/machine.h"
#include "peer/nccl_graph.h"
#include "plan/ground/link_rate.h"
#include "plan/ground/port_link.h"
#include "report/explain.h"
#include "report/plan_marks.h"

#include <string.h>

#define TEXT_COLUMNS 38

enum level { LEVEL_CELL, LEVEL_ROOT, LEVEL_SWITCH };

static const struct guest_controller *controller_at(const struct plan_frames *frames,
                                                    unsigned index)
{
    return &frames->side->leaves->tree.at[index];
}

/* NULL: it is the domain's own. */
static const struct plan_controller *planned_at(const struct plan_frames *frames, unsigned index)
{
    const struct guest_controller *c = controller_at(frames, index);

    return c->there && !c->own ? &frames->side->plan->controllers.items[c->planned] : NULL;
}

static size_t count_levels(const struct plan_leaf *leaf)
{
    return LEVEL_SWITCH + leaf->guest_switches.count;
}

static size_t key_of(const struct plan_leaf *leaf, size_t level)
{
    if (level == LEVEL_CELL)
        return (size_t)leaf->cell + 1;
    if (level == LEVEL_ROOT)
        return leaf->root_index;
    return leaf->guest_switches.items[level - LEVEL_SWITCH];
}

/* --- cells --- */

static char *vcpus_of(const struct domain *domain, int cell)
{
    for (size_t i = 0; i < domain->cells.count; i++) {
        autofree char *vcpus = NULL;

        if ((int)domain->cells.items[i].id != cell)
            continue;
        vcpus = idset_format(&domain->cells.items[i].vcpus);
        return vcpus ? mem_printf("vCPUs %s", *vcpus ? vcpus : "none") : NULL;
    }
    return strdup("");
}

static size_t open_cell(const struct plan_frames *frames, size_t first, size_t end, size_t parent)
{
    struct scene *scene = frames->side->scene;
    int cell = plan_frames_leaf(frames, first)->cell;
    size_t box;

    if (cell < 0)
        return parent;
    box = scene_add_box(scene, parent, BOX_NODE);
    scene_add_line(scene, box, LINE_HEADING, mem_printf("NUMA node %d (cell %d)", cell, cell));
    scene_add_wrapped(scene, box, LINE_QUIET, vcpus_of(&frames->side->plan->extract.domain, cell),
                      TEXT_COLUMNS);
    plan_scene_add_mark(frames->side->scene, box, plan_mark_cell(frames, first, end));
    return box;
}

/* --- root complexes --- */

static char *root_heading(const struct plan_frames *frames, unsigned index)
{
    if (index == LEAF_UNPLACED)
        return strdup("where libvirt puts it");
    return index ? mem_printf("expander pci.%u", index)
                 : strdup(domain_machine(&frames->side->plan->extract.domain)->root_bus);
}

static char *buses_of(const struct plan_controller *expander)
{
    if (expander->buses > 1)
        return mem_printf("buses %02x-%02x", expander->bus_nr,
                          expander->bus_nr + expander->buses - 1);
    return mem_printf("bus %02x", expander->bus_nr);
}

static size_t open_root(const struct plan_frames *frames, size_t first, size_t end, size_t parent)
{
    struct scene *scene = frames->side->scene;
    const struct plan_leaf *leaf = plan_frames_leaf(frames, first);
    const struct plan_controller *planned =
        leaf->root_index < LEAF_UNPLACED ? planned_at(frames, leaf->root_index) : NULL;
    size_t box = scene_add_box(scene, parent, BOX_ROOT);

    scene_add_line(scene, box, LINE_HEADING, root_heading(frames, leaf->root_index));
    if (planned)
        scene_add_line(scene, box, LINE_QUIET, buses_of(planned));
    if (leaf->cell < 0 && leaf->root_index != LEAF_UNPLACED)
        plan_scene_add_mark(frames->side->scene, box, strdup("on no NUMA node"));
    plan_scene_add_mark(frames->side->scene, box, plan_mark_root(frames, first, end));
    return box;
}

/* --- switches and links --- */

/* "e1:00.0", or libvirt's name where that is not known. */
static char *name_controller(const struct plan_frames *frames, unsigned index)
{
    const struct plan_controller *planned = planned_at(frames, index);
    struct buffer out = {0};

    if (planned && bdf_is_set(&planned->guest))
        explain_guest(&planned->guest, &out);
    else
        buffer_printf(&out, "pci.%u", index);
    return buffer_steal(&out);
}

static struct host_link link_of_port(const struct plan_frames *frames, unsigned index)
{
    const struct plan_controller *planned = planned_at(frames, index);
    const struct guest_controller *c = controller_at(frames, index);

    if (planned && planned->link.speed)
        return planned->link;
    return planned || !c->own ? nccl_stock_port(c->model) : nccl_own_port(c->own);
}

/* What the two ends say, beside what they say on the host; 0: nothing is known. */
static void set_link(const struct plan_frames *frames, size_t box, struct host_link link,
                     const struct host_function *host)
{
    char text[LINK_RATE_SIZE], host_text[LINK_RATE_SIZE] = "";

    link_rate_format(&link, text);
    if (host)
        link_rate_format(&host->link_max, host_text);
    if (*text)
        scene_set_link(frames->side->scene, box, strdup(text),
                       *host_text && strcmp(text, host_text));
}

static void set_port(const struct plan_frames *frames, size_t box, unsigned index)
{
    const struct guest_controller *c = controller_at(frames, index);
    autofree char *name = NULL;
    struct host_link link;

    if (!index || (c->model != CTRL_ROOT_PORT && c->model != CTRL_DOWNSTREAM))
        return;
    name = name_controller(frames, index);
    link = link_of_port(frames, index);
    scene_set_port(
        frames->side->scene, box,
        name ? mem_printf("%s %s (pci.%u), says %s", name,
                          c->model == CTRL_ROOT_PORT ? "root port" : "downstream port", index,
                          link.speed || link.width ? link_format(&link, (char[LINK_TEXT_SIZE]){0})
                                                   : "nothing of its link")
             : NULL);
}

static const struct host_function *find_host_switch(const struct plan_frames *frames,
                                                    const struct plan_controller *planned)
{
    const struct vtopo_host *host = &frames->side->plan->extract.host;
    size_t at = planned && planned->has_switch ? host_find(host, &planned->switch_bdf) : HOST_NONE;

    return at == HOST_NONE ? NULL : &host->functions.items[at];
}

static void add_uplink(const struct plan_frames *frames, unsigned index, size_t box)
{
    const struct guest_controller *c = controller_at(frames, index);
    unsigned above = c->placed ? c->bus : 0;
    struct host_link link = link_of_port(frames, index);

    if (above && controller_at(frames, above)->there)
        link = link_read(link, link_of_port(frames, above));
    set_link(frames, box, link, find_host_switch(frames, planned_at(frames, index)));
    set_port(frames, box, above);
}

static size_t open_switch(const struct plan_frames *frames, size_t level, size_t first, size_t end,
                          size_t parent)
{
    struct scene *scene = frames->side->scene;
    unsigned index = (unsigned)key_of(plan_frames_leaf(frames, first), level);
    bool is_switch = controller_at(frames, index)->model == CTRL_UPSTREAM;
    size_t box = scene_add_box(scene, parent, BOX_SWITCH);
    autofree char *name = name_controller(frames, index);

    scene_add_line(scene, box, LINE_HEADING,
                   name ? mem_printf("%s %s", is_switch ? "switch" : "bridge", name) : NULL);
    if (is_switch)
        plan_scene_add_mark(frames->side->scene, box,
                            plan_mark_switch(frames, first, end, level - LEVEL_SWITCH + 1));
    add_uplink(frames, index, box);
    return box;
}

static size_t open_frame(const struct plan_frames *frames, size_t level, size_t first, size_t end,
                         size_t parent)
{
    if (level == LEVEL_CELL)
        return open_cell(frames, first, end, parent);
    if (level == LEVEL_ROOT)
        return open_root(frames, first, end, parent);
    return open_switch(frames, level, first, end, parent);
}

/* --- cards --- */

static char *guest_name(const struct plan_device *device, const struct plan_leaf *leaf)
{
    struct buffer out = {0};

    if (!device->after_known)
        return device->after.kind == ADDRESS_PCI
                   ? mem_printf("slot %x of pci.%u", device->after.at.slot, device->after.at.bus)
                   : strdup("address not known yet");
    explain_guest_functions(&device->guest_after, leaf->guest_functions, &out);
    return buffer_steal(&out);
}

/* "was 0a:00.0, 0b:00.0" of those that get another address. */
static char *former_names(const struct plan_frames *frames, const struct plan_leaf *leaf)
{
    struct buffer out = {0};

    for (size_t i = 0; i < leaf->devices.count; i++) {
        const struct plan_device *device =
            &frames->side->plan->devices.items[leaf->devices.items[i]];

        if (!device->before_known ||
            (device->after_known && bdf_equal(&device->guest_before, &device->guest_after)))
            continue;
        buffer_add(&out, out.length ? ", " : "was ");
        explain_guest(&device->guest_before, &out);
    }
    return buffer_steal(&out);
}

static const char *why_it_stays(const struct plan_device *device)
{
    static const char *const words[] = {
        [STAY_PLACED] = "stays: somebody put it here",
        [STAY_KEPT] = "stays: policy keep",
        [STAY_GRAPHICS] = "stays: integrated graphics",
        [STAY_HOST_ADDRESS] = "stays at its host address",
        [STAY_OTHER] = "stays",
    };

    return device->fate == FATE_STAYS ? words[device->reason] : "";
}

static void describe_clique(const struct plan_frames *frames, const struct plan_device *device,
                            size_t box)
{
    if (device->clique_given && device->clique >= 0)
        scene_add_line(frames->side->scene, box, LINE_QUIET,
                       mem_printf("P2P clique %d", device->clique));
}

static void describe_device(const struct plan_frames *frames, const struct plan_leaf *leaf,
                            const struct plan_device *device, size_t box)
{
    const struct vtopo_plan *plan = frames->side->plan;
    struct scene *scene = frames->side->scene;

    scene_add_line(scene, box, LINE_HEADING, guest_name(device, leaf));
    scene_add_wrapped(scene, box, LINE_QUIET, former_names(frames, leaf), TEXT_COLUMNS);
    scene_add_wrapped(scene, box, LINE_QUIET, strdup(why_it_stays(device)), TEXT_COLUMNS);
    describe_clique(frames, device, box);
    plan_scene_add_mark(frames->side->scene, box, plan_mark_leaf(frames, leaf));
    if (device->shows_link)
        set_link(frames, box,
                 leaf->port ? link_read(port_link_of_device(&plan->extract.host, device),
                                        link_of_port(frames, leaf->port))
                            : port_link_of_device(&plan->extract.host, device),
                 &plan->extract.host.functions.items[device->function]);
}

static size_t add_leaf(const struct plan_frames *frames, const struct plan_leaf *leaf,
                       size_t parent)
{
    const struct plan_device *device = plan_leaf_device(frames->side->plan, leaf);
    size_t box = scene_add_box(frames->side->scene, parent, plan_scene_style(device));

    if (device)
        describe_device(frames, leaf, device, box);
    else
        scene_add_line(frames->side->scene, box, LINE_QUIET, strdup("empty, for hot-plug"));
    set_port(frames, box, leaf->port);
    return box;
}

void plan_scene_add_guest(const struct plan_side *side)
{
    size_t panel = scene_add_box(side->scene, BOX_NONE, BOX_PANEL);
    struct plan_frames frames = {.side = side,
                                 .panel = panel,
                                 .order = side->leaves->in_guest,
                                 .count = side->leaves->guest_count,
                                 .levels = count_levels,
                                 .key = key_of,
                                 .open = open_frame,
                                 .add = add_leaf};

    scene_add_line(side->scene, panel, LINE_HEADING, strdup("GUEST"));
    if (!frames.count)
        scene_add_line(side->scene, panel, LINE_QUIET, strdup("no device in this plan"));
    plan_frames_add(&frames);
}
