/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * p2p_groups.h - which GPUs of a host reach each other through its switches
 *
 * Takes:  what is between any two functions of a host (obstacles.h).
 * Gives:  the groups in which every GPU reaches every other one.
 * Rule:   two GPUs below one switch reach each other if no port between them has a fault, so that
 *         what ATS has translated goes straight across, and nothing else goes past the IOMMU. What
 *         cannot be read lets nothing pass.
 * Not here: what ACS Control should say (check_acs.c), who gets a clique (plan/extra/clique.c).
 */
#ifndef VTOPO_CHECK_P2P_GROUPS_H
#define VTOPO_CHECK_P2P_GROUPS_H

#include "check/obstacles.h"

/* Does QEMU take a P2P clique for such a function, passed through whole (hw/vfio/pci-quirks.c,
 * vfio_add_nv_gpudirect_cap())? */
bool function_takes_clique(const struct host_function *function);

/* Of what may be between two GPUs that are to be in one clique without anybody's word. */
#define P2P_FAULTS                                                                                 \
    (ACS_FAULT_UNREAD | ACS_FAULT_ABSENT | ACS_FAULT_OPEN | ACS_FAULT_REDIRECTS | ACS_FAULT_BLOCKS)
/* What shows that they do not reach each other, or not safely, whatever anybody says. */
#define P2P_FAULTS_KNOWN (ACS_FAULT_ABSENT | ACS_FAULT_OPEN | ACS_FAULT_BLOCKS)

/* The topmost switch (its upstream port) above a function, HOST_NONE: none.  Functions with
 * different ones share no switch. */
size_t p2p_top_switch(const struct vtopo_host *host, size_t function);

/*
 * @gpus  places in host.functions that ascend
 *
 * @ret_groups  of each the number of the first one that it is in a group with: its own if that is
 *              none before it
 *
 * False: out of memory.
 */
bool p2p_groups_find(const struct vtopo_host *host, const struct obstacles *obstacles,
                     const size_t *gpus, size_t count, size_t *ret_groups);

#endif
