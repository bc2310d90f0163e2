/* SPDX-License-Identifier: GPL-2.0-or-later */
/* places.h - where the files of a machine are, and whose are believed */
#ifndef VTOPO_FIRMWARE_PLACES_H
#define VTOPO_FIRMWARE_PLACES_H

#include <sys/types.h>

struct firmware_places {
    const char *root; /* in front of all paths, "": the machine's own */
    uid_t owner;      /* whose files are believed */
};

#endif
