/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host_firmware.h - the files of a host that are guests' firmware, and which release each is
 */
#ifndef VTOPO_MODEL_HOST_FIRMWARE_H
#define VTOPO_MODEL_HOST_FIRMWARE_H

#include <stdbool.h>
#include <stddef.h>

struct vtopo_error;

enum host_firmware_kind {
    FIRMWARE_FILE_SEABIOS,
    FIRMWARE_FILE_OVMF,
    FIRMWARE_FILE_AAVMF, /* the same for aarch64 */
};

struct host_firmware {
    char *path; /* as a domain's <loader> names it */
    enum host_firmware_kind kind;
    bool offered;     /* not SeaBIOS: libvirt may take it for a domain that leaves that to it */
    unsigned version; /* 2022011000 of edk2's stable tags, 1016002 of SeaBIOS'; 0: not known */
};

struct host_firmwares { /* ascending by path */
    struct host_firmware *items;
    size_t count, cap;
};

#define FIRMWARES_MAX 256

/* NULL: nothing is known of it. */
const struct host_firmware *firmwares_find(const struct host_firmwares *firmwares,
                                           const char *path);
/* Those of a kind, but for SeaBIOS only if libvirt may take them: the release that all of them are;
 * 0: they are not one, or not known. */
unsigned firmwares_common_version(const struct host_firmwares *firmwares,
                                  enum host_firmware_kind kind);

/* Adds one, or to one that is there that it is offered; false: out of memory. */
bool firmwares_add(struct host_firmwares *firmwares, const char *path, enum host_firmware_kind kind,
                   bool offered, unsigned version);
/* Sorts them.  VTOPO_ERR_HOST if a path is there twice. */
int firmwares_finish(struct host_firmwares *firmwares, struct vtopo_error **reterr);
void firmwares_clear(struct host_firmwares *firmwares);

#endif
