/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * style.h - colours for terminals that have them
 */
#ifndef VTOPO_REPORT_STYLE_H
#define VTOPO_REPORT_STYLE_H

#include "base/buffer.h"

enum style {
    STYLE_PLAIN,
    STYLE_HEADING,
    STYLE_DIM,
    STYLE_INFO,
    STYLE_WARNING,
    STYLE_REFUSAL,
};

/* Without @colour these add nothing but the text. */
void style_start(struct buffer *out, enum style style, bool colour);
void style_end(struct buffer *out, enum style style, bool colour);
void style_add(struct buffer *out, const char *text, enum style style, bool colour);

#endif
