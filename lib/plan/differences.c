/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * differences.c - where the guest will differ from the host, said in findings
 *
 * Takes:  the finished layout, the host's tree.
 * Gives:  findings for pairs of cards that are nearer or farther than on the host or numbered the
 * other way round, for cards without the host's function 0, and for network interfaces whose names
 * follow from their address. Not here: nodes (cells.c), others' guest addresses
 * (guest_bdf.c).
 */
#include "plan/ground/planner.h"

#include <stdio.h>
#include <string.h>

struct view {
    struct plan_chain *guest; /* one per card: upstream ports of the plan */
    size_t *expanders;        /* one per card: place in plan.controllers, PLAN_NONE: pcie.0 */
};

static struct plan_chain guest_above(const struct vtopo_plan *plan, size_t port,
                                     size_t *ret_expander)
{
    struct plan_chain above = {0};
    size_t depth = 0, at;

    *ret_expander = PLAN_NONE;
    for (at = port; at != PLAN_NONE; at = plan->controllers.items[at].parent) {
        depth += plan->controllers.items[at].model == CTRL_UPSTREAM;
        if (plan->controllers.items[at].model == CTRL_EXPANDER)
            *ret_expander = at;
    }
    above.count = depth > PLAN_SWITCHES ? PLAN_SWITCHES : depth;
    for (at = port; at != PLAN_NONE; at = plan->controllers.items[at].parent) {
        if (plan->controllers.items[at].model == CTRL_UPSTREAM && --depth < PLAN_SWITCHES)
            above.at[depth] = at;
    }
    return above;
}

static size_t common(const struct plan_chain *a, const struct plan_chain *b)
{
    size_t n = 0;

    while (n < a->count && n < b->count && a->at[n] == b->at[n])
        n++;
    return n;
}

/* Switches between two cards that share @shared of them, the shared one itself not counted. */
static size_t between(const struct plan_chain *a, const struct plan_chain *b, size_t shared)
{
    return a->count + b->count - 2 * shared;
}

static bool is_nearer(const struct planner *p, const struct view *v, size_t a, size_t b)
{
    const struct plan_card *x = &p->plan->cards.items[a], *y = &p->plan->cards.items[b];
    size_t host = common(&p->chains[a], &p->chains[b]), guest = common(&v->guest[a], &v->guest[b]);

    if (guest && (!host || between(&v->guest[a], &v->guest[b], guest) <
                               between(&p->chains[a], &p->chains[b], host)))
        return true;
    if (v->expanders[a] == v->expanders[b] && v->expanders[a] != PLAN_NONE &&
        !bdf_equal(&x->root, &y->root))
        return true;
    return x->cell >= 0 && x->cell == y->cell && x->node != y->node;
}

/* Somebody wants it to be elsewhere than its neighbours. */
static bool is_apart(const struct plan_card *card)
{
    return card->hotplug || card->attach_pci;
}

static bool is_farther(const struct planner *p, const struct view *v, size_t a, size_t b)
{
    /* Of a card that must be hot-pluggable layout.c has told that it is apart. */
    return p->facts.policy->mirror >= MIRROR_SWITCH && common(&p->chains[a], &p->chains[b]) &&
           !common(&v->guest[a], &v->guest[b]) && !is_apart(&p->plan->cards.items[a]) &&
           !is_apart(&p->plan->cards.items[b]);
}

static const struct bdf *guest_of(const struct planner *p, size_t card)
{
    return &p->plan->devices.items[p->plan->cards.items[card].first_device].guest_after;
}

static bool is_turned(const struct planner *p, const struct view *v, size_t a, size_t b)
{
    (void)v;
    if (p->plan->cards.items[a].attach_pci || p->plan->cards.items[b].attach_pci)
        return false;
    return bdf_compare(guest_of(p, a), guest_of(p, b)) > 0; /* cards ascend by host address */
}

typedef bool relation(const struct planner *, const struct view *, size_t, size_t);

/* A list of pairs as it grows: there can be twenty thousand. */
struct pairs {
    char *items;
    size_t count, cap;
};

static bool say(struct pairs *pairs, const char *text)
{
    for (; *text; text++) {
        char *c = vec_add(pairs);

        if (!c)
            return false;
        *c = *text;
    }
    return true;
}

/* May card @b be named together with card @a before it: neither @is with the other, both with the
 * same ones behind? */
static bool is_like(const struct planner *p, const struct view *v, relation *is, size_t a, size_t b)
{
    for (size_t i = a + 1; i <= b; i++) {
        if (is(p, v, a, i))
            return false;
    }
    for (size_t i = b + 1; i < p->plan->cards.count; i++) {
        if (is(p, v, a, i) != is(p, v, b, i))
            return false;
    }
    return true;
}

/* Names cards @from to @to of which @a is one that @is holds for with each; @a PLAN_NONE: all. */
static bool say_cards(const struct planner *p, const struct view *v, relation *is, size_t a,
                      size_t from, size_t to, struct pairs *pairs)
{
    const char *join = "";
    bool ok = true;

    for (size_t i = from; ok && i < to; i++) {
        if (a != PLAN_NONE && !is(p, v, a, i))
            continue;
        ok = say(pairs, join) && say(pairs, BDF_TEXT(&p->plan->cards.items[i].host));
        join = ", ";
    }
    return ok;
}

static bool is_any(const struct planner *p, const struct view *v, relation *is, size_t a,
                   size_t from)
{
    for (size_t i = from; i < p->plan->cards.count; i++) {
        if (is(p, v, a, i))
            return true;
    }
    return false;
}

/* "A, B with C, D; C with E": every pair of cards for which @is holds.  Empty if there is none. */
static bool name_pairs(const struct planner *p, const struct view *v, relation *is,
                       struct pairs *pairs)
{
    size_t count = p->plan->cards.count, end;
    bool ok = true;

    for (size_t a = 0; ok && a < count; a = end) {
        for (end = a + 1; end < count && is_like(p, v, is, a, end);)
            end++;
        if (is_any(p, v, is, a, end))
            ok = say(pairs, pairs->count ? "; " : "") &&
                 say_cards(p, v, is, PLAN_NONE, a, end, pairs) && say(pairs, " with ") &&
                 say_cards(p, v, is, a, end, count, pairs);
    }
    return ok;
}

static int tell_pairs(struct planner *p, const struct view *v, enum finding_id id, relation *is,
                      const char *what)
{
    struct pairs pairs = {0};
    int r = 0;

    if (!name_pairs(p, v, is, &pairs))
        r = error_nomem(p->reterr);
    else if (pairs.count)
        r = plan_finding(p, id, "domain", "%s: %.*s", what, (int)pairs.count, pairs.items);
    free(pairs.items);
    return r;
}

static int compare_cards(struct planner *p, const struct view *v)
{
    static const char *const nearer[] = {
        [MIRROR_NUMA] =
            "cards are nearer in the guest than on the host (mirror \"root\" keeps root complexes apart)",
        [MIRROR_ROOT] =
            "cards are nearer in the guest than on the host, because one cell stands for their nodes",
        [MIRROR_SWITCH] =
            "cards are nearer in the guest than on the host (mirror \"exact\" keeps levels of switches, a cell for each node keeps nodes apart)",
        [MIRROR_EXACT] =
            "cards are nearer in the guest than on the host, because one cell stands for their nodes",
    };
    const char *why = nearer[p->facts.policy->mirror];
    int r;

    if (p->conceded.merged || p->conceded.flat)
        why =
            "cards are nearer in the guest than on the host, because less than was asked for fits, or because one cell stands for their nodes";
    r = tell_pairs(p, v, FINDING_NEARER, is_nearer, why);

    if (!r)
        r = tell_pairs(
            p, v, FINDING_FARTHER, is_farther,
            "cards of one host switch do not share a switch in the guest, because they are in different cells");
    if (!r)
        r = tell_pairs(
            p, v, FINDING_ORDER, is_turned,
            "cards are numbered the other way round in the guest, because those that belong together there are not numbered one after the other on the host, or because one must be hot-pluggable and is not in the switch of the others");
    return r;
}

static int look(const struct planner *p, struct view *v)
{
    size_t n = p->plan->cards.count;

    v->guest = calloc(n + 1, sizeof(*v->guest));
    v->expanders = calloc(n + 1, sizeof(*v->expanders));
    if (!v->guest || !v->expanders)
        return error_nomem(p->reterr);
    for (size_t i = 0; i < n; i++)
        v->guest[i] = guest_above(p->plan, p->plan->cards.items[i].port, &v->expanders[i]);
    return 0;
}

/* Says which cards have another function 0 than on the host. */
static int compare_functions(struct planner *p)
{
    int r = 0;

    for (size_t i = 0; !r && i < p->plan->cards.count; i++) {
        const struct plan_card *card = &p->plan->cards.items[i];
        char text[BDF_TEXT_SIZE];

        if (card->host.function && !card->attach_pci &&
            !plan_is_alone(p, &p->plan->devices.items[card->first_device]))
            r = plan_finding(
                p, FINDING_FUNCTION_RENUMBERED, bdf_format(&card->host, text),
                "becomes function 0 of its slot in the guest: it is the lowest function of the card that is assigned, and a slot needs a function 0");
    }
    return r;
}

static bool is_network(const struct planner *p, const struct plan_device *device)
{
    enum device_kind kind = p->facts.base->devices.items[device->device].kind;

    return kind == DEVICE_INTERFACE_HOSTDEV || kind == DEVICE_INTERFACE_VDPA ||
           (kind == DEVICE_HOSTDEV_PCI &&
            p->facts.host->functions.items[device->function].class_code >> 16 == 0x02);
}

/*
 * As systemd's net_id names an interface by its path: enp65s0f1, ibp65s0; the function is named if
 * the slot has several.
 */
static void name_interface(const struct host_function *function, const struct bdf *bdf,
                           bool several, char *text, size_t size)
{
    const char *prefix = function->class_code >> 8 == 0x0207 ? "ib" : "en";

    if (several || bdf->function)
        snprintf(text, size, "%sp%us%uf%u", prefix, bdf->bus, bdf->slot, bdf->function);
    else
        snprintf(text, size, "%sp%us%u", prefix, bdf->bus, bdf->slot);
}

static int compare_interface_names(struct planner *p)
{
    autofree char *names = NULL;

    for (size_t i = 0; i < p->plan->devices.count; i++) {
        const struct plan_device *d = &p->plan->devices.items[i];
        const struct host_function *function;
        char from[32], to[32];

        if (d->fate != FATE_MOVED || !d->before_known || !d->after_known || !is_network(p, d) ||
            bdf_equal(&d->guest_before, &d->guest_after))
            continue;
        function = &p->facts.host->functions.items[d->function];
        name_interface(function, &d->guest_before, d->before.multifunction > 0, from, sizeof(from));
        name_interface(function, &d->guest_after, d->multifunction, to, sizeof(to));
        if (!mem_append(&names, "%s%s becomes %s (%s)", names ? ", " : "", from, to,
                        BDF_TEXT(&d->host)))
            return error_nomem(p->reterr);
    }
    if (!names)
        return 0;
    return plan_finding(
        p, FINDING_INTERFACE_NAMES, "domain",
        "network interfaces get another guest address, and names that are made from it change: %s",
        names);
}

int plan_compare(struct planner *p)
{
    struct view v = {0};
    int r = look(p, &v);

    if (!r)
        r = compare_functions(p);
    if (!r)
        r = compare_cards(p, &v);
    if (!r)
        r = compare_interface_names(p);
    free(v.guest);
    free(v.expanders);
    return r;
}

/* --- is it there already? --- */

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
    return c->model == CTRL_EXPANDER ||
           (d->address.at.slot == c->slot && d->address.at.function == c->function &&
            !(c->multifunction && d->address.multifunction == 0));
}

/* @packed: the expanders have the bus numbers that they get where the layout would not fit
 * otherwise. */
static bool controller_is_realised(const struct plan_controller *c, const struct domain *domain,
                                   bool packed)
{
    const struct domain_controller *d = domain_controller_at(domain, c->index);
    unsigned port = c->model == CTRL_ROOT_PORT ? c->slot * 8 + c->function : c->slot;

    if (!d || c->filler || !d->marked || d->model != c->model || strcmp(d->alias, c->alias) != 0)
        return false;
    if (!same_place(c, d))
        return false;
    if (c->model == CTRL_EXPANDER)
        return d->bus_nr == (int)(packed ? c->bus_nr_packed : c->bus_nr) && d->node == c->cell;
    if (c->model == CTRL_UPSTREAM || c->model == CTRL_PCIE_TO_PCI)
        return true;
    return same_number(d->chassis, c->chassis, c->index) && same_number(d->port, c->port, port) &&
           same_hotplug(c, d);
}

static bool device_is_realised(const struct plan_device *device)
{
    const struct address *is = &device->before, *wanted = &device->after;

    if (device->fate != FATE_MOVED)
        return is->kind == wanted->kind && bdf_equal(&is->at, &wanted->at);
    return is->kind == ADDRESS_PCI && bdf_equal(&is->at, &wanted->at) &&
           (!device->multifunction || is->multifunction != 0);
}

/* A device that is not moved must not be below a controller of vtopo's: libvirt put it into a spare
 * port, say. */
static bool others_are_realised(const struct vtopo_plan *plan, const struct domain *domain)
{
    bool ours[256] = {false};

    for (size_t i = 0; i < plan->controllers.count; i++)
        ours[plan->controllers.items[i].index] = true;
    for (size_t i = 0; i < domain->devices.count; i++) {
        const struct address *address = &domain->devices.items[i].address;

        if (address->kind == ADDRESS_PCI && ours[address->at.bus] && !plan_moves(plan, i))
            return false;
    }
    return true;
}

static bool controllers_are_realised(const struct vtopo_plan *plan, const struct domain *domain,
                                     bool packed)
{
    for (size_t i = 0; i < plan->controllers.count; i++) {
        if (!controller_is_realised(&plan->controllers.items[i], domain, packed))
            return false;
    }
    return true;
}

static bool ports_off_are_realised(const struct vtopo_plan *plan, const struct domain *domain)
{
    for (size_t i = 0; i < plan->ports_off.count; i++) {
        const struct domain_controller *c = domain_controller_at(domain, plan->ports_off.items[i]);

        if (!c || c->hotplug != 0)
            return false;
    }
    return plan->undo.ports.count == plan->ports_off.count;
}

bool plan_is_realised(const struct vtopo_plan *plan, const struct domain *domain)
{
    /* A marked controller that others have built on stays for good: it is not in undo. */
    if (plan->bus_fixes.count || plan->undo.controllers.count != plan->controllers.count ||
        !ports_off_are_realised(plan, domain))
        return false;
    /* Whether ranges have to be packed depends on what libvirt adds to a bare domain. */
    if (!controllers_are_realised(plan, domain, false) &&
        !controllers_are_realised(plan, domain, true))
        return false;
    for (size_t i = 0; i < plan->devices.count; i++) {
        if (!device_is_realised(&plan->devices.items[i]))
            return false;
    }
    return others_are_realised(plan, domain) && plan_overrides_are_realised(plan, domain);
}

/* "0000:41:00.0 belongs on bus 14" in the terms of the XML, and how many more. */
int plan_describe_difference(struct planner *p)
{
    const struct plan_device *first = NULL;
    size_t devices = 0, all = 0;

    for (size_t i = 0; i < p->plan->devices.count; i++) {
        all += p->plan->devices.items[i].function != HOST_NONE;
        if (device_is_realised(&p->plan->devices.items[i]))
            continue;
        first = first ? first : &p->plan->devices.items[i];
        devices++;
    }
    if (!first && !plan_overrides_are_realised(p->plan, p->facts.input))
        p->plan->difference = mem_printf(
            "the properties that QEMU gets for devices or ports (overrides) differ from the planned ones (%zu, and %zu of vtopo's are there)",
            p->plan->overrides.count, p->plan->undo.overrides.count);
    else if (!first)
        p->plan->difference = mem_printf(
            "the controllers differ from the planned ones (%zu, and %zu of vtopo's are there)",
            p->plan->controllers.count, p->plan->undo.controllers.count);
    else
        p->plan->difference = mem_printf(
            "%zu of %zu host devices are not where they belong, the first is %s, which belongs below controller %u",
            devices, all, BDF_TEXT(&first->host), first->after.at.bus);
    return p->plan->difference ? 0 : error_nomem(p->reterr);
}
