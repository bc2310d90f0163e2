/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * distance.c - how far two functions of a host are apart
 *
 * Rule:   a step outwards counts twice the one before, so that no number of near ones makes up for
 *         a far one that can be avoided.  Two nodes are as far as the kernel says beyond 10, which
 *         is a node to itself; where it does not say, or not on which node one is, farther than any
 *         that it says.
 */
#include "model/host_tree.h"
#include "place/stock.h"

#define SLIT_SELF 10 /* ACPI 6.5, 5.2.17 */
#define SLIT_MAX 255

static unsigned between_nodes(const struct vtopo_host *host, int one, int other)
{
    size_t from = host_find_node(host, one), to = host_find_node(host, other);
    unsigned distance = SLIT_MAX;

    if (from != HOST_NONE && to != HOST_NONE && host->nodes.items[from].distances)
        distance = host->nodes.items[from].distances[to];
    if (distance < SLIT_SELF)
        distance = SLIT_SELF;
    return DISTANCE_NODES + (distance < SLIT_MAX ? distance : SLIT_MAX) - SLIT_SELF;
}

static size_t lowest_switch(const struct vtopo_host *host, size_t function)
{
    size_t at;

    HOST_FOR_EACH_ABOVE(host, function, at)
    {
        if (host->functions.items[at].port == PORT_UPSTREAM)
            return at;
    }
    return HOST_NONE;
}

unsigned distance_between(const struct vtopo_host *host, size_t one, size_t other)
{
    const struct host_function *a = &host->functions.items[one], *b = &host->functions.items[other];
    int node = host_node_of(host, a), other_node = host_node_of(host, b);
    size_t common = host_common_switch(host, one, other);

    if (a->parent == b->parent && a->parent != HOST_NONE)
        return DISTANCE_SWITCH;
    if (common != HOST_NONE)
        return lowest_switch(host, one) == common && lowest_switch(host, other) == common
                   ? DISTANCE_SWITCH
                   : DISTANCE_SWITCHES;
    if (bdf_equal(&a->root, &b->root) && node == other_node)
        return DISTANCE_ROOT;
    if (node >= 0 && node == other_node)
        return DISTANCE_NODE;
    return between_nodes(host, node, other_node);
}

enum distance distance_level(unsigned distance)
{
    if (distance >= DISTANCE_NODES)
        return DISTANCE_NODES;
    if (distance >= DISTANCE_NODE)
        return DISTANCE_NODE;
    if (distance >= DISTANCE_ROOT)
        return DISTANCE_ROOT;
    return distance >= DISTANCE_SWITCHES ? DISTANCE_SWITCHES : DISTANCE_SWITCH;
}
