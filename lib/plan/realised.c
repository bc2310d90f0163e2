/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * realised.c - see realised.h
 *
 * Takes:  the finished plan, the domain as it is.
 * Gives:  whether the domain already is what the plan wants, and if not what would change.
 * Rule:   what libvirt prints otherwise than vtopo wrote it, but means the same, is no difference.
 * Not here: what the guest will see otherwise than the host has it (differences.c).
 */
#include "plan/realised.h"

#include "model/guest_tree.h"
#include "plan/extra/override_wish.h"

#include <string.h>

/* What is not written has libvirt's default, which is what vtopo would write (KubeVirt loses some
 * of it). */
static bool same_number(int given, unsigned wanted, unsigned implied)
{
    return given >= 0 ? (unsigned)given == wanted : wanted == implied;
}

/*
 * How many ports a domain without addresses will have is not known, so hotplug.c may turn off
 * what it would leave on in libvirt's dump of the same domain: that alone is no reason to write it
 * again.
 */
static bool same_hotplug(const struct plan_controller *c, const struct domain_controller *d)
{
    if (c->hotplug_off)
        return d->hotplug == 0;
    return !c->hotplug_on || d->hotplug != 0;
}

/*
 * Nor does it matter to a guest on which slot of pcie.0 an expander is; with how many others it has
 * to share one depends on what libvirt adds, too.
 */
static bool same_place(const struct plan_controller *c, const struct domain_controller *d)
{
    if (d->address.kind != ADDRESS_PCI || d->address.at.bus != c->parent_index)
        return false;
    return model_is_expander(c->model) ||
           (d->address.at.slot == c->slot && d->address.at.function == c->function &&
            !(c->multifunction && d->address.multifunction == 0));
}

/* A port whose model is not written is what libvirt has chosen since switches came: a rewrite
 * writes it, and only some tools lose it. */
static bool same_link(const struct plan_controller *c, const struct domain_controller *d)
{
    bool generic = c->link_in_target && (c->model == CTRL_UPSTREAM || c->model == CTRL_DOWNSTREAM);

    if (d->generic != generic)
        return false;
    return d->speed == (c->link_in_target ? c->link.speed : 0) &&
           d->width == (c->link_in_target ? c->link.width : 0);
}

/* @packed: the expanders have the bus numbers that they get where the layout would not fit
 * otherwise. */
static bool controller_is_realised(const struct plan_controller *c, const struct guest_tree *input,
                                   bool packed)
{
    const struct domain_controller *d = input->at[c->index].own;
    unsigned port = c->model == CTRL_ROOT_PORT ? c->slot * 8 + c->function : c->slot;

    if (!d || !c->alias || !d->marked || d->model != c->model || strcmp(d->alias, c->alias) != 0)
        return false;
    if (!same_place(c, d) || !same_link(c, d))
        return false;
    if (model_is_expander(c->model))
        return d->bus_nr == (int)(packed ? c->bus_nr_packed : c->bus_nr) && d->node == c->cell;
    if (c->model == CTRL_UPSTREAM || c->model == CTRL_PCIE_TO_PCI)
        return true;
    return same_number(d->chassis, c->chassis, c->index) && same_number(d->port, c->port, port) &&
           same_hotplug(c, d) && c->mem_reserve == d->mem_reserve;
}

static bool device_is_realised(const struct plan_device *device)
{
    const struct address *is = &device->before, *wanted = &device->after;

    if (device->fate != FATE_MOVED)
        return is->kind == wanted->kind && bdf_equal(&is->at, &wanted->at);
    return is->kind == ADDRESS_PCI && bdf_equal(&is->at, &wanted->at) &&
           (!device->multifunction || is->multifunction != 0) &&
           (!device->single || is->multifunction != 1);
}

/* A device that is not moved must not be below a controller of vtopo's: libvirt put it into a spare
 * port, say. */
static bool others_are_realised(const struct vtopo_plan *plan, const struct domain *input)
{
    bool ours[DOMAIN_INDEXES] = {false};
    size_t next = 0; /* in plan.devices, which are in the order of the domain's */

    for (size_t i = 0; i < plan->controllers.count; i++)
        ours[plan->controllers.items[i].index] = !plan->controllers.items[i].filler;
    for (size_t i = 0; i < input->devices.count; i++) {
        const struct address *address = &input->devices.items[i].address;
        bool planned = next < plan->devices.count && plan->devices.items[next].device == i;
        bool moves = planned && plan->devices.items[next].fate == FATE_MOVED;

        next += planned;
        if (address->kind == ADDRESS_PCI && ours[address->at.bus] && !moves)
            return false;
    }
    return true;
}

static bool controllers_are_realised(const struct vtopo_plan *plan, const struct guest_tree *input,
                                     bool packed)
{
    for (size_t i = 0; i < plan->controllers.count; i++) {
        if (!controller_is_realised(&plan->controllers.items[i], input, packed))
            return false;
    }
    return true;
}

static bool ports_off_are_realised(const struct vtopo_plan *plan, const struct guest_tree *input)
{
    for (size_t i = 0; i < plan->ports_off.count; i++) {
        const struct domain_controller *c = input->at[plan->ports_off.items[i]].own;

        if (!c || c->hotplug != 0)
            return false;
    }
    return plan->undo.ports.count == plan->ports_off.count;
}

/* Are the controllers that the plan takes out those that the domain remembers, or that only an undo
 * would add? */
static bool removals_are_realised(const struct vtopo_plan *plan, const struct domain *input)
{
    bool remembered[DOMAIN_INDEXES] = {false};

    for (size_t i = 0; i < plan->undo.restored.count; i++)
        remembered[input->record.controllers.items[plan->undo.restored.items[i]].controller.index] =
            true;
    for (size_t i = 0; i < plan->undo.ports_new.count; i++)
        remembered[plan->undo.ports_new.items[i].index] = true;
    for (size_t i = 0; i < plan->adopted.count; i++) {
        if (!remembered[plan->adopted.items[i]])
            return false;
    }
    for (size_t i = 0; i < plan->removed.count; i++) {
        if (!remembered[plan->removed.items[i]])
            return false;
    }
    return plan->undo.restored.count + plan->undo.ports_new.count ==
           plan->adopted.count + plan->removed.count;
}

/* What libvirt has made its own is none of both. */
static bool announced_are_realised(const struct vtopo_plan *plan, const struct domain *input)
{
    bool there[DOMAIN_INDEXES] = {false};

    for (size_t i = 0; i < input->announced.count; i++)
        there[input->announced.items[i].index] = true;
    for (size_t i = 0; i < plan->announced.count; i++) {
        if (!there[plan->announced.items[i]])
            return false;
    }
    return input->announced.count == plan->announced.count;
}

static bool bus_fixes_are_realised(const struct vtopo_plan *plan, const struct guest_tree *input)
{
    for (size_t i = 0; i < plan->bus_fixes.count; i++) {
        const struct plan_bus_fix *fix = &plan->bus_fixes.items[i];
        const struct domain_controller *c = input->at[fix->index].own;

        if (!c || c->bus_nr != (int)fix->bus_nr)
            return false;
    }
    return plan->undo.bus_numbers.count == plan->bus_fixes.count;
}

bool plan_is_realised(const struct vtopo_plan *plan, const struct domain *input)
{
    struct guest_tree tree;

    guest_tree_make(input, &tree);
    /* A marked controller that others have built on stays for good: it is not in undo. */
    if (!bus_fixes_are_realised(plan, &tree) || !announced_are_realised(plan, input) ||
        !removals_are_realised(plan, input) ||
        plan->undo.controllers.count != plan->controllers.count ||
        !ports_off_are_realised(plan, &tree))
        return false;
    /* Whether ranges have to be packed depends on what libvirt adds to a bare domain. */
    if (!controllers_are_realised(plan, &tree, false) &&
        !controllers_are_realised(plan, &tree, true))
        return false;
    for (size_t i = 0; i < plan->devices.count; i++) {
        if (!device_is_realised(&plan->devices.items[i]))
            return false;
    }
    return others_are_realised(plan, input) && overrides_are_realised(plan, input) &&
           additions_are_recorded(&plan->additions, &input->record.additions);
}

static size_t count_recorded(const struct record_additions *recorded)
{
    size_t count = 0;

    for (size_t i = 0; i < recorded->count; i++)
        count += recorded->items[i].element != SIZE_MAX;
    return count;
}

char *realised_describe(const struct vtopo_plan *plan, const struct domain *input)
{
    const struct plan_device *first = NULL;
    size_t devices = 0, all = 0;

    for (size_t i = 0; i < plan->devices.count; i++) {
        all += plan->devices.items[i].function != HOST_NONE;
        if (device_is_realised(&plan->devices.items[i]))
            continue;
        first = first ? first : &plan->devices.items[i];
        devices++;
    }
    if (devices == 1)
        return mem_printf(
            "1 of %zu host device%s is not where it belongs: %s, which belongs below controller %u",
            all, all > 1 ? "s" : "", BDF_TEXT(&first->host), first->after.at.bus);
    if (first)
        return mem_printf(
            "%zu of %zu host devices are not where they belong, the first is %s, which belongs below controller %u",
            devices, all, BDF_TEXT(&first->host), first->after.at.bus);
    if (!overrides_are_realised(plan, input))
        return mem_printf(
            "the properties that QEMU gets for devices or ports (overrides) differ from the planned ones (%zu, and %zu of vtopo's are there)",
            plan->overrides.count, plan->undo.overrides.count);
    if (!additions_are_recorded(&plan->additions, &input->record.additions))
        return mem_printf(
            "the elements that vtopo adds besides controllers and addresses differ from the planned ones (%zu, and %zu of vtopo's are there)",
            plan->additions.count, count_recorded(&input->record.additions));
    return mem_printf(
        "the controllers differ from the planned ones (%zu, and %zu of vtopo's are there)",
        plan->controllers.count, plan->undo.controllers.count);
}

/* --- what is missing where nothing is to be done --- */

static bool has_topology(const struct plan_device *device)
{
    if (device->function == HOST_NONE || device->fate == FATE_UNASSIGNED)
        return true;
    if (device->fate == FATE_MOVED)
        return device->cell >= 0 || device->policy.node == -1;
    return device->reason != STAY_OTHER;
}

/* Of another machine nothing is asked but whether there are assigned devices. */
static size_t count_assigned(const struct domain *input)
{
    size_t count = 0;

    for (size_t i = 0; i < input->devices.count; i++) {
        const struct domain_device *device = &input->devices.items[i];

        count += device_is_assigned(device) && device->kind != DEVICE_DISK_NVME &&
                 device->address.kind != ADDRESS_UNASSIGNED;
    }
    return count;
}

/* Of a domain that is left alone as a whole; NULL: it is not. */
static const char *why_unchanged(const struct vtopo_plan *plan)
{
    static const struct {
        enum finding_id id;
        const char *text;
    } reasons[] = {
        {FINDING_WITHOUT_BUS, "a device of QEMU's command line names no bus"},
        {FINDING_READS_FILE, "QEMU reads options from a file"},
        {FINDING_GLOBAL_UNFIT, "QEMU may be unable to make new controllers (-global)"},
        {FINDING_NO_ACPI, "it has no ACPI"},
        {FINDING_ADDRESSES_UNKNOWN, "it lacks PCI addresses"},
        {FINDING_NO_UEFI, "it boots without UEFI"},
    };

    for (size_t i = 0; plan->outcome == PLAN_UNCHANGED && i < sizeof(reasons) / sizeof(*reasons);
         i++) {
        if (findings_have(&plan->findings, reasons[i].id))
            return reasons[i].text;
    }
    return findings_have(&plan->findings, FINDING_NO_CELLS) ? "it has no guest NUMA cells" : NULL;
}

bool realised_find_lack(const struct vtopo_plan *plan, const struct domain *input, char **ret_text)
{
    const struct plan_device *first = NULL;
    size_t devices = 0, all = 0;

    *ret_text = NULL;
    if (findings_have(&plan->findings, FINDING_MACHINE)) {
        if (count_assigned(input))
            *ret_text = mem_printf("its machine type is not q35, pc or aarch64's virt");
        return *ret_text || !count_assigned(input);
    }
    for (size_t i = 0; i < plan->devices.count; i++) {
        const struct plan_device *device = &plan->devices.items[i];

        all += device->function != HOST_NONE && device->fate != FATE_UNASSIGNED;
        if (has_topology(device))
            continue;
        first = first ? first : device;
        devices++;
    }
    if (!first && !findings_have(&plan->findings, FINDING_PAST_LIBVIRT))
        return true;
    if (!first)
        *ret_text = mem_printf("host devices are assigned past libvirt");
    else if (why_unchanged(plan))
        *ret_text = mem_printf("%s", why_unchanged(plan));
    else
        *ret_text =
            devices == 1
                ? mem_printf("1 of %zu host device%s gets no guest NUMA cell: %s", all,
                             all > 1 ? "s" : "", BDF_TEXT(&first->host))
                : mem_printf("%zu of %zu host devices get no guest NUMA cell, the first is %s",
                             devices, all, BDF_TEXT(&first->host));
    return *ret_text;
}
