/* SPDX-License-Identifier: GPL-2.0-or-later */
/* p2p_groups.c - see p2p_groups.h */
#include "check/p2p_groups.h"

#include "model/host_tree.h"
#include "model/pci_class.h"

#define VENDOR_NVIDIA 0x10de

bool function_takes_clique(const struct host_function *function)
{
    return function->vendor == VENDOR_NVIDIA && class_base(function->class_code) == CLASS_DISPLAY &&
           !function->is_vf;
}

size_t p2p_top_switch(const struct vtopo_host *host, size_t function)
{
    size_t top;

    return host_switches_above(host, function, &top, 1) ? top : HOST_NONE;
}

/* Is the way from number @gpu clear to all before it that are in the group of number @first? */
static bool may_join(const struct vtopo_host *host, const struct obstacles *obstacles,
                     const size_t *gpus, const size_t *groups, size_t gpu, size_t first)
{
    for (size_t i = first; i < gpu; i++) {
        struct obstacle_port port;

        if (groups[i] == first &&
            (host_common_switch(host, gpus[gpu], gpus[i]) == HOST_NONE ||
             obstacles_find_port(obstacles, gpus[gpu], gpus[i], P2P_FAULTS, &port)))
            return false;
    }
    return true;
}

bool p2p_groups_find(const struct vtopo_host *host, const struct obstacles *obstacles,
                     const size_t *gpus, size_t count, size_t *ret_groups)
{
    autofree size_t *tops = calloc(count + 1, sizeof(*tops));

    if (!tops)
        return false;
    for (size_t i = 0; i < count; i++) {
        size_t first = 0;

        tops[i] = p2p_top_switch(host, gpus[i]);
        while (first < i && (ret_groups[first] != first || tops[first] != tops[i] ||
                             !may_join(host, obstacles, gpus, ret_groups, i, first)))
            first++;
        ret_groups[i] = first;
    }
    return true;
}
