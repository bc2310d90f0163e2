/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vms.c - the VMs of a host as the public header gives them (vtopo/report.h)
 *
 * Takes:  VMs one by one, with their devices.
 * Gives:  a host description that has them.
 * Not here: who has which device (lib/virt), what is shown of it (report/owners.c).
 */
#include "vtopo/report.h"

#include "base/error.h"
#include "json/host_description.h"

#include <string.h>

struct vtopo_vms {
    struct host_vms list;
};

/* The two enums are one, and the public one is the contract. */
_Static_assert((int)VTOPO_VM_AS_HOST == (int)VM_TOPOLOGY_AS_HOST &&
                   (int)VTOPO_VM_LACKING == (int)VM_TOPOLOGY_LACKING &&
                   (int)VTOPO_VM_DIFFERS == (int)VM_TOPOLOGY_DIFFERS &&
                   (int)VTOPO_VM_TRANSIENT == (int)VM_TOPOLOGY_TRANSIENT &&
                   (int)VTOPO_VM_FAILED == (int)VM_TOPOLOGY_FAILED,
               "topologies of VMs");

int vtopo_vms_new(struct vtopo_vms **ret_vms, struct vtopo_error **reterr)
{
    struct vtopo_vms *vms = calloc(1, sizeof(*vms));

    if (!vms)
        return error_nomem(reterr);
    vms->list.known = true;
    *ret_vms = vms;
    return 0;
}

int vtopo_vms_add(struct vtopo_vms *vms, const char *name, bool running,
                  enum vtopo_vm_topology topology, const char *reason, struct vtopo_error **reterr)
{
    struct host_vm *vm = vec_add(&vms->list);

    if (!vm)
        return error_nomem(reterr);
    *vm = (struct host_vm){.name = strdup(name),
                           .running = running,
                           .topology = (enum vm_topology)topology,
                           .reason = strdup(reason)};
    return vm->name && vm->reason ? 0 : error_nomem(reterr);
}

int vtopo_vms_add_device(struct vtopo_vms *vms, const char *device, unsigned claims,
                         struct vtopo_error **reterr)
{
    struct host_claim *claim;

    if (!vms->list.count)
        return error_set(reterr, VTOPO_ERR_USAGE, "%s", "a device before the first VM");
    claim = vec_add(&vms->list.items[vms->list.count - 1].claims);
    if (!claim)
        return error_nomem(reterr);
    *claim =
        (struct host_claim){strdup(device), claims & VTOPO_CLAIM_NOW, claims & VTOPO_CLAIM_NEXT};
    return claim->device ? 0 : error_nomem(reterr);
}

void vtopo_vms_free(struct vtopo_vms *vms)
{
    if (vms)
        host_vms_clear(&vms->list);
    free(vms);
}

/* The lists of the one that is written are the two others'. */
int vtopo_host_format_vms(const struct vtopo_host *host, const struct vtopo_vms *vms,
                          char **ret_text, struct vtopo_error **reterr)
{
    size_t count = vms->list.count;
    autofree struct host_vm *items = calloc(count + 1, sizeof(*items));
    struct vtopo_host with = *host;
    int r;

    if (!items)
        return error_nomem(reterr);
    if (count)
        memcpy(items, vms->list.items, count * sizeof(*items));
    with.vms = (struct host_vms){.known = true, .items = items, .count = count};
    r = host_vms_finish(&with.vms, reterr);
    return r ? r : host_description_format(&with, ret_text, reterr);
}
