/* SPDX-License-Identifier: GPL-2.0-or-later */
/* style.c - see style.h */
#include "report/style.h"

/* Attributes and colours that can be read on dark and on light backgrounds. */
static const char *const codes[] = {
    [STYLE_PLAIN] = NULL,      [STYLE_HEADING] = "\033[1m",    [STYLE_DIM] = "\033[2m",
    [STYLE_INFO] = "\033[36m", [STYLE_WARNING] = "\033[1;33m", [STYLE_REFUSAL] = "\033[1;31m",
};

void style_start(struct buffer *out, enum style style, bool colour)
{
    if (colour && codes[style])
        buffer_add(out, codes[style]);
}

void style_end(struct buffer *out, enum style style, bool colour)
{
    if (colour && codes[style])
        buffer_add(out, "\033[0m");
}

void style_add(struct buffer *out, const char *text, enum style style, bool colour)
{
    style_start(out, style, colour);
    buffer_add(out, text);
    style_end(out, style, colour);
}
