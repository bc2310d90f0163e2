/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * define_vm.c - see define_vm.h
 *
 * Takes:  a definition as libvirt has it, options.
 * Gives:  the definition that is wanted, and in a word how far that is from the other.
 * Rule:   what libvirt itself knows counts where neither the policy nor the domain says it.
 * Not here: what is shown of it (define_show.c), defining (vtopo-define.c).
 */
#include "define_vm.h"

#include "common.h"
#include "virt/history.h"

#include <stdio.h>
#include <string.h>

static int learn_version(virConnectPtr conn, struct vtopo_policy *policy,
                         struct vtopo_error **reterr)
{
    char *said = NULL, text[32];
    unsigned long version;
    int r = vtopo_policy_get(policy, "libvirt_version", &said, reterr);
    bool is_said = said != NULL;

    free(said);
    if (r || is_said || virConnectGetLibVersion(conn, &version) < 0)
        return r;
    snprintf(text, sizeof(text), "%lu.%lu.%lu", version / 1000000, version / 1000 % 1000,
             version % 1000);
    return vtopo_policy_set(policy, "libvirt_version", text, reterr);
}

static int rewrite(const struct define_options *options, virConnectPtr conn,
                   const struct others *others, struct vm *vm)
{
    struct plan_request request = plan_request_of_options(&options->policy);
    struct vtopo_policy *policy = NULL;
    struct vtopo_host *host = NULL;
    size_t length;
    int r = make_policy(&request, vm->domain, &policy, &vm->error);

    if (!r)
        r = learn_version(conn, policy, &vm->error);
    if (!r)
        r = others_avoid_cpus(others, vm->definition->uuid, policy, &vm->error);
    if (!r)
        r = make_plan(&request, vm->domain, policy, &host, &vm->plan, &vm->error);
    if (!r)
        r = vtopo_plan_apply(vm->plan, vm->domain, &vm->xml, &length, &vm->error);
    vtopo_host_free(host);
    vtopo_policy_free(policy);
    return r;
}

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

static int make(const struct define_options *options, virConnectPtr conn,
                const struct others *others, struct vm *vm)
{
    const char *xml = vm->definition->xml;
    size_t length;
    int r = vtopo_domain_parse(xml, strlen(xml), vm->definition->name, &vm->domain, &vm->error);

    if (!r)
        r = others_describe_shared(others, vm->definition->uuid, vm->domain, &vm->shared,
                                   &vm->error);
    if (r)
        return r;
    if (options->restore)
        return find_replaced(options, vm);
    if (options->undo)
        return vtopo_domain_undo(vm->domain, &vm->xml, &length, &vm->error);
    return rewrite(options, conn, others, vm);
}

static enum verdict judge(const struct vm *vm)
{
    if (strcmp(vm->xml, vm->definition->xml))
        return VM_DIFFERS;
    if (vm->plan && vtopo_plan_lack(vm->plan))
        return VM_LACKS;
    return vtopo_domain_assigned_count(vm->domain) ? VM_AS_WANTED : VM_NOTHING;
}

void plan_vm(const struct define_options *options, virConnectPtr conn, const struct others *others,
             const struct definition *definition, struct vm *ret_vm)
{
    *ret_vm = (struct vm){.definition = definition, .verdict = VM_TRANSIENT};
    if (!definition->xml)
        return;
    ret_vm->verdict = make(options, conn, others, ret_vm) ? VM_FAILED : judge(ret_vm);
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
    vtopo_plan_free(vm->plan);
    free(vm->xml);
    free(vm->shared);
    *vm = (struct vm){0};
}
