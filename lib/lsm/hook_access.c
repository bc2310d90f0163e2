/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hook_access.c - see hook_access.h
 *
 * Takes:  the hook as libvirt would find it, the daemons that run.
 * Rule:   of several daemons the one that may do least counts. Where a module confines programs and
 *         no daemon runs, nothing is known: they start when somebody needs them.
 * Not here: what is said of it (check/check_hook.c).
 */
#include "lsm/hook_access.h"

#include "base/error.h"
#include "lsm/apparmor.h"
#include "lsm/daemons.h"
#include "lsm/hook_files.h"
#include "lsm/selinux.h"

static bool judge(const char *name, long process, const struct hook_files *files,
                  struct hook_access *access)
{
    *access = (struct hook_access){.verdict = HOOK_ALLOWED, .daemon = name};
    if (selinux_is_on())
        return selinux_judge(process, files, access);
    return apparmor_is_on() ? apparmor_judge(process, files, access) : true;
}

/* Nothing is known of a daemon that does not run. */
static void judge_nobody(struct hook_access *access)
{
    *access = (struct hook_access){.verdict = HOOK_ALLOWED};
    if (selinux_is_enforcing())
        access->module = HOOK_SELINUX;
    else if (!selinux_is_on() && apparmor_is_on())
        access->module = HOOK_APPARMOR;
    if (access->module)
        access->verdict = HOOK_UNKNOWN;
}

/* Takes over @one, where it is the worse one. */
static void keep_worse(struct hook_access *one, struct hook_access *worst)
{
    if (worst->daemon && one->verdict <= worst->verdict) {
        hook_access_clear(one);
        return;
    }
    hook_access_clear(worst);
    *worst = *one;
}

int hook_access_read(struct hook_access *ret_access, struct vtopo_error **reterr)
{
    struct hook_access worst = {.verdict = HOOK_ABSENT}, one;
    struct hook_files files;
    bool done = true;

    if (hook_files_find(&files)) {
        for (size_t i = 0; done && i < DAEMONS; i++) {
            long process = daemon_find(daemon_names[i]);

            if (!process)
                continue;
            done = judge(daemon_names[i], process, &files, &one);
            one.is_link = files.is_link;
            keep_worse(&one, &worst);
        }
        if (done && !worst.daemon)
            judge_nobody(&worst);
    }
    if (!done) {
        hook_access_clear(&worst);
        return error_nomem(reterr);
    }
    *ret_access = worst;
    return 0;
}
