/* SPDX-License-Identifier: GPL-2.0-or-later */
/* descriptors.h - what a machine has for guests that leave their firmware to libvirt */
#ifndef VTOPO_FIRMWARE_DESCRIPTORS_H
#define VTOPO_FIRMWARE_DESCRIPTORS_H

#include "firmware/paths.h"
#include "firmware/places.h"

struct vtopo_error;

/* Every file that libvirt may take.  Where that cannot be found out, none.  Free with
 * paths_clear(), also after a failure, which is VTOPO_ERR_NOMEM. */
int descriptors_read(const struct firmware_places *places, const char *arch, struct paths *ret,
                     struct vtopo_error **reterr);

#endif
