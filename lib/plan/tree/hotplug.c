/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hotplug.c - which root ports stay hot-pluggable
 *
 * Takes:  the layout with its numbers, the I/O windows that it needs, the domain's firmware, what
 *         libvirt will add to the domain (libvirt_result.c).
 * Gives:  hotplug_off on root ports of ours; plan.ports_off, empty root ports of the domain that
 *         have to be hotplug='off'; fillers (index.c) for those of them that libvirt would add; a
 *         shortage where there is no room for spare ports, or all that is not enough (concede.c).
 * Rule:   they stay hot-pluggable, unless OVMF has no I/O space for that (ovmf_io.h). Then ours go
 *         first, then of the domain's as many as the cards leave empty, then spare ports, and then
 *         of the domain's as few as will do, those with the highest indexes: libvirt fills the
 *         lowest ones. What libvirt makes of the domain counts, so that a definition and its dump
 *         give the same plan. SeaBIOS keeps nothing for empty ports.
 */
#include "base/buffer.h"
#include "model/machine.h"
#include "plan/budget/budget.h"
#include "plan/budget/io_windows.h"
#include "plan/ground/libvirt_adds.h"
#include "plan/ground/libvirt_result.h"
#include "plan/ground/reporter.h"
#include "plan/tree/number.h"

#include <string.h>

/* The rest of the guest, in each way in which libvirt may define it. */
struct outlook {
    struct io_others ways[LIBVIRT_VERSIONS];
    size_t count;
    struct libvirt_results results; /* what the ways are, if libvirt adds something */
    const char *unknown;            /* static; why it is only estimated; NULL: it is not */
};

/* What firmware makes of the layout as it is now. */
struct verdict {
    bool fits;
    bool unsure;    /* it does not, but that may be so without vtopo, too */
    bool counted;   /* it does not, even with nothing hot-pluggable: address_space.c says that */
    size_t root;    /* windows that pcie.0 needs, */
    size_t padding; /* of which so many for hot-plug */
    size_t others;  /* windows that expanders need */
    /* root and padding with as many of the domain's empty ports off as may be */
    size_t least_root, least_padding;
    struct io_ports own; /* whose hot-plug costs */
    const char *firmware;
    size_t windows; /* that it has */
};

static int judge(const struct layout_input *in, const struct layout *layout,
                 const struct io_others *others, struct verdict *ret, struct vtopo_error **reterr)
{
    const struct machine *machine = domain_machine(in->facts->base);
    struct io_view view;
    int r = io_view_make(in, layout, others, &view, reterr);

    if (r)
        return r;
    *ret = (struct verdict){
        .firmware = machine->uefi,
        .windows = machine->io_windows,
        .fits = ovmf_io_fits(machine->io_windows, view.bridges, view.count),
        .root = ovmf_io_needed(view.bridges, 1),
        .padding = view.bridges[0].padding,
        .own = view.own,
    };
    ret->least_root = ret->root;
    ret->least_padding = ret->padding;
    ret->others = ovmf_io_needed(view.bridges, view.count) - ret->root;
    ret->unsure = view.others || !ret->others;
    ret->counted = view.bars > io_windows_available(in->facts->base);
    free(view.bridges);
    return 0;
}

/* Of the first way in which it does not fit, if there is one. */
static int judge_all(const struct layout_input *in, const struct layout *layout,
                     const struct outlook *outlook, struct verdict *ret,
                     struct vtopo_error **reterr)
{
    int r = 0;

    ret->fits = true;
    for (size_t i = 0; !r && ret->fits && i < outlook->count; i++)
        r = judge(in, layout, &outlook->ways[i], ret, reterr);
    return r;
}

/* --- what libvirt will add --- */

/* Indexes that have no controller, of the domain or the plan. */
static size_t count_gaps(const struct layout_input *in, const struct layout *layout)
{
    struct occupancy use = occupancy_of(in->facts->base, in->fates, false);
    size_t gaps = 0;

    for (size_t i = 0; i < layout->controllers.count; i++) {
        unsigned index = layout->controllers.items[i].index;

        use.there[index] = true;
        use.highest = index > use.highest ? index : use.highest;
    }
    for (unsigned i = 1; i <= use.highest; i++)
        gaps += !use.there[i];
    return gaps;
}

/* It is not known: the most that can be. */
static void estimate(const struct layout_input *in, const struct layout *layout,
                     struct outlook *outlook)
{
    outlook->ways[0] = (struct io_others){
        .domain = in->facts->base,
        .tree = in->facts->tree,
        .gaps = count_gaps(in, layout),
        .expected = libvirt_expected_hotplug_ports(in->facts->base, in->fates),
    };
    outlook->count = 1;
    outlook->unknown = outlook->results.unknown;
}

static int outlook_make(const struct layout_input *in, const struct layout *layout,
                        struct outlook *ret, struct vtopo_error **reterr)
{
    int r;

    ret->results.count = 0;
    ret->unknown = NULL;
    ret->ways[0] = (struct io_others){.domain = in->facts->base, .tree = in->facts->tree};
    ret->count = 1;
    if (libvirt_adds_nothing(in->facts->base, in->fates) && !libvirt_adds_devices(in->facts->base))
        return 0;
    r = libvirt_results_make(in, layout, &ret->results, reterr);
    if (r)
        return r;
    ret->count = ret->results.count;
    for (size_t i = 0; i < ret->count; i++)
        ret->ways[i] = (struct io_others){.domain = &ret->results.items[i].domain,
                                          .tree = &ret->results.items[i].tree};
    if (!ret->count)
        estimate(in, layout, ret);
    return 0;
}

/* --- our ports --- */

/* "controllers 1-14", "2 of <qemu:commandline>", or both; "" if they are not known.  NULL: out of
 * memory. */
static char *name_ports(const struct io_ports *ports)
{
    autofree char *numbers = NULL;
    struct idset set = {0};
    size_t known = 0;
    bool done = true;

    for (size_t i = 0; done && i < INDEXES; i++) {
        known += ports->at[i];
        done = !ports->at[i] || idset_add(&set, i);
    }
    numbers = done ? idset_format(&set) : NULL;
    idset_free(&set);
    if (!numbers)
        return NULL;
    if (known != ports->count || !(known + ports->qemu))
        return mem_printf("%s", "");
    if (!ports->qemu)
        return mem_printf("controller%s %s", known > 1 ? "s" : "", numbers);
    return known ? mem_printf("controller%s %s, and %zu of <qemu:commandline>",
                              known > 1 ? "s" : "", numbers, ports->qemu)
                 : mem_printf("%zu of <qemu:commandline>", ports->qemu);
}

/* Of what OVMF has too little I/O space for more.  NULL: out of memory. */
static char *name_what_costs(const struct io_ports *own, bool others)
{
    autofree char *names = name_ports(own);
    const char *these = others ? "these" : "";

    if (!names)
        return NULL;
    if (!own->count && !own->qemu)
        return mem_printf("%s", others ? "more than these" : "so many");
    return mem_printf("more than %s%sthe %zu that the domain has itself%s%s%s", these,
                      others ? " and " : "", own->count + own->qemu, *names ? " (" : "", names,
                      *names ? ")" : "");
}

static int turn_off(const struct verdict *verdict, struct layout *layout, struct reporter *reporter)
{
    bool any = false, others = false;
    autofree char *costs = NULL;

    for (size_t i = 0; i < layout->controllers.count; i++) {
        struct plan_controller *c = &layout->controllers.items[i];

        others = others || c->hotplug_on;
        if (c->model != CTRL_ROOT_PORT || c->hotplug_on || c->filler || c->hotplug_off)
            continue;
        any = c->hotplug_off = true;
    }
    if (!any)
        return 0;
    costs = name_what_costs(&verdict->own, others);
    if (!costs)
        return error_nomem(reporter->reterr);
    return report_finding(
        reporter, FINDING_HOTPLUG_OFF, "domain",
        "the new root ports%s are not hot-pluggable, because OVMF has too little I/O space for %s",
        others ? ", but for spare ones and those of devices that must be hot-pluggable," : "",
        costs);
}

/* --- empty ports of the domain --- */

static void find_occupied(const struct layout_input *in, const struct domain *domain,
                          bool *occupied)
{
    for (size_t i = 0; i < domain->controllers.count; i++) {
        if (domain->controllers.items[i].address.kind == ADDRESS_PCI)
            occupied[domain->controllers.items[i].address.at.bus] = true;
    }
    for (size_t i = 0; i < domain->devices.count; i++) {
        const struct domain_device *d = &domain->devices.items[i];
        bool moves = i < in->facts->base->devices.count && in->fates->moves[i];

        if (d->address.kind == ADDRESS_PCI && !moves)
            occupied[d->address.at.bus] = true;
    }
}

/* Their indexes, ascending.  NULL: out of memory. */
static char *list_ports_off(const struct layout *layout)
{
    struct buffer text = {0};

    for (size_t i = layout->ports_off.count; i-- > 0;)
        buffer_printf(&text, "%s%u", text.length ? ", " : "", layout->ports_off.items[i]);
    return buffer_steal(&text);
}

static int report_ports_off(const struct layout *layout, struct reporter *reporter)
{
    autofree char *numbers = list_ports_off(layout);

    if (!numbers)
        return error_nomem(reporter->reterr);
    return report_finding(
        reporter, FINDING_PORTS_OFF, "domain",
        "hotplug='off' is written into empty root ports of the domain (controller%s %s): OVMF keeps I/O space for every hot-pluggable port, and devices below the expanders would get no memory; nothing can be plugged into them while the guest runs",
        layout->ports_off.count > 1 ? "s" : "", numbers);
}

/*
 * How many ports of the domain may be turned off.  For spare ports those that the cards leave
 * empty: so many, not these ones, since it is to be the same after --undo, which knows the number
 * alone.  Those that the policy has switched off or removed (vacated.c) are among them.
 */
static size_t most_ports_off(const struct layout_input *in, const struct concessions *conceded,
                             const struct layout *layout)
{
    size_t vacated = layout->vacated_off.count + layout->removed.count;
    size_t most = conceded->spare_ports ? in->cards->cards.count : INDEXES;

    return most > vacated ? most - vacated : 0;
}

static void exclude_vacated(const struct layout *layout, bool *occupied)
{
    for (size_t i = 0; i < layout->vacated_off.count; i++)
        occupied[layout->vacated_off.items[i]] = true;
    for (size_t i = 0; i < layout->removed.count; i++)
        occupied[layout->removed.items[i]] = true;
}

/*
 * libvirt adds a PCIe-to-PCI bridge with a port of the index before, and would do so again beside a
 * port that is written: so that one stays as it is, before and after.
 */
static bool came_with_bridge(const struct guest_tree *tree, unsigned port)
{
    return port + 1 < INDEXES && tree->at[port + 1].there &&
           tree->at[port + 1].model == CTRL_PCIE_TO_PCI;
}

/* Finds layout.ports_off for one way, at most so many; none if that does not make it fit. */
static int find_ports_off(const struct layout_input *in, struct layout *layout,
                          const struct io_others *others, size_t most, struct verdict *verdict,
                          struct vtopo_error **reterr)
{
    bool occupied[INDEXES] = {false};
    size_t least_root, least_padding;
    int r = judge(in, layout, others, verdict, reterr);

    find_occupied(in, others->domain, occupied);
    exclude_vacated(layout, occupied);
    for (unsigned i = INDEXES - 1; !r && !verdict->fits && layout->ports_off.count < most && i > 0;
         i--) {
        const struct domain_controller *c = others->tree->at[i].own;
        unsigned *index;

        if (!c || c->model != CTRL_ROOT_PORT || c->address.at.bus || c->hotplug == 0 ||
            occupied[i] || came_with_bridge(others->tree, i))
            continue;
        index = vec_add(&layout->ports_off);
        if (!index)
            return error_nomem(reterr);
        *index = i;
        r = judge(in, layout, others, verdict, reterr);
    }
    if (r || verdict->fits)
        return r;
    least_root = verdict->root;
    least_padding = verdict->padding;
    layout->ports_off.count = 0;
    r = judge(in, layout, others, verdict, reterr);
    verdict->least_root = least_root;
    verdict->least_padding = least_padding;
    return r;
}

static bool have_same_ports(const struct plan_indexes *a, const struct plan_indexes *b)
{
    return a->count == b->count &&
           (!a->count || !memcmp(a->items, b->items, a->count * sizeof(*a->items)));
}

static int refuse_differing(struct vtopo_error **reterr)
{
    return error_set(
        reterr, VTOPO_ERR_REFUSED,
        "some devices or controllers have no PCI address, versions of libvirt place them differently, and on that depends which empty root ports have to be hotplug='off' so that OVMF has I/O space for the devices below the new expanders: define the domain first, then rewrite what \"virsh dumpxml --inactive\" prints, or set policy libvirt_version");
}

/* A port that libvirt would add is written, switched off: in the next rewrite it is the domain's.
 */
static int write_missing_ports(const struct layout_input *in, struct layout *layout,
                               struct vtopo_error **reterr)
{
    size_t first = layout->controllers.count, there = 0;

    for (size_t i = layout->ports_off.count; i-- > 0;) {
        unsigned index = layout->ports_off.items[i];

        if (in->facts->tree->at[index].own)
            continue;
        if (!layout_add_filler(layout, CTRL_ROOT_PORT, index, true, NULL))
            return error_nomem(reterr);
    }
    for (size_t i = 0; i < layout->ports_off.count; i++) {
        if (in->facts->tree->at[layout->ports_off.items[i]].own)
            layout->ports_off.items[there++] = layout->ports_off.items[i];
    }
    layout->ports_off.count = there;
    return fillers_place(in, first, layout, reterr);
}

/* All ways have to lead to the same ports. */
static int turn_off_empty_ports(const struct layout_input *in, struct layout *layout,
                                const struct outlook *outlook, size_t most, struct verdict *verdict,
                                struct reporter *reporter)
{
    int r = find_ports_off(in, layout, &outlook->ways[0], most, verdict, reporter->reterr);

    for (size_t i = 1; !r && i < outlook->count; i++) {
        struct plan_indexes first = layout->ports_off;
        bool fits = verdict->fits, differ;

        layout->ports_off = (struct plan_indexes){0};
        r = find_ports_off(in, layout, &outlook->ways[i], most, verdict, reporter->reterr);
        differ = fits != verdict->fits || !have_same_ports(&first, &layout->ports_off);
        free(layout->ports_off.items);
        layout->ports_off = first;
        if (!r && differ)
            r = refuse_differing(reporter->reterr);
    }
    if (r || !layout->ports_off.count)
        return r;
    r = report_ports_off(layout, reporter);
    return r ? r : write_missing_ports(in, layout, reporter->reterr);
}

/* --- */

static int refuse_unknown(const struct outlook *outlook, struct vtopo_error **reterr)
{
    return error_set(
        reterr, VTOPO_ERR_REFUSED,
        "some devices or controllers have no PCI address, and it cannot be known in advance what libvirt will add (%s): OVMF may have no I/O space for the devices below the new expanders; define the domain first, then rewrite what \"virsh dumpxml --inactive\" prints",
        outlook->unknown);
}

/* What makes room: what is hot-pluggable and need not be; otherwise fewer devices. */
static const char *no_room_cure(const struct io_ports *own)
{
    if (own->count)
        return "<target hotplug='off'/> in ports of the domain makes room";
    return own->qemu ? "hotplug=off for the ports of <qemu:commandline> makes room"
                     : "fewer devices with I/O BARs need less";
}

/* The ports that cards leave are off then. */
static int no_room_for_spare_ports(const struct verdict *v, struct layout *layout,
                                   struct vtopo_error **reterr)
{
    return layout_set_shortage(
        layout, reterr, no_room_cure(&v->own),
        "%s has I/O space for %zu windows of 4 KiB, and pcie.0 needs %zu of them (%zu for ports that are only hot-pluggable, those that cards leave not counted) and the expanders with the spare ports %zu",
        v->firmware, v->windows, v->least_root, v->least_padding, v->others);
}

static int report_no_room(const struct verdict *v, const struct outlook *outlook,
                          struct layout *layout, struct reporter *reporter)
{
    autofree char *names = name_ports(&v->own), *ports = NULL;
    const char *cure = no_room_cure(&v->own);

    if (v->counted)
        return 0;
    ports = names ? mem_printf(*names ? " (%s)" : "%s", names) : NULL;
    if (!ports)
        return error_nomem(reporter->reterr);
    if (v->unsure)
        return report_finding(
            reporter, FINDING_BUDGET_UNSURE, "domain",
            "%s has I/O space for %zu windows of 4 KiB, and pcie.0 needs %zu of them (%zu for ports that are only hot-pluggable) and expanders %zu: devices below expanders may get no memory; %s%s",
            v->firmware, v->windows, v->root, v->padding, v->others, cure, ports);
    if (outlook->unknown)
        return refuse_unknown(outlook, reporter->reterr);
    return layout_set_shortage(
        layout, reporter->reterr, cure,
        "%s has I/O space for %zu windows of 4 KiB, and pcie.0 needs %zu of them (%zu for ports that are only hot-pluggable) and the new expanders %zu: no device below them would get memory%s",
        v->firmware, v->windows, v->root, v->padding, v->others, ports);
}

static int make_room(const struct layout_input *in, const struct concessions *conceded,
                     const struct outlook *outlook, struct layout *layout,
                     struct vtopo_error **reterr)
{
    struct reporter reporter = {&layout->findings, reterr};
    struct verdict verdict;
    int r = judge_all(in, layout, outlook, &verdict, reterr);

    if (r || verdict.fits)
        return r;
    r = turn_off(&verdict, layout, &reporter);
    if (!r)
        r = judge_all(in, layout, outlook, &verdict, reterr);
    if (!r && !verdict.fits && !outlook->unknown)
        r = turn_off_empty_ports(in, layout, outlook, most_ports_off(in, conceded, layout),
                                 &verdict, &reporter);
    if (!r && !verdict.fits && conceded->spare_ports && in->facts->base->cells.count)
        return no_room_for_spare_ports(&verdict, layout, reterr);
    return r || verdict.fits ? r : report_no_room(&verdict, outlook, layout, &reporter);
}

int layout_set_hotplug(const struct layout_input *in, const struct concessions *conceded,
                       struct layout *layout, struct vtopo_error **reterr)
{
    autofree struct outlook *outlook = NULL;
    int r;

    if (in->facts->base->firmware != FIRMWARE_OVMF || !layout->controllers.count ||
        domain_machine(in->facts->base)->io_is_optional)
        return 0;
    outlook = calloc(1, sizeof(*outlook));
    r = outlook ? outlook_make(in, layout, outlook, reterr) : error_nomem(reterr);
    if (r)
        return r;
    r = make_room(in, conceded, outlook, layout, reterr);
    libvirt_results_clear(&outlook->results);
    return r;
}
