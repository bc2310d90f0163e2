/* SPDX-License-Identifier: GPL-2.0-or-later */
/* terminal.h - what people see on a terminal: its width, text that is wrapped to it */
#ifndef VTOPO_CMD_TERMINAL_H
#define VTOPO_CMD_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* In columns; 0: @fd is no terminal, or one that does not say. */
unsigned terminal_width(int fd);

/*
 * Prints @text, which has no line feed, in lines of at most @width columns.
 * @first   blanks before the first line, or columns that are printed already
 * @indent  blanks before the others
 * false: out of memory; nothing is printed then
 */
bool print_wrapped(FILE *stream, const char *text, size_t length, size_t first, size_t indent,
                   size_t width);

#endif
