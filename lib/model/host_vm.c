/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host_vm.c - see host_vm.h */
#include "model/host_vm.h"

#include "base/error.h"

#include <string.h>

/* As vtopo-define --check --json has them. */
static const char *const names[VM_TOPOLOGIES] = {
    [VM_TOPOLOGY_AS_HOST] = "as_host", [VM_TOPOLOGY_LACKING] = "lacking",
    [VM_TOPOLOGY_DIFFERS] = "differs", [VM_TOPOLOGY_TRANSIENT] = "transient",
    [VM_TOPOLOGY_FAILED] = "failed",
};

const char *vm_topology_name(enum vm_topology topology)
{
    return names[topology];
}

bool vm_topology_parse(const char *text, enum vm_topology *ret_topology)
{
    for (size_t i = 0; i < VM_TOPOLOGIES; i++) {
        if (!strcmp(text, names[i])) {
            *ret_topology = (enum vm_topology)i;
            return true;
        }
    }
    return false;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const struct host_vm *)a)->name, ((const struct host_vm *)b)->name);
}

int host_vms_finish(struct host_vms *vms, struct vtopo_error **reterr)
{
    if (vms->count)
        qsort(vms->items, vms->count, sizeof(*vms->items), compare_names);
    for (size_t i = 1; i < vms->count; i++) {
        if (!strcmp(vms->items[i - 1].name, vms->items[i].name))
            return error_set(reterr, VTOPO_ERR_HOST, "VM '%.80s' is there twice",
                             vms->items[i].name);
    }
    return 0;
}

void host_vms_clear(struct host_vms *vms)
{
    for (size_t i = 0; i < vms->count; i++) {
        struct host_vm *vm = &vms->items[i];

        for (size_t k = 0; k < vm->claims.count; k++)
            free(vm->claims.items[k].device);
        free(vm->claims.items);
        free(vm->name);
        free(vm->reason);
    }
    free(vms->items);
    *vms = (struct host_vms){0};
}
