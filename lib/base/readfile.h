/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * readfile.h - the whole of a file of limited size
 */
#ifndef VTOPO_BASE_READFILE_H
#define VTOPO_BASE_READFILE_H

#include "vtopo/error.h"

#include <stddef.h>

/*
 * Reads @path, which may also be a pipe.  A failure and more than @limit bytes are errors of @code.
 *
 * @ret_text  NUL-terminated (a NUL inside is the caller's concern); free with free()
 */
int read_file(const char *path, size_t limit, int code, char **ret_text, size_t *ret_length,
              struct vtopo_error **reterr);

/* The same of a file that is open; @path is for messages. */
int read_open_file(int fd, const char *path, size_t limit, int code, char **ret_text,
                   size_t *ret_length, struct vtopo_error **reterr);

#endif
