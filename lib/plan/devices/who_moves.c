/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * who_moves.c - which of the assigned devices move
 *
 * Takes:  the assignments, the domain, the policy; for the later steps cells and cards.
 * Gives:  the fate of each, and a finding where nothing later says why one stays.
 * Rule:   what has no address, or is directly on pcie.0, or below a root port on pcie.0, moves.
 *         Everything else was put where it is on purpose, as what a property for QEMU places; so
 *         was function 0 of a guest slot in which another function stays. Without cells only cards
 *         that share a switch move.
 * Not here: what is said of devices that stay because of what or where they are (cells.c).
 */
#include "plan/devices/devices.h"

#include "model/machine.h"
#include "model/pci_class.h"
#include "model/qemu_device.h"

/*
 * QEMU's and the guest driver's idea of an integrated GPU holds only at 00:02.0 (QEMU:
 * hw/vfio/igd.c), so such a device at that place must stay there.
 */
static bool is_integrated_graphics(const struct host_function *function,
                                   const struct address *address)
{
    static const struct bdf place = {0, 0, 2, 0};

    return function->vendor == 0x8086 && class_base(function->class_code) == CLASS_DISPLAY &&
           bdf_equal(&function->bdf, &place) && address->kind == ADDRESS_PCI &&
           bdf_equal(&address->at, &place);
}

/* Is the bus that of pcie.0, or of a root port on pcie.0?  A bus without a controller becomes such
 * a port. */
static bool is_flat_place(const struct facts *facts, unsigned bus)
{
    const struct guest_controller *port = &facts->tree->at[bus];

    if (bus == 0 || !port->there)
        return true;
    return port->model == CTRL_ROOT_PORT && guest_tree_is_on_root(port);
}

static bool is_at_host_address(const struct facts *facts, const struct assignment *assignment)
{
    const struct address *address = &facts->base->devices.items[assignment->device].address;

    return address->kind == ADDRESS_PCI && assignment_has_host_bars(assignment) &&
           bdf_equal(&assignment->host, &address->at);
}

/*
 * Laptops have GPUs whose firmware finds them by the address that its ACPI tables name, so guides
 * give the guest such a table and the GPU its host address (01:00.0).  Without a table of the
 * domain's own the same address is an accident: libvirt gives the first device 01:00.0.  The other
 * functions of the card count with the GPU at its function 0, which has to be there, too.
 */
static bool belongs_to_acpi_table(const struct facts *facts, const struct assignments *assigned,
                                  const struct assignment *assignment)
{
    struct bdf first = assignment->host;

    if (!facts->base->acpi_table || !is_at_host_address(facts, assignment))
        return false;
    first.function = 0;
    for (size_t i = 0; i < assigned->count; i++) {
        const struct assignment *gpu = &assigned->items[i];

        if (gpu->function != HOST_NONE && bdf_equal(&gpu->host, &first) &&
            is_at_host_address(facts, gpu))
            return class_base(assignment_function(facts, gpu)->class_code) == CLASS_DISPLAY;
    }
    return false;
}

/* VFIO refuses functions with a bridge header (Linux, drivers/vfio/pci/vfio_pci_core.c). */
static int report_bridge(const char *subject, struct reporter *reporter)
{
    return report_finding(
        reporter, FINDING_BRIDGE, subject,
        "is a bridge or port of the host, which VFIO does not give to a guest: the guest will not start with it");
}

static int report_unassigned(const char *subject, struct reporter *reporter)
{
    return report_finding(
        reporter, FINDING_UNASSIGNED, subject,
        "is not given to the guest (its address is of type unassigned), and so not placed");
}

static int report_software(const char *subject, struct reporter *reporter)
{
    return report_finding(
        reporter, FINDING_SOFTWARE, subject,
        "stays where it is: it is on no PCI function of the host, so there is no place to mirror");
}

/* A conventional expander has no hot-plug: its bridge has none of its own, and QEMU's ACPI tables
 * know that of the first root bus only. */
static bool must_stay_pluggable(const struct facts *facts, const struct assignment *assignment)
{
    return !domain_machine(facts->base)->express && slot_needs_hotplug(facts, assignment);
}

static int report_pluggable(const char *subject, struct reporter *reporter)
{
    return report_finding(
        reporter, FINDING_PLUGGABLE_STAYS, subject,
        "stays where it is, without a NUMA node: it must be hot-pluggable (teaming transient, or policy hotplug), and the slots of an expander of this machine are not");
}

/* Findings about those that stay need cells: cells.c. */
static struct fate fate_of(const struct facts *facts, const struct assignments *assigned,
                           const struct assignment *assignment)
{
    const struct address *address = &facts->base->devices.items[assignment->device].address;
    const struct host_function *function = assignment_function(facts, assignment);

    if (assignment->kind == DEVICE_INTERFACE_NETWORK)
        return (struct fate){FATE_STAYS, STAY_PLACED};
    if (address->kind == ADDRESS_UNASSIGNED)
        return (struct fate){FATE_UNASSIGNED, STAY_PLACED};
    if (!function)
        return (struct fate){FATE_STAYS, STAY_PLACED};
    if (assignment->policy.keep > 0)
        return (struct fate){FATE_STAYS, STAY_KEPT};
    if (is_integrated_graphics(function, address))
        return (struct fate){FATE_STAYS, STAY_GRAPHICS};
    /* In a port of its own QEMU would look for the slot that it is told. */
    if (facts->base->devices.items[assignment->device].placed_by_qemu)
        return (struct fate){FATE_STAYS, STAY_PLACED};
    if (belongs_to_acpi_table(facts, assigned, assignment))
        return (struct fate){FATE_STAYS, STAY_HOST_ADDRESS};
    if (must_stay_pluggable(facts, assignment))
        return (struct fate){FATE_STAYS, STAY_OTHER};
    if (address->kind == ADDRESS_NONE ||
        (address->kind == ADDRESS_PCI && is_flat_place(facts, address->at.bus)))
        return (struct fate){FATE_MOVED, STAY_PLACED};
    return (struct fate){FATE_STAYS, STAY_PLACED};
}

static int report_fate(const struct facts *facts, const struct assignment *assignment,
                       enum device_fate fate, struct reporter *reporter)
{
    const struct host_function *function = assignment_function(facts, assignment);
    char text[BDF_TEXT_SIZE];
    const char *subject = assignment_subject(facts, assignment, text);

    if (fate == FATE_UNASSIGNED)
        return report_unassigned(subject, reporter);
    if (assignment->software)
        return report_software(subject, reporter);
    if (fate == FATE_STAYS && function && assignment->policy.keep <= 0 &&
        must_stay_pluggable(facts, assignment))
        return report_pluggable(subject, reporter);
    return function && function->port != PORT_NONE ? report_bridge(subject, reporter) : 0;
}

int fates_decide(const struct facts *facts, const struct assignments *assigned, struct fates *ret,
                 struct reporter *reporter)
{
    int r = fates_init(facts, assigned, ret) ? 0 : error_nomem(reporter->reterr);

    for (size_t i = 0; !r && i < assigned->count; i++) {
        struct fate fate = fate_of(facts, assigned, &assigned->items[i]);

        fate_set(ret, assigned, i, fate.fate, fate.reason);
        r = report_fate(facts, &assigned->items[i], fate.fate, reporter);
    }
    return r;
}

void fates_of_unchanged(const struct assignments *assigned, struct fates *fates)
{
    for (size_t i = 0; i < fates->count; i++) {
        if (fates->items[i].fate == FATE_MOVED)
            fate_set(fates, assigned, i, FATE_STAYS, STAY_OTHER);
    }
}

void fates_of_unmapped(const struct facts *facts, const struct assignments *assigned,
                       const struct device_cell *cells, struct fates *fates)
{
    if (facts->policy->unmapped_node != UNMAPPED_STAY || !facts->base->cells.count)
        return;
    for (size_t i = 0; i < fates->count; i++) {
        if (fates->items[i].fate == FATE_MOVED && !cells[i].mapped)
            fate_set(fates, assigned, i, FATE_STAYS, STAY_OTHER);
    }
}

/* --- guest slots that are left in part --- */

/* A place in the guest, and who is there: a place among the assignments, or PLAN_NONE for what
 * never moves. */
struct tenant {
    struct bdf at;
    size_t device;
};

static int compare_tenants(const void *left, const void *right)
{
    const struct tenant *a = left, *b = right;

    return bdf_compare(&a->at, &b->at);
}

/* Those that only QEMU knows: they stay where their arguments put them. */
static size_t collect_qemu_devices(const struct domain *domain, struct tenant *tenants)
{
    size_t n = 0;

    for (size_t i = 0; i < domain->qemu_devices.count; i++) {
        const struct domain_qemu_device *d = &domain->qemu_devices.items[i];
        int bus = d->slot >= 0 && d->function >= 0 ? qemu_device_bus(domain, d) : -1;

        if (bus >= 0)
            tenants[n++] = (struct tenant){
                {0, (uint8_t)bus, (uint8_t)d->slot, (uint8_t)d->function}, PLAN_NONE};
    }
    return n;
}

/* Everything that has a place in the guest, sorted by it. */
static size_t collect_tenants(const struct facts *facts, const struct assignments *assigned,
                              struct tenant *tenants)
{
    size_t n = 0, next = 0;

    for (size_t i = 0; i < facts->base->controllers.count; i++) {
        const struct address *address = &facts->base->controllers.items[i].address;

        if (address->kind == ADDRESS_PCI)
            tenants[n++] = (struct tenant){address->at, PLAN_NONE};
    }
    for (size_t i = 0; i < facts->base->devices.count;
         i++) { /* assignments are in this order, too */
        const struct address *address = &facts->base->devices.items[i].address;
        bool listed = next < assigned->count && assigned->items[next].device == i;

        if (address->kind == ADDRESS_PCI)
            tenants[n++] = (struct tenant){address->at, listed ? next : PLAN_NONE};
        next += listed;
    }
    n += collect_qemu_devices(facts->base, &tenants[n]);
    qsort(tenants, n, sizeof(*tenants), compare_tenants);
    return n;
}

/* What is decided on in each slot. */
struct slots {
    const struct facts *facts;
    const struct assignments *assigned;
    struct fates *fates;
};

/* Does @other stay behind when the device at function 0 of its slot moves? */
static bool stays_behind(const struct slots *s, size_t device, const struct tenant *other)
{
    const struct assignment *first = &s->assigned->items[device], *o;

    if (other->device == PLAN_NONE || s->fates->items[other->device].fate != FATE_MOVED)
        return true;
    o = &s->assigned->items[other->device];
    /* Without cells only cards that share a switch move: together only if they are one card. */
    return !s->facts->base->cells.count &&
           (assignment_is_alone(s->facts, first) || assignment_is_alone(s->facts, o) ||
            !bdf_same_slot(&first->host, &o->host));
}

/* Is function 0 of the slot, at @slot[0], on its way out while another function stays? */
static bool loses_function_0(const struct slots *s, const struct tenant *slot, size_t count)
{
    if (slot->device == PLAN_NONE || s->fates->items[slot->device].fate != FATE_MOVED ||
        slot->at.function)
        return false;
    for (size_t i = 1; i < count; i++) {
        if (stays_behind(s, slot->device, &slot[i]))
            return true;
    }
    return false;
}

/* The whole slot stays, because the functions of a card belong together. */
static int set_slot_to_stay(struct slots *s, const struct tenant *slot, size_t count,
                            struct reporter *reporter)
{
    int r = 0;

    for (size_t i = 0; !r && i < count; i++) {
        char text[BDF_TEXT_SIZE];

        if (slot[i].device == PLAN_NONE || s->fates->items[slot[i].device].fate != FATE_MOVED)
            continue;
        fate_set(s->fates, s->assigned, slot[i].device, FATE_STAYS, STAY_OTHER);
        r = report_finding(
            reporter, FINDING_SLOT_SHARED,
            assignment_subject(s->facts, &s->assigned->items[slot[i].device], text),
            "stays where it is, because it shares its guest slot with a device that stays and would be left without function 0; give that device another slot, and vtopo places this one");
    }
    return r;
}

int fates_of_shared_slots(const struct facts *facts, const struct assignments *assigned,
                          struct fates *fates, struct reporter *reporter)
{
    size_t limit = facts->base->controllers.count + facts->base->devices.count +
                   facts->base->qemu_devices.count;
    size_t n;
    autofree struct tenant *tenants = calloc(limit + 1, sizeof(*tenants));
    struct slots slots = {facts, assigned, fates};
    int r = 0;

    if (!tenants)
        return error_nomem(reporter->reterr);
    n = collect_tenants(facts, assigned, tenants);
    for (size_t i = 0, count; !r && i < n; i += count) {
        for (count = 1; i + count < n && bdf_same_slot(&tenants[i + count].at, &tenants[i].at);)
            count++;
        if (loses_function_0(&slots, &tenants[i], count))
            r = set_slot_to_stay(&slots, &tenants[i], count, reporter);
    }
    return r;
}

/* --- cards that have nothing to share a switch with --- */

/* Which cards of one switch tree move.  Those for a bridge are no reason for a switch, and those
 * that need a root port are not in one. */
static void choose_of_tree(const struct facts *facts, const struct card_list *list,
                           const struct card_tree *tree, size_t count, bool *moves)
{
    size_t switched = 0;

    for (size_t i = 0; i < count; i++) {
        const struct plan_card *card = &list->cards.items[tree[i].card];

        switched += !card->own_port && !card->attach_pci;
    }
    for (size_t i = 0; i < count; i++)
        moves[tree[i].card] = facts->policy->mirror >= MIRROR_SWITCH && switched >= 2 &&
                              !list->cards.items[tree[i].card].own_port;
}

/* Takes the cards out that do not move; @places: room for each card's new place. */
static void drop_cards(struct card_list *list, const bool *moves, size_t *places)
{
    size_t n = 0;

    for (size_t card = 0; card < list->cards.count; card++) {
        places[card] = moves[card] ? n : PLAN_NONE;
        if (!moves[card])
            continue;
        list->chains[n] = list->chains[card];
        list->cards.items[n++] = list->cards.items[card];
    }
    list->cards.count = n;
}

int fates_of_lone_cards(const struct facts *facts, const struct assignments *assigned,
                        struct card_list *list, struct fates *fates, struct vtopo_error **reterr)
{
    size_t count = list->cards.count;
    autofree struct card_tree *trees = card_list_by_tree(list);
    autofree bool *moves = calloc(count + 1, sizeof(*moves));
    autofree size_t *places = calloc(count + 1, sizeof(*places));

    if (!trees || !moves || !places)
        return error_nomem(reterr);
    for (size_t i = 0, n; i < count; i += n) {
        n = card_tree_size(trees, i, count);
        choose_of_tree(facts, list, &trees[i], n, moves);
    }
    drop_cards(list, moves, places);
    for (size_t i = 0; i < assigned->count; i++) {
        struct card_function *f = &list->functions[i];

        if (f->card == PLAN_NONE)
            continue;
        f->card = places[f->card];
        if (f->card == PLAN_NONE)
            fate_set(fates, assigned, i, FATE_STAYS, STAY_OTHER);
    }
    return 0;
}
