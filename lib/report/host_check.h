/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host_check.h - the results of a check for people
 */
#ifndef VTOPO_REPORT_HOST_CHECK_H
#define VTOPO_REPORT_HOST_CHECK_H

#include "base/buffer.h"
#include "check/check.h"

/* Adds to @out; a failure stays in the buffer. */
void check_print(const struct check_set *set, const struct check_results *results,
                 struct buffer *out);

#endif
