/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * digest.h - a short name for a long text, to know it again
 *
 * FNV-1a of 128 bits (http://www.isthe.com/chongo/tech/comp/fnv/).  It finds out that a text is
 * another one, not that somebody made it look the same: nothing secret and no right depends on
 * it.
 */
#ifndef VTOPO_BASE_DIGEST_H
#define VTOPO_BASE_DIGEST_H

#define DIGEST_LENGTH 32

/* Writes DIGEST_LENGTH hexadecimal digits and a NUL to @digest, and returns it. */
const char *digest_of(const char *text, char digest[DIGEST_LENGTH + 1]);

#endif
