/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vm_others.c - see vm_others.h
 *
 * Takes:  all VMs of a libvirt.
 * Gives:  the CPUs that are theirs, the devices that they claim, too.
 * Not here: what a VM's definition should be (vm_plan.c), which CPUs it pins to
 *         (virt/pinned_cpus.c).
 */
#include "vm_others.h"

#include "base/buffer.h"
#include "virt/pinned_cpus.h"

#include <string.h>

int others_read(struct others *others, virConnectPtr conn, struct vtopo_error **reterr)
{
    int r;

    if (others->known)
        return 0;
    r = definitions_add(conn, NULL, &others->definitions, reterr);
    if (!r)
        r = definitions_read_live(&others->definitions, reterr);
    if (!r)
        r = claims_make(&others->definitions, &others->claims, reterr);
    others->known = !r;
    if (r)
        others_clear(others);
    return r;
}

void others_clear(struct others *others)
{
    claims_clear(&others->claims);
    definitions_clear(&others->definitions);
    others->known = false;
}

int others_replace(struct others *others, const char *uuid, const char *xml,
                   struct vtopo_error **reterr)
{
    for (size_t i = 0; i < others->definitions.count; i++) {
        struct definition *d = &others->definitions.items[i];
        char *copy;

        if (strcmp(d->uuid, uuid))
            continue;
        copy = strdup(xml);
        if (!copy)
            return error_nomem(reterr);
        free(d->xml);
        d->xml = copy;
    }
    return 0;
}

/* --- CPUs --- */

static int is_said(const struct vtopo_policy *policy, const char *key, const char *word,
                   bool *ret_said, struct vtopo_error **reterr)
{
    autofree char *value = NULL;
    int r = vtopo_policy_get(policy, key, &value, reterr);

    *ret_said = !r && value && !strcmp(value, word);
    return r;
}

int others_avoid_cpus(struct others *others, virConnectPtr conn, const char *uuid,
                      struct vtopo_policy *policy, struct vtopo_error **reterr)
{
    autobuffer struct buffer list = {0};
    autofree char *said = NULL;
    bool core;
    int r = is_said(policy, "cells_pin", "core", &core, reterr);

    if (!r && core)
        r = vtopo_policy_get(policy, "avoid_cpus", &said, reterr);
    if (r || !core)
        return r;
    r = others_read(others, conn, reterr);
    if (r)
        return r;
    buffer_add(&list, said ? said : "");
    r = pinned_cpus_add(&others->definitions, uuid, &list, reterr);
    if (r || !list.length)
        return r;
    return vtopo_policy_set(policy, "avoid_cpus", list.text, reterr);
}

/* --- devices --- */

static void add_claim(struct buffer *lines, const char *device, const struct claim *claim)
{
    buffer_printf(lines, "%s is assigned to VM '%s', too", device, claim->by->name);
    buffer_add(lines, claim->now ? claim->next ? ", whose guest has it now\n"
                                               : ", whose guest has it until it is shut down\n"
                                 : ": only one of them can run\n");
}

int others_describe_shared(struct others *others, virConnectPtr conn, const char *uuid,
                           const struct vtopo_domain *domain, char **ret_lines,
                           struct vtopo_error **reterr)
{
    autobuffer struct buffer lines = {0};
    autofree char **names = NULL;
    int r = others_read(others, conn, reterr);

    if (!r)
        r = vtopo_domain_assigned_names(domain, &names, reterr);

    for (char **name = names; !r && *name; name++) {
        size_t count;
        const struct claim *claim = claims_find(&others->claims, *name, &count);

        for (size_t i = 0; i < count; i++) {
            if (strcmp(claim[i].by->uuid, uuid))
                add_claim(&lines, *name, &claim[i]);
        }
    }
    if (r)
        return r;
    *ret_lines = buffer_steal(&lines);
    return *ret_lines ? 0 : error_nomem(reterr);
}
