/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan_number.c - indexes, slots, chassis and bus numbers
 *
 * Takes:  the tree of plan.controllers, and what the domain has.
 * Gives:  every number that is written to the XML: nothing is left to libvirt's defaults.
 * Rule:   the lowest free indexes, parents first; slots on pcie.0 from the top; bus ranges packed up to 255, so that
 *         pcie.0 can grow, at multiples of 16 when all fit that way.
 */
#include "core/planner.h"

#include <stdio.h>
#include <string.h>

#define INDEXES 256 /* libvirt: maximum index 255 */
#define BUSES 256
#define SLOTS 32
#define FUNCTIONS 8

/* What the domain's own controllers and devices use, and what libvirt will add to them. */
struct in_use {
    const struct domain_controller *at[INDEXES]; /* the domain's controllers by index */
    bool index[INDEXES]; /* there is a controller, or a device's address names it */
    bool there[INDEXES]; /* there is a controller, of the domain or of the plan */
    bool slot[SLOTS];    /* on pcie.0 */
    bool chassis[INDEXES];
    unsigned highest;    /* index */
    bool complete;       /* every PCI device and controller has an address, as in a dump */
    /* Without an address, so that libvirt will choose one: */
    size_t on_port;   /* what needs a port to itself */
    size_t ports;     /* root ports */
    size_t expanders;
};

/* What libvirt adds unasked to an incomplete domain: controllers of USB, SATA and consoles, video, a balloon. */
#define UNASKED 8

static void use_address(struct in_use *use, const struct address *address)
{
    if (address->kind != ADDRESS_PCI)
        return;
    use->index[address->at.bus] = true;
    if (address->at.bus > use->highest)
        use->highest = address->at.bus;
    if (address->at.bus == 0)
        use->slot[address->at.slot] = true;
}

/*
 * Slots that the machine (00, 1f) and libvirt's fixed devices (video 01, sound 1b, USB 1d and 1a) take, libvirt 9.0
 * qemuDomainValidateDevicePCISlotsQ35(); a DMI bridge without an address wants 1e.
 */
static void use_fixed_slots(struct in_use *use, const struct domain *domain)
{
    static const unsigned char fixed[] = {0x00, 0x01, 0x1a, 0x1b, 0x1d, 0x1f};

    for (size_t i = 0; i < sizeof(fixed); i++)
        use->slot[fixed[i]] = true;
    for (size_t i = 0; i < domain->controllers.count; i++) {
        if (domain->controllers.items[i].model == CTRL_DMI_TO_PCI)
            use->slot[0x1e] = true;
    }
}

static bool is_port(enum controller_model model)
{
    return model == CTRL_ROOT_PORT || model == CTRL_DOWNSTREAM;
}

static void use_controller(struct in_use *use, const struct domain_controller *c)
{
    use->index[c->index] = use->there[c->index] = true;
    use->at[c->index] = c;
    if (c->index > use->highest)
        use->highest = c->index;
    use_address(use, &c->address);
    if (is_port(c->model))
        use->chassis[c->chassis >= 0 ? (unsigned)c->chassis % INDEXES : c->index] = true;
    if (c->model == CTRL_PCIE_ROOT || c->address.kind == ADDRESS_PCI)
        return;
    use->complete = false;
    use->ports += c->model == CTRL_ROOT_PORT;
    use->expanders += c->model == CTRL_EXPANDER;
    use->on_port += c->model == CTRL_UPSTREAM || c->model == CTRL_PCIE_TO_PCI;
}

static struct in_use look_at_domain(const struct planner *p)
{
    struct in_use use = {.complete = true};

    use.index[0] = true;
    for (size_t i = 0; i < p->domain->controllers.count; i++)
        use_controller(&use, &p->domain->controllers.items[i]);
    use.complete = use.complete && use.there[0];
    use.there[0] = true;
    use_fixed_slots(&use, p->domain);
    for (size_t i = 0; i < p->domain->devices.count; i++) {
        const struct domain_device *d = &p->domain->devices.items[i];

        if (plan_moves(p->plan, i))
            continue;
        use_address(&use, &d->address);
        if (!d->maybe_pci || d->address.kind != ADDRESS_NONE)
            continue;
        use.complete = false;
        use.on_port++;
    }
    return use;
}

/* The root ports that libvirt will add on pcie.0: for indexes without a controller, for what needs a port. */
static size_t ports_to_come(const struct in_use *use)
{
    size_t n = use->on_port + (use->complete ? 0 : UNASKED);

    for (unsigned i = 1; i <= use->highest; i++)
        n += !use->there[i];
    return n;
}

static int does_not_fit(struct planner *p, const char *what, size_t needed, size_t available)
{
    return error_set(p->reterr, VTOPO_ERR_REFUSED,
                     "the layout does not fit: it needs %zu %s, and there are %zu; fewer devices or spare ports, or a coarser mirror (\"numa\" is the coarsest), need less",
                     needed, what, available);
}

/* --- aliases --------------------------------------------------------------------------------------- */

/* The names in use, sorted; they belong to the domain and the plan. */
struct names {
    const char **items;
    size_t count;
};

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static bool collect_names(const struct domain *domain, struct names *names)
{
    names->items = calloc(domain->controllers.count + domain->devices.count + 1, sizeof(*names->items));
    if (!names->items)
        return false;
    for (size_t i = 0; i < domain->controllers.count; i++) {
        if (domain->controllers.items[i].alias)
            names->items[names->count++] = domain->controllers.items[i].alias;
    }
    for (size_t i = 0; i < domain->devices.count; i++) {
        if (domain->devices.items[i].alias)
            names->items[names->count++] = domain->devices.items[i].alias;
    }
    qsort(names->items, names->count, sizeof(*names->items), compare_names);
    return true;
}

/* By the domain, or by the @before first controllers of the plan. */
static bool is_taken(const struct vtopo_plan *plan, size_t before, const struct names *names,
                     const char *alias)
{
    for (size_t i = 0; i < before; i++) {
        if (!strcmp(plan->controllers.items[i].alias, alias))
            return true;
    }
    return bsearch(&alias, names->items, names->count, sizeof(*names->items), compare_names);
}

/* Aliases are unique in a domain: the second user of a name becomes NAME-2, and so on. */
static int make_aliases_unique(struct planner *p)
{
    struct names names = {0};
    bool ok = collect_names(p->domain, &names);

    for (size_t i = 0; ok && i < p->plan->controllers.count; i++) {
        struct plan_controller *c = &p->plan->controllers.items[i];
        autofree char *wish = steal(c->alias);

        c->alias = mem_printf("%s", wish);
        for (unsigned n = 2; c->alias && is_taken(p->plan, i, &names, c->alias); n++) {
            free(c->alias);
            c->alias = mem_printf("%s-%u", wish, n);
        }
        ok = c->alias != NULL;
    }
    free(names.items);
    return ok ? 0 : error_nomem(p->reterr);
}

/* --- indexes --------------------------------------------------------------------------------------- */

static int number_indexes(struct planner *p, struct in_use *use)
{
    unsigned next = 1, free_ones = 0;

    for (unsigned i = 1; i < INDEXES; i++)
        free_ones += !use->index[i];
    if (p->plan->controllers.count > free_ones)
        return does_not_fit(p, "controller indexes", p->plan->controllers.count, free_ones);
    for (size_t i = 0; i < p->plan->controllers.count; i++) {
        struct plan_controller *c = &p->plan->controllers.items[i];

        while (use->index[next])
            next++;
        use->index[next] = use->there[next] = true;
        c->index = next;
        if (next > use->highest)
            use->highest = next;
        if (c->parent != PLAN_NONE)
            c->parent_index = p->plan->controllers.items[c->parent].index;
    }
    return 0;
}

/*
 * In a domain whose addresses are all there an index without a controller is one that a former rewrite or an adopted
 * expander left.  libvirt would fill it with a root port on pcie.0, perhaps before others, whose guest
 * bus numbers would move: so the root port is written, in a slot behind all others.
 */
static int fill_gaps(struct planner *p, struct in_use *use)
{
    if (!use->complete)
        return 0;
    for (unsigned i = 1; i <= use->highest; i++) {
        struct plan_controller *c;

        if (use->there[i])
            continue;
        c = vec_add(&p->plan->controllers);
        if (!c)
            return error_nomem(p->reterr);
        *c = (struct plan_controller){.model = CTRL_ROOT_PORT, .index = i, .parent = PLAN_NONE,
                                      .filler = true, .cell = -1, .node = -1};
        use->index[i] = use->there[i] = true;
    }
    return 0;
}

/* --- slots ----------------------------------------------------------------------------------------- */

/* Slot and function of the n-th of @count ports of a bus: a slot each, or, when there are too many, eight a slot. */
static void place_port(struct plan_controller *c, size_t n, size_t count)
{
    bool packed = count > SLOTS;

    c->slot = (unsigned)(packed ? n / FUNCTIONS : n);
    c->function = (unsigned)(packed ? n % FUNCTIONS : 0);
    c->multifunction = packed && c->function == 0 && n + 1 < count;
}

static int number_ports_of(struct planner *p, size_t parent)
{
    size_t count = 0, n = 0;

    for (size_t i = 0; i < p->plan->controllers.count; i++)
        count += p->plan->controllers.items[i].parent == parent;
    if (count > SLOTS * FUNCTIONS)
        return does_not_fit(p, "ports on one bus", count, SLOTS * FUNCTIONS);
    for (size_t i = 0; i < p->plan->controllers.count; i++) {
        if (p->plan->controllers.items[i].parent == parent)
            place_port(&p->plan->controllers.items[i], n++, count);
    }
    return 0;
}

/*
 * The free slots of pcie.0, highest first.  What libvirt will put there itself has to find room: it packs root ports eight
 * a slot from the lowest slot up, and when pcie.0 is full puts them onto the first expander (tried with 9.0).
 */
static size_t free_slots(const struct in_use *use, unsigned char slots[SLOTS])
{
    size_t n = 0, reserved = 0;

    if (!use->complete)
        reserved = use->expanders + (use->ports + ports_to_come(use) + FUNCTIONS - 1) / FUNCTIONS;
    for (unsigned s = SLOTS; s-- > 0;) {
        if (!use->slot[s])
            slots[n++] = (unsigned char)s;
    }
    return n > reserved ? n - reserved : 0;
}

/*
 * More controllers on pcie.0 than this share slots even if there were enough: whether they do must not depend on how many
 * slots libvirt will need, which is known only after the domain was defined.
 */
#define MOST_SLOTS 16

/* The controllers on pcie.0 take the highest free slots, ascending; eight a slot when there are many. */
static int number_slots_on_root(struct planner *p, const struct in_use *use)
{
    unsigned char slots[SLOTS];
    size_t available = free_slots(use, slots), count = 0, needed, n = 0;
    bool packed;

    for (size_t i = 0; i < p->plan->controllers.count; i++)
        count += p->plan->controllers.items[i].parent == PLAN_NONE;
    packed = count > MOST_SLOTS || count > available;
    needed = packed ? (count + FUNCTIONS - 1) / FUNCTIONS : count;
    if (needed > available)
        return does_not_fit(p, "slots on pcie.0", needed, available);
    for (size_t i = 0; i < p->plan->controllers.count; i++) {
        struct plan_controller *c = &p->plan->controllers.items[i];

        if (c->parent != PLAN_NONE)
            continue;
        c->slot = slots[needed - 1 - (packed ? n / FUNCTIONS : n)];
        c->function = (unsigned)(packed ? n % FUNCTIONS : 0);
        c->multifunction = packed && c->function == 0 && n + 1 < count;
        n++;
    }
    return 0;
}

static int number_slots(struct planner *p, const struct in_use *use)
{
    int r = number_slots_on_root(p, use);

    for (size_t i = 0; !r && i < p->plan->controllers.count; i++)
        r = number_ports_of(p, i);
    return r;
}

/* --- chassis and port ------------------------------------------------------------------------------ */

/*
 * libvirt's default for chassis is the index, and QEMU refuses two ports with one chassis.  So a port takes its index,
 * which no other port has as default; if another port has that number written down, the highest number that is
 * neither a chassis nor an index.
 */
static int number_chassis(struct planner *p, struct in_use *use)
{
    for (size_t i = 0; i < p->plan->controllers.count; i++) {
        struct plan_controller *c = &p->plan->controllers.items[i];
        unsigned chassis = c->index;

        if (!is_port(c->model))
            continue;
        if (use->chassis[chassis]) {
            for (chassis = INDEXES - 1; chassis && (use->chassis[chassis] || use->index[chassis]);)
                chassis--;
        }
        if (!chassis)
            return does_not_fit(p, "chassis numbers", p->plan->controllers.count, i);
        use->chassis[chassis] = true;
        c->chassis = chassis;
        /* As libvirt's defaults; equal ones do no harm. */
        c->port = c->model == CTRL_ROOT_PORT ? c->slot * FUNCTIONS + c->function : c->slot;
    }
    return 0;
}

/* --- bus numbers ----------------------------------------------------------------------------------- */

/* The bus numbers that are taken, and by whom. */
struct ranges {
    bool taken[BUSES];
    size_t root;   /* pcie.0 and all that hangs off it */
    size_t others; /* expanders of others and all below them */
};

/* The expander above (or at) a controller, NULL: it hangs off pcie.0. */
static const struct domain_controller *expander_of(const struct in_use *use,
                                                   const struct domain_controller *c)
{
    for (unsigned steps = 0; c && steps < INDEXES; steps++) {
        if (c->model == CTRL_EXPANDER)
            return c;
        if (c->address.kind != ADDRESS_PCI || c->address.at.bus == 0)
            return NULL;
        c = use->at[c->address.at.bus];
    }
    return NULL;
}

/* The number of the domain's controllers below (and at) an expander; NULL: below none. */
static size_t buses_below(const struct in_use *use, const struct domain_controller *expander)
{
    size_t n = 0;

    for (unsigned i = 0; i < INDEXES; i++)
        n += use->at[i] && expander_of(use, use->at[i]) == expander;
    return n;
}

/* The controller of the plan on pcie.0 that is above (or is) this one. */
static const struct plan_controller *top_of(const struct vtopo_plan *plan, size_t at)
{
    while (plan->controllers.items[at].parent != PLAN_NONE)
        at = plan->controllers.items[at].parent;
    return &plan->controllers.items[at];
}

/* Bus numbers that pcie.0 needs: itself, each bridge that hangs off it, and each that libvirt will add. */
static size_t buses_of_root(const struct planner *p, const struct in_use *use)
{
    size_t n = buses_below(use, NULL) + (use->at[0] ? 0 : 1);

    for (size_t i = 0; i < p->plan->controllers.count; i++)
        n += top_of(p->plan, i)->model != CTRL_EXPANDER;
    return n + ports_to_come(use);
}

/* libvirt's choice for an expander without a bus number: the lowest of all, less 2 (254 for the first). */
static int fix_bus_numbers(struct planner *p, const struct in_use *use)
{
    int lowest = BUSES;

    for (size_t i = 0; i < p->domain->controllers.count; i++) {
        const struct domain_controller *c = &p->domain->controllers.items[i];

        if (c->model == CTRL_EXPANDER && c->bus_nr >= 0 && c->bus_nr < lowest)
            lowest = c->bus_nr;
    }
    for (unsigned index = 1; index < INDEXES; index++) {
        const struct domain_controller *c = use->at[index];
        struct plan_bus_fix *fix;

        if (!c || c->model != CTRL_EXPANDER || c->bus_nr >= 0)
            continue;
        fix = vec_add(&p->plan->bus_fixes);
        if (!fix)
            return error_nomem(p->reterr);
        lowest -= 2;
        if (lowest < 1)
            return does_not_fit(p, "bus numbers", BUSES + 1, BUSES);
        *fix = (struct plan_bus_fix){index, (unsigned)lowest};
    }
    return 0;
}

static int tell_fixes(struct planner *p)
{
    int r = 0;

    for (size_t i = 0; !r && i < p->plan->bus_fixes.count; i++) {
        char subject[32];

        snprintf(subject, sizeof(subject), "controller %u", p->plan->bus_fixes.items[i].index);
        r = plan_finding(p, FINDING_BUS_FIXED, subject,
                         "this expander had no bus number; busNr %u, which libvirt would have chosen, is written down, so that it does not move",
                         p->plan->bus_fixes.items[i].bus_nr);
    }
    return r;
}

static int bus_number_of(const struct planner *p, const struct domain_controller *expander)
{
    for (size_t i = 0; i < p->plan->bus_fixes.count; i++) {
        if (p->plan->bus_fixes.items[i].index == expander->index)
            return (int)p->plan->bus_fixes.items[i].bus_nr;
    }
    return expander->bus_nr;
}

/* Takes the bus numbers of an expander of others.  False: they end past 255, or some are taken already. */
static bool take_range(struct ranges *ranges, size_t first, size_t n)
{
    bool whole = true;

    for (size_t b = first; b < first + n; b++) {
        whole = whole && b < BUSES && !ranges->taken[b];
        if (b < BUSES)
            ranges->taken[b] = true;
    }
    return whole;
}

/* One that is broken already gets a finding, since it is not ours. */
static int take_others(struct planner *p, const struct in_use *use, struct ranges *ranges)
{
    int r = 0;

    for (unsigned i = 1; !r && i < INDEXES; i++) {
        const struct domain_controller *c = use->at[i];
        char subject[32];
        size_t first, n;

        if (!c || c->model != CTRL_EXPANDER || bus_number_of(p, c) < 0)
            continue;
        first = (size_t)bus_number_of(p, c);
        n = buses_below(use, c);
        ranges->others += n;
        /* Of an incomplete domain it is not known how many numbers pcie.0 will need. */
        if (take_range(ranges, first, n) && (!use->complete || first >= ranges->root))
            continue;
        snprintf(subject, sizeof(subject), "controller %u", c->index);
        r = plan_finding(p, FINDING_BUS_RANGE_BROKEN, subject,
                         "this expander starts at bus %zu and needs %zu bus numbers, which end past 255 or overlap those of pcie.0 or of another expander: devices will be missing in the guest; another busNr can cure it",
                         first, n);
    }
    return r;
}

/* Bus numbers of an expander of ours: its own and one for each port below. */
static void count_buses(struct vtopo_plan *plan)
{
    for (size_t i = 0; i < plan->controllers.count; i++) {
        size_t top = (size_t)(top_of(plan, i) - plan->controllers.items);

        if (plan->controllers.items[top].model == CTRL_EXPANDER)
            plan->controllers.items[top].buses++;
    }
}

/* The highest start at a multiple of @step below @end where @n free numbers are; 0: there is none. */
static size_t highest_start(const struct ranges *ranges, size_t end, size_t n, size_t step)
{
    size_t start, free_ones;

    if (n > end)
        return 0;
    for (start = (end - n) / step * step; start > 0; start -= step) {
        for (free_ones = 0; free_ones < n && !ranges->taken[start + free_ones]; free_ones++)
            ;
        if (free_ones == n)
            return start;
        if (start < step)
            break;
    }
    return 0;
}

/* From the last expander to the first, each as high as it can be.  False: they do not fit. */
static bool try_ranges(struct vtopo_plan *plan, const struct ranges *ranges, size_t step)
{
    size_t end = BUSES;

    for (size_t i = plan->controllers.count; i-- > 0;) {
        struct plan_controller *c = &plan->controllers.items[i];

        if (c->model != CTRL_EXPANDER)
            continue;
        end = highest_start(ranges, end, c->buses, step);
        if (end < ranges->root || !end)
            return false;
        c->bus_nr = (unsigned)end;
    }
    return true;
}

static int place_ranges(struct planner *p, const struct ranges *ranges, size_t ours, size_t expanders)
{
    size_t needed = ranges->root + ours + ranges->others;

    if (needed > BUSES)
        return does_not_fit(p, "bus numbers", needed, BUSES);
    if (try_ranges(p->plan, ranges, 16))
        return 0;
    if (!try_ranges(p->plan, ranges, 1))
        return error_set(p->reterr, VTOPO_ERR_REFUSED,
                         "the layout does not fit: it needs %zu bus numbers in %zu unbroken ranges, and the expanders that the domain has leave no room for them in this order",
                         ours, expanders);
    return plan_finding(p, FINDING_RANGES, "domain",
                        "the bus ranges of the expanders do not start at multiples of 16, because the layout would not fit that way");
}

static int number_buses(struct planner *p, const struct in_use *use)
{
    struct ranges ranges = {.root = buses_of_root(p, use)};
    size_t ours = 0, expanders = 0;
    int r;

    count_buses(p->plan);
    for (size_t i = 0; i < p->plan->controllers.count; i++) {
        ours += p->plan->controllers.items[i].buses;
        expanders += p->plan->controllers.items[i].model == CTRL_EXPANDER;
    }
    r = expanders ? fix_bus_numbers(p, use) : 0;
    if (!r)
        r = tell_fixes(p);
    if (!r)
        r = take_others(p, use, &ranges);
    return r || !expanders ? r : place_ranges(p, &ranges, ours, expanders);
}

/* --- devices --------------------------------------------------------------------------------------- */

static void number_devices(struct vtopo_plan *plan)
{
    for (size_t i = 0; i < plan->devices.count; i++) {
        struct plan_device *device = &plan->devices.items[i];
        const struct plan_card *card;

        if (device->fate != FATE_MOVED)
            continue;
        card = &plan->cards.items[device->card];
        device->after = (struct address){
            .kind = ADDRESS_PCI,
            .at = {0, (uint8_t)plan->controllers.items[card->port].index, 0,
                   (uint8_t)device->guest_function},
            .multifunction = device->multifunction ? 1 : -1,
        };
    }
}

/* --- the count, for people ------------------------------------------------------------------------- */

static size_t how_many(const bool *used, size_t count)
{
    size_t n = 0;

    for (size_t i = 0; i < count; i++)
        n += used[i];
    return n;
}

static int count_numbers(struct planner *p, struct in_use *use)
{
    size_t buses = buses_of_root(p, use);

    for (size_t i = 0; i < p->plan->controllers.count; i++) {
        const struct plan_controller *c = &p->plan->controllers.items[i];

        buses += c->buses;
        if (c->parent == PLAN_NONE)
            use->slot[c->slot] = true;
    }
    for (unsigned i = 0; i < INDEXES; i++)
        buses += use->at[i] && expander_of(use, use->at[i]);
    const struct plan_budget counts[] = {
        {"slots on pcie.0", how_many(use->slot, SLOTS), SLOTS, false, false},
        {"bus numbers", buses, BUSES, false, false},
        {"controller indexes", how_many(use->index, INDEXES), INDEXES, false, false},
        {"chassis numbers", how_many(use->chassis, INDEXES), INDEXES - 1, false, false},
    };

    for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
        struct plan_budget *budget = vec_add(&p->plan->budgets);

        if (!budget)
            return error_nomem(p->reterr);
        *budget = counts[i];
    }
    return 0;
}

static int tell_incomplete(struct planner *p, const struct in_use *use)
{
    if (use->complete)
        return 0;
    if (p->policy->spare_ports)
        return error_set(p->reterr, VTOPO_ERR_REFUSED,
                         "spare ports need a domain that has all its PCI addresses, because libvirt would put other devices into them: define it first, then rewrite what \"virsh dumpxml --inactive\" prints");
    return plan_finding(p, FINDING_ADDRESSES_LEFT, "domain",
                        "some devices or controllers have no PCI address: libvirt will choose them when the domain is defined, and they can differ from those that it would choose without vtopo; to keep them, define the domain first and rewrite the dump");
}

/* With nothing to build nothing is numbered, and nothing of others is touched. */
static int number_all(struct planner *p, struct in_use *use)
{
    int r = tell_incomplete(p, use);

    if (!r)
        r = make_aliases_unique(p);
    if (!r)
        r = number_indexes(p, use);
    if (!r)
        r = fill_gaps(p, use);
    if (!r)
        r = number_slots(p, use);
    if (!r)
        r = number_chassis(p, use);
    if (!r)
        r = number_buses(p, use);
    if (!r)
        number_devices(p->plan);
    return r;
}

int plan_number(struct planner *p)
{
    struct in_use use = look_at_domain(p);
    int r = p->plan->controllers.count ? number_all(p, &use) : 0;

    return r ? r : count_numbers(p, &use);
}
