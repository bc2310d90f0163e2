/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * printable.h - texts that hold names of others, made fit for a terminal
 *
 * Control characters, as utf8_is_control() has them, and what is not UTF-8 become "?", byte by
 * byte, so the length stays.
 */
#ifndef VTOPO_BASE_PRINTABLE_H
#define VTOPO_BASE_PRINTABLE_H

#include <stdbool.h>

/* @lines: line feeds stay. */
void printable(char *text, bool lines);

#endif
