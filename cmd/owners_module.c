/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * owners_module.c - see owners_module.h
 *
 * Takes:  libvirt's address, perhaps the name of a VM.
 * Gives:  which VM has, or will have, which of the host's devices; the XML of the one that was
 *         named.
 * Not here: how that is found (virt/claims.c).
 */
#include "owners_module.h"

#include "virt/claims.h"
#include "virt/pinned_cpus.h"

#include <string.h>
#include <vtopo/host.h>

extern read_owners_function vtopo_read_owners __attribute__((visibility("default")));

static bool copy(const struct claims *claims, struct owner_lists *ret)
{
    *ret = (struct owner_lists){
        .devices = calloc(claims->count + 1, sizeof(*ret->devices)),
        .names = calloc(claims->count + 1, sizeof(*ret->names)),
        .claims = calloc(claims->count + 1, sizeof(*ret->claims)),
        .cpus = ret->cpus,
        .live_xml = ret->live_xml,
        .xml = ret->xml,
    };
    if (!ret->devices || !ret->names || !ret->claims)
        return false;
    ret->count = claims->count;
    for (size_t i = 0; i < claims->count; i++) {
        ret->devices[i] = strdup(claims->items[i].device);
        ret->names[i] = strdup(claims->items[i].by->name);
        ret->claims[i] = (claims->items[i].now ? VTOPO_CLAIM_NOW : 0U) |
                         (claims->items[i].next ? VTOPO_CLAIM_NEXT : 0U);
        if (!ret->devices[i] || !ret->names[i])
            return false;
    }
    return true;
}

static int read_claims(virConnectPtr conn, struct definitions *definitions, struct claims *claims,
                       struct vtopo_error **reterr)
{
    int r = definitions_add(conn, NULL, definitions, reterr);

    if (!r)
        r = definitions_read_live(definitions, reterr);
    return r ? r : claims_make(definitions, claims, reterr);
}

static int copy_text(const char *text, char **ret, struct vtopo_error **reterr)
{
    *ret = text ? strdup(text) : NULL;
    return text && !*ret ? error_nomem(reterr) : 0;
}

/* By its name, else by its UUID. */
static int copy_vm(const struct definitions *definitions, const char *vm, struct owner_lists *ret,
                   struct vtopo_error **reterr)
{
    const struct definition *found = NULL;
    int r;

    for (size_t i = 0; i < definitions->count; i++) {
        const struct definition *d = &definitions->items[i];

        if (!strcmp(d->name, vm) || (!found && !strcmp(d->uuid, vm)))
            found = d;
    }
    if (!found)
        return error_set(reterr, VTOPO_ERR_FILE, "libvirt knows no VM '%s'", vm);
    r = copy_text(found->live_xml, &ret->live_xml, reterr);
    return r ? r : copy_text(found->xml, &ret->xml, reterr);
}

int vtopo_read_owners(const char *uri, const char *vm, struct owner_lists *ret,
                      struct vtopo_error **reterr)
{
    struct definitions definitions = {0};
    struct claims claims = {0};
    struct buffer cpus = {0};
    virConnectPtr conn;
    int r = connection_open(uri, &conn, reterr);

    if (r)
        return r;
    r = read_claims(conn, &definitions, &claims, reterr);
    if (!r && vm)
        r = copy_vm(&definitions, vm, ret, reterr);
    if (!r)
        r = pinned_cpus_add(&definitions, NULL, &cpus, reterr);
    if (!r)
        ret->cpus = buffer_steal(&cpus);
    if (!r && (!ret->cpus || !copy(&claims, ret)))
        r = error_nomem(reterr);
    buffer_clear(&cpus);
    claims_clear(&claims);
    definitions_clear(&definitions);
    virConnectClose(conn);
    return r;
}
