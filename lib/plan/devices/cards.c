/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cards.c - put the functions that move together into cards
 *
 * Takes:  plan.devices.
 * Gives:  plan.cards in the order of host addresses, and the guest function number of each device.
 * Rule:   the assigned functions of one host slot are a card; a VF, an mdev, a vDPA device and an
 * NVMe disk are a card each, and so is a function that is to be behind a PCIe-to-PCI bridge
 * (attach_pci).  The lowest function of a card becomes function 0, the others keep their number.
 */
#include "plan/ground/libvirt_adds.h"
#include "plan/ground/planner.h"

#include <string.h>

/* A moved device with all that its place in the order depends on (never its place in the XML, but
 * for a draw). */
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
    enum device_kind kind = p->facts.base->devices.items[device->device].kind;

    return p->facts.host->functions.items[device->function].is_vf ||
           (kind != DEVICE_HOSTDEV_PCI && kind != DEVICE_INTERFACE_HOSTDEV);
}

static size_t collect(const struct planner *p, struct entry *entries)
{
    size_t n = 0;

    for (size_t i = 0; i < p->plan->devices.count; i++) {
        const struct plan_device *device = &p->plan->devices.items[i];

        if (device->fate == FATE_MOVED)
            entries[n++] = (struct entry){device, &p->facts.base->devices.items[device->device], i};
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
            .root = p->facts.host->functions.items[entry->plan->function].root,
            .node = entry->plan->node,
            .cell = entry->plan->cell,
            .first_device = entry->at,
        };
    return card;
}

/* The policy's word goes before the domain's: with "hotplug" false a transient card may hang on a
 * switch. */
static bool wants_hotplug(const struct planner *p, const struct entry *entry)
{
    int wish = plan_policy_of(p, &p->facts.host->functions.items[entry->plan->function]).hotplug;

    return wish >= 0 ? wish : entry->device->teaming_transient;
}

/* The policy's word goes before that of CDI specs. */
static int wants_bridge(const struct planner *p, const struct entry *entry, bool *ret)
{
    const struct host_function *function = &p->facts.host->functions.items[entry->plan->function];
    int wish = plan_policy_of(p, function).attach_pci, r;
    const struct policy_cdi *said;

    *ret = false;
    if (entry->device->kind != DEVICE_HOSTDEV_PCI &&
        entry->device->kind != DEVICE_INTERFACE_HOSTDEV)
        return 0;
    r = plan_cdi_of(p, &function->bdf, CDI_ATTACH_PCI, &said);
    if (!r)
        *ret = wish >= 0 ? wish : said && said->attach_pci > 0;
    return r;
}

/* A slot of a conventional bus is for one function, and nothing there is hot-pluggable. */
static int open_bridged_card(struct planner *p, const struct entry *entry)
{
    struct plan_card *card = open_card(p, entry);

    if (!card)
        return error_nomem(p->reterr);
    card->attach_pci = true;
    p->plan->devices.items[entry->at].card = p->plan->cards.count - 1;
    if (libvirt_adds_nothing(p->facts.base, p->plan))
        return 0;
    return error_set(
        p->reterr, VTOPO_ERR_REFUSED,
        "%s is to be behind a PCIe-to-PCI bridge (attach-pci), and that needs a domain that has all its PCI addresses, because libvirt would put other devices behind it, too: define it first, then rewrite what \"virsh dumpxml --inactive\" prints",
        BDF_TEXT(&card->host));
}

/* @shared: the card that the functions of the last host slot share, PLAN_NONE: there is none yet.
 */
static int join_card(struct planner *p, const struct entry *entry, size_t *shared)
{
    struct plan_device *device = &p->plan->devices.items[entry->at];
    bool alone = plan_is_alone(p, device), bridge;
    struct plan_card *card = *shared == PLAN_NONE ? NULL : &p->plan->cards.items[*shared];
    int r;

    r = wants_bridge(p, entry, &bridge);
    if (r || bridge)
        return r ? r : open_bridged_card(p, entry);
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
