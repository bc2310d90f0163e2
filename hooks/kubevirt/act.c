/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * act.c - plan a domain, and answer with what the plan makes of it
 *
 * Takes:  a call with its policy.
 * Gives:  the answer of a call that acts, and of one that is left alone.
 * Rule:   KubeVirt starts what an earlier call has defined although a later one is refused, so a
 *         call that is left alone is planned, too, and refused if the one that acts would be.
 *         Findings are reported by the call that acts; those behind it would only repeat them.
 *         A domain to which nothing is to be added keeps all of its bytes.
 * Not here: which of the two a call is (which_call.c), what a plan says (report.c).
 */
#include "base/error.h"
#include "kubevirt/places.h"
#include "kubevirt/ports.h"
#include "which_call.h"
#include "work.h"

#include <string.h>

/* A domain on its way to the answer. */
struct step {
    const struct vtopo_domain *given;
    /* With the ports that KubeVirt has left out; NULL: none.  With addresses for what has none;
     * NULL: none is needed. */
    struct vtopo_domain *with_ports, *held;
    struct vtopo_plan *plan;
};

static void clear(struct step *s)
{
    vtopo_plan_free(s->plan);
    vtopo_domain_free(s->held);
    vtopo_domain_free(s->with_ports);
}

/* The one that is to come out if nothing is added to it. */
static const struct vtopo_domain *unchanged(const struct step *s)
{
    return s->with_ports ? s->with_ports : s->given;
}

static const struct vtopo_domain *planned(const struct step *s)
{
    return s->held ? s->held : unchanged(s);
}

static int add_ports(const struct work *w, const struct vtopo_domain *domain,
                     struct vtopo_domain **ret)
{
    *ret = NULL;
    return adds_ports(w->vmi)
               ? kubevirt_add_ports(domain, count_placeholders(w->vmi), ret, w->reterr)
               : 0;
}

static int make(struct work *w, struct step *s)
{
    struct vtopo_error *why = NULL;
    int r = add_ports(w, s->given, &s->with_ports);

    if (!r)
        r = kubevirt_hold_places(unchanged(s), w->policy, &s->held, w->reterr);
    if (r)
        return r;
    r = make_plan(&w->request, planned(s), w->policy, &w->host, &s->plan, &why);
    return r ? report_refusal(w, planned(s), why) : 0;
}

static int apply(struct work *w, const struct step *s)
{
    size_t length;
    const char *text = vtopo_domain_text(unchanged(s), &length);

    free(steal(w->answer->domain));
    if (vtopo_plan_is_realised(s->plan))
        return work_answer_with(w, text, length);
    return vtopo_plan_apply(s->plan, planned(s), &w->answer->domain, &w->answer->domain_length,
                            w->reterr);
}

/* Plans @domain, and makes it the answer. */
static int act_on(struct work *w, const struct vtopo_domain *domain, bool reports)
{
    struct step step = {.given = domain};
    int r = make(w, &step);

    if (!r && reports)
        r = report_findings(w, step.plan);
    if (!r)
        r = apply(w, &step);
    clear(&step);
    return r;
}

/*
 * KubeVirt may be unable to add any port to this answer, because there is no index left for it.
 * Then they are missing now.
 */
static int act_on_answer(struct work *w)
{
    struct vtopo_domain *answer = NULL, *with_ports = NULL;
    int r = vtopo_domain_parse(w->answer->domain, w->answer->domain_length, "domain XML", &answer,
                               w->reterr);

    if (!r)
        r = add_ports(w, answer, &with_ports);
    if (!r && with_ports)
        r = act_on(w, with_ports, false);
    vtopo_domain_free(with_ports);
    vtopo_domain_free(answer);
    return r;
}

int act(struct work *w)
{
    bool again = earlier_call_acted(w->vmi, w->given);
    int r = act_on(w, w->given, true);

    if (!r)
        r = act_on_answer(w);
    if (!r && again)
        kubevirt_answer_clear_messages(w->answer);
    return r;
}

int rehearse(struct work *w)
{
    size_t length;
    const char *text = vtopo_domain_text(w->given, &length);
    int r = act_on(w, w->given, true);

    if (r)
        return r;
    free(steal(w->answer->domain));
    kubevirt_answer_clear_messages(w->answer);
    r = work_answer_with(w, text, length);
    return r ? r
             : work_add_message(w, KUBEVIRT_INFO,
                                "this call is left as it is, KubeVirt will show the domain again");
}
