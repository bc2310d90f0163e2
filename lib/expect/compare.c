/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * compare.c - see guest_compare.h
 *
 * Takes:  what was foretold, and the guest, read as a host is.
 * Gives:  for each device whether its address, its node, the ports above it and its link are as
 * foretold. Rule:   a device that is not at its address differs in that alone. Not here: reading
 * plans (json/plan_read.c).
 */
#include "expect/compare.h"

#include <string.h>

struct question {
    const struct vtopo_host *guest;
    const struct foretold *wanted;
    const struct host_function *found;
    struct guest_row *row;
};

void foretold_clear(struct foretold_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i].name);
    free(list->items);
    *list = (struct foretold_list){0};
}

#define differs(q, about, ...)                                                                     \
    ((q)->row->answers[about] = GUEST_DIFFERS,                                                     \
     mem_append(&(q)->row->difference, (q)->row->difference ? "\n" : "") &&                        \
         mem_append(&(q)->row->difference, __VA_ARGS__))

static bool agrees(const struct question *q, enum guest_question about)
{
    q->row->answers[about] = GUEST_AGREES;
    return true;
}

static bool ask_address(const struct question *q)
{
    const struct foretold *w = q->wanted;

    if (!q->found)
        return differs(q, GUEST_ADDRESS, "nothing is at %s", BDF_TEXT(&w->bdf));
    if (w->has_ids && (q->found->vendor != w->vendor || q->found->device != w->device))
        return differs(q, GUEST_ADDRESS, "%s is %04x:%04x, not %04x:%04x", BDF_TEXT(&w->bdf),
                       q->found->vendor, q->found->device, w->vendor, w->device);
    return agrees(q, GUEST_ADDRESS);
}

static bool ask_node(const struct question *q)
{
    if (q->wanted->node == FORETOLD_ANY)
        return true;
    if (q->found->node != q->wanted->node)
        return differs(q, GUEST_NODE, "numa_node is %d, not %d", q->found->node, q->wanted->node);
    return agrees(q, GUEST_NODE);
}

/* The bridges above a function from the top down; too many are no ports of vtopo's. */
static size_t ports_above(const struct vtopo_host *guest, const struct host_function *function,
                          struct bdf ports[FORETOLD_PORTS])
{
    size_t count = 0;

    for (size_t at = function->parent; at != HOST_NONE && count < FORETOLD_PORTS;
         at = guest->functions.items[at].parent)
        count++;
    for (size_t at = function->parent, i = count; i-- > 0; at = guest->functions.items[at].parent)
        ports[i] = guest->functions.items[at].bdf;
    return count;
}

/* "c0:00.0/c1:00.0"; the caller's to free, NULL: out of memory. */
static char *name_ports(const struct bdf *ports, size_t count)
{
    char *text = mem_printf("%s", count ? "" : "no port");
    bool done = text;

    for (size_t i = 0; done && i < count; i++)
        done = mem_append(&text, "%s%s", i ? "/" : "", BDF_TEXT(&ports[i]));
    if (done)
        return text;
    free(text);
    return NULL;
}

static bool ask_ports(const struct question *q)
{
    struct bdf ports[FORETOLD_PORTS];
    size_t count = ports_above(q->guest, q->found, ports);
    autofree char *have = NULL, *want = NULL;
    bool same = count == q->wanted->port_count;

    if (!q->wanted->has_ports)
        return true;
    for (size_t i = 0; same && i < count; i++)
        same = bdf_equal(&ports[i], &q->wanted->ports[i]);
    if (same)
        return agrees(q, GUEST_PORTS);
    have = name_ports(ports, count);
    want = name_ports(q->wanted->ports, q->wanted->port_count);
    return have && want && differs(q, GUEST_PORTS, "is below %s, not below %s", have, want);
}

static bool ask_link(const struct question *q)
{
    const struct host_link *have = &q->found->link_max, *want = &q->wanted->link;

    if (!want->speed || !want->width)
        return true;
    if (have->speed != want->speed || have->width != want->width)
        return differs(q, GUEST_LINK, "max link is %u.%u GT/s x%u, not %u.%u GT/s x%u",
                       have->speed / 10, have->speed % 10, have->width, want->speed / 10,
                       want->speed % 10, want->width);
    return agrees(q, GUEST_LINK);
}

bool guest_compare(const struct foretold_list *list, const struct vtopo_host *guest,
                   struct guest_row *rows)
{
    bool done = true;

    for (size_t i = 0; done && i < list->count; i++) {
        size_t at = !list->items[i].has_bdf ? HOST_NONE : host_find(guest, &list->items[i].bdf);
        struct question q = {guest, &list->items[i],
                             at == HOST_NONE ? NULL : &guest->functions.items[at], &rows[i]};

        done = !q.wanted->has_bdf || ask_address(&q);
        if (done && q.row->answers[GUEST_ADDRESS] == GUEST_AGREES)
            done = ask_node(&q) && ask_ports(&q) && ask_link(&q);
    }
    return done;
}
