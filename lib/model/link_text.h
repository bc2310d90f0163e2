/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * link_text.h - links, sizes and BARs as text: as host descriptions and lists of devices write them
 */
#ifndef VTOPO_MODEL_LINK_TEXT_H
#define VTOPO_MODEL_LINK_TEXT_H

#include "model/host.h"

/* "16.0 GT/s x16"; "?" for what is unknown. */
#define LINK_TEXT_SIZE 40
const char *link_format(const struct host_link *link, char text[LINK_TEXT_SIZE]);
/* The same back, also "8 GT/s x4"; false: something else. */
bool link_parse(const char *text, struct host_link *ret_link);

/* What it carries in each direction: "31.5 GB/s"; "" where speed or width is unknown. */
#define LINK_RATE_SIZE 32
const char *link_rate_format(const struct host_link *link, char text[LINK_RATE_SIZE]);

/* "64G": the largest unit that divides it. */
#define SIZE_TEXT_SIZE 24
const char *size_format(uint64_t size, char text[SIZE_TEXT_SIZE]);
/* The same back; false: something else, or 0. */
bool size_parse(const char *text, uint64_t *ret_size);

/* "mem64 prefetch 64G", "mem 16M", "io 128" */
#define BAR_TEXT_SIZE 48
const char *bar_format(const struct host_bar *bar, char text[BAR_TEXT_SIZE]);
bool bar_parse(const char *text, struct host_bar *ret_bar);

/* "root", "upstream", "downstream", "bridge"; NULL for PORT_NONE. */
const char *port_kind_format(enum port_kind kind);
bool port_kind_parse(const char *text, enum port_kind *ret_kind);

#endif
