/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hook_access.h - may this machine's libvirt run vtopo's hook, as plain data
 *
 * Filled by lib/lsm, which asks the kernel.
 */
#ifndef VTOPO_MODEL_HOOK_ACCESS_H
#define VTOPO_MODEL_HOOK_ACCESS_H

#include <stdbool.h>
#include <stdlib.h>

/* The worse the later. */
enum hook_verdict {
    HOOK_ABSENT,     /* it is not enabled, or the host is not this machine */
    HOOK_ALLOWED,    /* by what the kernel says, or nothing confines libvirt's daemon */
    HOOK_UNKNOWN,    /* something does, and the kernel could not be asked */
    HOOK_NO_PROGRAM, /* the script may be run, vtopo's program may not: nothing is checked */
    HOOK_DENIED,     /* the script may not be run: libvirt starts no guest */
};

enum hook_module { HOOK_NO_MODULE, HOOK_APPARMOR, HOOK_SELINUX };

struct hook_access {
    enum hook_verdict verdict;
    enum hook_module module;
    const char *daemon;     /* "virtqemud"; NULL: none runs */
    bool is_link;           /* the script is one, to a file elsewhere */
    char *label;            /* what the module confines the daemon as; NULL: unknown */
    const char *permission; /* denied: "execute_no_trans"; NULL: nothing, or it is unknown */
    char *source;           /* who lacks it: a label, which the hook may have got by then */
    char *target;           /* what on: a file, or a label where that is no file's */
    char *target_label;     /* of the file; NULL: unknown, or it has none */
};

/* NULL for HOOK_NO_MODULE. */
static inline const char *hook_module_name(enum hook_module module)
{
    return module == HOOK_SELINUX ? "SELinux" : module == HOOK_APPARMOR ? "AppArmor" : NULL;
}

static inline void hook_access_clear(struct hook_access *access)
{
    free(access->label);
    free(access->source);
    free(access->target);
    free(access->target_label);
    *access = (struct hook_access){.verdict = HOOK_ABSENT};
}

#endif
