/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cache_file.h - one file of libvirt's capability cache
 */
#ifndef VTOPO_EMULATOR_CACHE_FILE_H
#define VTOPO_EMULATOR_CACHE_FILE_H

#include "emulator/emulator.h"

/*
 * What the cache knows of the emulator with this path.
 *
 * @ret_found  false: nothing, and @ret is empty
 * Returns 0 or VTOPO_ERR_NOMEM.  Free with emulator_clear().
 */
int cache_file_find(const struct emulator_cache *cache, const char *path, struct host_emulator *ret,
                    bool *ret_found, struct vtopo_error **reterr);

/*
 * The same of a file by its name in the cache's folder; one that cannot be used, or is of another
 * emulator than its name says, is not found.
 */
int cache_file_read(const struct emulator_cache *cache, const char *name, struct host_emulator *ret,
                    bool *ret_found, struct vtopo_error **reterr);

#endif
