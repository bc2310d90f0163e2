/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vtopod_vm.h - what vtopod does with one VM */
#ifndef VTOPO_CMD_VTOPOD_VM_H
#define VTOPO_CMD_VTOPOD_VM_H

#include "vm_plan.h"
#include "vtopod_vms.h"

#define DAEMON_PROGRAM "vtopod"

/* What is the same for all of them. */
struct keeper {
    struct plan_request request;
    const char *history, *spool, *notes; /* folders */
    virConnectPtr conn;
    struct others others; /* to be cleared at every change of a VM */
    size_t rewritten;
};

/*
 * Looks at the VM, and rewrites its definition if that is to be; says what it did.
 *
 * @vm   no longer due afterwards, unless it is to be looked at again
 * @now  milliseconds, see struct pace
 * Returns false: there is no such VM.
 */
bool keep_vm(struct keeper *keeper, struct watched *vm, int64_t now);

#endif
