/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * io_windows.h - the I/O windows that the guest's host bridges need (io_windows.c)
 */
#ifndef VTOPO_PLAN_BUDGET_IO_WINDOWS_H
#define VTOPO_PLAN_BUDGET_IO_WINDOWS_H

#include "plan/budget/ovmf_io.h"
#include "plan/ground/layout.h"
#include "plan/ground/occupancy.h"

struct io_ports {
    size_t count;     /* of the domain, as it will be, */
    size_t qemu;      /* and of QEMU's command line */
    bool at[INDEXES]; /* those of the domain that are known */
};

struct io_view {
    struct io_bridge
        *bridges; /* pcie.0, our expanders in their order, and those of others as one */
    size_t count;
    size_t
        bars; /* ports that need a window for what is below them, those of others' expanders too, */
    size_t ours;         /* and of these the plan's own */
    bool others;         /* expanders of others need I/O space, too */
    struct io_ports own; /* hot-pluggable ports that are not the plan's, and need one only for that
                          */
};

/* All that is not the plan's, as it will be when the guest starts. */
struct io_others {
    const struct domain *domain; /* its devices begin with those of facts.base */
    const struct guest_tree *tree;
    /* 0 unless it is not known what libvirt adds: */
    size_t gaps;     /* indexes that it gives a root port */
    size_t expected; /* hot-pluggable ports that there are at least */
};

/* The caller frees ret_view->bridges. */
int io_view_make(const struct layout_input *in, const struct layout *layout,
                 const struct io_others *others, struct io_view *ret_view,
                 struct vtopo_error **reterr);

#endif
