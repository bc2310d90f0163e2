/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * compare.c - see compare.h
 *
 * Takes:  what is expected, and the guest, read as a host is.
 * Gives:  for each device whether its address, its node, the ports above it and its link are as
 *         expected.
 * Rule:   a device that is not at its address differs in that alone.
 * Not here: reading plans (json/plan_read.c).
 */
#include "expect/compare.h"

#include "base/buffer.h"

/* One device or port as it is compared. */
struct comparison {
    const struct vtopo_host *guest;
    const struct expected *expected;
    const struct host_function *found; /* NULL: nothing is at the address */
    enum guest_answer *answers;
    struct buffer differences;
};

#define differs(c, about, ...)                                                                     \
    ((c)->answers[about] = GUEST_DIFFERS,                                                          \
     buffer_add(&(c)->differences, (c)->differences.length ? "\n" : ""),                           \
     buffer_printf(&(c)->differences, __VA_ARGS__))

static void agrees(const struct comparison *c, enum guest_aspect about)
{
    c->answers[about] = GUEST_AGREES;
}

static void compare_address(struct comparison *c)
{
    const struct expected *e = c->expected;

    if (!c->found)
        differs(c, GUEST_ADDRESS, "nothing is at %s", BDF_TEXT(&e->bdf));
    else if (e->has_ids && (c->found->vendor != e->vendor || c->found->device != e->device))
        differs(c, GUEST_ADDRESS, "%s is %04x:%04x, not %04x:%04x", BDF_TEXT(&e->bdf),
                c->found->vendor, c->found->device, e->vendor, e->device);
    else
        agrees(c, GUEST_ADDRESS);
}

static void compare_node(struct comparison *c)
{
    if (c->expected->node == EXPECTED_ANY)
        return;
    if (c->found->node != c->expected->node)
        differs(c, GUEST_NODE, "numa_node is %d, not %d", c->found->node, c->expected->node);
    else
        agrees(c, GUEST_NODE);
}

/* The bridges above a function from the top down; too many are no ports of vtopo's. */
static size_t ports_above(const struct vtopo_host *guest, const struct host_function *function,
                          struct bdf ports[EXPECTED_PORTS])
{
    size_t count = 0;

    for (size_t at = function->parent; at != HOST_NONE && count < EXPECTED_PORTS;
         at = guest->functions.items[at].parent)
        count++;
    for (size_t at = function->parent, i = count; i-- > 0; at = guest->functions.items[at].parent)
        ports[i] = guest->functions.items[at].bdf;
    return count;
}

/* "c0:00.0/c1:00.0" */
static void add_ports(struct buffer *out, const struct bdf *ports, size_t count)
{
    if (!count)
        buffer_add(out, "no port");
    for (size_t i = 0; i < count; i++)
        buffer_printf(out, "%s%s", i ? "/" : "", BDF_TEXT(&ports[i]));
}

static void compare_ports(struct comparison *c)
{
    struct bdf ports[EXPECTED_PORTS];
    size_t count = ports_above(c->guest, c->found, ports);
    bool same = count == c->expected->port_count;

    if (!c->expected->has_ports)
        return;
    for (size_t i = 0; same && i < count; i++)
        same = bdf_equal(&ports[i], &c->expected->ports[i]);
    if (same) {
        agrees(c, GUEST_PORTS);
        return;
    }
    differs(c, GUEST_PORTS, "is below ");
    add_ports(&c->differences, ports, count);
    buffer_add(&c->differences, ", not below ");
    add_ports(&c->differences, c->expected->ports, c->expected->port_count);
}

static void compare_link(struct comparison *c)
{
    const struct host_link *have = &c->found->link_max, *want = &c->expected->link;

    if (!want->speed || !want->width)
        return;
    if (have->speed != want->speed || have->width != want->width)
        differs(c, GUEST_LINK, "max link is %u.%u GT/s x%u, not %u.%u GT/s x%u", have->speed / 10,
                have->speed % 10, have->width, want->speed / 10, want->speed % 10, want->width);
    else
        agrees(c, GUEST_LINK);
}

static void compare_device(struct comparison *c)
{
    if (!c->expected->has_bdf)
        return;
    compare_address(c);
    if (c->answers[GUEST_ADDRESS] != GUEST_AGREES)
        return;
    compare_node(c);
    compare_ports(c);
    compare_link(c);
}

bool guest_compare(const struct expectation *expectation, const struct vtopo_host *guest,
                   struct guest_row *rows)
{
    for (size_t i = 0; i < expectation->count; i++) {
        const struct expected *e = &expectation->items[i];
        size_t at = e->has_bdf ? host_find(guest, &e->bdf) : HOST_NONE;
        struct comparison c = {
            .guest = guest,
            .expected = e,
            .found = at == HOST_NONE ? NULL : &guest->functions.items[at],
            .answers = rows[i].answers,
        };
        bool any;

        compare_device(&c);
        any = c.differences.length || c.differences.failed;
        rows[i].difference = any ? buffer_steal(&c.differences) : NULL;
        if (any && !rows[i].difference)
            return false;
    }
    return true;
}
