/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pinned_cpus.c - see pinned_cpus.h
 *
 * Takes:  the definitions of all VMs, and what those that run were started with.
 * Gives:  the CPUs that are theirs alone.
 * Rule:   a vCPU's pin to one or two CPUs (a core) claims them; one to a whole node claims nothing.
 *         Those of <emulatorpin> and <iothreadpin> are claimed unless they are more than half of a
 *         node, as for a VM's own (plan/cells/pins.c).
 */
#include "virt/pinned_cpus.h"

#include "base/idset.h"

#include <string.h>
#include <vtopo/domain.h>

#define CPUS_OF_A_CORE 2

/* Of a NUMA node, on average; 0: not known. */
static size_t count_node_cpus(const struct definition *definition)
{
    virNodeInfo info;

    return virNodeGetInfo(virDomainGetConnect(definition->domain), &info) || !info.nodes
               ? 0
               : info.cpus / info.nodes;
}

static void add_list(const char *cpus, struct buffer *list)
{
    buffer_add(list, *cpus && list->length ? "," : "");
    buffer_add(list, cpus);
}

static int add_helper_cpus(const struct vtopo_domain *domain, size_t node_cpus, struct buffer *list)
{
    autofree char *cpus = NULL;
    struct idset set = {0};
    int r = vtopo_domain_helper_cpus(domain, &cpus, NULL);

    if (r || !*cpus)
        return r;
    if (idset_parse(cpus, &set) != IDSET_OK)
        return VTOPO_ERR_NOMEM;
    if (2 * idset_size(&set) <= node_cpus)
        add_list(cpus, list);
    idset_free(&set);
    return 0;
}

static int add_cpus(const char *xml, size_t node_cpus, struct buffer *list,
                    struct vtopo_error **reterr)
{
    struct vtopo_domain *domain = NULL;
    autofree char *cpus = NULL;
    int r = vtopo_domain_parse(xml, strlen(xml), "another VM", &domain, NULL);

    if (!r)
        r = vtopo_domain_pinned_cpus(domain, CPUS_OF_A_CORE, &cpus, NULL);
    if (!r)
        add_list(cpus, list);
    if (!r)
        r = add_helper_cpus(domain, node_cpus, list);
    vtopo_domain_free(domain);
    /* One that cannot be understood says nothing. */
    return r == VTOPO_ERR_NOMEM || list->failed ? error_nomem(reterr) : 0;
}

int pinned_cpus_add(const struct definitions *definitions, const char *but, struct buffer *list,
                    struct vtopo_error **reterr)
{
    size_t node_cpus = definitions->count ? count_node_cpus(&definitions->items[0]) : 0;
    int r = 0;

    for (size_t i = 0; !r && i < definitions->count; i++) {
        const struct definition *d = &definitions->items[i];

        if (but && !strcmp(d->uuid, but))
            continue;
        if (d->xml)
            r = add_cpus(d->xml, node_cpus, list, reterr);
        if (!r && d->live_xml)
            r = add_cpus(d->live_xml, node_cpus, list, reterr);
    }
    return r;
}
