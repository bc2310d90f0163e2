/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host_tree.h - ways through the tree of a host's functions
 *
 * Functions are places in host.functions; HOST_NONE is above every function on a root bus.  All
 * ways lead up: host_finish() has made sure that they end.
 */
#ifndef VTOPO_MODEL_HOST_TREE_H
#define VTOPO_MODEL_HOST_TREE_H

#include "model/host.h"

#include <stdbool.h>

/* The bridge right above @function, HOST_NONE: it is on a root bus. */
static inline size_t host_parent(const struct vtopo_host *host, size_t function)
{
    return host->functions.items[function].parent;
}

/* Runs @at through the bridges above @function, the nearest first. */
#define HOST_FOR_EACH_ABOVE(host, function, at)                                                    \
    for ((at) = host_parent((host), (function)); (at) != HOST_NONE;                                \
         (at) = host_parent((host), (at)))

/* Is @above on the way from @function to the root, @function itself included? */
bool host_is_above(const struct vtopo_host *host, size_t above, size_t function);

/* The upstream port of the lowest switch that two functions are below; HOST_NONE: they share none,
 * or are one. */
size_t host_common_switch(const struct vtopo_host *host, size_t a, size_t b);

/* The switches (their upstream ports) above a function, topmost first; returns how many there are,
 * of which the first @limit are stored. */
size_t host_switches_above(const struct vtopo_host *host, size_t function, size_t *ret_switches,
                           size_t limit);

#endif
