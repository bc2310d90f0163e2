/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan_leaves.h - the cards of a plan, each with its place on the host and in the guest
 */
#ifndef VTOPO_REPORT_PLAN_LEAVES_H
#define VTOPO_REPORT_PLAN_LEAVES_H

#include "model/guest_tree.h"
#include "plan/ground/plan.h"
#include "report/path.h"

#define LEAF_UNPLACED DOMAIN_INDEXES /* libvirt has still to choose */

/* A card that moves, devices of one card that stay in one slot, or an empty port. */
struct plan_leaf {
    size_t card;         /* place in plan.cards; PLAN_NONE: they stay, or there is nothing */
    bool apart;          /* somebody wants it to be elsewhere than its neighbours */
    struct path devices; /* places in plan.devices; an empty port has none */
    /* On the host: */
    int node; /* -1: unknown */
    struct bdf root;
    struct path host_switches; /* places in plan.extract.host.functions */
    unsigned host_functions;   /* of its slot, as bits */
    size_t host_order;         /* its place there; SIZE_MAX: it is in the guest only */
    /* In the guest: */
    bool in_guest;
    int cell;                   /* that it is in, -1: in none */
    unsigned root_index;        /* expander, 0: pcie.0; LEAF_UNPLACED */
    struct path guest_switches; /* indexes of switches and bridges */
    unsigned port;              /* index of what it is on, 0: the root bus itself */
    unsigned guest_functions;
    size_t cell_rank, root_rank; /* of the frames that it is in */
};

struct plan_leaves {
    const struct vtopo_plan *plan;
    struct guest_tree tree;
    struct plan_leaf *items; /* in the host's order, those that are not there last */
    size_t count, cap;
    size_t *in_guest; /* places of those that are in the guest, in its order */
    size_t guest_count;
};

/* False: out of memory; to be cleared in any case. */
bool plan_leaves_make(const struct vtopo_plan *plan, struct plan_leaves *ret);
void plan_leaves_clear(struct plan_leaves *leaves);

/* Its first device; NULL: it is an empty port. */
const struct plan_device *plan_leaf_device(const struct vtopo_plan *plan,
                                           const struct plan_leaf *leaf);

#endif
