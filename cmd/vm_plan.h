/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vm_plan.h - what vtopo makes of one VM's definition */
#ifndef VTOPO_CMD_VM_PLAN_H
#define VTOPO_CMD_VM_PLAN_H

#include "make_plan.h"
#include "virt/definition.h"
#include "vm_others.h"

enum verdict {
    VM_AS_WANTED, /* nothing would change, and the guest has its host's topology */
    VM_LACKS,     /* nothing would change, and it has not */
    VM_DIFFERS,   /* another definition is wanted */
    VM_NOTHING,   /* no host devices */
    VM_TRANSIENT, /* no definition */
    VM_FAILED,    /* why is in the error */
    VERDICTS,
};

struct vm {
    const struct definition *definition;
    enum verdict verdict;
    struct vtopo_error *error;
    struct vtopo_domain *domain;
    struct vtopo_policy *policy; /* NULL: it was not asked for */
    struct vtopo_plan *plan;     /* NULL: the same, or it failed */
    char *xml;                   /* the definition that is wanted; NULL: not known */
    char *shared; /* a line for each claim of another VM to a device of this one; NULL: the same */
};

/*
 * The steps of a plan; each needs the one before.  A failure is in vm->error, and is what is
 * returned.
 *
 * @vm      free with clear_vm(), also after a failure
 * @conn    whose version of libvirt, and of QEMU, counts
 * @others  read if they are needed
 */
int vm_parse(const struct definition *definition, struct vm *vm);
int vm_make_policy(const struct plan_request *request, virConnectPtr conn, struct others *others,
                   struct vm *vm);
int vm_make_plan(const struct plan_request *request, struct vm *vm);
/* What comes of vm->xml. */
enum verdict vm_judge(const struct vm *vm);

/* For one line: what would change, what is lacking, why it failed; "" where there is nothing. */
const char *describe_vm(const struct vm *vm);
void clear_vm(struct vm *vm);

#endif
