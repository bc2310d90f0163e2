/* SPDX-License-Identifier: GPL-2.0-or-later */
/* work.h - a call, with what is made of it step by step */
#ifndef VTOPO_KUBEVIRT_WORK_H
#define VTOPO_KUBEVIRT_WORK_H

#include "../../cmd/make_plan.h"
#include "answer.h"

#include <jansson.h>
#include <vtopo/findings.h>

struct work {
    const struct kubevirt_call *call;
    struct kubevirt_answer *answer;
    struct vtopo_error **reterr;
    json_t *vmi;
    char *text; /* of the domain, without what KubeVirt writes for nothing; NULL: as it came */
    size_t length;
    struct plan_request request;
    struct vtopo_domain *given;
    struct vtopo_policy *policy;
    struct vtopo_host *host; /* NULL: not read yet */
    struct pod_host *pod;    /* what of it the pod does not see; NULL: not read yet */
};

/* Each returns 0, or a code with *reterr. */

int work_add_message(struct work *w, enum kubevirt_severity severity, const char *text);
int work_answer_with(struct work *w, const char *text, size_t length);

/* report.c: a finding of a call that is not the plan's.  @text NULL: out of memory.  A refusal
 * where a strict policy does not take it. */
int report_warning(struct work *w, enum vtopo_finding_id id, const char *text);
/* What a plan has found, for the log. */
int report_findings(struct work *w, const struct vtopo_plan *plan);
/* Why a domain is refused.  @why: the library's; freed. */
int report_refusal(struct work *w, const struct vtopo_domain *domain, struct vtopo_error *why);

/* act.c: the answer of a call that is the last one, and of one that is not. */
int act(struct work *w);
int rehearse(struct work *w);

#endif
