/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * make.c - from host, domain and policy to a plan: the table of contents of the planner
 *
 * Takes:  the three as plain data.
 * Gives:  a plan, or the reason why there is none.
 * Rule:   nothing here depends on where the devices that move were before, so that a plan made from
 *         a domain that was rewritten before is the same plan.
 * Not here: each step; taking back a former rewrite (undo.c).
 */
#include "base/buffer.h"
#include "model/finding_groups.h"
#include "model/machine.h"
#include "plan/advice/advice.h"
#include "plan/advice/cells_advice.h"
#include "plan/assemble.h"
#include "plan/base_domain.h"
#include "plan/budget/budget.h"
#include "plan/deliver.h"
#include "plan/devices/command_line.h"
#include "plan/devices/devices.h"
#include "plan/differences.h"
#include "plan/extra/clique.h"
#include "plan/extra/hypervisor.h"
#include "plan/extra/links.h"
#include "plan/extra/override_wish.h"
#include "plan/extra/pref_reserve_wish.h"
#include "plan/extra/smmu.h"
#include "plan/extra/window.h"
#include "plan/ground/extract.h"
#include "plan/ground/versions.h"
#include "plan/guest_bdf.h"
#include "plan/left_alone.h"
#include "plan/places_last.h"
#include "plan/realised.h"
#include "plan/tree/concede.h"

#include <string.h>

/* Since QEMU 11.0 and Linux 6.19 BARs are mapped for other devices with iommufd, too. */
#define IOMMUFD_QEMU 11000000
#define IOMMUFD_KERNEL 6019000

/* What the steps make, in their order. */
struct making {
    struct facts facts;
    struct base_domain base;
    struct guest_tree tree; /* of facts.base */
    struct policy_index index;
    struct assignments assigned;
    struct fates fates;
    struct device_cell *cells;
    struct cell_map *map;
    struct card_list cards;
    struct layout layout;
    struct concessions conceded;
    bool adopts;  /* ports of an undo, and expanders of others, are taken over */
    bool *lone;   /* for each device: below one that was, and was then not placed; NULL: none */
    bool coarser; /* the machine does not bear the mirror that was asked for */
    struct vtopo_plan *plan;
    struct reporter reporter;
};

/* --- a domain that stays as it is --- */

/* @id says why; @text is a whole sentence. */
static int set_unchanged(struct making *m, enum finding_id id, const char *text)
{
    m->plan->outcome = PLAN_UNCHANGED;
    fates_of_unchanged(&m->assigned, &m->fates);
    plan_set_fates(&m->fates, m->plan);
    return report_finding(&m->reporter, id, "domain", "%s", text);
}

/*
 * Large BARs need their window also where nothing moves, and what makes it large enough changes
 * nothing else.
 */
static int look_at_window(struct making *m)
{
    const struct card_list none = {0};
    const struct layout_input in = {&m->facts, &m->assigned,   &m->fates,
                                    &none,     &m->plan->undo, false};
    struct layout layout = {0};
    int r;

    fates_of_unchanged(&m->assigned, &m->fates);
    r = budgets_check_unmoved(&in, &layout, &m->reporter);
    if (!r)
        r = window_add(&m->facts, &layout.space, &m->plan->additions, &m->reporter);
    layout_clear(&layout);
    return r;
}

/* What becomes of a domain that cannot be rewritten: an earlier rewrite does not stay in it. */
static const char *what_becomes_of_it(const struct making *m)
{
    if (m->plan->additions.count)
        return "nothing but what the policy adds is written";
    return !undo_is_empty(&m->plan->undo) || m->plan->adopted.count ||
                   m->facts.input->record.additions.count
               ? "what vtopo has put in is taken out, and nothing else is done"
               : "it is left as it is";
}

/* @reason: is so. */
static int leave_alone(struct making *m, const struct left_alone *reason)
{
    bool looks = reason->why != FINDING_MACHINE && !reason->window_unknown;
    int r = looks ? look_at_window(m) : 0;
    autofree char *text = NULL;

    if (r)
        return r;
    text = left_alone_describe(reason, m->facts.base, what_becomes_of_it(m));
    return text ? set_unchanged(m, reason->why, text) : error_nomem(m->reporter.reterr);
}

/* --- the cells that would fit --- */

/* What --cells make adds, behind a sentence that has none yet; NULL: out of memory. */
static char *advice_text(const struct making *m)
{
    const struct cells_advice advice = {&m->facts, &m->assigned, &m->fates, &m->base.lacking.made};

    return cells_advice_format(&advice);
}

static int advise_cells(struct making *m)
{
    autofree char *advice = advice_text(m);
    autofree char *text = NULL;
    bool group = m->facts.policy->without_numa == WITHOUT_NUMA_GROUP;
    int r = advice && !group ? look_at_window(m) : 0;

    if (r)
        return r;
    if (advice)
        text = mem_printf("%s, so %s%s",
                          m->facts.base->qemu_cells
                              ? "the guest's NUMA cells are only in <qemu:commandline> (-numa), "
                                "where libvirt can give them no device"
                              : "the domain has no guest NUMA cells",
                          group ? "switches are mirrored on pcie.0 and devices have no node"
                                : what_becomes_of_it(m),
                          advice);
    if (!text)
        return error_nomem(m->reporter.reterr);
    if (!group)
        return set_unchanged(m, FINDING_NO_CELLS, text);
    return report_finding(&m->reporter, FINDING_NO_CELLS, "domain", "%s", text);
}

/* Cells are there, and none stands for a node. */
static int advise_ties(struct making *m)
{
    autofree char *advice = NULL;

    if (!m->facts.base->cells.count || !m->base.lacking.lacking || m->base.lacking.added)
        return 0;
    advice = advice_text(m);
    return advice ? report_finding(&m->reporter, FINDING_CELLS_UNTIED, "domain",
                                   "nothing ties its guest NUMA cells to host nodes, so no device "
                                   "gets one%s",
                                   advice)
                  : error_nomem(m->reporter.reterr);
}

/* --- devices --- */

static int find_devices(struct making *m)
{
    int r = assignments_find(&m->facts, &m->index, &m->assigned, m->reporter.reterr);

    if (!r)
        slot_needs_find(&m->facts, &m->assigned);
    if (!r)
        r = fates_decide(&m->facts, &m->assigned, &m->fates, &m->reporter);
    if (!r)
        r = networks_report(m->facts.base, &m->reporter);
    if (!r)
        r = policy_report_unused(&m->facts, &m->assigned, &m->reporter);
    if (!r && !plan_list_devices(&m->facts, &m->assigned, &m->fates, m->plan))
        r = error_nomem(m->reporter.reterr);
    return r;
}

static int find_cells(struct making *m)
{
    int r = cells_find(&m->facts, &m->assigned, &m->fates, &m->cells, &m->map, m->reporter.reterr);

    if (r)
        return r;
    fates_of_unmapped(&m->facts, &m->assigned, m->cells, &m->fates);
    r = advise_ties(m);
    return r ? r : cells_report(&m->facts, &m->assigned, &m->fates, m->cells, m->map, &m->reporter);
}

static int find_cards(struct making *m)
{
    int r = fates_of_shared_slots(&m->facts, &m->assigned, &m->fates, &m->reporter);

    if (!r)
        r = cards_make(&m->facts, &m->assigned, &m->fates, m->cells, &m->cards, m->reporter.reterr);
    if (!r && !m->facts.base->cells.count)
        r = fates_of_lone_cards(&m->facts, &m->assigned, &m->cards, &m->fates, m->reporter.reterr);
    return r;
}

/* --- layout --- */

static struct layout_input layout_input_of(const struct making *m)
{
    return (struct layout_input){
        &m->facts, &m->assigned,   &m->fates,
        &m->cards, &m->plan->undo, m->plan->undo.controllers.count || m->plan->adopted.count};
}

static int make_layout(struct making *m)
{
    const struct layout_input in = layout_input_of(m);
    int r = layout_concede(&in, &m->layout, &m->conceded, m->reporter.reterr);

    if (r)
        return r;
    plan_set_fates(&m->fates, m->plan);
    plan_set_places(m->cells, &m->cards, &m->layout, m->plan);
    r = places_find_lasting(&in, &m->layout, m->plan, m->reporter.reterr);
    if (r)
        return r;
    return plan_set_layout(&m->layout, m->plan) ? 0 : error_nomem(m->reporter.reterr);
}

/* What comes behind the layout always fits. */
static int add_extras(struct making *m)
{
    int r = function0_report(&m->facts, m->plan, &m->reporter);

    if (!r)
        r = window_add(&m->facts, &m->plan->space, &m->plan->additions, &m->reporter);
    if (!r)
        r = window_report_slow(&m->facts, m->plan, &m->reporter);
    if (!r)
        r = atomics_report(&m->facts, m->plan, &m->reporter);
    if (!r)
        r = cliques_assign(&m->facts, m->plan, &m->reporter);
    if (!r)
        r = hypervisor_check_cliques(&m->facts, m->plan, &m->reporter);
    if (!r)
        r = links_assign(&m->facts, m->plan, &m->reporter);
    if (!r && !pref_reserve_add(m->plan))
        r = error_nomem(m->reporter.reterr);
    if (!r)
        r = port_properties_report(&m->facts, m->plan, &m->reporter);
    if (!r)
        r = smmu_add(&m->facts, m->plan, &m->reporter);
    if (!r && !overrides_set_aliases(&m->facts, m->plan))
        r = error_nomem(m->reporter.reterr);
    if (!r)
        r = guest_bdf_predict(&m->facts, m->plan, &m->reporter);
    if (!r)
        r = differences_report(&m->facts, m->plan, m->cards.chains,
                               m->conceded.merged || m->conceded.flat, &m->reporter);
    if (!r)
        r = cell_cuts_report(&m->facts, &m->reporter);
    if (!r)
        r = cell_memory_report(&m->facts, &m->reporter);
    return r ? r : locality_report(&m->facts, m->plan, &m->reporter);
}

/* New controllers can be what a guest does not bear. */
static int look_for_reasons(struct making *m)
{
    struct left_alone reason;
    int r = no_acpi_report(&m->facts, &m->reporter);

    if (r)
        return r;
    r = left_alone_by_features(m->facts.base, &reason) ? 0 : error_nomem(m->reporter.reterr);
    if (!r && !reason.is_so)
        left_alone_by_addresses(&m->facts, &m->fates, &reason);
    if (!r && reason.is_so)
        r = leave_alone(m, &reason);
    if (!r && m->plan->outcome != PLAN_UNCHANGED)
        r = firmware_cells_report(&m->facts, &m->reporter);
    left_alone_clear(&reason);
    return r;
}

/* What a machine without PCI Express does not have. */
static int report_conventional(struct making *m)
{
    const struct machine *machine = domain_machine(m->facts.base);
    int r;

    if (machine->express || !m->cards.cards.count)
        return 0;
    r = report_finding(
        &m->reporter, FINDING_NO_PCI_EXPRESS, "domain",
        "machine type %s has no PCI Express: devices get conventional slots and their NUMA nodes, and no switches, links or peer-to-peer; q35 has these",
        machine->name);
    if (r || !m->coarser || !m->facts.policy->mirror_given)
        return r;
    return report_finding(
        &m->reporter, FINDING_MIRROR_CONCEDED, "domain",
        "mirror \"root\" is made in place of the one asked for: machine type %s has no switches",
        machine->name);
}

static int lay_out(struct making *m)
{
    int r = find_cells(m);

    if (!r)
        r = find_cards(m);
    if (!r && m->cards.cards.count)
        r = look_for_reasons(m);
    if (r || m->plan->outcome == PLAN_UNCHANGED)
        return r;
    r = report_conventional(m);
    if (!r)
        r = make_layout(m);
    if (!r)
        r = guest_cells_add(&m->facts, &m->base.lacking, m->plan, &m->reporter);
    return r ? r : add_extras(m);
}

/* What was taken out may leave gaps, also where nothing is built in its place. */
static int fill_gaps(struct making *m)
{
    const struct layout_input in = layout_input_of(m);
    int r;

    if (m->plan->outcome != PLAN_UNCHANGED || !domain_machine(m->facts.base)->rewritten ||
        !(m->plan->undo.controllers.count || m->plan->adopted.count))
        return 0;
    r = layout_of_gaps(&in, &m->layout, m->reporter.reterr);
    if (!r && !plan_set_layout(&m->layout, m->plan))
        r = error_nomem(m->reporter.reterr);
    return r ? r : guest_bdf_predict(&m->facts, m->plan, &m->reporter);
}

/* --- */

static bool any_assigned(const struct assignments *assigned)
{
    for (size_t i = 0; i < assigned->count; i++) {
        if (assigned->items[i].kind != DEVICE_INTERFACE_NETWORK)
            return true;
    }
    return false;
}

static int report_nothing_assigned(struct making *m)
{
    return set_unchanged(m, FINDING_NOTHING_ASSIGNED,
                         "no host device is assigned: there is nothing to place");
}

/* They can be all that is assigned. */
static int report_past_libvirt(struct making *m)
{
    autofree char *text = NULL;

    if (!command_line_assigned(m->facts.base, &text))
        return error_nomem(m->reporter.reterr);
    if (!any_assigned(&m->assigned))
        return text ? set_unchanged(m, FINDING_PAST_LIBVIRT, text) : report_nothing_assigned(m);
    return text ? report_finding(&m->reporter, FINDING_PAST_LIBVIRT, "domain", "%s", text) : 0;
}

/* Of another machine nothing else is asked: its host devices need not be there. */
static bool assigns_anything(const struct facts *facts)
{
    for (size_t i = 0; i < facts->base->devices.count; i++) {
        const struct domain_device *d = &facts->base->devices.items[i];

        if (device_is_placed(facts, d) && d->address.kind != ADDRESS_UNASSIGNED)
            return true;
    }
    for (size_t i = 0; i < facts->base->qemu_devices.count; i++) {
        if (facts->base->qemu_devices.items[i].host)
            return true;
    }
    return false;
}

static int decide(struct making *m)
{
    struct left_alone machine;
    int r = input_report(&m->facts, &m->reporter);

    left_alone_by_machine(m->facts.base, &machine);
    if (!r && machine.is_so)
        return assigns_anything(&m->facts) ? leave_alone(m, &machine) : report_nothing_assigned(m);
    if (!r)
        r = find_devices(m);
    if (!r)
        r = report_past_libvirt(m);
    if (!r && !any_assigned(&m->assigned))
        return 0;
    if (!r)
        r = hypervisor_hide(&m->facts, m->plan, &m->reporter);
    if (!r && !m->facts.base->cells.count)
        r = advise_cells(m);
    if (!r && m->plan->outcome != PLAN_UNCHANGED)
        r = lay_out(m);
    if (!r && m->facts.base->iommufd) {
        m->plan->iommufd_qemu = qemu_version_verdict(&m->facts, IOMMUFD_QEMU);
        m->plan->iommufd_kernel = kernel_version_verdict(m->facts.host, IOMMUFD_KERNEL);
    }
    if (!r)
        r = p2p_report(&m->facts, m->plan, &m->reporter);
    if (!r)
        r = version_doubts_report(&m->facts, m->plan, &m->reporter);
    if (!r)
        r = fabric_report(&m->facts, m->plan, &m->reporter);
    return r ? r : host_checks_report(&m->facts, m->plan, &m->reporter);
}

/* With a strict policy the first finding of the strict kind is the reason to refuse. */
static int refuse_if_strict(const struct facts *facts, const struct vtopo_plan *plan,
                            struct vtopo_error **reterr)
{
    for (size_t i = 0; facts->policy->strict && i < plan->findings.count; i++) {
        const struct finding *f = &plan->findings.items[i];
        size_t line = strcspn(f->text, "\n");

        if (finding_is_strict(f->id))
            return error_set(reterr, VTOPO_ERR_REFUSED, "refused (strict): VTOPO-%04d %s: %.*s%s",
                             (int)f->id, f->subject, (int)line, f->text,
                             f->text[line] ? " (they are printed without --strict)" : "");
    }
    return 0;
}

static int start(const struct vtopo_host *host, const struct domain *domain,
                 const struct vtopo_policy *policy, struct vtopo_error **reterr, struct making *ret)
{
    *ret = (struct making){
        .facts =
            {.host = host, .input = domain, .origin = domain, .base = domain, .policy = policy},
        .plan = calloc(1, sizeof(*ret->plan)),
        .adopts = true,
    };
    if (!ret->plan)
        return error_nomem(reterr);
    ret->plan->mirror = policy->mirror;
    ret->reporter = (struct reporter){&ret->plan->findings, reterr};
    return policy_index_make(policy, &ret->index) ? 0 : error_nomem(reterr);
}

static void clear(struct making *m)
{
    layout_clear(&m->layout);
    card_list_clear(&m->cards);
    cell_map_free(m->map);
    free(m->cells);
    fates_clear(&m->fates);
    assignments_clear(&m->assigned);
    policy_index_clear(&m->index);
    base_domain_clear(&m->base);
}

static int find_base_and_decide(struct making *m)
{
    const struct taking_over taking_over = {m->adopts, m->lone};
    int r = base_domain_find(&m->facts, &m->index, &taking_over, m->plan, &m->reporter, &m->base);

    if (r)
        return r;
    guest_tree_make(m->facts.base, &m->tree);
    m->facts.tree = &m->tree;
    return decide(m);
}

/* Finds devices below expanders that were taken over which are not placed anew. */
static int find_lone(struct making *m, bool *ret_any)
{
    bool adopted[DOMAIN_INDEXES] = {false};

    *ret_any = false;
    for (size_t i = 0; i < m->plan->adopted.count; i++)
        adopted[m->plan->adopted.items[i]] = true;
    if (!m->lone)
        m->lone = calloc(m->facts.input->devices.count + 1, sizeof(*m->lone));
    for (size_t i = 0; m->lone && i < m->plan->devices.count; i++) {
        const struct plan_device *d = &m->plan->devices.items[i];
        const struct address *place = &m->facts.origin->devices.items[d->device].address;

        if (d->fate == FATE_MOVED || place->kind != ADDRESS_PCI || !adopted[place->at.bus])
            continue;
        m->lone[d->device] = *ret_any = true;
    }
    return m->lone ? 0 : error_nomem(m->reporter.reterr);
}

static int start_again(struct making *m)
{
    const struct facts facts = m->facts;
    struct vtopo_error **reterr = m->reporter.reterr;
    bool adopts = m->adopts, coarser = m->coarser, *lone = m->lone;
    int r;

    clear(m);
    plan_free(m->plan);
    r = start(facts.host, facts.input, facts.policy, reterr, m);
    m->adopts = adopts;
    m->lone = lone;
    m->coarser = coarser;
    return r;
}

/*
 * Nothing is taken over of a domain that is left alone, and no expander with a device that would
 * then stay in a port of pcie.0, without cells: that shows only when everything else is decided.
 */
static int decide_on_adoption(struct making *m)
{
    bool again = true;
    int r = find_base_and_decide(m);

    while (!r && again && m->plan->adopted.count) {
        m->adopts = m->plan->outcome != PLAN_UNCHANGED;
        if (m->adopts)
            r = find_lone(m, &again);
        if (!r && again)
            r = start_again(m);
        if (!r && again)
            r = find_base_and_decide(m);
    }
    return r;
}

/* The domain with the cells that it will have. */
static const struct domain *cells_of(const struct making *m)
{
    bool added = m->base.lacking.added && m->plan->outcome != PLAN_UNCHANGED;

    return added ? &m->base.lacking.domain : m->facts.input;
}

static int make(struct making *m)
{
    int r = decide_on_adoption(m);

    if (!r)
        r = fill_gaps(m);
    if (!r)
        links_find_shown(m->facts.input, m->plan);
    if (!r && !plan_extract_make(m->facts.host, m->facts.input, cells_of(m), m->plan))
        r = error_nomem(m->reporter.reterr);
    if (!r)
        r = deliver_add(&m->facts, m->plan, &m->reporter);
    if (!r && !findings_group(&m->plan->findings))
        r = error_nomem(m->reporter.reterr);
    if (!r)
        r = refuse_if_strict(&m->facts, m->plan, m->reporter.reterr);
    if (r)
        return r;
    m->plan->realised = plan_is_realised(m->plan, m->facts.input);
    if (!m->plan->realised)
        m->plan->difference = realised_describe(m->plan, m->facts.input);
    if (!m->plan->realised && !m->plan->difference)
        r = error_nomem(m->reporter.reterr);
    if (!r && m->plan->realised && !realised_find_lack(m->plan, m->facts.input, &m->plan->lack))
        r = error_nomem(m->reporter.reterr);
    return r;
}

int plan_make(const struct vtopo_host *host, const struct domain *domain,
              const struct vtopo_policy *policy, struct vtopo_plan **ret_plan,
              struct vtopo_error **reterr)
{
    struct vtopo_policy possible = *policy;
    const struct machine *machine = domain_machine(domain);
    bool coarser = machine->rewritten && !machine->express && policy->mirror > MIRROR_ROOT;
    struct making m;
    int r;

    if (coarser)
        possible.mirror = MIRROR_ROOT;
    r = start(host, domain, &possible, reterr, &m);
    m.coarser = coarser;
    if (!r)
        r = make(&m);
    free(m.lone);
    clear(&m);
    if (r) {
        plan_free(m.plan);
        return r;
    }
    *ret_plan = m.plan;
    return 0;
}
