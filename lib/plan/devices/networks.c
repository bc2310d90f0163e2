/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * networks.c - interfaces on networks, which may be pools of host devices
 *
 * Takes:  the domain's interfaces.
 * Gives:  one finding for all networks: most have no host devices, and the domain does not say
 *         which have.
 */
#include "plan/devices/devices.h"

#include "base/buffer.h"

#include <string.h>

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* The networks that interfaces are on, sorted, each once; @names has room for all devices. */
static size_t collect_networks(const struct domain *domain, const char **names)
{
    size_t all = 0, n = 0;

    for (size_t i = 0; i < domain->devices.count; i++) {
        const struct domain_device *d = &domain->devices.items[i];

        if (d->kind == DEVICE_INTERFACE_NETWORK && d->source_id)
            names[all++] = d->source_id;
    }
    qsort(names, all, sizeof(*names), compare_names);
    for (size_t i = 0; i < all; i++) {
        if (!n || strcmp(names[n - 1], names[i]) != 0)
            names[n++] = names[i];
    }
    return n;
}

#define NETWORKS_NAMED 8 /* of more there is only the number */

int networks_report(const struct domain *domain, struct reporter *reporter)
{
    autofree const char **names = calloc(domain->devices.count + 1, sizeof(*names));
    autobuffer struct buffer text = {0};
    size_t n = names ? collect_networks(domain, names) : 0;

    for (size_t i = 0; i < n && i < NETWORKS_NAMED; i++)
        buffer_printf(&text, "%s\"%s\"", i ? ", " : "", names[i]);
    if (n > NETWORKS_NAMED)
        buffer_printf(&text, " and %zu more", n - NETWORKS_NAMED);
    if (!names || text.failed)
        return error_nomem(reporter->reterr);
    if (!n)
        return 0;
    return report_finding(
        reporter, FINDING_NETWORK_POOL, "domain",
        "interfaces on the network %s stay where they are; if a network is a pool of host devices, which one an interface gets is known only when the guest starts",
        text.text);
}
