/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * make_cells.c - guest cells that a domain lacks: the order of the decisions
 *
 * Takes:  host, domain, the nodes of its devices, the policy's wishes.
 * Gives:  struct made_cells.
 * Rule:   nodes, then vCPUs and memory on them; where those do not fit, one node more, the nearest,
 *         unless domain or policy say which nodes; then what follows of them.
 * Not here: the decisions, a file each.
 */
#include "plan/cells/make_cells.h"

#include "plan/cells/work.h"

#include <stdarg.h>
#include <string.h>

bool cells_stop(struct cells_work *work, enum made_state state, const char *format, ...)
{
    va_list ap;

    if (work->made->why)
        return true; /* the first reason is the one to mend */
    va_start(ap, format);
    work->made->why = mem_vprintf(format, ap);
    va_end(ap);
    work->made->state = state;
    return work->made->why;
}

bool cells_stopped(const struct cells_work *work)
{
    return work->made->why;
}

bool cells_note(struct cells_work *work, enum finding_id id, const char *subject,
                const char *format, ...)
{
    struct made_note *note = vec_add(&work->made->notes);
    va_list ap;

    if (!note)
        return false;
    note->id = id;
    note->subject = strdup(subject);
    va_start(ap, format);
    note->text = mem_vprintf(format, ap);
    va_end(ap);
    return note->subject && note->text;
}

/* Leaves the nodes. */
static void empty_cells(struct made_cells *made)
{
    for (size_t i = 0; i < made->count; i++) {
        idset_free(&made->items[i].vcpus);
        made->items[i].memory_kib = 0;
    }
}

static bool fill(struct cells_work *work)
{
    if (!nodes_sort(work))
        return false;
    empty_cells(work->made);
    return vcpus_divide(work) && (cells_stopped(work) || memory_divide(work));
}

static bool find_shortage(const struct cells_work *work, bool *ret_short)
{
    const struct made_cell *cell;
    size_t unpinned, room;
    bool done = cpu_room_shortage(work, &cell, &unpinned, &room);

    *ret_short = done && (cell || memory_shortage(work));
    return done;
}

/* More nodes until all fits. */
static bool fit(struct cells_work *work)
{
    bool grown = true, lacks = false, done = fill(work) && find_shortage(work, &lacks);

    while (done && !cells_stopped(work) && nodes_may_grow(work) && grown && lacks) {
        done = nodes_add_nearest(work, &grown);
        done = done && (!grown || (fill(work) && find_shortage(work, &lacks)));
    }
    return done;
}

static bool make_new(struct cells_work *work)
{
    static bool (*const steps[])(struct cells_work *) = {
        fit, nodes_check, vcpus_check, memory_check, topology_choose, distances_copy,
    };
    bool done = true;

    for (size_t i = 0; done && i < sizeof(steps) / sizeof(*steps) && !cells_stopped(work); i++)
        done = steps[i](work);
    return done;
}

/* With placement='auto' libvirt refuses <memnode>, and numad chooses other nodes at each start. */
static bool check_placement(struct cells_work *work)
{
    return !domain_of(work)->placement_auto ||
           cells_stop(work, MADE_REFUSED,
                      "placement='auto' lets numad choose the nodes when the guest starts, and "
                      "libvirt takes no <memnode> beside it; placement='static' (or <memory mode "
                      "nodeset>) says which nodes it is to have");
}

static bool check_command_line(struct cells_work *work)
{
    return !domain_of(work)->qemu_cells || domain_of(work)->cells.count ||
           cells_stop(work, MADE_REFUSED,
                      "QEMU takes no cells of libvirt's beside those; without -numa in "
                      "<qemu:commandline> the domain gets cells that libvirt knows");
}

/* More come where those do not suffice, and the domain's own cells may leave out some. */
static bool remember_choice(struct cells_work *work)
{
    struct made_cells *made = work->made;
    bool done = true;

    made->by = work->by;
    made->wished = work->wish->nodes && !idset_empty(work->wish->nodes);
    for (size_t i = 0; done && i < made->count; i++)
        done = idset_add(&made->chosen, made->items[i].node_id);
    return done;
}

static bool decide(struct cells_work *work)
{
    bool own = domain_of(work)->cells.count;
    bool done = check_placement(work) && check_command_line(work);

    work->made->state = own ? MADE_TIES : MADE_ALL;
    if (work->made->why)
        work->made->state = MADE_REFUSED;
    if (done && !cells_stopped(work))
        done = bindings_find(work);
    if (done && !cells_stopped(work))
        done = nodes_choose(work) && remember_choice(work);
    if (done && !cells_stopped(work))
        done = own ? ties_choose(work) : make_new(work);
    if (done && !cells_stopped(work)) {
        memory_choose_mode(work);
        done = pins_choose(work);
    }
    return done;
}

bool made_cells_make(const struct facts *facts, const struct cells_wish *wish, const int *nodes,
                     size_t count, struct made_cells *ret_made)
{
    struct made_cells made = {0};
    struct cells_work work = {
        .facts = facts,
        .wish = wish,
        .device_nodes = nodes,
        .device_count = count,
        .vcpus = facts->base->vcpus ? facts->base->vcpus : 1,
        .made = &made,
    };
    bool done = decide(&work);

    bindings_clear(&work);
    if (!done)
        made_cells_clear(&made);
    *ret_made = made;
    return done;
}
