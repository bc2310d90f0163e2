/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * apparmor.c - see apparmor.h
 *
 * Takes:  the daemon's label; the kernel's answers.
 * Rule:   the kernel is asked of the paths as they are when links are followed, as it sees them
 *         itself. It answers whether a path may be executed, and not with which profile: the script
 *         keeps the daemon's in the profiles of libvirt (what is below /etc/libvirt/hooks: rmix),
 * and with that its program is asked about. (security/apparmor/apparmorfs.c, query_label(): the
 *         label, a NUL, the class of what is asked, the path.)
 */
#include "lsm/apparmor.h"

#include "base/mem.h"
#include "lsm/daemons.h"
#include "lsm/security_file.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FOLDER "/sys/kernel/security/apparmor/"
#define COMMAND "label"
#define CLASS_FILE '\x02'
#define MAY_EXECUTE 1u
#define LABEL_SIZE 512

bool apparmor_is_on(void)
{
    char text[8];

    return security_file_read("/sys/module/apparmor/parameters/enabled", text, sizeof(text)) &&
           !strcmp(text, "Y");
}

/* "libvirtd (enforce)" in its two parts; false: there is no mode. */
static bool split_label(char *label, const char **ret_mode)
{
    char *mode = strrchr(label, '(');
    size_t length = strlen(label);

    if (!mode || mode == label || mode[-1] != ' ' || label[length - 1] != ')')
        return false;
    label[length - 1] = '\0';
    mode[-1] = '\0';
    *ret_mode = mode + 1;
    return true;
}

/* False: the kernel does not say. */
static bool ask(const char *label, const char *path, bool *ret_may)
{
    char question[sizeof(COMMAND) + LABEL_SIZE + 1 + PATH_MAX], answer[256];
    unsigned allowed;
    int length = snprintf(question, sizeof(question), COMMAND "%c%s%c%c%s", '\0', label, '\0',
                          CLASS_FILE, path);

    if (length < 0 || (size_t)length >= sizeof(question) ||
        !security_file_ask(FOLDER ".access", question, (size_t)length, answer, sizeof(answer)) ||
        sscanf(answer, "allow %x", &allowed) != 1)
        return false;
    *ret_may = allowed & MAY_EXECUTE;
    return true;
}

static bool deny(const char *label, const char *path, enum hook_verdict verdict,
                 struct hook_access *access)
{
    access->verdict = verdict;
    access->permission = "execute";
    access->source = strdup(label);
    access->target = strdup(path);
    return access->source && access->target;
}

static bool judge_files(const char *label, const struct hook_files *files,
                        struct hook_access *access)
{
    bool may;

    if (!ask(label, files->script, &may))
        return true;
    if (!may)
        return deny(label, files->script, HOOK_DENIED, access);
    if (*files->program) {
        if (!ask(label, files->program, &may))
            return true;
        if (!may)
            return deny(label, files->program, HOOK_NO_PROGRAM, access);
    }
    access->verdict = HOOK_ALLOWED;
    return true;
}

bool apparmor_judge(long process, const struct hook_files *files, struct hook_access *access)
{
    char label[LABEL_SIZE];
    const char *mode;

    access->module = HOOK_APPARMOR;
    access->verdict = HOOK_UNKNOWN;
    if (!daemon_label(process, "apparmor/", label, sizeof(label)) &&
        !daemon_label(process, "", label, sizeof(label)))
        return true;
    access->label = strdup(label);
    if (!access->label)
        return false;
    if (!strcmp(label, "unconfined")) {
        access->verdict = HOOK_ALLOWED;
        return true;
    }
    if (!split_label(label, &mode))
        return true;
    if (!strcmp(mode, "complain") || !strcmp(mode, "unconfined")) {
        access->verdict = HOOK_ALLOWED;
        return true;
    }
    return strcmp(mode, "enforce") && strcmp(mode, "kill") ? true
                                                           : judge_files(label, files, access);
}
