/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host_text.h - strings as lists of devices write them; sizes and links: model/link_text.h
 */
#ifndef VTOPO_REPORT_HOST_TEXT_H
#define VTOPO_REPORT_HOST_TEXT_H

#include "base/buffer.h"
#include "model/link_text.h"

/* A JSON string, quotes included; control characters are escaped, what is not ASCII becomes "?". */
void print_string(struct buffer *out, const char *text);

#endif
