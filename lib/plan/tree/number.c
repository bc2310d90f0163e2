/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * number.c - every number that is written to the XML
 *
 * Takes:  the tree of layout.controllers, and what the domain has.
 * Gives:  indexes, slots, chassis, bus numbers.
 * Rule:   nothing is left to libvirt's defaults.
 * Not here: each kind of number (alias.c, index.c, slot.c, bus.c); counting them (table.c).
 */
#include "plan/tree/number.h"

#include "model/machine.h"
#include "plan/ground/libvirt_adds.h"
#include "plan/ground/reporter.h"

/*
 * What would help: fewer gaps, if without them there were enough; a coarser mirror, unless it would
 * be the same, or have more ports on each bus.
 */
static const char *cure_of(const struct facts *facts, const struct layout *layout, enum limit limit,
                           size_t gaps_too_many)
{
    enum mirror mirror = facts->policy->mirror;

    if (gaps_too_many && libvirt_index_gaps(facts->base) >= gaps_too_many)
        return "lower indexes for the domain's own controllers make room, because each index that is left out becomes a root port";
    if (limit == LIMIT_SLOTS && (layout->merged || mirror == MIRROR_NUMA))
        return "fewer controllers and devices of the domain there make room";
    if (mirror == MIRROR_NUMA || (layout->merged && mirror == MIRROR_ROOT))
        return "fewer devices need less";
    return "fewer devices, or a coarser mirror (\"numa\" is the coarsest), need less";
}

int layout_set_limit(const struct facts *facts, struct layout *layout, struct vtopo_error **reterr,
                     enum limit limit, size_t needed, size_t available)
{
    /* How many gaps take one of them. */
    static const struct {
        const char *name;
        size_t gaps;
    } limits[] = {
        [LIMIT_SLOTS] = {NULL, FUNCTIONS}, /* machine.h has the name */
        [LIMIT_BUSES] = {"bus numbers", 1},
        [LIMIT_INDEXES] = {"controller indexes", 0}, /* a gap is a free one */
        [LIMIT_CHASSIS] = {"chassis numbers", 1},
    };

    const char *name = limits[limit].name;

    return layout_set_shortage(
        layout, reterr, cure_of(facts, layout, limit, (needed - available) * limits[limit].gaps),
        "%s: %zu needed, %zu available", name ? name : domain_machine(facts->base)->root_slots,
        needed, available);
}

/* What libvirt would add and choose on other machines is not known; of the domain as it is that was
 * asked before (left_alone.c). */
static int check_foretold(const struct facts *facts, const struct occupancy *use,
                          struct vtopo_error **reterr)
{
    if (domain_machine(facts->base)->foretold || occupancy_is_whole(use, facts->input))
        return 0;
    return error_set(
        reterr, VTOPO_ERR_REFUSED,
        "some devices or controllers have no PCI address or are not there, and what libvirt chooses for machine type %s is not known in advance: define the domain first, then rewrite what \"virsh dumpxml --inactive\" prints",
        domain_machine(facts->base)->name);
}

static int report_incomplete(const struct facts *facts, struct reporter *reporter)
{
    if (facts->policy->spare_ports)
        return error_set(
            reporter->reterr, VTOPO_ERR_REFUSED,
            "spare ports need a domain that has all its PCI addresses, because libvirt would put other devices into them: define it first, then rewrite what \"virsh dumpxml --inactive\" prints");
    return report_finding(
        reporter, FINDING_ADDRESSES_ABSENT, "domain",
        "some devices or controllers have no PCI address: libvirt will choose them when the domain is defined, and they can differ from those that it would choose without vtopo; to keep them, define the domain first and rewrite the dump");
}

/* A port goes only if somebody takes its index: fewer ports until that is so. */
static int set_indexes(const struct layout_input *in, struct occupancy *use, struct layout *layout,
                       struct vtopo_error **reterr)
{
    const struct occupancy before = *use;
    bool changed = true;
    int r = 0;

    while (!r && changed) {
        *use = before;
        occupancy_remove(use, layout->removed.items, layout->removed.count);
        r = indexes_set(in->facts, use, layout, reterr);
        if (!r)
            r = vacated_keep_unfilled(in, use, layout, &changed, reterr);
    }
    return r;
}

static int number_controllers(const struct layout_input *in, struct occupancy *use,
                              struct layout *layout, struct vtopo_error **reterr)
{
    struct reporter reporter = {&layout->findings, reterr};
    int r = use->complete ? 0 : report_incomplete(in->facts, &reporter);

    if (!r)
        r = set_indexes(in, use, layout, reterr);
    return r ? r : check_foretold(in->facts, use, reterr);
}

static int number_places(const struct facts *facts, struct occupancy *use, struct layout *layout,
                         struct vtopo_error **reterr)
{
    int r = slots_set(facts, use, layout, reterr);

    if (!r)
        r = chassis_set(facts, use, layout, reterr);
    return r ? r : bus_numbers_set(facts, use, layout, reterr);
}

int layout_number(const struct layout_input *in, bool fewest, struct layout *layout,
                  struct vtopo_error **reterr)
{
    struct occupancy use = occupancy_of(in->facts->base, in->fates, fewest);
    int r = layout->controllers.count ? number_controllers(in, &use, layout, reterr) : 0;

    if (!r)
        r = indexes_fill_gaps(in, &use, layout, reterr);
    if (!r && layout->controllers.count && !aliases_make_unique(in->facts->base, layout))
        r = error_nomem(reterr);
    /* With nothing to write nothing is numbered, and nothing of others is touched. */
    if (!r && layout->controllers.count)
        r = number_places(in->facts, &use, layout, reterr);
    return r;
}
