/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * uses_disk.c - which functions have a disk that the host uses
 *
 * Takes:  class/block; of the mounts and swaps of process 1 what is beside the tree.
 * Gives:  HOST_USE_DISK.
 * Rule:   a block device is used if it is mounted (by its number, or by its name, as Btrfs mounts
 *         have a number of their own), swapped to, or held by another block device (RAID, LVM,
 *         dm-crypt).  The path of a disk leads to its controller; that of an NVMe namespace with
 *         several paths leads to a subsystem, which has links to its controllers.
 *         Nothing is concluded where none is used: ZFS holds disks and says so nowhere here.
 */
#include "sysfs/beside.h"
#include "sysfs/uses.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>

struct disks {
    const struct tree *tree;
    struct vtopo_host *host;
    char *mounts, *swaps; /* NULL: not known */
};

/* Is the word there, with a blank or the end of a line on both sides? */
static bool has_word(const char *text, const char *word)
{
    size_t length = strlen(word);

    for (const char *at = text; at && (at = strstr(at, word)); at += length) {
        char before = at == text ? '\n' : at[-1], behind = at[length];

        if ((before == ' ' || before == '\n') &&
            (behind == ' ' || behind == '\n' || behind == '\t' || !behind))
            return true;
    }
    return false;
}

/* "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw": proc_pid_mountinfo(5). */
static bool is_mounted(const struct disks *disks, const struct class_device *device)
{
    char number[SHORT_TEXT], name[SHORT_TEXT + 5];

    if (uses_attribute(disks->tree, device->path, "dev", number) && has_word(disks->mounts, number))
        return true;
    return (size_t)snprintf(name, sizeof(name), "/dev/%s", device->name) < sizeof(name) &&
           (has_word(disks->mounts, name) || has_word(disks->swaps, name));
}

static bool is_held(const struct disks *disks, const struct class_device *device)
{
    const struct tree silent = {.fd = disks->tree->fd, .name = disks->tree->name};
    autofree char *folder = mem_printf("%s/holders", device->path);
    struct names names = {0};
    bool held = folder && !tree_list(&silent, folder, &names) && names.count;

    names_clear(&names);
    return held;
}

static int note_controller(const struct class_device *device, void *context)
{
    struct vtopo_host *host = context;

    if (!strncmp(device->name, "nvme", 4))
        uses_note(host, device->function, HOST_USE_DISK);
    return 0;
}

/* The controllers of the subsystem that the namespace is in. */
static int note_subsystem(const struct disks *disks, const char *path)
{
    const char *begin = strstr(path, "/nvme-subsystem/");
    size_t length = begin ? strlen("/nvme-subsystem/") : 0;
    autofree char *folder = NULL;

    if (!begin)
        return 0;
    length += (size_t)(begin - path);
    length += strcspn(path + length, "/");
    folder = strndup(path, length);
    return folder ? uses_for_each(disks->tree, disks->host, folder, note_controller, disks->host)
                  : VTOPO_ERR_NOMEM;
}

static int note_disk(const struct class_device *device, void *context)
{
    struct disks *disks = context;

    if (!is_mounted(disks, device) && !is_held(disks, device))
        return 0;
    if (device->function == HOST_NONE)
        return note_subsystem(disks, device->path);
    uses_note(disks->host, device->function, HOST_USE_DISK);
    return 0;
}

int uses_read_disks(const struct tree *tree, struct vtopo_host *host)
{
    struct disks disks = {tree, host, NULL, NULL};
    int code = beside_read(tree, "proc/1", "mountinfo", &disks.mounts);

    if (!code)
        code = beside_read(tree, "proc", "swaps", &disks.swaps);
    if (!code)
        code = uses_for_each(tree, host, "class/block", note_disk, &disks);
    free(disks.mounts);
    free(disks.swaps);
    return code;
}
