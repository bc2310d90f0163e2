/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check_nodes.c - does the host know the NUMA nodes of the devices?
 *
 * Rule:   on a host with one node, or none, -1 is as good as 0 (host_node_of()).
 */
#include "check/checker.h"

static const struct check_advice advice = {
    FINDING_NO_NODE,
    "neither the host nor the guest can keep memory and CPUs near",
    "the node of the socket that the slot is wired to",
    "update the BIOS, or turn on its NUMA options (SRAT); now, until the next boot: echo NODE "
    "> "
    "/sys/bus/pci/devices/BDF/numa_node; for vtopo alone: \"node\" in the policy",
    {0},
};

bool check_nodes(struct checker *c)
{
    for (size_t i = 0; i < c->set->count; i++) {
        size_t function = c->set->devices[i].function;

        if (host_node_of(c->host, &c->host->functions.items[function]) >= 0)
            continue;
        if (!check_add(c, function, &advice, NULL, mem_printf("has numa_node -1")))
            return false;
    }
    return true;
}
