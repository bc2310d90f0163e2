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

/* Of VMs that are defined with one device, for a line. */
#define NAMES_MAX 4

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

static bool is_other(const struct claim *claim, const char *uuid)
{
    return strcmp(claim->by->uuid, uuid) != 0;
}

/* Of a guest that has it now there is one at most, of definitions there may be many. */
static void add_running(struct buffer *lines, const char *device, const struct claim *claim)
{
    buffer_printf(lines, "%s is assigned to VM '%s', too, whose guest has it %s\n", device,
                  claim->by->name, claim->next ? "now" : "until it is shut down");
}

static void add_defined(struct buffer *lines, const char *device, const struct claim *claims,
                        size_t count, const char *uuid)
{
    size_t all = 0, said = 0;

    for (size_t i = 0; i < count; i++)
        all += is_other(&claims[i], uuid) && !claims[i].now;
    for (size_t i = 0; i < count && said < NAMES_MAX; i++) {
        if (!is_other(&claims[i], uuid) || claims[i].now)
            continue;
        if (!said)
            buffer_printf(lines, "%s is assigned to VM%s ", device, all > 1 ? "s" : "");
        else
            buffer_add(lines, said + 1 == all ? " and " : ", ");
        buffer_printf(lines, "'%s'", claims[i].by->name);
        said++;
    }
    if (all > said)
        buffer_printf(lines, " and %zu more", all - said);
    if (all)
        buffer_add(lines, ", too: only one of them can run\n");
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
            if (is_other(&claim[i], uuid) && claim[i].now)
                add_running(&lines, *name, &claim[i]);
        }
        add_defined(&lines, *name, claim, count, uuid);
    }
    if (r)
        return r;
    *ret_lines = buffer_steal(&lines);
    return *ret_lines ? 0 : error_nomem(reterr);
}
