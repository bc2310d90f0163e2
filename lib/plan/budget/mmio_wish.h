/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mmio_wish.h - what the domain would have to say so that the 64-bit BARs fit
 *
 * Takes:  the facts and the tree of BARs.
 * Gives:  the least that makes them fit in every case that can be.
 * Rule:   first the address width of the host's processor, 46 bits at most (old guests know no
 *         more), with pages of 1 GiB, without which OVMF uses 40; only where that does not suffice
 *         a size for OVMF, which is never below the window that it takes by itself.  What the
 *         domain says already is not changed, but for a larger size.
 *
 *         A width that the domain emulates is no more than what memory encryption leaves the host:
 *         libvirt refuses it (qemuValidateDomainDefCpu()).
 */
#ifndef VTOPO_PLAN_BUDGET_MMIO_WISH_H
#define VTOPO_PLAN_BUDGET_MMIO_WISH_H

#include "plan/budget/mmio_outcome.h"
#include "plan/ground/plan.h"

enum wish_result {
    WISH_NOTHING, /* they fit as it is */
    WISH_FOUND,
    WISH_SOME,      /* of SeaBIOS: in one of the versions that can be they then fit */
    WISH_SMALLER,   /* OVMF: the domain asks for more than ends within the addresses, and less holds
                       all; it is told, and not changed */
    WISH_UNKNOWN,   /* how wide the host's addresses are is not known; where a size for OVMF makes
                       room in the width that there is, it is in "change" */
    WISH_TOO_LARGE, /* OVMF heeds no size above 16 TiB */
    WISH_BEYOND,    /* a window of that size would end beyond the addresses that there are */
    WISH_IMPOSSIBLE,
};

/* The largest width that <maxphysaddr> is to give. */
#define WISH_BITS 46

struct mmio_wish {
    enum wish_result result;
    struct space_change change;
    uint64_t end, limit; /* WISH_BEYOND: where the window would end, and the addresses */
    uint64_t asked_end;  /* where that ends which the domain asks for, where that is beyond */
    uint64_t asked_limit;
};

/* False: out of memory. */
bool mmio_wish_find(const struct facts *facts, bool large, uint64_t low_room,
                    const struct mmio_tree *tree, struct mmio_wish *ret);
/* "<maxphysaddr .../> in <cpu>, and ...": what is in "change"; NULL: out of memory. */
char *mmio_wish_text(const struct facts *facts, const struct mmio_wish *wish);
/* The element that gives the guest that many bits; "": none is needed. */
void mmio_wish_width(const struct facts *facts, const struct mmio_wish *wish,
                     char ret_text[WIDTH_ELEMENT_SIZE]);

#endif
