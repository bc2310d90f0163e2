/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cells_wish.h - what the policy says of cells that are made
 */
#ifndef VTOPO_PLAN_CELLS_CELLS_WISH_H
#define VTOPO_PLAN_CELLS_CELLS_WISH_H

#include "base/idset.h"

/* To all CPUs of the node, to one CPU each, or not at all. */
enum made_pinning { PIN_NODE, PIN_CORE, PIN_NONE };

/* What the policy says. */
struct cells_wish {
    const struct idset *nodes; /* to have cells on, whatever the devices say; NULL or empty: not
                                  said */
    const struct idset *avoid; /* CPUs that no pin names; NULL: none */
    enum made_pinning pinning;
    bool preferred; /* memory comes from the node if it has some left, else from others */
};

#endif
