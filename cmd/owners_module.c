/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * owners_module.c - see owners_module.h
 *
 * Takes:  libvirt's address, perhaps the name of a VM.
 * Gives:  which VM has, or will have, which of the host's devices; the XML of the one that was
 *         named; how far definitions are from what vtopo would make of them.
 * Not here: how that is found (virt/claims.c, vm_plan.c).
 */
#include "owners_module.h"

#include "virt/claims.h"
#include "virt/client.h"
#include "virt/pinned_cpus.h"
#include "vm_plan.h"

#include <string.h>
#include <vtopo/host.h>

extern read_owners_function vtopo_read_owners __attribute__((visibility("default")));
extern read_vms_function vtopo_read_vms __attribute__((visibility("default")));

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
    struct client client;
    int r = client_open(uri, &client, reterr);

    if (r)
        return r;
    r = read_claims(client.conn, &definitions, &claims, reterr);
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
    client_close(&client);
    return r;
}

/* --- what vtopo makes of the VMs --- */

static enum vtopo_vm_topology topology_of(enum verdict verdict)
{
    static const enum vtopo_vm_topology topologies[VERDICTS] = {
        [VM_AS_WANTED] = VTOPO_VM_AS_HOST,   [VM_LACKS] = VTOPO_VM_LACKING,
        [VM_DIFFERS] = VTOPO_VM_DIFFERS,     [VM_NOTHING] = VTOPO_VM_AS_HOST,
        [VM_TRANSIENT] = VTOPO_VM_TRANSIENT, [VM_FAILED] = VTOPO_VM_FAILED,
    };

    return topologies[verdict];
}

static bool has_devices(const struct others *others, const struct definition *definition)
{
    for (size_t i = 0; i < others->claims.count; i++) {
        if (others->claims.items[i].by == definition)
            return true;
    }
    return false;
}

static int add_devices(const struct others *others, const struct definition *definition,
                       struct vtopo_vms *vms, struct vtopo_error **reterr)
{
    int r = 0;

    for (size_t i = 0; !r && i < others->claims.count; i++) {
        const struct claim *claim = &others->claims.items[i];

        if (claim->by == definition)
            r = vtopo_vms_add_device(vms, claim->device,
                                     (claim->now ? VTOPO_CLAIM_NOW : 0U) |
                                         (claim->next ? VTOPO_CLAIM_NEXT : 0U),
                                     reterr);
    }
    return r;
}

static int make_plan_of_vm(const struct plan_request *request, virConnectPtr conn,
                           struct others *others, const struct definition *definition,
                           struct vm *vm)
{
    int r = vm_parse(definition, vm);

    if (!r)
        r = vm_make_policy(request, conn, others, vm);
    return r ? r : vm_make_plan(request, vm);
}

static void plan_vm(const struct plan_request *request, virConnectPtr conn, struct others *others,
                    const struct definition *definition, struct vm *ret)
{
    *ret = (struct vm){.definition = definition, .verdict = VM_TRANSIENT};
    if (definition->xml)
        ret->verdict =
            make_plan_of_vm(request, conn, others, definition, ret) ? VM_FAILED : vm_judge(ret);
}

static int add_vm(const struct plan_request *request, virConnectPtr conn, struct others *others,
                  const struct definition *definition, struct vtopo_vms *vms,
                  struct vtopo_error **reterr)
{
    struct vm vm;
    int r;

    plan_vm(request, conn, others, definition, &vm);
    if (vm.verdict == VM_FAILED && vtopo_error_code(vm.error) == VTOPO_ERR_NOMEM)
        r = error_nomem(reterr);
    else
        r = vtopo_vms_add(vms, definition->name, definition->running, topology_of(vm.verdict),
                          describe_vm(&vm), reterr);
    clear_vm(&vm);
    return r ? r : add_devices(others, definition, vms, reterr);
}

static int read_vms(const char *host, virConnectPtr conn, struct vtopo_vms *vms,
                    struct vtopo_error **reterr)
{
    struct plan_request request = {.host = host};
    struct others others = {0};
    int r = others_read(&others, conn, reterr);

    for (size_t i = 0; !r && i < others.definitions.count; i++) {
        const struct definition *definition = &others.definitions.items[i];

        if (has_devices(&others, definition))
            r = add_vm(&request, conn, &others, definition, vms, reterr);
    }
    others_clear(&others);
    return r;
}

int vtopo_read_vms(const char *uri, const char *host, struct vtopo_vms **ret_vms,
                   struct vtopo_error **reterr)
{
    struct vtopo_vms *vms = NULL;
    struct client client;
    int r = client_open(uri, &client, reterr);

    if (r)
        return r;
    r = vtopo_vms_new(&vms, reterr);
    if (!r)
        r = read_vms(host, client.conn, vms, reterr);
    client_close(&client);
    if (r) {
        vtopo_vms_free(vms);
        return r;
    }
    *ret_vms = vms;
    return 0;
}
