/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * qemu.c - libvirt's qemu hook: before a guest starts, say if its domain is not as vtopo would make it
 *
 * Takes:  [--host PATH] [--config FILE] NAME OPERATION SUB-OPERATION EXTRA; at "prepare begin" the domain on stdin.
 * Gives:  at most one line in the journal; nothing on stdout; status 0, always.
 * Rule:   libvirt ignores what a hook prints at this point and stops the guest if it fails (libvirt 9.0
 *         virHookCall()), so this one only watches.  It never calls libvirt: libvirt waits for it with the domain
 *         locked (https://libvirt.org/hooks.html).  Name, arguments and XML are somebody else's.
 */
#include "../cmd/common.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>
#include <vtopo/domain.h>
#include <vtopo/host.h>
#include <vtopo/plan.h>
#include <vtopo/policy.h>

#define PROGRAM "vtopo-qemu-hook"
#define LIBVIRT_ARGUMENTS 4

struct call {
    const char *name, *operation, *sub_operation;
    const char *host, *config;
};

/* libvirt's four arguments are always the last ones, so a domain called "--host" cannot be taken for an option. */
static bool read_arguments(int argc, char **argv, struct call *ret_call)
{
    struct call call = {.host = "/sys"};
    int options = argc - 1 - LIBVIRT_ARGUMENTS;

    if (options < 0 || options % 2)
        return false;
    for (int i = 1; i < options; i += 2) {
        if (!strcmp(argv[i], "--host"))
            call.host = argv[i + 1];
        else if (!strcmp(argv[i], "--config"))
            call.config = argv[i + 1];
        else
            return false;
    }
    call.name = argv[argc - 4];
    call.operation = argv[argc - 3];
    call.sub_operation = argv[argc - 2];
    *ret_call = call;
    return true;
}

/* The name inside single quotes for a shell; what does not belong into a journal line becomes "?". */
static void quote_name(const char *name, char *text, size_t size)
{
    size_t used = 0;

    text[used++] = '\'';
    for (; *name && used + 6 < size; name++) {
        if (*name == '\'') {
            memcpy(text + used, "'\\''", 4);
            used += 4;
        } else {
            text[used++] = (unsigned char)*name < 0x20 || *name == 0x7f ? '?' : *name;
        }
    }
    text[used++] = '\'';
    text[used] = '\0';
}

static void log_error(const struct call *call, struct vtopo_error *error)
{
    char name[600];

    quote_name(call->name, name, sizeof(name));
    syslog(LOG_WARNING, "domain %s: its topology was not checked: %s", name, vtopo_error_message(error));
    vtopo_error_free(error);
}

static void log_plan(const struct call *call, const struct vtopo_plan *plan)
{
    char name[600];

    if (vtopo_plan_is_realised(plan))
        return;
    quote_name(call->name, name, sizeof(name));
    syslog(LOG_WARNING,
           "domain %s starts without its host's topology: %s; once it is shut off, run: "
           "virsh dumpxml --inactive --security-info %s | vtopo-xml | virsh define /dev/stdin",
           name, vtopo_plan_difference(plan), name);
}

static int read_policy(const struct call *call, struct vtopo_policy **ret_policy,
                       struct vtopo_error **reterr)
{
    static const char standard[] = VTOPO_SYSCONFDIR "/vtopo/vtopo.json";
    const char *path = call->config;

    if (!path && !access(standard, F_OK))
        path = standard;
    return path ? vtopo_policy_read(path, ret_policy, reterr) : vtopo_policy_new(ret_policy, reterr);
}

static int make_plan(const struct call *call, const char *text, size_t length,
                     struct vtopo_plan **ret_plan, struct vtopo_error **reterr)
{
    struct vtopo_domain *domain = NULL;
    struct vtopo_policy *policy = NULL;
    struct vtopo_host *host = NULL;
    int r = vtopo_domain_parse(text, length, "stdin", &domain, reterr);

    if (!r)
        r = read_policy(call, &policy, reterr);
    if (!r)
        r = vtopo_host_read(call->host, domain, &host, reterr);
    if (!r)
        vtopo_policy_set_strict(policy, false); /* what strict refuses is reported, too */
    if (!r)
        r = vtopo_plan_make(host, domain, policy, ret_plan, reterr);
    vtopo_host_free(host);
    vtopo_policy_free(policy);
    vtopo_domain_free(domain);
    return r;
}

static void check_domain(const struct call *call)
{
    struct vtopo_error *error = NULL;
    struct vtopo_plan *plan = NULL;
    char *text = NULL;
    size_t length;

    if (read_input(PROGRAM, NULL, VTOPO_DOMAIN_MAX, &text, &length))
        return;
    openlog(PROGRAM, LOG_PID, LOG_DAEMON);
    if (make_plan(call, text, length, &plan, &error))
        log_error(call, error);
    else
        log_plan(call, plan);
    vtopo_plan_free(plan);
    free(text);
}

int main(int argc, char **argv)
{
    struct call call;

    start_program();
    if (read_arguments(argc, argv, &call) && !strcmp(call.operation, "prepare") &&
        !strcmp(call.sub_operation, "begin"))
        check_domain(&call);
    return 0;
}
