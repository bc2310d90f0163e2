/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check_hook.c - may libvirt run vtopo's hook?
 *
 * Takes:  what AppArmor or SELinux lets libvirt's daemon do (model/hook_access.h).
 * Gives:  a result where the hook is enabled and may not be run, may not run vtopo's program, or
 *         nothing is known.
 * Rule:   libvirt starts no guest whose hook cannot be run. The advice is what changes that for the
 *         hook alone.
 * Not here: asking the kernel (lib/lsm).
 */
#include "check/checker.h"

#define DENIED "libvirt starts no guest whose hook it cannot run"
#define NO_PROGRAM "guests start, and nothing is checked"
#define SHOULD "may be run, or is not enabled"

static const struct check_advice denied_by_apparmor = {
    FINDING_HOOK_DENIED,
    DENIED,
    SHOULD,
    "'vtopo-qemu-hook --disable' at once; allow the daemon to execute the file in "
    "/etc/apparmor.d/local/usr.sbin.libvirtd, load the profile (apparmor_parser -r), and enable "
    "the hook again",
    {NULL, NULL}};
static const struct check_advice denied_link = {
    FINDING_HOOK_DENIED,
    DENIED,
    "is a file in /etc/libvirt/hooks/qemu.d, and no link",
    "remove the link, and put a copy there with 'vtopo-qemu-hook --enable'",
    {NULL, NULL}};
static const struct check_advice denied_by_selinux = {
    FINDING_HOOK_DENIED,
    DENIED,
    SHOULD,
    "'vtopo-qemu-hook --disable' at once; 'restorecon -RF /etc/libvirt/hooks' gives the files their "
    "labels, and hooks/selinux of vtopo's documents is a policy module for virtqemud; then enable "
    "the hook again",
    {NULL, NULL}};
static const struct check_advice program_by_apparmor = {
    FINDING_HOOK_NO_PROGRAM,
    NO_PROGRAM,
    SHOULD,
    "a line '  PROGRAM PUx,' in /etc/apparmor.d/local/usr.sbin.libvirtd, with its path, and "
    "'apparmor_parser -r' of the profile",
    {NULL, NULL}};
static const struct check_advice program_by_selinux = {
    FINDING_HOOK_NO_PROGRAM,
    NO_PROGRAM,
    SHOULD,
    "'restorecon -F' of the file gives it its label; hooks/selinux of vtopo's documents is a policy "
    "module for virtqemud",
    {NULL, NULL}};
static const struct check_advice unknown = {
    FINDING_HOOK_UNKNOWN,
    "where it may not be run, libvirt starts no guest",
    "is known",
    "run this as root, while libvirt's daemon runs (virsh -c qemu:///system uri starts it)",
    {NULL, NULL}};

static const struct check_advice *advice_for(const struct hook_access *hook)
{
    bool selinux = hook->module == HOOK_SELINUX;

    if (hook->verdict == HOOK_UNKNOWN)
        return &unknown;
    if (hook->verdict == HOOK_NO_PROGRAM)
        return selinux ? &program_by_selinux : &program_by_apparmor;
    if (selinux)
        return &denied_by_selinux;
    return hook->is_link ? &denied_link : &denied_by_apparmor;
}

/* The caller's to free; NULL: out of memory. */
static char *describe(const struct hook_access *hook)
{
    const char *module = hook_module_name(hook->module);
    struct buffer text = {0};

    if (!hook->daemon) {
        buffer_printf(&text,
                      "%s may stop libvirt's hook, and no daemon of libvirt runs that could "
                      "be asked about",
                      module);
    } else if (hook->verdict == HOOK_UNKNOWN) {
        buffer_printf(&text, "%s may stop libvirt's hook: what %s (%s) may execute cannot be read",
                      module, hook->daemon, hook->label ? hook->label : "label unknown");
    } else {
        buffer_printf(&text, "%s does not let %s, which runs as %s, run %s: ", module, hook->daemon,
                      hook->label,
                      hook->verdict == HOOK_DENIED ? "libvirt's hook"
                                                   : "vtopo's program in its hook");
        buffer_printf(&text, "%s lacks %s on %s", hook->source, hook->permission, hook->target);
        if (hook->target_label)
            buffer_printf(&text, " (%s)", hook->target_label);
    }
    return buffer_steal(&text);
}

bool check_hook(struct checker *c)
{
    const struct hook_access *hook = c->set->hook;

    if (!hook || hook->verdict == HOOK_ABSENT || hook->verdict == HOOK_ALLOWED)
        return true;
    return check_add(c, HOST_NONE, advice_for(hook), NULL, describe(hook));
}
