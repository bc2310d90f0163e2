/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * daemons.h - the daemons that call libvirt's qemu hook
 */
#ifndef VTOPO_LSM_DAEMONS_H
#define VTOPO_LSM_DAEMONS_H

#include <stdbool.h>
#include <stddef.h>

#define DAEMONS 2
extern const char *const daemon_names[DAEMONS];

/* The number of its process, of the machine's libvirt and no container's; 0: it does not run. */
long daemon_find(const char *name);

/* What a security module confines it as; @folder: "" or the module's own, "apparmor/". */
bool daemon_label(long process, const char *folder, char *ret_label, size_t size);

#endif
