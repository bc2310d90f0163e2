/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rewrite.c - see rewrite.h
 *
 * Takes:  a VMI and its domain, where host and policy are.
 * Gives:  the domain as vtopo wants it, or the reason why not; findings as messages.
 * Rule:   annotations of the VMI go over the node's policy and the domain's own; a domain that
 *         KubeVirt will show again, with more addresses in it, comes back as it came.
 * Not here: which calls those are (which_call.c), what annotations say (vmi.c), who asks.
 */
#include "rewrite.h"

#include "base/buffer.h"
#include "base/error.h"
#include "base/printable.h"
#include "vmi.h"
#include "which_call.h"

#include <string.h>

/* A call with what was made of it so far. */
struct work {
    const struct kubevirt_call *call;
    json_t *vmi;
    struct vtopo_domain *domain;
    struct vtopo_policy *policy;
    struct vtopo_host *host;
    struct vtopo_plan *plan;
};

static int add_finding(const struct vtopo_plan *plan, size_t at, struct kubevirt_answer *answer)
{
    const char *name = vtopo_finding_name(vtopo_plan_finding_id(plan, at));
    autofree char *text = mem_printf("%s %s: %s", name, vtopo_plan_finding_subject(plan, at),
                                     vtopo_plan_finding_text(plan, at));
    struct kubevirt_message *message;

    if (!text || kubevirt_answer_add(answer, KUBEVIRT_WARNING, text))
        return VTOPO_ERR_NOMEM;
    message = &answer->messages.items[answer->messages.count - 1];
    for (size_t i = 0; i + 1 < sizeof(message->finding) && name[i]; i++)
        message->finding[i] = name[i];
    return 0;
}

static int add_findings(const struct vtopo_plan *plan, struct kubevirt_answer *answer)
{
    int r = 0;

    for (size_t i = 0; !r && i < vtopo_plan_finding_count(plan); i++) {
        if (vtopo_plan_finding_severity(plan, i) != VTOPO_INFO)
            r = add_finding(plan, i, answer);
    }
    return r;
}

static int keep_domain(const struct work *work, struct kubevirt_answer *answer)
{
    size_t length;
    const char *text = vtopo_domain_text(work->domain, &length);

    answer->domain = strndup(text, length);
    if (!answer->domain)
        return VTOPO_ERR_NOMEM;
    answer->domain_length = length;
    return kubevirt_answer_add(answer, KUBEVIRT_INFO,
                               "this call is left as it is, KubeVirt will show the domain again");
}

static int act(struct work *work, const struct plan_request *request,
               struct kubevirt_answer *answer, struct vtopo_error **reterr)
{
    int r = make_plan(request, work->domain, work->policy, &work->host, &work->plan, reterr);

    if (!r && add_findings(work->plan, answer))
        r = error_nomem(reterr);
    return r ? r
             : vtopo_plan_apply(work->plan, work->domain, &answer->domain, &answer->domain_length,
                                reterr);
}

static int answer_call(struct work *work, struct kubevirt_answer *answer,
                       struct vtopo_error **reterr)
{
    const struct kubevirt_call *call = work->call;
    struct plan_request request = {.host = call->host, .config = call->config};
    int r =
        vtopo_domain_parse(call->domain, call->domain_length, "domain XML", &work->domain, reterr);

    add_setting(&request, "spare_ports", "0"); /* KubeVirt adds its own */
    if (!r)
        r = vmi_add_settings(work->vmi, &request, reterr);
    if (!r)
        r = make_policy(&request, work->domain, &work->policy, reterr);
    if (r)
        return r;
    if (another_call_follows(work->vmi, work->domain))
        return keep_domain(work, answer) ? error_nomem(reterr) : 0;
    return act(work, &request, answer, reterr);
}

/* NULL: it is not there. */
static int copy_name(const json_t *vmi, const char *name, char **ret_copy)
{
    const char *text = vmi_metadata(vmi, name);

    *ret_copy = text ? strdup(text) : NULL;
    if (*ret_copy)
        printable(*ret_copy, false);
    return text && !*ret_copy ? VTOPO_ERR_NOMEM : 0;
}

static int read_vmi(struct work *work, struct kubevirt_answer *answer, struct vtopo_error **reterr)
{
    int r = vmi_parse(work->call->vmi, work->call->vmi_length, &work->vmi, reterr);

    if (!r && (copy_name(work->vmi, "namespace", &answer->vmi_namespace) ||
               copy_name(work->vmi, "name", &answer->vmi_name)))
        r = error_nomem(reterr);
    return r;
}

int kubevirt_rewrite(const struct kubevirt_call *call, struct kubevirt_answer *ret)
{
    struct work work = {.call = call};
    struct vtopo_error *error = NULL;
    int r;

    *ret = (struct kubevirt_answer){0};
    r = read_vmi(&work, ret, &error);
    if (!r)
        r = answer_call(&work, ret, &error);
    if (r)
        r = kubevirt_answer_fail(ret, error);
    vtopo_plan_free(work.plan);
    vtopo_host_free(work.host);
    vtopo_policy_free(work.policy);
    vtopo_domain_free(work.domain);
    json_decref(work.vmi);
    return r;
}
