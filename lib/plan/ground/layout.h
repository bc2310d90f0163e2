/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * layout.h - what is built for the cards: a value
 *
 * Takes:  what struct layout_input says, and what is conceded.
 * Gives:  controllers with all their numbers, the port of each card, what is changed in others'
 *         controllers, the budgets, or why it does not fit.
 * Rule:   whoever tries several layouts makes each anew and keeps the best one.
 */
#ifndef VTOPO_PLAN_GROUND_LAYOUT_H
#define VTOPO_PLAN_GROUND_LAYOUT_H

#include "base/error.h"
#include "plan/ground/card_list.h"

/* What a layout is made from; the same for every try. */
struct layout_input {
    const struct facts *facts;
    const struct assignments *assigned;
    const struct fates *fates;
    const struct card_list *cards;
    const struct undo *undo; /* of a former rewrite */
    bool controllers_go;     /* of a former rewrite, or taken over */
};

/* What of that which the policy asks for is not built. */
struct concessions {
    unsigned spare_ports; /* so many on each expander */
    bool merged;          /* one expander for each cell */
    bool flat;            /* mirror exact: one switch for each switch tree */
    bool fewest; /* not conceded, but assumed: there will be no ports but those that are there,
                    since libvirt may add fewer than are expected */
};

/* Where a card hangs. */
struct card_port {
    size_t port; /* place in layout.controllers: a port, or a PCIe-to-PCI bridge */
    unsigned slot;
};

/* Why a layout does not fit. */
struct shortage {
    char *why;        /* "bus numbers: 270 needed, 256 there"; NULL: it fits */
    const char *cure; /* what makes room: "fewer devices need less"; static */
};

struct layout {
    struct plan_controllers controllers;
    struct plan_indexes announced; /* domain.announced of the output; ascending */
    struct card_port *ports;       /* one for each card */
    struct plan_bus_fixes bus_fixes;
    struct plan_indexes ports_off;
    struct plan_indexes vacated_off; /* of these, those that devices leave (vacated.c) */
    struct plan_indexes removed;     /* root ports of others that go */
    struct plan_budgets budgets;
    struct plan_space space;
    bool merged;        /* each cell has one expander */
    size_t own_windows; /* of the I/O windows in the budgets: those for cards that move */
    struct findings findings;
    struct shortage shortage;
};

/* An empty one for these cards; false: out of memory. */
bool layout_init(const struct card_list *cards, struct layout *ret);
/*
 * Adds a root port on pcie.0 that no card hangs on, so that libvirt adds none there; false: out of
 * memory.
 */
bool layout_add_filler(struct layout *layout, enum controller_model model, unsigned index,
                       bool hotplug_off, char *alias);
/* The root port above a card, place in layout.controllers; PLAN_NONE: none. */
size_t layout_root_port(const struct layout *layout, size_t card);
/* It does not fit, and why: VTOPO_ERR_REFUSED, with layout.shortage.  @cure is static. */
int layout_set_shortage(struct layout *layout, struct vtopo_error **reterr, const char *cure,
                        const char *format, ...) __attribute__((format(printf, 4, 5)));
void layout_clear(struct layout *layout);

#endif
