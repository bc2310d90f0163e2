/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan_scene_host.c - the host's side of the picture of a plan
 *
 * Takes:  the leaves of a plan.
 * Gives:  NUMA nodes, root complexes and switches around the assigned devices.
 * Rule:   the same input gives the same bytes on every machine: ids, not names of pci.ids.
 * Not here: the guest's side (plan_scene_guest.c), what differs (plan_marks.c).
 */
#include "report/plan_scene.h"

#include "check/check.h"
#include "model/link_text.h"
#include "model/pci_class.h"
#include "report/explain.h"
#include "report/plan_marks.h"
#include "report/scene_parts.h"

#include <inttypes.h>
#include <string.h>

#define TEXT_COLUMNS 38

enum level { LEVEL_NODE, LEVEL_ROOT, LEVEL_SWITCH };

static const struct host_function *function_at(const struct plan_frames *frames, size_t at)
{
    return &frames->side->plan->extract.host.functions.items[at];
}

static size_t count_levels(const struct plan_leaf *leaf)
{
    return LEVEL_SWITCH + leaf->host_switches.count;
}

static size_t key_of(const struct plan_leaf *leaf, size_t level)
{
    if (level == LEVEL_NODE)
        return (size_t)leaf->node + 1;
    if (level == LEVEL_ROOT)
        return (size_t)leaf->root.domain << 8 | leaf->root.bus;
    return leaf->host_switches.items[level - LEVEL_SWITCH];
}

/* --- frames --- */

static size_t open_node(const struct plan_frames *frames, const struct plan_leaf *leaf,
                        size_t parent)
{
    const struct vtopo_host *host = &frames->side->plan->extract.host;
    size_t at = leaf->node < 0 ? HOST_NONE : host_find_node(host, leaf->node), box;

    if (at == HOST_NONE)
        return parent;
    box = scene_add_box(frames->side->scene, parent, BOX_NODE);
    scene_describe_node(host, &host->nodes.items[at], box, frames->side->scene);
    return box;
}

static size_t open_root(const struct plan_frames *frames, const struct plan_leaf *leaf,
                        size_t parent)
{
    struct scene *scene = frames->side->scene;
    size_t box = scene_add_box(scene, parent, BOX_ROOT);

    scene_add_line(
        scene, box, LINE_HEADING,
        mem_printf("root complex %04" PRIx32 ":%02x", leaf->root.domain, leaf->root.bus));
    if (leaf->node < 0)
        scene_add_line(scene, box, LINE_QUIET, strdup("NUMA node not known"));
    return box;
}

/* The port that a function hangs on. */
static void set_port(const struct plan_frames *frames, size_t function, size_t box)
{
    size_t above = function_at(frames, function)->parent;
    const struct host_function *port = above == HOST_NONE ? NULL : function_at(frames, above);
    const char *acs;

    if (!port || (port->port != PORT_ROOT && port->port != PORT_DOWNSTREAM))
        return;
    acs = acs_state_name(check_acs_state(port, NULL));
    scene_set_port(frames->side->scene, box,
                   mem_printf("%s %s%s%s", BDF_TEXT(&port->bdf),
                              port->port == PORT_ROOT ? "root port" : "downstream port",
                              acs ? ", ACS " : "", acs ? acs : ""));
}

/* Is there a switch of the guest that stands for this one? */
static bool is_rebuilt(const struct vtopo_plan *plan, const struct bdf *bdf)
{
    for (size_t i = 0; i < plan->controllers.count; i++) {
        const struct plan_controller *c = &plan->controllers.items[i];

        if (c->has_switch && bdf_equal(&c->switch_bdf, bdf))
            return true;
    }
    return false;
}

static void describe_switch(const struct plan_frames *frames, const struct host_function *function,
                            size_t box)
{
    struct scene *scene = frames->side->scene;

    scene_add_line(scene, box, LINE_HEADING,
                   mem_printf("%s %s", function->port == PORT_UPSTREAM ? "switch" : "bridge",
                              BDF_TEXT(&function->bdf)));
    scene_add_line(scene, box, LINE_QUIET,
                   mem_printf("%04x:%04x", function->vendor, function->device));
    if (is_rebuilt(frames->side->plan, &function->bdf))
        return;
    scene_set_dashed(scene, box);
    scene_set_tip(scene, box, strdup("no switch of the guest stands for this one alone"));
}

static size_t open_switch(const struct plan_frames *frames, size_t level, size_t first, size_t end,
                          size_t parent)
{
    size_t at = key_of(plan_frames_leaf(frames, first), level);
    size_t box = scene_add_box(frames->side->scene, parent, BOX_SWITCH);

    describe_switch(frames, function_at(frames, at), box);
    plan_scene_add_mark(frames->side->scene, box,
                        plan_mark_host_switch(frames, first, end, level - LEVEL_SWITCH + 1));
    set_port(frames, at, box);
    scene_set_host_link(function_at(frames, at), box, frames->side->scene);
    return box;
}

static size_t open_frame(const struct plan_frames *frames, size_t level, size_t first, size_t end,
                         size_t parent)
{
    const struct plan_leaf *leaf = plan_frames_leaf(frames, first);

    if (level == LEVEL_NODE)
        return open_node(frames, leaf, parent);
    if (level == LEVEL_ROOT)
        return open_root(frames, leaf, parent);
    return open_switch(frames, level, first, end, parent);
}

/* --- cards --- */

static char *addresses_of(const struct plan_device *device, const struct plan_leaf *leaf)
{
    struct buffer out = {0};

    explain_functions(&device->host, leaf->host_functions, &out);
    return buffer_steal(&out);
}

/* "Ethernet controller 15b3:a2d6", once for functions that are alike. */
static void add_kinds(const struct plan_frames *frames, const struct plan_leaf *leaf, size_t box)
{
    const struct vtopo_plan *plan = frames->side->plan;
    const struct host_function *last = NULL;

    for (size_t i = 0; i < leaf->devices.count; i++) {
        const struct plan_device *device = &plan->devices.items[leaf->devices.items[i]];
        const struct host_function *function = function_at(frames, device->function);
        autobuffer struct buffer text = {0};

        if (last && last->vendor == function->vendor && last->device == function->device)
            continue;
        explain_what(plan, device, &text);
        scene_add_wrapped(frames->side->scene, box, LINE_PLAIN, buffer_steal(&text), TEXT_COLUMNS);
        last = function;
    }
}

static char *tip_of(const struct plan_frames *frames, const struct plan_leaf *leaf)
{
    struct buffer out = {0};

    for (size_t i = 0; i < leaf->devices.count; i++) {
        const struct plan_device *device =
            &frames->side->plan->devices.items[leaf->devices.items[i]];
        const struct host_function *function = function_at(frames, device->function);

        buffer_printf(&out, "%s%s %s", i ? "\n" : "", BDF_TEXT(&device->host),
                      class_word(function->class_code));
        if (function->iommu_group >= 0)
            buffer_printf(&out, ", IOMMU group %d", function->iommu_group);
        if (function->link_now.speed || function->link_now.width)
            buffer_printf(&out, ", %s",
                          link_format(&function->link_now, (char[LINK_TEXT_SIZE]){0}));
    }
    return buffer_steal(&out);
}

static size_t add_leaf(const struct plan_frames *frames, const struct plan_leaf *leaf,
                       size_t parent)
{
    const struct plan_device *device = plan_leaf_device(frames->side->plan, leaf);
    struct scene *scene = frames->side->scene;
    size_t box = scene_add_box(scene, parent, plan_scene_style(device));

    scene_add_line(scene, box, LINE_HEADING, addresses_of(device, leaf));
    add_kinds(frames, leaf, box);
    if (!leaf->in_guest)
        plan_scene_add_mark(scene, box, strdup("not given to the guest"));
    scene_set_tip(scene, box, tip_of(frames, leaf));
    set_port(frames, device->function, box);
    scene_set_host_link(function_at(frames, device->function), box, scene);
    return box;
}

void plan_scene_add_host(const struct plan_side *side)
{
    size_t panel = scene_add_box(side->scene, BOX_NONE, BOX_PANEL), count = 0;
    struct plan_frames frames = {.side = side,
                                 .panel = panel,
                                 .levels = count_levels,
                                 .key = key_of,
                                 .open = open_frame,
                                 .add = add_leaf};

    while (count < side->leaves->count && side->leaves->items[count].devices.count)
        count++;
    frames.count = count;
    scene_add_line(side->scene, panel, LINE_HEADING, strdup("HOST"));
    if (!frames.count)
        scene_add_line(side->scene, panel, LINE_QUIET, strdup("no device in this plan"));
    plan_frames_add(&frames);
}
