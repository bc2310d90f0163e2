/* SPDX-License-Identifier: GPL-2.0-or-later */
/* write_file.h - files that are written whole or not at all; failures are told as in common.h */
#ifndef VTOPO_CMD_WRITE_FILE_H
#define VTOPO_CMD_WRITE_FILE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Write a file whole or not at all: a temporary file beside it, fsync, rename, fsync of the
 * directory (if that may be read).
 *
 * An existing file keeps its mode and owner; a new one gets 0666 less the umask.  A symbolic link
 * is followed: the file that it names is replaced.  What is not a regular file is refused, and so
 * are files of others than the caller and root in a sticky directory that everybody may write to,
 * and links of theirs (on the way to the file, too) where others may make links.  Other hard links
 * keep the old content; ACLs and extended attributes are not carried over.  A signal that ends the
 * program leaves no temporary file.
 */
int write_file(const char *program, const char *path, const char *text, size_t length);

/*
 * The same in steps, for a program that may still fail in between (and holds signals back
 * meanwhile): new_file() writes the temporary file, new_file_place() puts it into its place, and
 * then either new_file_keep() ends it, or, at any time, new_file_drop() makes all as it was before.
 */
struct new_file;
int new_file(const char *program, const char *path, const char *text, size_t length,
             struct new_file **ret_file);
int new_file_place(const char *program, struct new_file *file);
void new_file_keep(struct new_file *file); /* NULL is fine, here and below */
void new_file_drop(struct new_file *file);

/* Would write_file() write both into one file, by whatever names?  False, too, if it would fail. */
bool is_same_file(const char *a, const char *b);
/* Would it replace the regular file that is open as @fd? */
bool is_open_file(const char *path, int fd);

#endif
