/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * daemons.c - see daemons.h
 *
 * Rule:   the process is the one that the daemon itself has written down; virtqemud of a pod is in
 *         /proc, too, and has other hooks.
 */
#include "lsm/daemons.h"

#include "lsm/security_file.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const daemon_names[DAEMONS] = {"libvirtd", "virtqemud"};

long daemon_find(const char *name)
{
    char path[64], text[64];
    long process;

    snprintf(path, sizeof(path), "/run/%s.pid", name);
    if (!security_file_read(path, text, sizeof(text)))
        return 0;
    process = strtol(text, NULL, 10);
    if (process <= 0 || process > INT_MAX)
        return 0;
    snprintf(path, sizeof(path), "/proc/%ld/comm", process);
    return security_file_read(path, text, sizeof(text)) && !strcmp(text, name) ? process : 0;
}

bool daemon_label(long process, const char *folder, char *ret_label, size_t size)
{
    char path[96];

    snprintf(path, sizeof(path), "/proc/%ld/attr/%scurrent", process, folder);
    return security_file_read(path, ret_label, size) && *ret_label;
}
