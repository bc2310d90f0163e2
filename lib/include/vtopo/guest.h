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
 * @guest            the guest's own /sys, read by vtopo_host_read() without a domain
 * @plan             what vtopo_plan_format() printed as JSON
 * @name             of its file, for messages
 * @ret_text         a table; NUL-terminated; free with free()
 * @ret_differences  how many devices and ports are not as planned
 *
 * Returns 0; VTOPO_ERR_FILE if @plan is none; VTOPO_ERR_NOMEM.
 */
int vtopo_guest_compare(const struct vtopo_host *guest, const char *plan, size_t length,
                        const char *name, enum vtopo_host_style style, char **ret_text,
                        size_t *ret_differences, struct vtopo_error **reterr);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
