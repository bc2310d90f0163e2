/* SPDX-License-Identifier: GPL-2.0-or-later */
/* terminal.h - what people see on a terminal: its width, text that is wrapped to it */
#ifndef VTOPO_CMD_TERMINAL_H
#define VTOPO_CMD_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define MESSAGE_INDENT 4 /* blanks before all lines of a message but the first */

/* In columns; 0: @fd is no terminal, or one that does not say. */
unsigned terminal_width(int fd);

/* Is @fd a terminal that shows colours, and are they wanted?  https://no-color.org */
bool use_colour(int fd);

/* Of messages: of stderr, 80 if it does not say; 0: it is no terminal, so messages are lines. */
unsigned message_width(void);

/*
 * Prints @text, which has no line feed, in lines of at most @width columns.
 * @printed columns of the first line are there already
 * @indent  blanks before the others
 * false: out of memory; nothing is printed then
 */
bool print_wrapped(FILE *stream, const char *text, size_t length, size_t printed, size_t indent,
                   size_t width);

#endif
