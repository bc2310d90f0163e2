/* SPDX-License-Identifier: GPL-2.0-or-later */
/* uses.h - what the host itself does with its functions */
#ifndef VTOPO_SYSFS_USES_H
#define VTOPO_SYSFS_USES_H

#include "model/host.h"
#include "sysfs/tree.h"

/* Sets "use" of the host's functions, which are in order.  An error is only that there is no
 * memory: of what cannot be read nothing is known. */
int uses_read(const struct tree *tree, struct vtopo_host *host);

/* uses_net.c, uses_disk.c, uses_screen.c */
int uses_read_net(const struct tree *tree, struct vtopo_host *host);
int uses_read_disks(const struct tree *tree, struct vtopo_host *host);
int uses_read_screens(const struct tree *tree, struct vtopo_host *host);

/* --- what they share --- */

/* What a device of a class says of its place. */
struct class_device {
    const char *name;
    const char *path; /* below the root of the tree */
    size_t function;  /* that it is on, place in host.functions; HOST_NONE: none */
};

/*
 * Calls for each link in the folder, in the order of names; what is no link to a device is passed
 * over.  A call that returns another code than 0 is the last.
 */
int uses_for_each(const struct tree *tree, const struct vtopo_host *host, const char *folder,
                  int (*call)(const struct class_device *device, void *context), void *context);
/* The function stays with the greatest that it was given. */
void uses_note(struct vtopo_host *host, size_t function, enum host_use use);
/* Is the name in the folder?  False, too, where it cannot be looked at. */
bool uses_has(const struct tree *tree, const char *folder, const char *name);
/* A short attribute; false: it is not there, or cannot be read. */
bool uses_attribute(const struct tree *tree, const char *folder, const char *name,
                    char ret_text[SHORT_TEXT]);

#endif
