/* SPDX-License-Identifier: GPL-2.0-or-later */
/* define_vm.h - what the options of vtopo-define make of one VM's definition */
#ifndef VTOPO_CMD_DEFINE_VM_H
#define VTOPO_CMD_DEFINE_VM_H

#include "define_options.h"
#include "vm_plan.h"

/* @ret_vm: free with clear_vm(). */
void plan_vm(const struct define_options *options, virConnectPtr conn, struct others *others,
             const struct definition *definition, struct vm *ret_vm);

#endif
