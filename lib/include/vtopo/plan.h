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

/**
 * @struct vtopo_plan
 * A plan.  It never changes, and refers to nothing that it was made from.  Free with
 * vtopo_plan_free().
 * @since 0.1
 */
struct vtopo_plan;

/**
 * Decide where every assigned device goes in the guest.
 *
 * What an earlier rewrite put into the domain counts as not there.  A wish that cannot be met is
 * not a failure: look at the findings.
 *
 * @param host           read with what the policy needs, vtopo_policy_details()
 * @param domain         the domain
 * @param policy         what is wanted; NULL: the built-in policy.  What the domain says of its own
 *                       policy counts only if vtopo_policy_apply_domain() put it there.
 * @param[out] ret_plan  on success: the plan; free with vtopo_plan_free()
 * @param[out] reterr    on failure: the reason; NULL if not wanted; free with vtopo_error_free()
 * @return 0; #VTOPO_ERR_HOST if @p domain names a device that @p host lacks; #VTOPO_ERR_DOMAIN if
 *         @p domain contradicts itself; #VTOPO_ERR_FILE if CDI specs contradict each other;
 *         #VTOPO_ERR_REFUSED if the layout does not fit or a strict policy is not met;
 *         #VTOPO_ERR_NOMEM
 * @since 0.1
 */
int vtopo_plan_make(const struct vtopo_host *host, const struct vtopo_domain *domain,
                    const struct vtopo_policy *policy, struct vtopo_plan **ret_plan,
                    struct vtopo_error **reterr);

/**
 * Is the domain already what the plan wants, so that vtopo_plan_apply() gives its own text?
 *
 * @param plan  the plan
 * @return true if it is
 * @since 0.1
 */
bool vtopo_plan_is_realised(const struct vtopo_plan *plan);

/**
 * What would change in the domain, in a few words for one line.
 *
 * @param plan  the plan
 * @return for people; NULL if nothing would change; lives as long as @p plan
 * @since 0.1
 */
const char *vtopo_plan_difference(const struct vtopo_plan *plan);

/**
 * Why the guest does not get the host's topology although nothing would change, in a few words for
 * one line: the domain has no guest NUMA cells, none that is tied to the node of an assigned
 * device, or a machine type that vtopo does not know.  "vtopo-xml --check" ends with status 8 then.
 *
 * A device that the policy keeps where it is, or that somebody placed, is no reason.
 *
 * @param plan  the plan
 * @return for people; NULL if there is no such reason, or if something would change
 *         (vtopo_plan_difference()); lives as long as @p plan
 * @since 0.1
 */
const char *vtopo_plan_lack(const struct vtopo_plan *plan);

/**
 * How many findings there are.
 *
 * @param plan  the plan
 * @return their number; the calls below take places from 0 up to it
 * @since 0.1
 */
size_t vtopo_plan_finding_count(const struct vtopo_plan *plan);

/**
 * Which finding of the register one is.
 *
 * @param plan  the plan
 * @param at    place of the finding, less than vtopo_plan_finding_count()
 * @return its id; vtopo_finding_name() makes "VTOPO-0010" of it
 * @since 0.1
 */
enum vtopo_finding_id vtopo_plan_finding_id(const struct vtopo_plan *plan, size_t at);

/**
 * How much a finding matters.
 *
 * @param plan  the plan
 * @param at    place of the finding, less than vtopo_plan_finding_count()
 * @return its severity
 * @since 0.1
 */
enum vtopo_severity vtopo_plan_finding_severity(const struct vtopo_plan *plan, size_t at);

/**
 * What a finding is about, or the first of several things.
 *
 * @param plan  the plan
 * @param at    place of the finding, less than vtopo_plan_finding_count()
 * @return a PCI address of the host, "controller 5", "cell 1" or "domain"; UTF-8 without control
 *         characters; lives as long as @p plan
 * @since 0.1
 */
const char *vtopo_plan_finding_subject(const struct vtopo_plan *plan, size_t at);

/**
 * How many things a finding is about: what is the same for several devices is one finding.
 *
 * @param plan  the plan
 * @param at    place of the finding, less than vtopo_plan_finding_count()
 * @return their number, 1 or more; the call below takes places from 0 up to it
 * @since 0.1
 */
size_t vtopo_plan_finding_subject_count(const struct vtopo_plan *plan, size_t at);

/**
 * One of the things that a finding is about.
 *
 * @param plan    the plan
 * @param at      place of the finding, less than vtopo_plan_finding_count()
 * @param number  place of the subject, less than vtopo_plan_finding_subject_count(); 0 gives that
 *                of vtopo_plan_finding_subject()
 * @return as vtopo_plan_finding_subject()
 * @since 0.1
 */
const char *vtopo_plan_finding_subject_at(const struct vtopo_plan *plan, size_t at, size_t number);

/**
 * What was decided and what would change it.
 *
 * @param plan  the plan
 * @param at    place of the finding, less than vtopo_plan_finding_count()
 * @return a sentence for people, which may change between versions; UTF-8 without control
 *         characters but, where it has XML that is ready to paste, line feeds; lives as long as
 *         @p plan
 * @since 0.1
 */
const char *vtopo_plan_finding_text(const struct vtopo_plan *plan, size_t at);

/**
 * The list that ends the text of some findings, behind ": ", and that a short message leaves out.
 *
 * @param plan  the plan
 * @param at    place of the finding, less than vtopo_plan_finding_count()
 * @return points into the text of vtopo_plan_finding_text(); "" if that has no list; lives as long
 *         as @p plan
 * @since 0.1
 */
const char *vtopo_plan_finding_list(const struct vtopo_plan *plan, size_t at);

/**
 * The domain's XML as the plan wants it: the original bytes with vtopo's edits.
 *
 * If the domain already is what the plan wants, exactly its text.
 *
 * @param plan             the plan
 * @param domain           the one that the plan was made from, or one with the same text
 * @param[out] ret_text    on success: the XML, NUL-terminated; free with free()
 * @param[out] ret_length  on success: its length in bytes
 * @param[out] reterr      on failure: the reason; NULL if not wanted; free with vtopo_error_free()
 * @return 0; #VTOPO_ERR_USAGE if the plan was made from another domain; #VTOPO_ERR_NOMEM
 * @since 0.1
 */
int vtopo_plan_apply(const struct vtopo_plan *plan, const struct vtopo_domain *domain,
                     char **ret_text, size_t *ret_length, struct vtopo_error **reterr);

/** How vtopo_plan_format() prints. @since 0.1 */
enum vtopo_plan_style {
    VTOPO_PLAN_TREE,   /**< host beside guest, for people; may change between versions */
    VTOPO_PLAN_JSON,   /**< schemas/plan.schema.json, the contract for programs that read plans */
    VTOPO_PLAN_GUEST,  /**< schemas/guest-plan.schema.json, for the guest: nothing of the host that
                          the guest does not see */
    VTOPO_PLAN_SVG,    /**< host beside guest as a picture, a document of its own */
    VTOPO_PLAN_DOT,    /**< the same in Graphviz's language */
    VTOPO_PLAN_MATRIX, /**< what nvidia-smi topo -m has for host and guest, for people */
};

/**
 * Print a plan.
 *
 * @param plan           the plan; for links and checks in it: made from a host with
 *                       #VTOPO_HOST_LINKS and #VTOPO_HOST_CHECKS
 * @param style          how
 * @param colour         use ANSI colours (#VTOPO_PLAN_TREE and #VTOPO_PLAN_MATRIX only)
 * @param[out] ret_text  on success: NUL-terminated UTF-8; free with free()
 * @param[out] reterr    on failure: the reason; NULL if not wanted; free with vtopo_error_free()
 * @return 0; #VTOPO_ERR_REFUSED with #VTOPO_PLAN_GUEST if no device has a place from vtopo, or the
 *         guest's address of one cannot be known; #VTOPO_ERR_NOMEM
 * @since 0.1
 */
int vtopo_plan_format(const struct vtopo_plan *plan, enum vtopo_plan_style style, bool colour,
                      char **ret_text, struct vtopo_error **reterr);

/**
 * NCCL's topology file (NCCL_TOPO_FILE) for the guest: the host's switches and link speeds with the
 * guest's addresses of the assigned devices.
 *
 * @param plan           the plan; made from a host with #VTOPO_HOST_LINKS, or all links are unknown
 * @param[out] ret_text  on success: XML, NUL-terminated; free with free()
 * @param[out] reterr    on failure: the reason; NULL if not wanted; free with vtopo_error_free()
 * @return 0; #VTOPO_ERR_REFUSED if the domain is left as it is, if the guest's address of a device
 *         cannot be known, or if NCCL would have more nodes than it takes; #VTOPO_ERR_NOMEM
 * @since 0.1
 */
int vtopo_plan_nccl_topo(const struct vtopo_plan *plan, char **ret_text,
                         struct vtopo_error **reterr);

/**
 * Free a plan.
 *
 * @param plan  the plan; NULL is fine
 * @since 0.1
 */
void vtopo_plan_free(struct vtopo_plan *plan);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
