/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * selinux.c - see selinux.h
 *
 * Takes:  the labels of the daemon and of the files; the kernel's answers (selinuxfs: access,
 *         create).
 * Rule:   what execve() asks is asked, in its order (security/selinux/hooks.c,
 *         selinux_bprm_creds_for_exec()): may the file be executed, which label has the new
 * process, may it have that, and, for a script, may its shell be executed and run, and read the
 * script. Nothing is concluded from names of types.
 */
#include "lsm/selinux.h"

#include "base/mem.h"
#include "lsm/daemons.h"
#include "lsm/security_file.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>

#define FOLDER "/sys/fs/selinux/"
#define CONTEXT_SIZE 512
#define PERMISSIVE 1u /* of an answer's flags: the source is never stopped */

bool selinux_is_on(void)
{
    char text[8];

    return security_file_read(FOLDER "enforce", text, sizeof(text));
}

bool selinux_is_enforcing(void)
{
    char text[8];

    return security_file_read(FOLDER "enforce", text, sizeof(text)) && !strcmp(text, "1");
}

/* --- questions to the kernel --- */

/* The number of a class ("file", "index") or of a permission ("file", "perms/execute"); 0: none. */
static unsigned number_of(const char *class, const char *what)
{
    char path[96], text[16];
    unsigned number;

    snprintf(path, sizeof(path), FOLDER "class/%s/%s", class, what);
    return security_file_read(path, text, sizeof(text)) && sscanf(text, "%u", &number) == 1 ? number
                                                                                            : 0;
}

static bool has_label(const char *path, char ret_label[CONTEXT_SIZE])
{
    ssize_t length = getxattr(path, "security.selinux", ret_label, CONTEXT_SIZE - 1);

    if (length <= 0)
        return false;
    ret_label[length] = '\0';
    return true;
}

/* The label of a process that @source gets by executing a file with @target. */
static bool find_label(const char *source, const char *target, char ret_label[CONTEXT_SIZE])
{
    char question[2 * CONTEXT_SIZE + 16];
    int length = snprintf(question, sizeof(question), "%s %s %u", source, target,
                          number_of("process", "index"));

    return security_file_ask(FOLDER "create", question, (size_t)length, ret_label, CONTEXT_SIZE) &&
           *ret_label;
}

/* --- one program --- */

struct judgement {
    struct hook_access *access;
    enum hook_verdict verdict; /* where something is denied */
    bool decided;              /* nothing more is asked: access->verdict says how it ended */
    bool failed;               /* out of memory */
};

static void stop(struct judgement *judgement, enum hook_verdict verdict)
{
    judgement->access->verdict = verdict;
    judgement->decided = true;
}

/* @path: NULL: the target is a label. */
static void deny(struct judgement *judgement, const char *permission, const char *source,
                 const char *path, const char *target)
{
    struct hook_access *access = judgement->access;

    stop(judgement, judgement->verdict);
    access->permission = permission;
    access->source = strdup(source);
    access->target = strdup(path ? path : target);
    access->target_label = path ? strdup(target) : NULL;
    judgement->failed = !access->source || !access->target || (path && !access->target_label);
}

/* @permissions: up to a NULL; those that the policy does not know are nobody's to forbid. */
static void ask(struct judgement *judgement, const char *class, const char *const *permissions,
                const char *source, const char *path, const char *target)
{
    char question[2 * CONTEXT_SIZE + 16], answer[128], what[64];
    uint32_t allowed, decided, audit_allow, audit_deny;
    unsigned sequence, flags;
    int length;

    if (judgement->decided)
        return;
    length =
        snprintf(question, sizeof(question), "%s %s %u", source, target, number_of(class, "index"));
    if (!security_file_ask(FOLDER "access", question, (size_t)length, answer, sizeof(answer)) ||
        sscanf(answer, "%x %x %x %x %u %x", &allowed, &decided, &audit_allow, &audit_deny,
               &sequence, &flags) != 6) {
        stop(judgement, HOOK_UNKNOWN);
        return;
    }
    for (; *permissions && !judgement->decided && !(flags & PERMISSIVE); permissions++) {
        unsigned number;

        snprintf(what, sizeof(what), "perms/%s", *permissions);
        number = number_of(class, what);
        if (number && number <= 32 && !(allowed & (UINT32_C(1) << (number - 1))))
            deny(judgement, *permissions, source, path, target);
    }
}

static const char *const execute[] = {"open", "execute", NULL};
static const char *const stay[] = {"execute_no_trans", NULL};
static const char *const transition[] = {"transition", NULL};
static const char *const enter[] = {"entrypoint", NULL};
static const char *const run[] = {"read", "map", "execute", NULL};
static const char *const see[] = {"open", "read", NULL};

/* @ret_label: of the process that the program becomes. */
static void ask_execve(struct judgement *judgement, const char *source, const char *path,
                       const char *file, char ret_label[CONTEXT_SIZE])
{
    ask(judgement, "file", execute, source, path, file);
    if (judgement->decided)
        return;
    if (!find_label(source, file, ret_label)) {
        stop(judgement, HOOK_UNKNOWN);
        return;
    }
    if (!strcmp(source, ret_label)) {
        ask(judgement, "file", stay, source, path, file);
        return;
    }
    ask(judgement, "process", transition, source, NULL, ret_label);
    ask(judgement, "file", enter, ret_label, path, file);
}

static void ask_script(struct judgement *judgement, const char *source,
                       const struct hook_files *files, char ret_label[CONTEXT_SIZE])
{
    char script[CONTEXT_SIZE], shell[CONTEXT_SIZE];

    if (!has_label(files->script, script) || !*files->shell || !has_label(files->shell, shell)) {
        stop(judgement, HOOK_UNKNOWN);
        return;
    }
    ask_execve(judgement, source, files->script, script, ret_label);
    ask(judgement, "file", execute, source, files->shell, shell);
    ask(judgement, "file", run, ret_label, files->shell, shell);
    ask(judgement, "file", see, ret_label, files->script, script);
}

static void ask_program(struct judgement *judgement, const char *source,
                        const struct hook_files *files)
{
    char program[CONTEXT_SIZE], label[CONTEXT_SIZE];

    if (!has_label(files->program, program)) {
        stop(judgement, HOOK_UNKNOWN);
        return;
    }
    ask_execve(judgement, source, files->program, program, label);
}

/* --- the hook --- */

bool selinux_judge(long process, const struct hook_files *files, struct hook_access *access)
{
    struct judgement judgement = {.access = access, .verdict = HOOK_DENIED};
    char label[CONTEXT_SIZE], hook[CONTEXT_SIZE] = "";

    access->module = HOOK_SELINUX;
    access->verdict = HOOK_UNKNOWN;
    if (!daemon_label(process, "", label, sizeof(label)))
        return true;
    access->label = strdup(label);
    if (!access->label)
        return false;
    if (selinux_is_enforcing())
        ask_script(&judgement, label, files, hook);
    else
        stop(&judgement, HOOK_ALLOWED);
    judgement.verdict = HOOK_NO_PROGRAM;
    if (!judgement.decided && *files->program)
        ask_program(&judgement, hook, files);
    if (!judgement.decided)
        access->verdict = HOOK_ALLOWED;
    return !judgement.failed;
}
