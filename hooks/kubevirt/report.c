/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report.c - what a plan has found, for the log and for the VMI's event
 *
 * Takes:  the findings of a plan, or why there is none.
 * Gives:  warnings of the answer; the reason of a refusal.
 * Rule:   information is not for the log: most guests have some. A strict policy refuses for the
 *         first finding of that kind.
 * Not here: whose words they are in (words.c).
 */
#include "base/error.h"
#include "base/mem.h"
#include "pod_host.h"
#include "words.h"
#include "work.h"

#include <string.h>

/* NULL: out of memory. */
static char *finding_text(const struct work *w, const struct vtopo_plan *plan, size_t at)
{
    enum vtopo_finding_id id = vtopo_plan_finding_id(plan, at);
    autofree char *words = words_of_finding(w->vmi, id, vtopo_plan_finding_text(plan, at));

    return words ? mem_printf("%s %s: %s", vtopo_finding_name(id),
                              vtopo_plan_finding_subject(plan, at), words)
                 : NULL;
}

int report_warning(struct work *w, enum vtopo_finding_id id, const char *text)
{
    const char *name = vtopo_finding_name(id);
    struct kubevirt_message *message;
    int r;

    if (text && vtopo_finding_is_strict(id) && vtopo_policy_get_strict(w->policy))
        return error_set(w->reterr, VTOPO_ERR_REFUSED, "refused (strict): %s", text);
    r = text ? work_add_message(w, KUBEVIRT_WARNING, text) : error_nomem(w->reterr);
    if (r)
        return r;
    message = &w->answer->messages.items[w->answer->messages.count - 1];
    for (size_t i = 0; i + 1 < sizeof(message->finding) && name[i]; i++)
        message->finding[i] = name[i];
    return 0;
}

static int add_finding(struct work *w, const struct vtopo_plan *plan, size_t at)
{
    autofree char *text = finding_text(w, plan, at);

    return report_warning(w, vtopo_plan_finding_id(plan, at), text);
}

/* The sentence that names devices below controllers of others; NULL: there are none. */
static const char *find_placed(const struct vtopo_plan *plan)
{
    for (size_t i = 0; i < vtopo_plan_finding_count(plan); i++) {
        if (vtopo_plan_finding_id(plan, i) == VTOPO_FINDING_PLACED_ON_PURPOSE)
            return vtopo_plan_finding_text(plan, i);
    }
    return NULL;
}

/* What is below expanders that nobody is to take over. */
static int report_kept(struct work *w, const struct vtopo_plan *plan)
{
    const char *placed = find_placed(plan);
    autofree char *text = NULL;

    if (!placed)
        return 0;
    text = mem_printf("%s domain: expanders that are there already (KubeVirt's gate "
                      "PCINUMAAwareTopology makes such) are not taken over, because adopt is "
                      "\"false\", so the guest sees NUMA nodes of devices, but not the host's root "
                      "complexes and switches; %.*s",
                      vtopo_finding_name(VTOPO_FINDING_OTHERS_PLACEMENT_KEPT),
                      (int)strcspn(placed, ";"), placed);
    return report_warning(w, VTOPO_FINDING_OTHERS_PLACEMENT_KEPT, text);
}

int report_findings(struct work *w, const struct vtopo_plan *plan)
{
    int r = pod_host_report(w);

    if (!r && !vtopo_policy_get_adopt(w->policy))
        r = report_kept(w, plan);
    for (size_t i = 0; !r && i < vtopo_plan_finding_count(plan); i++) {
        if (vtopo_plan_finding_severity(plan, i) != VTOPO_INFO)
            r = add_finding(w, plan, i);
    }
    return r;
}

/* The first finding for which a strict policy refuses; 0: there is none. */
static int report_strict_finding(struct work *w, const struct vtopo_plan *plan)
{
    int r = 0;

    for (size_t i = 0; !r && i < vtopo_plan_finding_count(plan); i++) {
        autofree char *text = NULL;

        if (!vtopo_finding_is_strict(vtopo_plan_finding_id(plan, i)))
            continue;
        text = finding_text(w, plan, i);
        r = text ? error_set(w->reterr, VTOPO_ERR_REFUSED, "refused (strict): %s", text)
                 : error_nomem(w->reterr);
    }
    return r;
}

/* The library refuses in its own words; what it refuses for are findings of a plan that is not
 * strict. */
static int report_strict(struct work *w, const struct vtopo_domain *domain)
{
    struct vtopo_plan *plan = NULL;
    int r;

    vtopo_policy_set_strict(w->policy, false);
    r = make_plan(&w->request, domain, w->policy, &w->host, &plan, NULL);
    vtopo_policy_set_strict(w->policy, true);
    if (r == VTOPO_ERR_NOMEM)
        return error_nomem(w->reterr);
    r = r ? 0 : report_strict_finding(w, plan);
    vtopo_plan_free(plan);
    return r;
}

int report_refusal(struct work *w, const struct vtopo_domain *domain, struct vtopo_error *why)
{
    int code = vtopo_error_code(why), r = 0;
    autofree char *text = words_of_reason(vtopo_error_message(why));

    vtopo_error_free(why);
    if (code == VTOPO_ERR_REFUSED && vtopo_policy_get_strict(w->policy))
        r = report_strict(w, domain);
    if (r)
        return r;
    return text ? error_set(w->reterr, code, "%s", text) : error_nomem(w->reterr);
}
