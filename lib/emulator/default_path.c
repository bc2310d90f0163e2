/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * default_path.c - see default_path.h
 *
 * Takes:  an architecture; which files are there.
 * Gives:  the path that libvirt writes into the domain.
 * Rule:   libvirt 9.0 takes qemu-system-ARCH from the first folder of its $PATH that has it, else
 *         Red Hat's /usr/libexec/qemu-kvm (virQEMUCapsGetDefaultEmulator()).  The $PATH is the
 *         daemon's, not ours: systemd's for services.
 */
#include "emulator/default_path.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>

static const struct {
    const char *arch, *name;
} names[] = {
    {"x86_64", "qemu-system-x86_64"},
    {"i686", "qemu-system-i386"},
    {"aarch64", "qemu-system-aarch64"},
};

/* systemd.exec(5); /sbin and /bin are links to two of them. */
static const char *const folders[] = {"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin"};

/* virFileIsExecutable(), for root. */
static bool is_program(const char *path)
{
    struct stat status;

    return !stat(path, &status) && S_ISREG(status.st_mode) &&
           status.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH);
}

static bool find_in_folders(const char *name, char ret[PATH_MAX])
{
    for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
        snprintf(ret, PATH_MAX, "%s/%s", folders[i], name);
        if (is_program(ret))
            return true;
    }
    return false;
}

static bool is_native(const char *arch)
{
    struct utsname system;

    return !uname(&system) && !strcmp(system.machine, arch);
}

bool default_path_find(const char *arch, char ret[PATH_MAX])
{
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (!strcmp(arch, names[i].arch) && find_in_folders(names[i].name, ret))
            return true;
    }
    snprintf(ret, PATH_MAX, "%s", "/usr/libexec/qemu-kvm");
    return is_native(arch) && is_program(ret);
}
