/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json_check.h - the results of a check for programs: schemas/check.schema.json
 */
#ifndef VTOPO_REPORT_JSON_CHECK_H
#define VTOPO_REPORT_JSON_CHECK_H

#include "base/buffer.h"
#include "check/check.h"

/* Counts up when a reader of the former version could misread the new one; new keys alone do not.
 */
#define CHECK_JSON_VERSION 1

/* Adds to @out; a failure stays in the buffer. */
void check_to_json(const struct check_set *set, const struct check_results *results,
                   struct buffer *out);

#endif
