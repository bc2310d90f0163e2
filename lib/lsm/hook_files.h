/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hook_files.h - what libvirt would execute: the script, its shell, the program that it calls
 */
#ifndef VTOPO_LSM_HOOK_FILES_H
#define VTOPO_LSM_HOOK_FILES_H

#include <limits.h>
#include <stdbool.h>

/* As the kernel finds them, links followed; "": there is none. */
struct hook_files {
    char script[PATH_MAX], shell[PATH_MAX], program[PATH_MAX];
    bool is_link; /* the script is one */
};

/* False: vtopo's hook is not enabled, or it is nothing that libvirt would execute. */
bool hook_files_find(struct hook_files *ret_files);

#endif
