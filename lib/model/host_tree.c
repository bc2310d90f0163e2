/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host_tree.c - see host_tree.h */
#include "model/host_tree.h"

bool host_is_above(const struct vtopo_host *host, size_t above, size_t function)
{
    for (; function != HOST_NONE; function = host_parent(host, function)) {
        if (function == above)
            return true;
    }
    return false;
}

size_t host_common_switch(const struct vtopo_host *host, size_t a, size_t b)
{
    size_t at = a == b ? HOST_NONE : host_parent(host, a);

    while (at != HOST_NONE && !host_is_above(host, at, b))
        at = host_parent(host, at);
    return at != HOST_NONE && host->functions.items[at].port == PORT_UPSTREAM ? at : HOST_NONE;
}

size_t host_switches_above(const struct vtopo_host *host, size_t function, size_t *ret_switches,
                           size_t limit)
{
    size_t count = 0, n, at;

    HOST_FOR_EACH_ABOVE(host, function, at)
    count += host->functions.items[at].port == PORT_UPSTREAM;
    n = count;
    HOST_FOR_EACH_ABOVE(host, function, at)
    {
        if (host->functions.items[at].port == PORT_UPSTREAM && --n < limit)
            ret_switches[n] = at;
    }
    return count;
}
