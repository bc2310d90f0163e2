/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pinned_cpus.c - see pinned_cpus.h
 *
 * Takes:  the definitions of all VMs, and what those that run were started with.
 * Gives:  the CPUs that are theirs alone.
 * Rule:   a pin to one or two CPUs (a core) claims them; one to a whole node claims nothing.
 */
#include "virt/pinned_cpus.h"

#include <string.h>
#include <vtopo/domain.h>

#define CPUS_OF_A_CORE 2

static int add_cpus(const char *xml, struct buffer *list, struct vtopo_error **reterr)
{
    struct vtopo_domain *domain = NULL;
    char *cpus = NULL;
    int r = vtopo_domain_parse(xml, strlen(xml), "another VM", &domain, NULL);

    if (!r)
        r = vtopo_domain_pinned_cpus(domain, CPUS_OF_A_CORE, &cpus, NULL);
    vtopo_domain_free(domain);
    if (!r && *cpus) {
        buffer_add(list, list->length ? "," : "");
        buffer_add(list, cpus);
    }
    free(cpus);
    /* One that cannot be understood says nothing. */
    return r == VTOPO_ERR_NOMEM || list->failed ? error_nomem(reterr) : 0;
}

int pinned_cpus_add(const struct definitions *definitions, const char *but, struct buffer *list,
                    struct vtopo_error **reterr)
{
    int r = 0;

    for (size_t i = 0; !r && i < definitions->count; i++) {
        const struct definition *d = &definitions->items[i];

        if (but && !strcmp(d->uuid, but))
            continue;
        if (d->xml)
            r = add_cpus(d->xml, list, reterr);
        if (!r && d->live_xml)
            r = add_cpus(d->live_xml, list, reterr);
    }
    return r;
}
