/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host_vm.h - the VMs of a host that have its devices, as its libvirt knew them
 *
 * Part of a host description where libvirt was asked as it was saved.  No plan looks at it.
 */
#ifndef VTOPO_MODEL_HOST_VM_H
#define VTOPO_MODEL_HOST_VM_H

#include "base/mem.h"

struct vtopo_error;

/* Does its definition give its guest the host's topology? */
enum vm_topology {
    VM_TOPOLOGY_AS_HOST,
    VM_TOPOLOGY_LACKING,   /* nothing would change, and yet it does not */
    VM_TOPOLOGY_DIFFERS,   /* vtopo would define it otherwise */
    VM_TOPOLOGY_TRANSIENT, /* it has no definition */
    VM_TOPOLOGY_FAILED,    /* it could not be found out */
};
#define VM_TOPOLOGIES (VM_TOPOLOGY_FAILED + 1)

struct host_claim {
    char *device; /* "0000:41:00.0", the UUID of an mdev, the path of a vDPA device */
    bool now;     /* its guest runs with the device */
    bool next;    /* it is defined with it */
};

struct host_vm {
    char *name; /* anything but "" */
    bool running;
    enum vm_topology topology;
    char *reason; /* for people; "": there is nothing to say */
    VEC(struct host_claim) claims;
};

struct host_vms { /* ascending by name */
    bool known;   /* libvirt was asked */
    struct host_vm *items;
    size_t count, cap;
};

/* "as_host", "lacking"... */
const char *vm_topology_name(enum vm_topology topology);
bool vm_topology_parse(const char *text, enum vm_topology *ret_topology);

/* Sorts them.  VTOPO_ERR_HOST if one is there twice. */
int host_vms_finish(struct host_vms *vms, struct vtopo_error **reterr);
void host_vms_clear(struct host_vms *vms);

#endif
