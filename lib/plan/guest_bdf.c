/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guest_bdf.c - see guest_bdf.h
 *
 * Takes:  controllers with their addresses, before and after.
 * Gives:  the guest BDF of each assigned device before and after, and of each controller of ours.
 * Rule:   firmware numbers buses depth first: from bus 0, and from each expander's number, every
 *         bridge in the order of slot and function takes the next number (SeaBIOS
 *         pci_bios_init_bus_rec(), edk2 PciScanBus(); seen in booted guests with both). Nothing is
 *         reserved for hot-plug.
 */
#include "plan/guest_bdf.h"

#include "model/machine.h"
#include "model/qemu_device.h"
#include "plan/ground/planned_tree.h"

#include <string.h>

#define INDEXES DOMAIN_INDEXES

/* The buses of a guest, by index. */
struct buses {
    struct guest_tree tree;
    int given[INDEXES];          /* the number that an expander has, -1: none */
    int number[INDEXES];         /* in the guest, -1: none yet */
    uint8_t list[INDEXES];       /* the bridges by bus and place */
    unsigned first[INDEXES + 1]; /* of those on each bus in the list */
    bool known;                  /* every controller is listed and has an address */
    bool others[INDEXES]; /* below this expander are bridges that only QEMU knows; 0: pcie.0 */
};

/* Such bridges take numbers, too, in an order that is not followed here. */
static void find_qemu_bridges(struct buses *buses, const struct domain *domain)
{
    struct qemu_device_places places;

    qemu_device_places_find(domain, &buses->tree, &places);
    for (size_t i = 0; i < domain->qemu_devices.count; i++) {
        const struct qemu_place place = places.of[i];

        if (!qemu_device_is_bridge(&domain->qemu_devices.items[i]))
            continue;
        if (place.top == QEMU_TOP_ROOT || place.top == QEMU_TOP_CONTROLLER)
            buses->others[place.at] = true;
    }
}

static void read_domain(struct buses *buses, const struct domain *domain)
{
    guest_tree_make(domain, &buses->tree);
    find_qemu_bridges(buses, domain);
    for (unsigned i = 0; i < INDEXES; i++)
        buses->given[i] = buses->number[i] = -1;
    for (size_t i = 0; i < domain->controllers.count; i++) {
        const struct domain_controller *c = &domain->controllers.items[i];

        buses->given[c->index] = c->told_bus_nr ? (int)c->told_bus_nr : c->bus_nr;
    }
}

static void add_planned(struct buses *buses, const struct vtopo_plan *plan)
{
    for (size_t i = 0; i < plan->bus_fixes.count; i++) {
        int *given = &buses->given[plan->bus_fixes.items[i].index];

        if (*given < 0)
            *given = (int)plan->bus_fixes.items[i].bus_nr;
    }
    for (size_t i = 0; i < plan->removed.count; i++)
        buses->given[plan->removed.items[i]] = -1;
    for (size_t i = 0; i < plan->controllers.count; i++) {
        const struct plan_controller *c = &plan->controllers.items[i];

        buses->given[c->index] = model_is_expander(c->model) ? (int)c->bus_nr : -1;
    }
    planned_tree_add(plan, &buses->tree);
}

/* --- numbers --- */

static bool has_place(const struct guest_controller *c)
{
    return c->there && (c->placed || c->model == CTRL_PCIE_ROOT || c->model == CTRL_PCI_ROOT);
}

static unsigned place_of(const struct guest_controller *c)
{
    return (unsigned)c->slot << 3 | c->function;
}

static int compare_bridges(const void *left, const void *right)
{
    const uint32_t *a = left, *b = right;

    return (*a > *b) - (*a < *b);
}

/* All bridges but expanders, ascending by bus, place and index. */
static void list_bridges(struct buses *buses)
{
    uint32_t bridges[INDEXES];
    unsigned count = 0, at = 0;

    for (unsigned i = 1; i < buses->tree.end; i++) {
        const struct guest_controller *c = &buses->tree.at[i];

        if (has_place(c) && !model_is_expander(c->model))
            bridges[count++] = (uint32_t)c->bus << 16 | place_of(c) << 8 | i;
    }
    qsort(bridges, count, sizeof(*bridges), compare_bridges);
    for (unsigned bus = 0; bus < INDEXES; bus++) {
        buses->first[bus] = at;
        for (; at < count && bridges[at] >> 16 == bus; at++)
            buses->list[at] = (uint8_t)bridges[at];
    }
    buses->first[INDEXES] = count;
}

/* Numbers everything below the bridge at @index, whose own bus has the number *@last. */
static void number_below(struct buses *buses, unsigned index, int *last)
{
    int before = -1;

    for (unsigned i = buses->first[index]; i < buses->first[index + 1]; i++) {
        unsigned bridge = buses->list[i];
        int place = (int)place_of(&buses->tree.at[bridge]);

        /* Of two at one place the guest sees one; domains with a loop are refused earlier. */
        if (place == before || buses->number[bridge] >= 0)
            continue;
        before = place;
        buses->number[bridge] = ++*last;
        number_below(buses, bridge, last);
    }
}

static bool are_all_known(const struct buses *buses)
{
    bool known = buses->tree.end;

    for (unsigned i = 0; known && i < buses->tree.end; i++) {
        const struct guest_controller *c = &buses->tree.at[i];

        known = has_place(c) && (!model_is_expander(c->model) || buses->given[i] >= 0);
    }
    return known;
}

static void number_buses(struct buses *buses)
{
    int last = 0;

    list_bridges(buses);
    buses->known = are_all_known(buses);
    buses->number[0] = 0;
    number_below(buses, 0, &last);
    for (unsigned i = 1; i < buses->tree.end; i++) {
        const struct guest_controller *c = &buses->tree.at[i];

        if (!c->there || !model_is_expander(c->model) || buses->given[i] < 0)
            continue;
        /* Devices are behind the bridge that QEMU puts into a conventional one. */
        buses->number[i] = last = buses->given[i] + (c->model == CTRL_PCI_EXPANDER);
        number_below(buses, i, &last);
    }
}

/* --- what follows from them --- */

static bool guest_bdf(const struct buses *buses, const struct address *address, struct bdf *ret_bdf)
{
    unsigned bus = address->at.bus;
    int number = bus ? buses->number[bus] : 0;

    if (address->kind != ADDRESS_PCI || number < 0 || number > 255)
        return false;
    if (bus && buses->others[buses->tree.at[bus].expander])
        return false;
    /* What is below an expander does not depend on what libvirt does on pcie.0. */
    if (bus && !buses->known && !buses->tree.at[bus].expander)
        return false;
    *ret_bdf = (struct bdf){0, (uint8_t)number, address->at.slot, address->at.function};
    return true;
}

/* @was_ours: it was in a port of vtopo's. */
static int report_change(const struct domain *domain, const struct domain_device *device,
                         bool was_ours, const struct bdf *from, const struct bdf *to,
                         const struct reporter *reporter)
{
    const struct machine *machine = domain_machine(domain);
    const char *port = machine->express ? "a port of " : "", *bus = machine->root_bus;
    const char *label = device->label;

    if (was_ours && device_is_assigned(device))
        return report_finding(
            reporter, FINDING_GUEST_BDF_CHANGES, label,
            "was placed by a former rewrite and is on %s%s now: its guest address changes from %s to %s",
            port, bus, BDF_TEXT(from), BDF_TEXT(to));
    if (was_ours)
        return report_finding(
            reporter, FINDING_GUEST_BDF_CHANGES, label,
            "was in a %s of vtopo's, which are for host devices only: it is on %s%s now, and its guest address changes from %s to %s",
            machine->express ? "port" : "slot", port, bus, BDF_TEXT(from), BDF_TEXT(to));
    return report_finding(reporter, FINDING_GUEST_BDF_CHANGES, label,
                          "is not moved, but its guest address changes from %s to %s",
                          BDF_TEXT(from), BDF_TEXT(to));
}

/* The buses of the input that a former rewrite made. */
static void find_ours(const struct facts *facts, const struct undo *undo, bool ours[INDEXES])
{
    for (size_t i = 0; i < undo->controllers.count; i++)
        ours[facts->input->controllers.items[undo->controllers.items[i]].index] = true;
}

/* Devices that vtopo does not move must keep their guest address; where one does not, a finding. */
static int check_others(const struct facts *facts, const struct vtopo_plan *plan,
                        const struct buses *before, const struct buses *after,
                        const struct reporter *reporter)
{
    bool ours[INDEXES] = {false};
    size_t next = 0; /* in plan.devices, which are in the order of the domain's */
    int r = 0;

    find_ours(facts, &plan->undo, ours);
    for (size_t i = 0; !r && i < facts->input->devices.count; i++) {
        const struct domain_device *device = &facts->input->devices.items[i];
        const struct address *is = &facts->base->devices.items[i].address;
        bool planned = next < plan->devices.count && plan->devices.items[next].device == i;
        bool moves = planned && plan->devices.items[next].fate == FATE_MOVED;
        struct bdf from, to;

        next += planned;
        if (!moves && guest_bdf(before, &device->address, &from) && guest_bdf(after, is, &to) &&
            !bdf_equal(&from, &to))
            r = report_change(facts->base, device, ours[device->address.at.bus], &from, &to,
                              reporter);
    }
    return r;
}

/* --- devices that only QEMU knows --- */

#define SLOTS 32

/* The slots of pcie.0 whose function 0 is taken. */
struct root_slots {
    bool taken[SLOTS];
    bool known; /* every device has an address */
};

static void use_slot(struct root_slots *slots, const struct address *address)
{
    if (address->kind == ADDRESS_PCI && !address->at.bus && !address->at.function)
        slots->taken[address->at.slot % SLOTS] = true;
}

static struct root_slots root_slots_of(const struct domain *domain, const struct buses *buses)
{
    struct root_slots slots = {.known = buses->known};

    for (unsigned i = 0; i < SLOTS; i++)
        slots.taken[i] = domain_machine(domain)->slots >> i & 1U;
    for (unsigned i = 1; i < buses->tree.end; i++) {
        const struct guest_controller *c = &buses->tree.at[i];

        if (has_place(c) && !c->bus && !c->function)
            slots.taken[c->slot % SLOTS] = true;
    }
    return slots;
}

static void use_device(struct root_slots *slots, const struct domain_device *device,
                       const struct address *address)
{
    use_slot(slots, address);
    slots->known = slots->known && !(device->maybe_pci && address->kind == ADDRESS_NONE);
}

static void use_devices(const struct facts *facts, const struct vtopo_plan *plan,
                        struct root_slots *before, struct root_slots *after)
{
    size_t next = 0;

    for (size_t i = 0; i < facts->input->devices.count; i++) {
        const struct domain_device *device = &facts->input->devices.items[i];
        bool planned = next < plan->devices.count && plan->devices.items[next].device == i;
        bool moves = planned && plan->devices.items[next].fate == FATE_MOVED;

        use_device(before, device, &device->address);
        use_device(after, device,
                   moves ? &plan->devices.items[next].after
                         : &facts->base->devices.items[i].address);
        next += planned;
    }
}

/* Where it says, else at the lowest free slot (QEMU: do_pci_register_device()).  False: not known.
 */
static bool take_root_slot(struct root_slots *slots, const struct domain_qemu_device *device,
                           struct bdf *ret_bdf)
{
    unsigned slot = device->slot < 0 ? 0 : (unsigned)device->slot;

    while (device->slot < 0 && slot < SLOTS && slots->taken[slot])
        slot++;
    if (slot >= SLOTS)
        return false;
    if (device->function <= 0)
        slots->taken[slot] = true;
    *ret_bdf =
        (struct bdf){0, 0, (uint8_t)slot, (uint8_t)(device->function < 0 ? 0 : device->function)};
    return slots->known;
}

static bool qemu_guest_bdf(const struct buses *buses, const struct domain_qemu_device *device,
                           int bus, struct root_slots *slots, struct bdf *ret_bdf)
{
    struct address address = {.kind = ADDRESS_PCI};

    if (!bus)
        return take_root_slot(slots, device, ret_bdf);
    if (device->slot < 0 && model_is_bridge(buses->tree.at[bus].model))
        return false; /* QEMU chooses a slot of a conventional bus */
    address.at = (struct bdf){0, (uint8_t)bus, (uint8_t)(device->slot < 0 ? 0 : device->slot),
                              (uint8_t)(device->function < 0 ? 0 : device->function)};
    return guest_bdf(buses, &address, ret_bdf);
}

static int report_qemu_device(const struct domain *domain, const struct domain_qemu_device *device,
                              const struct bdf *from, const struct bdf *to,
                              const struct reporter *reporter)
{
    autofree char *label = mem_printf("%.64s%s%.64s", device->driver, device->id ? " " : "",
                                      device->id ? device->id : "");

    if (!label)
        return error_nomem(reporter->reterr);
    if (from->bus || to->bus)
        return report_change(domain, &(struct domain_device){.label = label}, false, from, to,
                             reporter);
    return report_finding(
        reporter, FINDING_GUEST_BDF_CHANGES, label,
        "is a device of <qemu:commandline> that names no slot of %s, and takes the lowest that is free: its guest address changes from %s to %s; addr=%02x in the argument keeps it",
        domain_machine(domain)->root_bus, BDF_TEXT(from), BDF_TEXT(to), from->slot);
}

/* They, too, keep their address, or a finding says that they do not. */
static int check_qemu_devices(const struct facts *facts, const struct vtopo_plan *plan,
                              const struct buses *before, const struct buses *after,
                              const struct reporter *reporter)
{
    struct root_slots was = root_slots_of(facts->base, before),
                      is = root_slots_of(facts->base, after);
    int r = 0;

    use_devices(facts, plan, &was, &is);
    for (size_t i = 0; !r && i < facts->base->qemu_devices.count; i++) {
        const struct domain_qemu_device *d = &facts->base->qemu_devices.items[i];
        int bus = qemu_device_bus(facts->base, d);
        bool known;
        struct bdf from, to;

        if (bus < 0)
            continue;
        known = qemu_guest_bdf(before, d, bus, &was, &from);
        known = qemu_guest_bdf(after, d, bus, &is, &to) && known;
        if (known && !bdf_equal(&from, &to))
            r = report_qemu_device(facts->base, d, &from, &to, reporter);
    }
    return r;
}

static void set_addresses(struct vtopo_plan *plan, const struct buses *before,
                          const struct buses *after)
{
    for (size_t i = 0; i < plan->devices.count; i++) {
        struct plan_device *device = &plan->devices.items[i];

        device->before_known = guest_bdf(before, &device->before, &device->guest_before);
        device->after_known = guest_bdf(after, &device->after, &device->guest_after);
    }
    for (size_t i = 0; i < plan->controllers.count; i++) {
        struct plan_controller *c = &plan->controllers.items[i];
        int bus = c->parent_index ? after->number[c->parent_index] : 0;

        c->guest = (struct bdf){0, (uint8_t)bus, (uint8_t)c->slot, (uint8_t)c->function};
    }
}

int guest_bdf_predict(const struct facts *facts, struct vtopo_plan *plan,
                      const struct reporter *reporter)
{
    autofree struct buses *before = calloc(1, sizeof(*before));
    autofree struct buses *after = calloc(1, sizeof(*after));
    int r;

    if (!before || !after)
        return error_nomem(reporter->reterr);
    read_domain(before, facts->input);
    number_buses(before);
    read_domain(after, facts->base);
    add_planned(after, plan);
    number_buses(after);
    set_addresses(plan, before, after);
    r = check_others(facts, plan, before, after, reporter);
    return r ? r : check_qemu_devices(facts, plan, before, after, reporter);
}
