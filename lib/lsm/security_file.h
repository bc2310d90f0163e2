/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * security_file.h - short files of the kernel: read, and asked a question
 */
#ifndef VTOPO_LSM_SECURITY_FILE_H
#define VTOPO_LSM_SECURITY_FILE_H

#include <stdbool.h>
#include <stddef.h>

/* NUL-terminated, without line ends and NULs at the end.  False: it cannot be read, or is longer.
 */
bool security_file_read(const char *path, char *ret_text, size_t size);

/* Writes the question in one piece and reads the answer, which changes nothing. */
bool security_file_ask(const char *path, const void *question, size_t length, char *ret_answer,
                       size_t size);

#endif
