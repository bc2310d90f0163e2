/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * readall.h - everything that can be read from a file, pipe or terminal, up to a limit
 *
 * It calls libc alone, so that programs can have it, too.
 */
#ifndef VTOPO_BASE_READALL_H
#define VTOPO_BASE_READALL_H

#include <stddef.h>

/*
 * Reads until the end or until more than @limit bytes are there; waits where there is nothing yet.
 *
 * @ret_text  NUL-terminated; free with free(); unchanged on failure
 * Returns 0 or an errno.
 */
int read_all(int fd, size_t limit, char **ret_text, size_t *ret_length);

#endif
