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
    size_t at; /* place in plan.devices */
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

bool plan_is_alone(const struct planner *p, const struct plan_device *device)
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

        if (device->fate == FATE_MOVED)
            entries[n++] = (struct entry){device, &p->domain->devices.items[device->device], i};
    }
    qsort(entries, n, sizeof(*entries), compare_entries);
    return n;
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

/* The policy's word goes before the domain's: with "hotplug" false a transient card may hang on a switch. */
static bool wants_hotplug(const struct planner *p, const struct entry *entry)
{
    int wish = plan_policy_of(p, &p->host->functions.items[entry->plan->function]).hotplug;

    return wish >= 0 ? wish : entry->device->teaming_transient;
}

/* @shared: the card that the functions of the last host slot share, PLAN_NONE: there is none yet. */
static int join_card(struct planner *p, const struct entry *entry, size_t *shared)
{
    struct plan_device *device = &p->plan->devices.items[entry->at];
    bool alone = plan_is_alone(p, device);
    struct plan_card *card = *shared == PLAN_NONE ? NULL : &p->plan->cards.items[*shared];

    if (alone || !card || !bdf_same_slot(&card->host, &device->host)) {
        card = open_card(p, entry);
        if (!card)
            return error_nomem(p->reterr);
        device->card = p->plan->cards.count - 1;
        *shared = alone ? *shared : device->card;
    } else {
        p->plan->devices.items[card->first_device].multifunction = true;
        device->guest_function = device->host.function;
        device->card = *shared;
    }
    card->hotplug = card->hotplug || wants_hotplug(p, entry);
    return 0;
}

int plan_cards(struct planner *p)
{
    autofree struct entry *entries = calloc(p->plan->devices.count + 1, sizeof(*entries));
    size_t n, shared = PLAN_NONE;
    int r = 0;

    if (!entries)
        return error_nomem(p->reterr);
    n = collect(p, entries);
    for (size_t i = 0; !r && i < n; i++)
        r = join_card(p, &entries[i], &shared);
    return r;
}
