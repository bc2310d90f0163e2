/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan_cards.c - put the functions that move together into cards
 *
 * Takes:  plan.devices.
 * Gives:  plan.cards in the order of host addresses, and the guest function number of each device.
 * Rule:   the assigned functions of one host slot are a card; a VF, an mdev, a vDPA device and an NVMe disk are a
 *         card each.  The lowest function of a card becomes function 0, the others keep their number.
 */
#include "core/planner.h"

#include <string.h>

/* A moved device with all that its place in the order depends on (never its place in the XML, but for a draw). */
struct entry {
    const struct plan_device *plan;
    const struct domain_device *device;
    bool alone; /* a card of its own */
    size_t at;  /* place in plan.devices */
};

static int compare_entries(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    int order = bdf_compare(&a->plan->host, &b->plan->host);

    if (!order)
        order = (a->device->kind > b->device->kind) - (a->device->kind < b->device->kind);
    if (!order && a->device->source_id && b->device->source_id)
        order = strcmp(a->device->source_id, b->device->source_id);
    if (!order)
        order = (a->device->nvme_namespace > b->device->nvme_namespace) -
                (a->device->nvme_namespace < b->device->nvme_namespace);
    if (!order)
        order = (a->at > b->at) - (a->at < b->at);
    return order;
}

static bool is_card_of_its_own(const struct planner *p, const struct plan_device *device)
{
    enum device_kind kind = p->domain->devices.items[device->device].kind;

    return p->host->functions.items[device->function].is_vf ||
           (kind != DEVICE_HOSTDEV_PCI && kind != DEVICE_INTERFACE_HOSTDEV);
}

static size_t collect(const struct planner *p, struct entry *entries)
{
    size_t n = 0;

    for (size_t i = 0; i < p->plan->devices.count; i++) {
        const struct plan_device *device = &p->plan->devices.items[i];

        if (device->fate != FATE_MOVED)
            continue;
        entries[n++] = (struct entry){device, &p->domain->devices.items[device->device],
                                      is_card_of_its_own(p, device), i};
    }
    qsort(entries, n, sizeof(*entries), compare_entries);
    return n;
}

static bool starts_card(const struct entry *entry, const struct entry *before)
{
    return !before || entry->alone || before->alone ||
           !bdf_same_slot(&entry->plan->host, &before->plan->host);
}

static struct plan_card *open_card(struct planner *p, const struct entry *entry)
{
    struct plan_card *card = vec_add(&p->plan->cards);

    if (card)
        *card = (struct plan_card){
            .port = PLAN_NONE,
            .host = entry->plan->host,
            .root = p->host->functions.items[entry->plan->function].root,
            .node = entry->plan->node,
            .cell = entry->plan->cell,
            .first_device = entry->at,
        };
    return card;
}

static int tell_renumbered(struct planner *p, const struct entry *entry)
{
    char text[BDF_TEXT_SIZE];

    if (entry->alone || entry->plan->host.function == 0)
        return 0;
    return plan_finding(p, FINDING_FUNCTION_RENUMBERED, bdf_format(&entry->plan->host, text),
                        "becomes function 0 of its slot in the guest: it is the lowest function of the card that is "
                        "assigned, and a slot needs a function 0");
}

static int join_card(struct planner *p, const struct entry *entry, const struct entry *before)
{
    struct plan_device *device = &p->plan->devices.items[entry->at];
    int r = 0;

    if (starts_card(entry, before)) {
        if (!open_card(p, entry))
            return error_nomem(p->reterr);
        r = tell_renumbered(p, entry);
    } else {
        struct plan_card *card = &p->plan->cards.items[p->plan->cards.count - 1];

        p->plan->devices.items[card->first_device].multifunction = true;
        device->guest_function = device->host.function;
    }
    device->card = p->plan->cards.count - 1;
    return r;
}

int plan_cards(struct planner *p)
{
    autofree struct entry *entries = calloc(p->plan->devices.count + 1, sizeof(*entries));
    size_t n;
    int r = 0;

    if (!entries)
        return error_nomem(p->reterr);
    n = collect(p, entries);
    for (size_t i = 0; !r && i < n; i++)
        r = join_card(p, &entries[i], i ? &entries[i - 1] : NULL);
    return r;
}
