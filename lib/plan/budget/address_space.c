/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * address_space.c - what the assigned devices need of the guest's I/O and memory space
 *
 * Takes:  the layout, the BARs of the assigned functions and of those that only QEMU's command
 *         line assigns, what the domain says of firmware and address width.
 * Gives:  lines of layout.budgets; a shortage when the guest would come up without its devices, or
 *         not at all, and a finding where that is so without vtopo, too.
 * Not here: slots, indexes, chassis and bus numbers (table.c), 64-bit memory (mmio_budget.c).
 */
#include "base/buffer.h"
#include "model/machine.h"
#include "plan/budget/budget.h"
#include "plan/budget/io_windows.h"
#include "plan/budget/mmio_budget.h"
#include "plan/ground/reporter.h"

#include <string.h>

#define KIB (UINT64_C(1) << 10)
#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

/*
 * 32-bit memory for PCI of a q35 machine: from the end of the MMCONFIG area at 0xb0000000 to the
 * I/O APIC (SeaBIOS src/fw/pciinit.c); edk2's: model/machine.c.
 */
#define MMIO32_SEABIOS (0xfec00000 - 0xc0000000)

static uint64_t round_up(uint64_t value, uint64_t step)
{
    return step && value <= UINT64_MAX - step ? (value + step - 1) / step * step : value;
}

static uint64_t add(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* A window of a port: the BARs behind it one after the other, aligned as the largest. */
struct window {
    uint64_t size, align;
};

/* What one card, or one device that stays, needs behind its port. */
struct needs {
    struct window mmio32;
};

/* Behind a port a 64-bit BAR that is not prefetchable has to lie below 4 GiB (PCI-to-PCI Bridge
 * Specification). */
static void add_bar(struct needs *needs, const struct host_bar *bar)
{
    struct window *w = &needs->mmio32;

    if (bar->io || (bar->wide && bar->prefetch))
        return;
    w->size = add(w->size, bar->size);
    w->align = bar->size > w->align ? bar->size : w->align;
}

static void add_bars(const struct host_function *function, struct needs *needs)
{
    for (unsigned bar = 0; bar < HOST_BARS; bar++)
        add_bar(needs, &function->bars[bar]);
}

/* What is counted: cards, assigned devices that stay, devices of the command line. */
static size_t count_needs(const struct layout_input *in)
{
    return in->cards->cards.count + in->assigned->count + in->facts->base->qemu_devices.count;
}

/* What each of them needs. */
static void collect_needs(const struct layout_input *in, struct needs *needs)
{
    const struct domain *domain = in->facts->base;
    size_t cards = in->cards->cards.count, behind = cards + in->assigned->count;

    for (size_t i = 0; i < count_needs(in); i++)
        needs[i] = (struct needs){.mmio32 = {0, MIB}};
    for (size_t i = 0; i < domain->qemu_devices.count; i++) {
        const struct host_function *function =
            qemu_device_function(in->facts, &domain->qemu_devices.items[i]);

        if (function)
            add_bars(function, &needs[behind + i]);
    }
    for (size_t i = 0; i < in->assigned->count; i++) {
        const struct assignment *a = &in->assigned->items[i];
        enum device_fate fate = in->fates->items[i].fate;
        struct needs *n = &needs[fate == FATE_MOVED ? in->cards->functions[i].card : cards + i];

        if (fate == FATE_UNASSIGNED || a->function == HOST_NONE || !assignment_has_host_bars(a))
            continue;
        add_bars(assignment_function(in->facts, a), n);
    }
}

static int compare_windows(const void *left, const void *right)
{
    const struct window *a = left, *b = right;

    return (a->align < b->align) - (a->align > b->align);
}

/* Firmware gives out windows in the order of their alignment, the largest first. */
static uint64_t span_of(struct window *windows, size_t count)
{
    uint64_t end = 0;

    qsort(windows, count, sizeof(*windows), compare_windows);
    for (size_t i = 0; i < count; i++) {
        if (windows[i].size)
            end = add(round_up(end, windows[i].align), round_up(windows[i].size, MIB));
    }
    return end;
}

/* Others with I/O BARs below a port of pcie.0. */
static bool others_have_io(const struct domain *domain)
{
    for (size_t i = 0; i < domain->devices.count; i++) {
        const struct domain_device *d = &domain->devices.items[i];

        if (d->kind == DEVICE_OTHER && d->io_bar &&
            (d->address.kind == ADDRESS_NONE ||
             (d->address.kind == ADDRESS_PCI && d->address.at.bus)))
            return true;
    }
    return false;
}

size_t io_windows_available(const struct domain *domain)
{
    /* A port with a device that has an I/O BAR below it takes a window of 4 KiB.  Tried with QEMU
     * 7.2 and q35: under SeaBIOS 14 such ports boot and with 15 the guest does not boot at all.
     * OVMF: ovmf_io.h. */
    if (domain->firmware != FIRMWARE_OVMF)
        return domain_machine(domain)->seabios_io;
    /* The machine's own I/O BARs share a window with others on pcie.0, or need one. */
    return domain_machine(domain)->io_windows - !others_have_io(domain);
}

/* --- */

static int add_line(struct layout *layout, struct vtopo_error **reterr, const char *name,
                    uint64_t used, uint64_t available, bool bytes)
{
    struct plan_budget *budget = vec_add(&layout->budgets);

    if (!budget)
        return error_nomem(reterr);
    *budget = (struct plan_budget){name, used, available, bytes, !available, NULL};
    return 0;
}

#define IO_NAME "I/O windows"
#define MMIO32_NAME "32-bit MMIO"

/* Is there too little of it? */
static bool is_short(const struct layout *layout, const struct plan_budget *b)
{
    if (!strcmp(b->name, MMIO64_NAME))
        return layout->space.there && !layout->space.may_fit;
    return !b->unknown && b->used > b->available;
}

/* @io: too many I/O windows are a reason, too; @mmio64: what would mend that. */
static int set_shortage(struct layout *layout, bool io, const char *mmio64,
                        struct vtopo_error **reterr)
{
    autobuffer struct buffer all = {0};

    for (size_t i = 0; i < layout->budgets.count; i++) {
        const struct plan_budget *b = &layout->budgets.items[i];
        uint64_t unit = b->bytes ? MIB : 1;

        if (!is_short(layout, b) || (!io && !strcmp(b->name, IO_NAME)))
            continue;
        buffer_printf(&all, "%s%s: %llu%s needed, %llu%s available", all.length ? "; " : "",
                      b->name, (unsigned long long)(b->used / unit), b->bytes ? " MiB" : "",
                      (unsigned long long)(b->available / unit), b->bytes ? " MiB" : "");
        if (!strcmp(b->name, IO_NAME) && b->used > layout->own_windows)
            buffer_printf(&all, " (%zu for what stays where it is)",
                          (size_t)b->used - layout->own_windows);
        if (!strcmp(b->name, MMIO64_NAME))
            buffer_add(&all, mmio64);
    }
    if (all.failed)
        return error_nomem(reterr);
    if (!all.length)
        return 0;
    return layout_set_shortage(layout, reterr, "fewer devices need less", "%s", all.text);
}

struct space {
    struct io_view io;
    uint64_t mmio32;
};

/* --- memory that ports keep --- */

/* What ports keep (<target memReserve>), by controller index, and what is behind them. */
struct reserves {
    uint64_t kept[DOMAIN_INDEXES], behind[DOMAIN_INDEXES];
};

/* @layout NULL: as it was before. */
static void find_reserves(const struct layout_input *in, const struct layout *layout,
                          struct reserves *ret)
{
    const struct domain *domain = in->facts->base;

    *ret = (struct reserves){0};
    for (size_t i = 0; i < domain->controllers.count; i++) {
        if (domain->controllers.items[i].model == CTRL_ROOT_PORT)
            ret->kept[domain->controllers.items[i].index] =
                domain->controllers.items[i].mem_reserve * KIB;
    }
    for (size_t i = 0; layout && i < layout->controllers.count; i++) {
        if (layout->controllers.items[i].mem_reserve)
            ret->kept[layout->controllers.items[i].index] =
                layout->controllers.items[i].mem_reserve * KIB;
    }
}

/* The index of the root port that is above a card, or that a device is in that stays; 0: none. */
static unsigned port_above(const struct layout_input *in, const struct layout *layout, size_t need)
{
    size_t cards = in->cards->cards.count, port;
    size_t at = need < cards ? in->cards->cards.items[need].first_device : need - cards;
    const struct address *address;

    if (need < cards && layout) {
        port = layout_root_port(layout, need);
        return port == PLAN_NONE ? 0 : layout->controllers.items[port].index;
    }
    if (at >= in->assigned->count || in->fates->items[at].fate == FATE_UNASSIGNED)
        return 0;
    address = &in->facts->base->devices.items[in->assigned->items[at].device].address;
    return address->kind == ADDRESS_PCI ? address->at.bus : 0;
}

/*
 * SeaBIOS makes the window at least so large (src/fw/pciinit.c: pci_bios_check_devices()), OVMF
 * takes the next power of two, aligned to itself (OvmfPkg/PciHotPlugInitDxe).
 */
static struct window reserve_window(const struct domain *domain, uint64_t kept, uint64_t behind)
{
    struct window w = {kept, MIB};

    if (domain->firmware == FIRMWARE_OVMF) {
        for (w.size = MIB; w.size < kept;)
            w.size *= 2;
        w.align = w.size;
    }
    w.size = behind > w.size ? behind : w.size;
    return w;
}

/* @low: one for each need, and room for DOMAIN_INDEXES more.  Gives their count. */
static size_t add_reserves(const struct layout_input *in, const struct layout *layout,
                           struct window *low, size_t n)
{
    struct reserves reserves;
    size_t count = n;

    find_reserves(in, layout, &reserves);
    for (size_t i = 0; i < n; i++) {
        unsigned port = port_above(in, layout, i);

        if (!reserves.kept[port])
            continue;
        reserves.behind[port] = add(reserves.behind[port], round_up(low[i].size, MIB));
        low[i].size = 0;
    }
    for (size_t i = 0; i < DOMAIN_INDEXES; i++) {
        if (reserves.kept[i])
            low[count++] = reserve_window(in->facts->base, reserves.kept[i], reserves.behind[i]);
    }
    return count;
}

static uint64_t mmio32_available(const struct domain *domain)
{
    return domain->firmware == FIRMWARE_OVMF ? domain_machine(domain)->low_mmio : MMIO32_SEABIOS;
}

/*
 * What ports keep counts if it fits as the domain is: where it does not, the guest does not start
 * with or without vtopo, or the domain's libvirt (before 10.3) takes no notice of it.
 *
 * @ret_reserves  it counts
 */
static int measure_mmio32(const struct layout_input *in, const struct layout *layout,
                          const struct needs *needs, uint64_t *ret, bool *ret_reserves,
                          struct vtopo_error **reterr)
{
    size_t n = count_needs(in);
    autofree struct window *low = calloc(n + DOMAIN_INDEXES, sizeof(*low));

    if (!low)
        return error_nomem(reterr);
    for (size_t i = 0; i < n; i++)
        low[i] = needs[i].mmio32;
    *ret_reserves =
        span_of(low, add_reserves(in, NULL, low, n)) <= mmio32_available(in->facts->base);
    for (size_t i = 0; i < n; i++)
        low[i] = needs[i].mmio32;
    *ret = span_of(low, *ret_reserves ? add_reserves(in, layout, low, n) : n);
    return 0;
}

int budgets_fit_mmio32(const struct layout_input *in, const struct layout *layout, bool *ret_fits,
                       struct vtopo_error **reterr)
{
    autofree struct needs *needs = calloc(count_needs(in) + 1, sizeof(*needs));
    uint64_t needed = 0;
    bool reserves = false;
    int r;

    if (!needs)
        return error_nomem(reterr);
    collect_needs(in, needs);
    r = measure_mmio32(in, layout, needs, &needed, &reserves, reterr);
    *ret_fits = reserves && needed <= mmio32_available(in->facts->base);
    return r;
}

static int measure(const struct layout_input *in, const struct layout *layout, struct space *space,
                   struct vtopo_error **reterr)
{
    size_t n = count_needs(in);
    autofree struct needs *needs = calloc(n + 1, sizeof(*needs));
    bool reserves;
    const struct io_others others = {.domain = in->facts->base, .tree = in->facts->tree};
    int r = needs ? io_view_make(in, layout, &others, &space->io, reterr) : error_nomem(reterr);

    if (r)
        return r;
    free(steal(space->io.bridges)); /* the sums are enough here */
    collect_needs(in, needs);
    return measure_mmio32(in, layout, needs, &space->mmio32, &reserves, reterr);
}

/* What 64-bit BARs may have of it; half of what seems to be left, because of alignment. */
static uint64_t low_room(const struct domain *domain, uint64_t used)
{
    uint64_t all = mmio32_available(domain);

    return used < all ? (all - used) / 2 : 0;
}

int budgets_count_space(const struct layout_input *in, struct layout *layout,
                        struct vtopo_error **reterr)
{
    const struct domain *domain = in->facts->base;
    struct space space;
    int r = measure(in, layout, &space, reterr);

    if (!r)
        r = add_line(layout, reterr, IO_NAME, space.io.bars, io_windows_available(domain), false);
    if (!r)
        r = add_line(layout, reterr, MMIO32_NAME, space.mmio32, mmio32_available(domain), true);
    if (!r)
        r = mmio64_count(in, layout, low_room(domain, space.mmio32), reterr);
    layout->own_windows = r || domain_machine(domain)->io_is_optional ? 0 : space.io.ours;
    return r;
}

/* The line with this name. */
static const struct plan_budget *find_line(const struct layout *layout, const char *name)
{
    for (size_t i = 0; i < layout->budgets.count; i++) {
        if (!strcmp(layout->budgets.items[i].name, name))
            return &layout->budgets.items[i];
    }
    return NULL;
}

/* What devices need that stay where they are they need without vtopo, too: nothing is refused. */
static int check_window(const struct layout_input *in, struct layout *layout,
                        const struct reporter *reporter)
{
    const struct plan_budget *mmio32 = find_line(layout, MMIO32_NAME);
    autofree char *mends = NULL;

    layout->space.may_fit = true;
    return mmio64_check(in, layout, low_room(in->facts->base, mmio32->used), reporter, &mends);
}

int budgets_check_unmoved(const struct layout_input *in, struct layout *layout,
                          const struct reporter *reporter)
{
    int r = budgets_count_space(in, layout, reporter->reterr);

    return r ? r : check_window(in, layout, reporter);
}

/* What vtopo would make worse does not fit; of the rest a finding says that it may not. */
int budgets_check(const struct layout_input *in, struct layout *layout, struct vtopo_error **reterr)
{
    const struct plan_budget *io = find_line(layout, IO_NAME);
    const struct plan_budget *mmio32 = find_line(layout, MMIO32_NAME);
    autofree char *mmio64 = NULL;
    struct reporter reporter = {&layout->findings, reterr};
    int r = 0;

    if (!io || !mmio32)
        return 0;
    if (!in->cards->cards.count)
        return check_window(in, layout, &reporter);
    if (io->used > io->available && !layout->own_windows &&
        !domain_machine(in->facts->base)->io_is_optional)
        r = report_finding(
            &reporter, FINDING_BUDGET_UNSURE, "domain",
            "devices that are not moved need %zu I/O windows, and firmware has %zu: the guest may not start with or without this rewrite%s",
            (size_t)io->used, (size_t)io->available,
            others_have_io(in->facts->base) ? "; virtio devices without legacy mode need none"
                                            : "");
    if (!r)
        r = mmio64_check(in, layout, low_room(in->facts->base, mmio32->used), &reporter, &mmio64);
    return r ? r : set_shortage(layout, layout->own_windows, mmio64 ? mmio64 : "", reterr);
}
