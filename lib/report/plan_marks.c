/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan_marks.c - see plan_marks.h
 *
 * Takes:  leaves that are in one frame.
 * Gives:  what the frame is not as on the host.
 * Rule:   as the findings of a plan have it (plan/card_pairs.c): cards are nearer where one cell,
 *         root complex or switch of the guest stands for several, or fewer switches are between
 *         them; they are farther apart where they share a switch on the host and none in the guest.
 */
#include "report/plan_marks.h"

#include "base/buffer.h"
#include <string.h>

/* --- sets of what is on the host --- */

/* Numbers, each once. */
struct set {
    size_t *items;
    size_t count, cap;
};

static bool add_once(struct set *set, size_t item)
{
    size_t *place;

    for (size_t i = 0; i < set->count; i++) {
        if (set->items[i] == item)
            return true;
    }
    place = vec_add(set);
    if (place)
        *place = item;
    return place;
}

static char *mark_if_several(struct set *set, bool done, const char *what)
{
    char *text;

    if (!done)
        text = NULL;
    else if (set->count < 2)
        text = strdup("");
    else
        text = mem_printf("stands for %zu %s", set->count, what);
    free(set->items);
    return text;
}

char *plan_mark_cell(const struct plan_frames *frames, size_t first, size_t end)
{
    struct set nodes = {0};
    bool done = true;

    for (size_t i = first; done && i < end; i++) {
        if (plan_frames_leaf(frames, i)->node >= 0)
            done = add_once(&nodes, (size_t)plan_frames_leaf(frames, i)->node);
    }
    return mark_if_several(&nodes, done, "nodes");
}

char *plan_mark_root(const struct plan_frames *frames, size_t first, size_t end)
{
    struct set roots = {0};
    bool done = true;

    for (size_t i = first; done && i < end; i++) {
        const struct plan_leaf *leaf = plan_frames_leaf(frames, i);

        if (leaf->devices.count)
            done = add_once(&roots, (size_t)leaf->root.domain << 8 | leaf->root.bus);
    }
    return mark_if_several(&roots, done, "root complexes");
}

/* --- pairs --- */

static size_t between(const struct path *a, const struct path *b, size_t shared)
{
    return a->count + b->count - 2 * shared;
}

static bool is_nearer(const struct plan_leaf *a, const struct plan_leaf *b)
{
    size_t host = path_common(&a->host_switches, &b->host_switches);
    size_t guest = path_common(&a->guest_switches, &b->guest_switches);

    return !host || between(&a->guest_switches, &b->guest_switches, guest) <
                        between(&a->host_switches, &b->host_switches, host);
}

static bool is_farther(const struct plan_leaf *a, const struct plan_leaf *b)
{
    return a->in_guest && b->in_guest && !a->apart && !b->apart &&
           !path_common(&a->guest_switches, &b->guest_switches);
}

/* Any two leaves whose lowest common switch is the frame's. */
static bool any_pair(const struct plan_frames *frames, size_t first, size_t end, size_t depth,
                     bool guest, bool (*is)(const struct plan_leaf *, const struct plan_leaf *))
{
    for (size_t i = first; i < end; i++) {
        const struct plan_leaf *a = plan_frames_leaf(frames, i);

        for (size_t k = i + 1; a->devices.count && k < end; k++) {
            const struct plan_leaf *b = plan_frames_leaf(frames, k);
            size_t same = guest ? path_common(&a->guest_switches, &b->guest_switches)
                                : path_common(&a->host_switches, &b->host_switches);

            if (b->devices.count && same == depth && is(a, b))
                return true;
        }
    }
    return false;
}

/* Switches of the host that the leaves do not have in common, and the lowest one that they have. */
static bool add_switches(const struct plan_frames *frames, size_t first, size_t end,
                         struct set *set)
{
    const struct path *path = &plan_frames_leaf(frames, first)->host_switches;
    size_t shared = path->count;
    bool done = true;

    for (size_t i = first; i < end; i++) {
        const struct plan_leaf *leaf = plan_frames_leaf(frames, i);
        size_t same = path_common(path, &leaf->host_switches);

        shared = leaf->devices.count && same < shared ? same : shared;
    }
    for (size_t i = first; i < end; i++) {
        path = &plan_frames_leaf(frames, i)->host_switches;
        for (size_t k = shared ? shared - 1 : 0; done && k < path->count; k++)
            done = add_once(set, path->items[k]);
    }
    return done;
}

char *plan_mark_switch(const struct plan_frames *frames, size_t first, size_t end, size_t depth)
{
    struct set switches = {0};
    bool done;

    if (!any_pair(frames, first, end, depth, true, is_nearer))
        return strdup("");
    done = add_switches(frames, first, end, &switches);
    if (done && switches.count < 2) {
        free(switches.items);
        return strdup("on the host they share none");
    }
    return mark_if_several(&switches, done, "switches");
}

char *plan_mark_host_switch(const struct plan_frames *frames, size_t first, size_t end,
                            size_t depth)
{
    return strdup(any_pair(frames, first, end, depth, false, is_farther)
                      ? "its cards share no switch in the guest"
                      : "");
}

/* --- cards --- */

/* Behind a bridge each function has a slot of its own. */
static bool is_renumbered(const struct vtopo_plan *plan, const struct plan_leaf *leaf)
{
    if (leaf->card != PLAN_NONE && plan->cards.items[leaf->card].attach_pci)
        return false;
    for (size_t i = 0; i < leaf->devices.count; i++) {
        const struct plan_device *device = &plan->devices.items[leaf->devices.items[i]];
        bool whole =
            (device->kind == DEVICE_HOSTDEV_PCI || device->kind == DEVICE_INTERFACE_HOSTDEV) &&
            !plan->extract.host.functions.items[device->function].is_vf;

        if (whole && device->fate == FATE_MOVED && device->guest_function != device->host.function)
            return true;
    }
    return false;
}

static void add_mark(struct buffer *out, const char *text)
{
    buffer_printf(out, "%s%s", out->length ? "; " : "", text);
}

/* Of a root complex without a cell the frame says it. */
static void mark_cell(const struct plan_leaf *leaf, const struct plan_device *device,
                      struct buffer *out)
{
    if (leaf->cell < 0 || device->node < 0 || leaf->cell == device->cell)
        return;
    if (device->cell < 0)
        buffer_printf(out, "no cell stands for its node, %d", device->node);
    else
        buffer_printf(out, "its node, %d, is cell %d", device->node, device->cell);
}

/* Does another card share a switch with it on the host?  Only then its own port is a difference. */
static bool has_neighbour(const struct plan_frames *frames, const struct plan_leaf *leaf)
{
    for (size_t i = 0; i < frames->count; i++) {
        const struct plan_leaf *other = plan_frames_leaf(frames, i);

        if (other != leaf && path_common(&leaf->host_switches, &other->host_switches))
            return true;
    }
    return false;
}

char *plan_mark_leaf(const struct plan_frames *frames, const struct plan_leaf *leaf)
{
    const struct vtopo_plan *plan = frames->side->plan;
    const struct plan_device *device = plan_leaf_device(plan, leaf);
    struct buffer out = {0};

    if (device)
        mark_cell(leaf, device, &out);
    if (is_renumbered(plan, leaf))
        add_mark(&out, "function numbers are others");
    if (leaf->card != PLAN_NONE && plan->cards.items[leaf->card].own_port &&
        has_neighbour(frames, leaf))
        add_mark(&out, "needs a root port of its own");
    return buffer_steal(&out);
}
