/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vacated.c - what becomes of the root ports that devices leave empty
 *
 * Takes:  the domain, which devices move, how the policy wants it (vacated).
 * Gives:  layout.vacated_off, ports that get hotplug='off', or layout.removed, ports that go;
 *         descending. A finding with both and with those that stay.
 * Rule:   only a root port on pcie.0 counts that a device leaves, and nothing else is on, that
 *         QEMU's command line does not name; one in which an undo put a device because nobody knew
 *         where it had been was empty before. A port goes only where that changes no other
 *         device's address in the guest: no bridge follows it on pcie.0, since firmware numbers
 *         buses in that order; it is not function 0 of a slot that others use; and its index is
 *         one of ours afterwards, or above all others, since libvirt makes a port of an index that
 *         is left out.
 * Not here: which of the domain's ports OVMF has no room for (hotplug.c).
 */
#include "base/idset.h"
#include "model/mark.h"
#include "model/qemu_device.h"
#include "plan/ground/libvirt_adds.h"
#include "plan/ground/reporter.h"
#include "plan/tree/number.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- which ports devices leave --- */

/* Did an undo choose its place, because nobody knew where it had been, or does it come from a
 * controller that is taken over? */
static bool is_placed_by_undo(const struct layout_input *in, size_t device)
{
    const struct undo *undo = in->undo;
    const struct address *was = &in->facts->origin->devices.items[device].address,
                         *is = &in->facts->base->devices.items[device].address;

    if (was->kind != is->kind || !bdf_equal(&was->at, &is->at))
        return true;
    for (size_t i = 0; i < undo->devices.count; i++) {
        if (undo->devices.items[i].device == device)
            return !undo->devices.items[i].restored;
    }
    return false;
}

static void exclude_occupied(const struct layout_input *in, bool vacated[INDEXES])
{
    const struct domain *base = in->facts->base;
    bool named[INDEXES] = {false};

    for (size_t i = 0; i < base->devices.count; i++) {
        const struct address *address = &base->devices.items[i].address;

        if (address->kind == ADDRESS_PCI && !in->fates->moves[i])
            vacated[address->at.bus] = false;
    }
    for (size_t i = 0; i < base->controllers.count; i++) {
        const struct address *address = &base->controllers.items[i].address;

        if (address->kind == ADDRESS_PCI)
            vacated[address->at.bus] = false;
    }
    undo_find_named_by_qemu(base, named);
    for (unsigned i = 0; i < INDEXES; i++)
        vacated[i] = vacated[i] && !named[i];
}

static bool is_port_of_root(const struct domain_controller *c)
{
    return c && !c->marked && c->model == CTRL_ROOT_PORT && c->address.kind == ADDRESS_PCI &&
           !c->address.at.bus;
}

/* Returns how many. */
static size_t find_vacated(const struct layout_input *in, bool vacated[INDEXES])
{
    const struct domain *base = in->facts->base;
    size_t count = 0;

    memset(vacated, 0, INDEXES * sizeof(*vacated));
    for (size_t i = 0; i < in->assigned->count; i++) {
        size_t device = in->assigned->items[i].device;
        const struct address *address = &base->devices.items[device].address;

        if (in->fates->moves[device] && address->kind == ADDRESS_PCI &&
            is_port_of_root(in->facts->tree->at[address->at.bus].own) &&
            !is_placed_by_undo(in, device))
            vacated[address->at.bus] = true;
    }
    exclude_occupied(in, vacated);
    for (unsigned i = 0; i < INDEXES; i++)
        count += vacated[i];
    return count;
}

/* --- which of them can go --- */

/* What is on pcie.0 and stays, by place. */
struct root {
    const struct domain_controller *port[SLOTS][FUNCTIONS]; /* controllers that have a bus */
    uint8_t used[SLOTS]; /* a bit for each function of what is no such controller */
};

static void find_root(const struct layout_input *in, struct root *root)
{
    const struct domain *base = in->facts->base;

    memset(root, 0, sizeof(*root));
    for (size_t i = 0; i < base->controllers.count; i++) {
        const struct domain_controller *c = &base->controllers.items[i];
        const struct bdf *at = &c->address.at;

        if (c->address.kind != ADDRESS_PCI || at->bus)
            continue;
        if (model_is_expander(c->model))
            root->used[at->slot % SLOTS] |= (uint8_t)(1U << (at->function % FUNCTIONS));
        else
            root->port[at->slot % SLOTS][at->function % FUNCTIONS] = c;
    }
    for (size_t i = 0; i < base->devices.count; i++) {
        const struct address *address = &base->devices.items[i].address;

        if (address->kind == ADDRESS_PCI && !address->at.bus && !in->fates->moves[i])
            root->used[address->at.slot % SLOTS] |=
                (uint8_t)(1U << (address->at.function % FUNCTIONS));
    }
}

/* A bridge of the command line takes a bus number somewhere, a device without a slot the lowest one
 * that is free. */
static bool qemu_goes_by_ports(const struct domain *base)
{
    for (size_t i = 0; i < base->qemu_devices.count; i++) {
        const struct domain_qemu_device *d = &base->qemu_devices.items[i];

        if (qemu_device_is_bridge(d) || (d->slot < 0 && qemu_device_bus(base, d) <= 0))
            return true;
    }
    return false;
}

/* Does QEMU get a property for it, which would then name nothing? */
static bool has_property(const struct domain *base, const struct domain_controller *port)
{
    char generated[16];
    const char *name = alias_is_user(port->alias) ? port->alias : generated;

    snprintf(generated, sizeof(generated), "pci.%u", port->index);
    for (size_t i = 0; i < base->overrides.count; i++) {
        if (!strcmp(base->overrides.items[i].alias, name))
            return true;
    }
    return false;
}

/*
 * From the last port on pcie.0 on until the first one that stays: all that come before that one
 * stay, too.
 *
 * @may  those that can go as far as their indexes are concerned
 */
static void find_removable(const struct layout_input *in, const bool may[INDEXES],
                           bool removable[INDEXES])
{
    struct root root;

    memset(removable, 0, INDEXES * sizeof(*removable));
    if (qemu_goes_by_ports(in->facts->base))
        return;
    find_root(in, &root);
    for (unsigned at = SLOTS * FUNCTIONS; at-- > 0;) {
        const struct domain_controller *c = root.port[at / FUNCTIONS][at % FUNCTIONS];
        bool alone = at % FUNCTIONS || !root.used[at / FUNCTIONS];

        if (!c)
            continue;
        if (!may[c->index] || !alone || !c->index_given || has_property(in->facts->base, c))
            return;
        removable[c->index] = true;
    }
}

static bool set_indexes(const bool chosen[INDEXES], struct plan_indexes *ret)
{
    ret->count = 0;
    for (unsigned i = INDEXES; i-- > 0;) {
        unsigned *index = chosen[i] ? vec_add(ret) : NULL;

        if (chosen[i] && !index)
            return false;
        if (index)
            *index = i;
    }
    return true;
}

int vacated_keep_unfilled(const struct layout_input *in, const struct occupancy *use,
                          struct layout *layout, bool *ret_changed, struct vtopo_error **reterr)
{
    bool may[INDEXES] = {false}, removable[INDEXES];

    *ret_changed = false;
    for (size_t i = 0; i < layout->removed.count; i++) {
        unsigned index = layout->removed.items[i];

        may[index] = use->there[index] || index > use->highest;
        *ret_changed = *ret_changed || !may[index];
    }
    if (!*ret_changed)
        return 0;
    find_removable(in, may, removable);
    return set_indexes(removable, &layout->removed) ? 0 : error_nomem(reterr);
}

/* --- */

static int refuse_incomplete(const struct layout_input *in, struct vtopo_error **reterr)
{
    bool off = in->facts->policy->vacated == VACATED_OFF;

    return error_set(
        reterr, VTOPO_ERR_REFUSED,
        "root ports that devices leave can be %s only in a domain that has all its devices and PCI addresses, because libvirt would put others into them: define it first, then rewrite what \"virsh dumpxml --inactive\" prints",
        off ? "switched off" : "removed");
}

int layout_find_vacated(const struct layout_input *in, struct layout *layout,
                        struct vtopo_error **reterr)
{
    bool vacated[INDEXES], removable[INDEXES];
    bool off = in->facts->policy->vacated == VACATED_OFF;

    if (in->facts->policy->vacated == VACATED_KEEP || !layout->controllers.count ||
        !find_vacated(in, vacated))
        return 0;
    if (!libvirt_adds_nothing(in->facts->base, in->fates) || libvirt_adds_devices(in->facts->base))
        return refuse_incomplete(in, reterr);
    if (!off) {
        find_removable(in, vacated, removable);
        return set_indexes(removable, &layout->removed) ? 0 : error_nomem(reterr);
    }
    for (unsigned i = 0; i < INDEXES; i++)
        vacated[i] = vacated[i] && in->facts->tree->at[i].own->hotplug != 0;
    return set_indexes(vacated, &layout->vacated_off) ? 0 : error_nomem(reterr);
}

/* "3, 5-7"; NULL: out of memory. */
static char *list(const struct plan_indexes *indexes)
{
    struct idset set = {0};
    char *text = NULL;
    bool ok = true;

    for (size_t i = 0; ok && i < indexes->count; i++)
        ok = idset_add(&set, indexes->items[i]);
    if (ok)
        text = idset_format(&set);
    idset_free(&set);
    return text;
}

#define WHY_THEY_STAY                                                                              \
    "without them devices that stay could have other addresses in the guest, or libvirt would make new ports in their places"

/* Of those that the policy wants away. */
static int report_lists(const char *gone, const char *staying, struct reporter *reporter)
{
    if (!*staying)
        return report_finding(reporter, FINDING_VACATED, "domain",
                              "root ports that devices leave are removed (controllers %s)", gone);
    if (!*gone)
        return report_finding(reporter, FINDING_VACATED, "domain",
                              "root ports that devices leave (controllers %s) are not removed: %s",
                              staying, WHY_THEY_STAY);
    return report_finding(
        reporter, FINDING_VACATED, "domain",
        "root ports that devices leave are removed (controllers %s), but for some (controllers %s): %s",
        gone, staying, WHY_THEY_STAY);
}

static int report_removed(const struct layout_input *in, const struct layout *layout,
                          struct reporter *reporter)
{
    bool stay[INDEXES];
    struct plan_indexes staying = {0};
    autofree char *gone = list(&layout->removed), *there = NULL;
    int r = 0;

    find_vacated(in, stay);
    for (size_t i = 0; i < layout->removed.count; i++)
        stay[layout->removed.items[i]] = false;
    if (set_indexes(stay, &staying))
        there = list(&staying);
    free(staying.items);
    if (!gone || !there)
        r = error_nomem(reporter->reterr);
    else if (*gone || *there)
        r = report_lists(gone, there, reporter);
    return r;
}

static int report_off(const struct layout *layout, struct reporter *reporter)
{
    autofree char *names = list(&layout->vacated_off);

    if (!names)
        return error_nomem(reporter->reterr);
    return report_finding(
        reporter, FINDING_VACATED, "domain",
        "root ports that devices leave are made hotplug='off' (controllers %s): nothing can be plugged into them while the guest runs",
        names);
}

static int compare_descending(const void *left, const void *right)
{
    unsigned a = *(const unsigned *)left, b = *(const unsigned *)right;

    return (a < b) - (a > b);
}

/* The alias of the first controller says which ports were hot-pluggable before. */
static int mark_ports_off(struct layout *layout, struct vtopo_error **reterr)
{
    for (size_t i = 0; i < layout->vacated_off.count; i++) {
        unsigned *index = vec_add(&layout->ports_off);

        if (!index)
            return error_nomem(reterr);
        *index = layout->vacated_off.items[i];
    }
    if (!layout->ports_off.count)
        return 0;
    qsort(layout->ports_off.items, layout->ports_off.count, sizeof(*layout->ports_off.items),
          compare_descending);
    return mark_add_ports_off(&layout->controllers.items[0].alias, layout->ports_off.items,
                              layout->ports_off.count)
               ? 0
               : error_nomem(reterr);
}

int layout_settle_vacated(const struct layout_input *in, struct layout *layout,
                          struct vtopo_error **reterr)
{
    struct reporter reporter = {&layout->findings, reterr};
    int r = mark_ports_off(layout, reterr);

    if (!r && layout->vacated_off.count)
        r = report_off(layout, &reporter);
    else if (!r && in->facts->policy->vacated == VACATED_DROP && layout->controllers.count)
        r = report_removed(in, layout, &reporter);
    return r;
}
