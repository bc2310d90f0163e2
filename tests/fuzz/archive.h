/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * archive.h - a tree of files as a text
 *
 * An archive is lines that people can read and write:
 *     PATH = TEXT     a file with TEXT and a newline
 *     PATH : HEX      a file with these bytes
 *     PATH -> TARGET  a symbolic link
 *     PATH            a directory
 *     # ...           nothing
 * Directories above PATH are made.  What cannot be made is passed over.
 */
#ifndef VTOPO_TESTS_ARCHIVE_H
#define VTOPO_TESTS_ARCHIVE_H

#include <stddef.h>
#include <stdint.h>

/*
 * Unpacks below an empty directory in memory (/dev/shm), the same one each time, and gives its
 * path.  It is taken away when the program ends.
 */
const char *archive_unpack(const uint8_t *data, size_t size);

#endif
