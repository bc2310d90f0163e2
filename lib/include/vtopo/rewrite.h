/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file vtopo/rewrite.h
 * All of a rewrite in one call.
 */
#ifndef VTOPO_REWRITE_H
#define VTOPO_REWRITE_H

#include <stddef.h>
#include <vtopo/error.h>
#include <vtopo/host.h>
#include <vtopo/plan.h>
#include <vtopo/policy.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/**
 * Rewrite a domain so that its guest sees the topology of its host.
 *
 * The same as vtopo_domain_parse(), vtopo_policy_apply_domain(), vtopo_host_read_details(),
 * vtopo_plan_make() and vtopo_plan_apply().  The arguments are only read, and nothing that is
 * returned refers to them.
 *
 * @param text             the domain's XML, need not end with a NUL
 * @param length           its length in bytes
 * @param host             the host; NULL: this machine, of which only what the domain needs is read
 *                         (from /sys)
 * @param policy           what is wanted; NULL: the built-in policy.  What the domain says of its
 *                         own policy (its metadata) counts before it.  CDI specs are read only by
 *                         vtopo_policy_read_cdi() and its like.
 * @param[out] ret_text    on success: the rewritten XML, NUL-terminated; free with free()
 * @param[out] ret_length  on success: its length in bytes
 * @param[out] ret_plan    on success: what was decided, with the findings, which are worth showing;
 *                         NULL if not wanted; free with vtopo_plan_free()
 * @param[out] reterr      on failure: the reason; NULL if not wanted; free with vtopo_error_free()
 * @return 0; #VTOPO_ERR_DOMAIN if the XML cannot be used; #VTOPO_ERR_HOST if the host cannot be
 *         read or lacks a device that the domain names; #VTOPO_ERR_FILE if CDI specs contradict
 *         each other; #VTOPO_ERR_REFUSED if the layout does not fit or a strict policy is not met;
 *         #VTOPO_ERR_NOMEM
 * @since 0.1
 */
int vtopo_rewrite(const char *text, size_t length, const struct vtopo_host *host,
                  const struct vtopo_policy *policy, char **ret_text, size_t *ret_length,
                  struct vtopo_plan **ret_plan, struct vtopo_error **reterr);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
