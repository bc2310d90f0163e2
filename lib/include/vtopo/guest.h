/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file vtopo/guest.h
 * Inside a guest: does it show what was planned?
 */
#ifndef VTOPO_GUEST_H
#define VTOPO_GUEST_H

#include <stddef.h>
#include <vtopo/error.h>
#include <vtopo/host.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/**
 * Compare a guest with a plan: each assigned device at its address, with its node, the ports above
 * it and its link.
 *
 * @param guest                 the guest's own /sys, read by vtopo_host_read() without a domain
 * @param plan                  what vtopo_plan_format() printed as #VTOPO_PLAN_JSON or
 *                              #VTOPO_PLAN_GUEST, of this or another version; need not end with a
 *                              NUL
 * @param length                its length in bytes
 * @param name                  of its file, for messages
 * @param style                 for whom the result is
 * @param[out] ret_text         on success: a table; NUL-terminated UTF-8; free with free()
 * @param[out] ret_differences  on success: how many devices and ports are not as planned
 * @param[out] reterr           on failure: the reason with the place; NULL if not wanted; free with
 *                              vtopo_error_free()
 * @return 0; #VTOPO_ERR_FILE if @p plan is none; #VTOPO_ERR_NOMEM
 * @since 0.1
 */
int vtopo_guest_compare(const struct vtopo_host *guest, const char *plan, size_t length,
                        const char *name, enum vtopo_host_style style, char **ret_text,
                        size_t *ret_differences, struct vtopo_error **reterr);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
