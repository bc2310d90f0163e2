/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * p2p_groups.h - which GPUs of a host reach each other through its switches
 *
 * Takes:  a host with the config space of its ports.
 * Gives:  what is on the way from one GPU to another; the groups in which every GPU reaches every
 *         other one.
 * Rule:   two GPUs below one switch reach each other if the ports at which the ways to them part
 *         let pass what one sends to the other, or at least what ATS has translated. What cannot be
 *         read lets nothing pass.
 * Not here: what ACS Control should say (check_acs.c), who gets a clique (plan/extra/clique.c).
 */
#ifndef VTOPO_CHECK_P2P_GROUPS_H
#define VTOPO_CHECK_P2P_GROUPS_H

#include "check/check.h"

/* Does QEMU take a P2P clique for such a function, passed through whole (hw/vfio/pci-quirks.c,
 * vfio_add_nv_gpudirect_cap())? */
bool function_takes_clique(const struct host_function *function);

/* What is on the way from one GPU to another. */
struct p2p_way {
    bool clear;
    size_t port; /* the first one that is not clear: place in host.functions */
    enum acs_state state;
    unsigned control; /* ACS Control of the port */
};

/* False: they share no switch. */
bool p2p_find_way(const struct vtopo_host *host, size_t one, size_t other, struct p2p_way *ret_way);

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
bool p2p_groups_find(const struct vtopo_host *host, const size_t *gpus, size_t count,
                     size_t *ret_groups);

#endif
