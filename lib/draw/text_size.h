/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * text_size.h - how much room a text takes that nobody can measure
 *
 * Whoever shows a picture chooses the font; the picture asks for a monospaced one.
 */
#ifndef VTOPO_DRAW_TEXT_SIZE_H
#define VTOPO_DRAW_TEXT_SIZE_H

#include <stddef.h>

/* In columns of a monospaced font: more than utf8_columns() where another font may step in. */
size_t text_columns(const char *text, size_t length);
/* In pixels, rounded up. */
int text_width(const char *text, int font);

/*
 * How many bytes of @text go on a line of @columns: up to a blank or behind a comma, or, of a word
 * that is longer, as many characters as fit; at least one.  Blanks behind them go, too: *ret_next.
 */
size_t text_break(const char *text, size_t columns, size_t *ret_next);

#endif
