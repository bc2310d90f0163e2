/* SPDX-License-Identifier: GPL-2.0-or-later */
/* p2p_groups.c - see p2p_groups.h */
#include "check/p2p_groups.h"

#include "model/host_tree.h"

#define VENDOR_NVIDIA 0x10de
#define CLASS_DISPLAY 0x03

bool function_takes_clique(const struct host_function *function)
{
    return function->vendor == VENDOR_NVIDIA && function->class_code >> 16 == CLASS_DISPLAY &&
           !function->is_vf;
}

/* Nothing that is not known.  Direct translated P2P goes before redirection and egress control, for
 * what is translated. */
static bool lets_through(enum acs_state state, unsigned control)
{
    bool direct =
        (control & (ACS_DIRECT_TRANSLATED | ACS_TRANSLATION_BLOCKING)) == ACS_DIRECT_TRANSLATED;

    return state != ACS_UNREADABLE &&
           (direct ||
            !(control & (ACS_REQUEST_REDIRECT | ACS_COMPLETION_REDIRECT | ACS_EGRESS_CONTROL)));
}

static void check_port(const struct vtopo_host *host, size_t port, struct p2p_way *way)
{
    way->state = check_acs_state(&host->functions.items[port], &way->control);
    way->clear = lets_through(way->state, way->control);
    way->port = port;
}

bool p2p_find_way(const struct vtopo_host *host, size_t one, size_t other, struct p2p_way *ret_way)
{
    size_t top = host_common_switch(host, one, other);

    if (top == HOST_NONE)
        return false;
    check_port(host, host_branch_to(host, top, one), ret_way);
    if (ret_way->clear)
        check_port(host, host_branch_to(host, top, other), ret_way);
    return true;
}

size_t p2p_top_switch(const struct vtopo_host *host, size_t function)
{
    size_t top;

    return host_switches_above(host, function, &top, 1) ? top : HOST_NONE;
}

/* Is the way from number @gpu clear to all before it that are in the group of number @first? */
static bool may_join(const struct vtopo_host *host, const size_t *gpus, const size_t *groups,
                     size_t gpu, size_t first)
{
    for (size_t i = first; i < gpu; i++) {
        struct p2p_way way;

        if (groups[i] == first && (!p2p_find_way(host, gpus[gpu], gpus[i], &way) || !way.clear))
            return false;
    }
    return true;
}

bool p2p_groups_find(const struct vtopo_host *host, const size_t *gpus, size_t count,
                     size_t *ret_groups)
{
    autofree size_t *tops = calloc(count + 1, sizeof(*tops));

    if (!tops)
        return false;
    for (size_t i = 0; i < count; i++) {
        size_t first = 0;

        tops[i] = p2p_top_switch(host, gpus[i]);
        while (first < i && (ret_groups[first] != first || tops[first] != tops[i] ||
                             !may_join(host, gpus, ret_groups, i, first)))
            first++;
        ret_groups[i] = first;
    }
    return true;
}
