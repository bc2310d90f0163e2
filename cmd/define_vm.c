/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * define_vm.c - see define_vm.h
 *
 * Takes:  a definition as libvirt has it, options.
 * Gives:  what it becomes: rewritten, without what vtopo put in, or what it was before.
 * Not here: rewriting (vm_plan.c), what is shown of it (define_show.c), defining (vtopo-define.c).
 */
#include "define_vm.h"

#include "virt/history.h"

/* There being none is a failure: whoever asked for it expects one. */
static int find_replaced(const struct define_options *options, struct vm *vm)
{
    const struct definition *d = vm->definition;
    int r = history_find(options->history, d->uuid, d->xml, &vm->xml, &vm->error);

    if (r || vm->xml)
        return r;
    return error_set(&vm->error, VTOPO_ERR_FILE, "no other definition of VM '%s' is kept in '%s'",
                     d->name, options->history);
}

static int rewrite(const struct define_options *options, virConnectPtr conn, struct others *others,
                   struct vm *vm)
{
    struct plan_request request = plan_request_of_options(&options->policy);
    int r = vm_make_policy(&request, conn, others, vm);

    return r ? r : vm_make_plan(&request, vm);
}

static int make(const struct define_options *options, virConnectPtr conn, struct others *others,
                const struct definition *definition, struct vm *vm)
{
    size_t length;
    int r = vm_parse(definition, vm);

    if (!r)
        r = others_describe_shared(others, conn, definition->uuid, vm->domain, &vm->shared,
                                   &vm->error);
    if (r)
        return r;
    if (options->restore)
        return find_replaced(options, vm);
    if (options->undo)
        return vtopo_domain_undo(vm->domain, &vm->xml, &length, &vm->error);
    return rewrite(options, conn, others, vm);
}

void plan_vm(const struct define_options *options, virConnectPtr conn, struct others *others,
             const struct definition *definition, struct vm *ret_vm)
{
    *ret_vm = (struct vm){.definition = definition, .verdict = VM_TRANSIENT};
    if (definition->xml)
        ret_vm->verdict =
            make(options, conn, others, definition, ret_vm) ? VM_FAILED : vm_judge(ret_vm);
}
