/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vm_plan.c - see vm_plan.h
 *
 * Takes:  a definition as libvirt has it, where host and policy are.
 * Gives:  the definition that is wanted, and in a word how far that is from the other.
 * Rule:   what libvirt itself knows counts where neither the policy nor the domain says it
 *         (vm_versions.h).
 * Not here: what comes of it (define_vm.c, vtopod_vm.c).
 */
#include "vm_plan.h"

#include "vm_versions.h"

#include <string.h>

int vm_parse(const struct definition *definition, struct vm *vm)
{
    const char *xml = definition->xml;

    *vm = (struct vm){.definition = definition};
    return vtopo_domain_parse(xml, strlen(xml), definition->name, &vm->domain, &vm->error);
}

int vm_make_policy(const struct plan_request *request, virConnectPtr conn, struct others *others,
                   struct vm *vm)
{
    int r = make_policy(request, vm->domain, &vm->policy, &vm->error);

    if (!r)
        r = vm_learn_versions(conn, vm->domain, vm->policy, &vm->error);
    if (!r)
        r = others_avoid_cpus(others, conn, vm->definition->uuid, vm->policy, &vm->error);
    return r;
}

int vm_make_plan(const struct plan_request *request, struct vm *vm)
{
    struct vtopo_host *host = NULL;
    size_t length;
    int r = make_plan(request, vm->domain, vm->policy, &host, &vm->plan, &vm->error);

    if (!r)
        r = vtopo_plan_apply(vm->plan, vm->domain, &vm->xml, &length, &vm->error);
    vtopo_host_free(host);
    return r;
}

enum verdict vm_judge(const struct vm *vm)
{
    if (strcmp(vm->xml, vm->definition->xml))
        return VM_DIFFERS;
    if (vm->plan && vtopo_plan_lack(vm->plan))
        return VM_LACKS;
    return vtopo_domain_assigned_count(vm->domain) ? VM_AS_WANTED : VM_NOTHING;
}

const char *describe_vm(const struct vm *vm)
{
    const char *what = NULL;

    switch (vm->verdict) {
    case VM_DIFFERS:
        what = vm->plan ? vtopo_plan_difference(vm->plan) : NULL;
        return what ? what : "another definition";
    case VM_LACKS:
        return vtopo_plan_lack(vm->plan);
    case VM_FAILED:
        return vtopo_error_message(vm->error);
    default:
        return "";
    }
}

void clear_vm(struct vm *vm)
{
    vtopo_error_free(vm->error);
    vtopo_domain_free(vm->domain);
    vtopo_policy_free(vm->policy);
    vtopo_plan_free(vm->plan);
    free(vm->xml);
    free(vm->shared);
    *vm = (struct vm){0};
}
