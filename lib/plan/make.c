/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * make.c - from host, domain and policy to a plan: the table of contents of the planner
 *
 * Takes:  the three as plain data.
 * Gives:  a plan, or the reason why there is none.
 * Rule:   nothing here depends on where the devices that move were before, so that a plan made from
 * a domain that was rewritten before is the same plan. Not here: each step, in plan_STEP.c; taking
 * back a former rewrite, in undo.c.
 */
#include "plan/ground/extract.h"
#include "plan/ground/planner.h"

#include <string.h>

static int tell_about_domain(struct planner *p)
{
    if (p->facts.base->running)
        return plan_finding(
            p, FINDING_RUNNING, "domain",
            "this is the dump of a running domain: it lacks passwords and has its CPU model "
            "frozen; define from \"virsh dumpxml --inactive --security-info\" instead");
    return 0;
}

/* The domain stays as it is, and @id says why; @text is a whole sentence. */
static int leave_unchanged(struct planner *p, enum finding_id id, const char *text)
{
    p->plan->outcome = PLAN_UNCHANGED;
    for (size_t i = 0; i < p->plan->devices.count; i++) {
        if (p->plan->devices.items[i].fate == FATE_MOVED)
            p->plan->devices.items[i].fate = FATE_STAYS;
    }
    return plan_finding(p, id, "domain", "%s", text);
}

/* What becomes of a domain that cannot be rewritten: an earlier rewrite does not stay in it. */
static const char *left(const struct planner *p)
{
    return !undo_is_empty(&p->plan->undo)
               ? "what vtopo has put in is taken out, and nothing else is done"
               : "it is left as it is";
}

static int leave_machine(struct planner *p)
{
    const char *machine = p->facts.base->machine, *arch = p->facts.base->arch;
    autofree char *text =
        mem_printf("the domain has %s%s%s%s%s, and PCI Express expanders need machine type q35: %s",
                   machine ? "machine type " : "no machine type", machine ? machine : "",
                   arch ? " (" : "", arch ? arch : "", arch ? ")" : "", left(p));

    return text ? leave_unchanged(p, FINDING_MACHINE, text) : error_nomem(p->reterr);
}

static bool any_assigned(const struct planner *p)
{
    for (size_t i = 0; i < p->plan->devices.count; i++) {
        if (device_is_assigned(&p->facts.base->devices.items[p->plan->devices.items[i].device]))
            return true;
    }
    return false;
}

static int advise_cells(struct planner *p)
{
    autofree char *advice = plan_advice(p);
    autofree char *text = NULL;
    bool group = p->facts.policy->without_numa == WITHOUT_NUMA_GROUP;

    if (advice)
        text = mem_printf(
            "the domain has no guest NUMA cells, so %s; with the elements below, in place of those "
            "that it has, every device gets its node\n%s",
            group ? "switches are mirrored on pcie.0 and devices have no node" : left(p), advice);
    if (!text)
        return error_nomem(p->reterr);
    if (!group)
        return leave_unchanged(p, FINDING_NO_CELLS, text);
    return plan_finding(p, FINDING_NO_CELLS, "domain", "%s", text);
}

/* Everything that needs the layout to be possible at all.  What comes behind the ladder always
 * fits. */
static int lay_out(struct planner *p)
{
    int r = plan_cells(p);

    if (!r)
        r = plan_shared_slots(p);
    if (!r)
        r = plan_cards(p);
    if (!r)
        r = plan_ladder(p);
    if (!r)
        r = plan_function0(p);
    if (!r)
        r = plan_clique(p);
    if (!r)
        r = plan_links(p);
    if (!r)
        r = plan_overrides(p);
    if (!r)
        r = plan_predict(p);
    if (!r)
        r = plan_compare(p);
    return r ? r : plan_bound(p);
}

static int decide(struct planner *p)
{
    int r = tell_about_domain(p);

    if (!r && p->facts.base->machine_kind != MACHINE_Q35)
        return leave_machine(p);
    if (!r)
        r = plan_devices(p);
    if (!r)
        r = plan_policy(p);
    if (!r && !any_assigned(p))
        return leave_unchanged(p, FINDING_NOTHING_ASSIGNED,
                               "no host device is assigned: there is nothing to place");
    if (!r && !p->facts.base->cells.count)
        r = advise_cells(p);
    if (!r && p->plan->outcome != PLAN_UNCHANGED)
        r = lay_out(p);
    if (!r)
        r = plan_p2p(p);
    return r ? r : plan_checks(p);
}

/* What was taken out may leave gaps, also where nothing is built in its place (index.c). */
static int fill_gaps_without_layout(struct planner *p)
{
    int r;

    if (p->plan->outcome != PLAN_UNCHANGED || p->facts.base->machine_kind != MACHINE_Q35 ||
        !p->plan->undo.controllers.count)
        return 0;
    r = plan_number(p);
    if (r == VTOPO_ERR_REFUSED && p->misfit.why)
        return error_set(p->reterr, r, "what vtopo had put in cannot be taken out: %s",
                         p->misfit.why);
    if (!r)
        r = plan_count(p);
    return r ? r : plan_predict(p);
}

/* With a strict policy the first finding of the strict kind is the reason to refuse. */
static int refuse_if_strict(struct planner *p)
{
    for (size_t i = 0; p->facts.policy->strict && i < p->plan->findings.count; i++) {
        const struct finding *f = &p->plan->findings.items[i];
        size_t line = strcspn(f->text, "\n");

        if (finding_is_strict(f->id))
            return error_set(p->reterr, VTOPO_ERR_REFUSED,
                             "refused (strict): VTOPO-%04d %s: %.*s%s", (int)f->id, f->subject,
                             (int)line, f->text,
                             f->text[line] ? " (they are printed without --strict)" : "");
    }
    return 0;
}

static int undo(struct planner *p, const struct domain *domain, struct domain *ret_base)
{
    bool done = undo_make(domain, &p->plan->undo) && undo_apply(domain, &p->plan->undo, ret_base);

    return done ? 0 : error_nomem(p->reterr);
}

/* The domain as it would be without vtopo: into p->plan->undo and @ret_base. */
static int take_back(struct planner *p, struct domain *ret_base)
{
    autofree bool *stays = plan_wishes_to_stay(p);
    struct domain copy = {0};
    int r;

    if (!stays || !domain_copy(p->facts.input, &copy))
        return error_nomem(p->reterr);
    r = p->facts.policy->adopt ? plan_adopt(p, &copy, stays) : 0;
    if (!r)
        r = undo(p, &copy, ret_base);
    domain_clear(&copy);
    return r;
}

int plan_make(const struct vtopo_host *host, const struct domain *domain,
              const struct vtopo_policy *policy, struct vtopo_plan **ret_plan,
              struct vtopo_error **reterr)
{
    struct domain base = {0};
    struct planner p = {
        .facts = {.host = host, .input = domain, .base = &base, .policy = policy},
        .plan = calloc(1, sizeof(*p.plan)),
        .reterr = reterr,
    };
    int r;

    if (!p.plan)
        return error_nomem(reterr);
    p.plan->mirror = policy->mirror;
    r = take_back(&p, &base);
    if (!r)
        r = decide(&p);
    if (!r)
        r = fill_gaps_without_layout(&p);
    if (!r)
        r = refuse_if_strict(&p);
    if (!r) {
        p.plan->realised = plan_is_realised(p.plan, domain);
        r = p.plan->realised ? 0 : plan_describe_difference(&p);
    }
    if (!r && !plan_extract_make(host, domain, p.plan))
        r = error_nomem(reterr);
    domain_clear(&base);
    free(p.chains);
    free(p.misfit.why);
    if (r) {
        plan_free(p.plan);
        return r;
    }
    *ret_plan = p.plan;
    return 0;
}

void plan_free(struct vtopo_plan *plan)
{
    if (!plan)
        return;
    for (size_t i = 0; i < plan->controllers.count; i++)
        free(plan->controllers.items[i].alias);
    for (size_t i = 0; i < plan->devices.count; i++)
        free(plan->devices.items[i].alias);
    for (size_t i = 0; i < plan->devices.count; i++)
        free(plan->devices.items[i].vgpu_type);
    plan_extract_clear(&plan->extract);
    for (size_t i = 0; i < plan->overrides.count; i++) {
        free(plan->overrides.items[i].value);
        free(plan->overrides.items[i].alias);
    }
    free(plan->overrides.items);
    free(plan->controllers.items);
    free(plan->cards.items);
    free(plan->devices.items);
    free(plan->bus_fixes.items);
    free(plan->ports_off.items);
    free(plan->budgets.items);
    findings_clear(&plan->findings);
    undo_clear(&plan->undo);
    free(plan->difference);
    free(plan->source);
    free(plan);
}
