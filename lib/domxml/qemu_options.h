/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * qemu_options.h - the text of one argument of QEMU, taken apart
 *
 * Takes:  "driver,name=value,..." or a JSON object.
 * Gives:  names and values in their order.
 * Rule:   as QEMU reads them (util/qemu-option.c, qobject/json-parser.c): ",," is a comma of a
 *         value; a first one without "=" is the value of the implied name; any other one without
 *         "=" is "on", or "off" if it begins with "no"; the last of two counts. What QEMU would
 *         refuse has no options.
 * Not here: what options mean (parse_commandline.c).
 */
#ifndef VTOPO_DOMXML_QEMU_OPTIONS_H
#define VTOPO_DOMXML_QEMU_OPTIONS_H

#include "base/mem.h"

#include <stdint.h>

struct qemu_option {
    const char *name, *value;
    bool number; /* a number of JSON, not a text */
};

struct qemu_options {
    char *text; /* has names and values */
    VEC(struct qemu_option) all;
};

/* @implied may be NULL.  False: out of memory (@ret is then empty). */
bool qemu_options_parse(const char *text, const char *implied, struct qemu_options *ret);
/* The last option with this name; NULL: none. */
const struct qemu_option *qemu_options_find(const struct qemu_options *options, const char *name);
/* Its value; NULL: none. */
const char *qemu_options_value(const struct qemu_options *options, const char *name);
/* A number as QEMU reads it: C's strtoull() in base 0; -1: none, no number, or above @max. */
int qemu_options_number(const struct qemu_options *options, const char *name, unsigned max);
void qemu_options_clear(struct qemu_options *options);

#endif
