/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host_text.h - sizes, links and strings as host descriptions and lists of devices write them
 */
#ifndef VTOPO_REPORT_HOST_TEXT_H
#define VTOPO_REPORT_HOST_TEXT_H

#include "base/buffer.h"
#include "model/host.h"

/* A JSON string, quotes included; control characters are escaped, what is not ASCII becomes "?". */
void print_string(struct buffer *out, const char *text);

/* "16.0 GT/s x16"; "?" for what is unknown. */
#define LINK_TEXT_SIZE 40
const char *link_format(const struct host_link *link, char text[LINK_TEXT_SIZE]);

/* "64G": the largest unit that divides it. */
#define SIZE_TEXT_SIZE 24
const char *size_format(uint64_t size, char text[SIZE_TEXT_SIZE]);

/* "mem64 prefetch 64G", "mem 16M", "io 128" */
#define BAR_TEXT_SIZE 48
const char *bar_format(const struct host_bar *bar, char text[BAR_TEXT_SIZE]);

#endif
