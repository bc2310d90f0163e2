/* SPDX-License-Identifier: GPL-2.0-or-later */
/* write_file.h - files that are written whole or not at all; failures are told as in common.h */
#ifndef VTOPO_CMD_WRITE_FILE_H
#define VTOPO_CMD_WRITE_FILE_H

#include <stddef.h>

/*
 * Write a file whole or not at all: a temporary file beside it, fsync, rename, fsync of the
 * directory (if that may be read).
 *
 * An existing file keeps its mode and owner; a new one gets 0666 less the umask.  A symbolic link
 * is followed: the file that it names is replaced.  What is not a regular file is refused, and so
 * are links and files of others than the caller and root in a sticky directory that everybody may
 * write to.  Other hard links keep the old content; ACLs and extended attributes are not carried
 * over.
 */
int write_file(const char *program, const char *path, const char *text, size_t length);

/*
 * The same in two steps, for a program that may still fail in between: new_file() writes the
 * temporary file, and either new_file_finish() puts it into its place, or new_file_drop() takes it
 * away.
 */
struct new_file;
int new_file(const char *program, const char *path, const char *text, size_t length,
             struct new_file **ret_file);
int new_file_finish(const char *program, struct new_file *file);
void new_file_drop(struct new_file *file); /* NULL is fine */

#endif
