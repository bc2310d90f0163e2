/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * default_path.h - the emulator of a domain that names none
 */
#ifndef VTOPO_EMULATOR_DEFAULT_PATH_H
#define VTOPO_EMULATOR_DEFAULT_PATH_H

#include <limits.h>
#include <stdbool.h>

/*
 * @arch  of the domain: x86_64, i686, aarch64; of others nothing is known
 * Returns false if there is none.
 */
bool default_path_find(const char *arch, char ret[PATH_MAX]);

#endif
