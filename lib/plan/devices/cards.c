/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cards.c - put the functions that move together into cards
 *
 * Takes:  the assignments that move, their cells.
 * Gives:  the card list in the order of host addresses, the guest function number of each device,
 *         and the switches above each card.
 * Rule:   the assigned functions of one host slot are a card; a VF, an mdev, a vDPA device and an
 *         NVMe disk are a card each, and so is a function that needs a slot of its own
 *         (slot_needs.c) or is to be behind a PCIe-to-PCI bridge (attach_pci). The lowest function
 *         of a card becomes function 0, the others keep their number.
 */
#include "plan/devices/devices.h"

#include "model/coherent_gpu.h"
#include "model/host_tree.h"
#include "model/machine.h"
#include "model/mark.h"
#include "plan/ground/cdi_lookup.h"
#include "plan/ground/libvirt_adds.h"

#include <string.h>

/* A moved device with all that its place in the order depends on (never its place in the XML, but
 * for a draw). */
struct entry {
    const struct assignment *assignment;
    const struct domain_device *device;
    size_t at; /* place among the assignments */
};

static int compare_entries(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    int order = bdf_compare(&a->assignment->host, &b->assignment->host);

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

static size_t collect(const struct facts *facts, const struct assignments *assigned,
                      const struct fates *fates, struct entry *entries)
{
    size_t n = 0;

    for (size_t i = 0; i < assigned->count; i++) {
        const struct assignment *a = &assigned->items[i];

        if (fates->items[i].fate == FATE_MOVED)
            entries[n++] = (struct entry){a, &facts->base->devices.items[a->device], i};
    }
    qsort(entries, n, sizeof(*entries), compare_entries);
    return n;
}

/* The cards as they are made. */
struct maker {
    const struct facts *facts;
    const struct fates *fates;
    const struct device_cell *cells;
    struct card_list *list;
    size_t shared; /* the card that the functions of the last host slot share, PLAN_NONE: there is
                      none yet */
    struct vtopo_error **reterr;
    struct cdi_index cdi;
};

static struct plan_card *open_card(struct maker *m, const struct entry *entry)
{
    const struct host_function *function = assignment_function(m->facts, entry->assignment);
    struct plan_card *card = vec_add(&m->list->cards);

    if (card)
        *card = (struct plan_card){
            .port = PLAN_NONE,
            .host = entry->assignment->host,
            .root = function->root,
            .own_root =
                function_is_coherent_gpu(function) && domain_machine(m->facts->base)->coherent_gpus,
            .node = m->cells[entry->at].node,
            .cell = m->cells[entry->at].cell,
            .first_device = entry->at,
        };
    m->list->functions[entry->at].card = m->list->cards.count - 1;
    return card;
}

/* The policy's word goes before that of CDI specs. */
static int wants_bridge(const struct maker *m, const struct entry *entry, bool *ret)
{
    int wish = entry->assignment->policy.attach_pci, r;
    const struct policy_cdi *said;

    *ret = false;
    if (!assignment_has_host_bars(entry->assignment))
        return 0;
    r = cdi_lookup(&m->cdi, &entry->assignment->host, CDI_ATTACH_PCI, &said, m->reterr);
    if (!r)
        *ret = wish >= 0 ? wish : said && said->attach_pci > 0;
    return r;
}

/* The port that the device leaves; NULL: it is not known.  One that an undo has added is taken out
 * first (back_ports.c). */
static const struct domain_controller *port_of(const struct facts *facts, const struct entry *entry)
{
    const struct address *address = &entry->device->address;
    const struct domain_controller *port;

    if (address->kind == ADDRESS_PCI)
        return facts->tree->at[address->at.bus].own;
    address = &facts->origin->devices.items[entry->assignment->device].address;
    port =
        address->kind == ADDRESS_PCI ? domain_controller_at(facts->origin, address->at.bus) : NULL;
    return port && mark_is_of_back(port->alias) ? port : NULL;
}

/* Who turned off the port of a device does not want the guest to eject it, and each card that
 * leaves the port is such a device. */
static void set_port_off(const struct maker *m, const struct entry *entry, struct plan_card *card)
{
    const struct domain_controller *port = port_of(m->facts, entry);

    if (port && port->model == CTRL_ROOT_PORT && !port->hotplug)
        card->port_off = true;
}

/* A slot of a conventional bus is for one function. */
static int open_bridged_card(struct maker *m, const struct entry *entry)
{
    struct plan_card *card = open_card(m, entry);

    if (!card)
        return error_nomem(m->reterr);
    card->attach_pci = true;
    set_port_off(m, entry, card);
    if (libvirt_adds_nothing(m->facts->base, m->fates))
        return 0;
    return error_set(
        m->reterr, VTOPO_ERR_REFUSED,
        "%s is to be behind a PCIe-to-PCI bridge (attach-pci), and that needs a domain that has all its PCI addresses, because libvirt would put other devices behind it, too: define it first, then rewrite what \"virsh dumpxml --inactive\" prints",
        BDF_TEXT(&card->host));
}

static int join_card(struct maker *m, const struct entry *entry)
{
    bool alone = assignment_is_alone(m->facts, entry->assignment), bridge;
    struct plan_card *card = m->shared == PLAN_NONE ? NULL : &m->list->cards.items[m->shared];
    struct card_function *function = &m->list->functions[entry->at];
    int r = wants_bridge(m, entry, &bridge);

    if (r || bridge)
        return r ? r : open_bridged_card(m, entry);
    if (alone || !card || !bdf_same_slot(&card->host, &entry->assignment->host)) {
        card = open_card(m, entry);
        if (!card)
            return error_nomem(m->reterr);
        m->shared = alone ? m->shared : function->card;
    } else {
        m->list->functions[card->first_device].multifunction = true;
        function->guest_function = entry->assignment->host.function;
        function->card = m->shared;
    }
    card->hotplug = card->hotplug || slot_needs_hotplug(m->facts, entry->assignment);
    card->atomics = card->atomics || entry->assignment->atomics == ATOMICS_WANTED;
    card->own_port = card->hotplug || card->atomics;
    set_port_off(m, entry, card);
    return 0;
}

static bool find_chains(const struct facts *facts, const struct assignments *assigned,
                        struct card_list *list)
{
    list->chains = calloc(list->cards.count + 1, sizeof(*list->chains));
    for (size_t card = 0; list->chains && card < list->cards.count; card++) {
        size_t function = assigned->items[list->cards.items[card].first_device].function;
        struct plan_chain *c = &list->chains[card];

        c->count = host_switches_above(facts->host, function, c->at, PLAN_SWITCHES);
        if (c->count > PLAN_SWITCHES)
            c->count = PLAN_SWITCHES;
    }
    return list->chains != NULL;
}

int cards_make(const struct facts *facts, const struct assignments *assigned,
               const struct fates *fates, const struct device_cell *cells, struct card_list *ret,
               struct vtopo_error **reterr)
{
    autofree struct entry *entries = calloc(assigned->count + 1, sizeof(*entries));
    struct maker m = {facts, fates, cells, ret, PLAN_NONE, reterr, {0}};
    size_t n;
    int r = 0;

    ret->functions = calloc(assigned->count + 1, sizeof(*ret->functions));
    if (!entries || !ret->functions || !cdi_index_make(facts->policy, &m.cdi))
        return error_nomem(reterr);
    for (size_t i = 0; i < assigned->count; i++)
        ret->functions[i].card = PLAN_NONE;
    n = collect(facts, assigned, fates, entries);
    for (size_t i = 0; !r && i < n; i++)
        r = join_card(&m, &entries[i]);
    cdi_index_clear(&m.cdi);
    return r || find_chains(facts, assigned, ret) ? r : error_nomem(reterr);
}
