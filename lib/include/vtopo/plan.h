/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file vtopo/plan.h
 * What is built in the guest and where each card goes, with the findings; and the rewritten XML.
 */
#ifndef VTOPO_PLAN_H
#define VTOPO_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <vtopo/domain.h>
#include <vtopo/error.h>
#include <vtopo/findings.h>
#include <vtopo/host.h>
#include <vtopo/policy.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

struct vtopo_plan;

/**
 * Decide where every assigned device goes in the guest.
 *
 * Reads only its arguments and keeps no pointer into them.  What an earlier rewrite put into
 * @domain counts as not there.
 *
 * @policy    NULL for the built-in policy
 * @ret_plan  on success: the plan; free with vtopo_plan_free()
 *
 * Returns 0; VTOPO_ERR_HOST if @domain names a device that @host lacks; VTOPO_ERR_DOMAIN if @domain
 * contradicts itself; VTOPO_ERR_FILE if CDI specs contradict each other; VTOPO_ERR_REFUSED if the
 * layout does not fit or a strict policy is not met; VTOPO_ERR_NOMEM.  A wish that cannot be met is
 * otherwise not a failure: look at the findings.
 */
int vtopo_plan_make(const struct vtopo_host *host, const struct vtopo_domain *domain,
                    const struct vtopo_policy *policy, struct vtopo_plan **ret_plan,
                    struct vtopo_error **reterr);

/** Is the domain already what the plan wants, so that vtopo_plan_apply() gives its own text? */
bool vtopo_plan_is_realised(const struct vtopo_plan *plan);

/** What would change, in a few words for one line; NULL if nothing would.  Lives as long as @plan.
 */
const char *vtopo_plan_difference(const struct vtopo_plan *plan);

/** How many findings there are; the calls below take @at from 0 up to it. */
size_t vtopo_plan_finding_count(const struct vtopo_plan *plan);
/** Which one of the register; the texts may change. */
enum vtopo_finding_id vtopo_plan_finding_id(const struct vtopo_plan *plan, size_t at);
enum vtopo_severity vtopo_plan_finding_severity(const struct vtopo_plan *plan, size_t at);
/** A PCI address of the host, "controller 5", "cell 1" or "domain". Lives as long as @plan. */
const char *vtopo_plan_finding_subject(const struct vtopo_plan *plan, size_t at);
/** What was decided and what would change it. Lives as long as @plan. */
const char *vtopo_plan_finding_text(const struct vtopo_plan *plan, size_t at);

/**
 * The domain's XML as the plan wants it: the original bytes with vtopo's edits.  If the domain
 * already is what the plan wants, exactly its text.
 *
 * @domain    the one that the plan was made from
 * @ret_text  NUL-terminated; free with free()
 */
int vtopo_plan_apply(const struct vtopo_plan *plan, const struct vtopo_domain *domain,
                     char **ret_text, size_t *ret_length, struct vtopo_error **reterr);

/** How vtopo_plan_format() prints. */
enum vtopo_plan_style {
    VTOPO_PLAN_TREE, /**< host beside guest, for people */
    VTOPO_PLAN_JSON, /**< schemas/plan.schema.json */
};

/**
 * Print the plan.
 *
 * @colour    use ANSI colours (VTOPO_PLAN_TREE only)
 * @ret_text  NUL-terminated UTF-8; free with free()
 */
int vtopo_plan_format(const struct vtopo_plan *plan, enum vtopo_plan_style style, bool colour,
                      char **ret_text, struct vtopo_error **reterr);

/**
 * NCCL's topology file (NCCL_TOPO_FILE) for the guest: the host's switches and link speeds with the
 * guest's addresses of the assigned devices.
 *
 * @host      read with VTOPO_HOST_LINKS, or all links are unknown
 * @ret_text  NUL-terminated; free with free()
 *
 * Returns 0; VTOPO_ERR_REFUSED if the domain is left as it is, if the guest's address of a device
 * cannot be told, or if NCCL would have more nodes than it takes; VTOPO_ERR_NOMEM.
 */
int vtopo_plan_nccl_topo(const struct vtopo_plan *plan, char **ret_text,
                         struct vtopo_error **reterr);

/** Frees @plan; NULL is fine. */
void vtopo_plan_free(struct vtopo_plan *plan);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
