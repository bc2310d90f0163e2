/* SPDX-License-Identifier: GPL-2.0-or-later */
/* define_vm.h - what vtopo makes of one VM's definition */
#ifndef VTOPO_CMD_DEFINE_VM_H
#define VTOPO_CMD_DEFINE_VM_H

#include "define_options.h"
#include "define_others.h"
#include "virt/definition.h"

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
    struct vtopo_plan *plan; /* NULL: --undo, --restore, or it failed */
    char *xml;               /* the definition that is wanted */
    char *shared;            /* a line for each claim of another VM to a device of this one */
};

/* @conn: whose version of libvirt counts; @ret_vm: free with clear_vm(). */
void plan_vm(const struct define_options *options, virConnectPtr conn, const struct others *others,
             const struct definition *definition, struct vm *ret_vm);
/* For one line: what would change, what is lacking, why it failed; "" where there is nothing. */
const char *describe_vm(const struct vm *vm);
void clear_vm(struct vm *vm);

#endif
