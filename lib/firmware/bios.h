/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bios.h - SeaBIOS, which says its version itself */
#ifndef VTOPO_FIRMWARE_BIOS_H
#define VTOPO_FIRMWARE_BIOS_H

#include "firmware/places.h"

#include <stdbool.h>

struct vtopo_error;

/* Where QEMU of a distribution may find the one that it loads by itself; NULL is last. */
extern const char *const bios_paths[];
bool bios_is_known(const char *path);

/* @ret_version: 0: it is not known.  Returns 0 or VTOPO_ERR_NOMEM. */
int bios_identify(const struct firmware_places *places, const char *path, unsigned *ret_version,
                  bool *ret_there, struct vtopo_error **reterr);

#endif
