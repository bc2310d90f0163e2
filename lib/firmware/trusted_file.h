/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trusted_file.h - a file of the machine's that is root's alone to write */
#ifndef VTOPO_FIRMWARE_TRUSTED_FILE_H
#define VTOPO_FIRMWARE_TRUSTED_FILE_H

#include "firmware/places.h"

#include <stdbool.h>
#include <stddef.h>

struct vtopo_error;

/*
 * @ret_text  NUL-terminated, free with free(); NULL: it is none that is believed, cannot be read,
 * or is larger than @limit
 * @ret_there there is something of that name
 * Returns 0 or VTOPO_ERR_NOMEM.
 */
int trusted_file_read(const struct firmware_places *places, const char *path, size_t limit,
                      char **ret_text, size_t *ret_length, bool *ret_there,
                      struct vtopo_error **reterr);

#endif
