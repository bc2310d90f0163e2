/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * act.c - plan a domain, and answer with what the plan makes of it
 *
 * Takes:  a call with its policy.
 * Gives:  the answer of a call that acts, and of one that is left alone.
 * Rule:   KubeVirt starts what an earlier call has defined although a later one is refused, so a
 *         call that is left alone is planned, too, and refused if the one that acts would be.
 *         Findings are reported by the call that acts; those behind it would only repeat them, but
 *         for what becomes of the ports that KubeVirt adds last.
 *         A domain to which nothing is to be added keeps all of its bytes.
 * Not here: what the pod sees of the host (pod_host.c), which of the two a call is (which_call.c),
 * what a plan says (report.c).
 */
#include "base/error.h"
#include "kubevirt/next_call.h"
#include "kubevirt/places.h"
#include "kubevirt/ports.h"
#include "pod_host.h"
#include "which_call.h"
#include "work.h"

#include <string.h>

/* A domain on its way to the answer. */
struct step {
    const struct vtopo_domain *given;
    struct vtopo_domain *held; /* with addresses for what has none; NULL: none is needed */
    struct vtopo_plan *plan;
};

static void clear(struct step *s)
{
    vtopo_plan_free(s->plan);
    vtopo_domain_free(s->held);
}

static const struct vtopo_domain *planned(const struct step *s)
{
    return s->held ? s->held : s->given;
}

/*
 * A plan keeps a slot of pcie.0 free for what has no address, and KubeVirt's schema has none for a
 * video card and a sound card, although both have places of their own.  So what is refused is
 * planned again with all addresses.
 *
 * @why  of the refusal; freed if there is another outcome
 */
static int make_again(struct work *w, struct step *s, struct vtopo_error **why)
{
    struct vtopo_error *other = NULL;
    int r = kubevirt_hold_places(s->given, w->policy, true, &s->held, &other);

    if (!r && !s->held)
        return VTOPO_ERR_REFUSED;
    if (!r)
        r = make_plan(&w->request, s->held, w->policy, &w->host, &s->plan, &other);
    vtopo_error_free(*why);
    *why = other;
    return r;
}

static int make(struct work *w, struct step *s)
{
    struct vtopo_error *why = NULL;
    int r = kubevirt_hold_places(s->given, w->policy, false, &s->held, w->reterr);

    if (r)
        return r;
    r = pod_host_read(w, planned(s));
    if (r)
        return r;
    r = make_plan(&w->request, planned(s), w->policy, &w->host, &s->plan, &why);
    if (r == VTOPO_ERR_REFUSED && !s->held)
        r = make_again(w, s, &why);
    return r ? report_refusal(w, planned(s), why) : 0;
}

static int apply(struct work *w, const struct step *s)
{
    size_t length;
    const char *text = vtopo_domain_text(s->given, &length);

    free(steal(w->answer->domain));
    if (vtopo_plan_is_realised(s->plan))
        return work_answer_with(w, text, length);
    return vtopo_plan_apply(s->plan, planned(s), &w->answer->domain, &w->answer->domain_length,
                            w->reterr);
}

/* Plans @domain, and makes what comes of it the answer; after a refusal the answer is as it was. */
static int act_on(struct work *w, const struct vtopo_domain *domain, bool reports)
{
    size_t said = w->answer->messages.count;
    struct step step = {.given = domain};
    int r = make(w, &step);

    if (!r && reports)
        r = report_findings(w, step.plan);
    if (!r)
        r = apply(w, &step);
    if (r)
        kubevirt_answer_cut_messages(w->answer, said);
    clear(&step);
    return r;
}

/*
 * The same with the ports that KubeVirt leaves out because vtopo's controllers have the indexes.
 * Where there is no room for these ports, it is done without.
 *
 * @ret_done  whether there were any, and room for them
 */
static int act_on_with_ports(struct work *w, const struct vtopo_domain *domain, bool reports,
                             bool *ret_done)
{
    struct vtopo_domain *with_ports = NULL;
    int r = 0;

    *ret_done = false;
    if (adds_ports(w->vmi))
        r = kubevirt_add_ports(domain, count_placeholders(w->vmi), &with_ports, w->reterr);
    if (r || !with_ports)
        return r;
    r = act_on(w, with_ports, reports);
    vtopo_domain_free(with_ports);
    *ret_done = !r;
    if (r != VTOPO_ERR_REFUSED)
        return r;
    vtopo_error_free(*w->reterr);
    *w->reterr = NULL;
    return 0;
}

/* KubeVirt may be unable to add any port to this answer: then they are missing already now. */
static int add_ports_to_answer(struct work *w)
{
    struct vtopo_domain *answer = NULL;
    bool done;
    int r = vtopo_domain_parse(w->answer->domain, w->answer->domain_length, "domain XML", &answer,
                               w->reterr);

    if (!r)
        r = act_on_with_ports(w, answer, false, &done);
    vtopo_domain_free(answer);
    return r;
}

static int act_with_or_without_ports(struct work *w, const struct vtopo_domain *domain,
                                     bool *ret_with)
{
    int r = act_on_with_ports(w, domain, true, ret_with);

    return r || *ret_with ? r : act_on(w, domain, true);
}

int act(struct work *w)
{
    bool again = earlier_call_acted(w->vmi, w->given), with_ports;
    int r = act_with_or_without_ports(w, w->given, &with_ports);

    if (!r && !with_ports)
        r = add_ports_to_answer(w);
    if (!r && again) /* only the last call shows the ports that KubeVirt adds */
        kubevirt_answer_keep_finding(w->answer, vtopo_finding_name(VTOPO_FINDING_PORTS_OFF));
    return r;
}

/*
 * Plans what KubeVirt will show in its last call, with ports of its own.  Behind placeholders that
 * is what the call before has made of @next.
 */
static int rehearse_last(struct work *w, const struct vtopo_domain *next)
{
    size_t placeholders = count_placeholders(w->vmi);
    struct vtopo_domain *answer = NULL, *last = NULL;
    bool with_ports;
    int r = 0;

    if (!adds_ports(w->vmi))
        return 0;
    if (placeholders)
        r = vtopo_domain_parse(w->answer->domain, w->answer->domain_length, "domain XML", &answer,
                               w->reterr);
    if (!r)
        r = kubevirt_add_own_ports(answer ? answer : next, placeholders, &last, w->reterr);
    if (!r && last)
        r = act_with_or_without_ports(w, last, &with_ports);
    vtopo_domain_free(last);
    vtopo_domain_free(answer);
    return r;
}

/* Plans what KubeVirt will show in the calls behind this one. */
static int rehearse_next(struct work *w)
{
    size_t said = w->answer->messages.count;
    struct vtopo_domain *next = NULL;
    int r = kubevirt_show_next(w->given, w->policy, &next, w->reterr);

    if (!r)
        r = act_on(w, next, true);
    if (!r)
        r = rehearse_last(w, next);
    if (r)
        kubevirt_answer_cut_messages(w->answer, said);
    vtopo_domain_free(next);
    return r;
}

int rehearse(struct work *w)
{
    size_t length;
    const char *text = vtopo_domain_text(w->given, &length);
    int r = rehearse_next(w);

    if (r)
        return r;
    free(steal(w->answer->domain));
    kubevirt_answer_cut_messages(w->answer, 0);
    r = work_answer_with(w, text, length);
    return r ? r
             : work_add_message(w, KUBEVIRT_INFO,
                                "this call is left as it is, KubeVirt will show the domain again");
}
