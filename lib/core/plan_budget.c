/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan_budget.c - what the assigned devices need of the guest's I/O and memory space
 *
 * Takes:  the layout, the BARs of the assigned functions, what the domain says of firmware and address width.
 * Gives:  plan.budgets for people; a refusal when the guest would come up without its devices, or not at all.
 * Not here: slots, indexes, chassis and bus numbers, which are counted where they are given out (plan_number.c).
 */
#include "core/planner.h"

#define KIB (UINT64_C(1) << 10)
#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

/*
 * A port with a device that has an I/O BAR below it takes a window of 4 KiB.  Tried with QEMU 7.2: under SeaBIOS 14 such
 * ports boot and with 15 the guest does not boot at all; under OVMF the 10th loses the memory BARs, too.
 */
#define IO_WINDOWS_SEABIOS 14
#define IO_WINDOWS_OVMF 9

/*
 * 32-bit memory for PCI of a q35 machine: from the end of the MMCONFIG area at 0xb0000000 to the I/O APIC (SeaBIOS
 * src/fw/pciinit.c) or to 0xfc000000 (edk2 OvmfPkg/Library/PlatformInitLib).
 */
#define MMIO32_SEABIOS (0xfec00000 - 0xc0000000)
#define MMIO32_OVMF (0xfc000000 - 0xc0000000)

/* QEMU's width of physical addresses unless the CPU model is the host's. */
#define DEFAULT_PHYS_BITS 40

static uint64_t round_up(uint64_t value, uint64_t step)
{
    return step && value <= UINT64_MAX - step ? (value + step - 1) / step * step : value;
}

static uint64_t add(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* What one card needs behind its port. */
struct needs {
    bool io;
    uint64_t mmio32, mmio64;
};

/* An mdev, a vDPA device and an NVMe disk are emulated: their BARs are small and not the host function's. */
static bool has_host_bars(enum device_kind kind)
{
    return kind == DEVICE_HOSTDEV_PCI || kind == DEVICE_INTERFACE_HOSTDEV;
}

/* Behind a port a 64-bit BAR that is not prefetchable has to lie below 4 GiB (PCI-to-PCI Bridge Specification). */
static struct needs needs_of_card(const struct planner *p, size_t card)
{
    struct needs needs = {0};
    uint64_t largest32 = MIB, largest64 = MIB;

    for (size_t i = 0; i < p->plan->devices.count; i++) {
        const struct plan_device *device = &p->plan->devices.items[i];

        if (device->card != card || !has_host_bars(p->domain->devices.items[device->device].kind))
            continue;
        for (unsigned n = 0; n < HOST_BARS; n++) {
            const struct host_bar *bar = &p->host->functions.items[device->function].bars[n];
            bool high = bar->wide && bar->prefetch;
            uint64_t *sum = high ? &needs.mmio64 : &needs.mmio32;
            uint64_t *largest = high ? &largest64 : &largest32;

            needs.io = needs.io || (bar->io && bar->size);
            if (bar->io)
                continue;
            *sum = add(*sum, bar->size);
            *largest = bar->size > *largest ? bar->size : *largest;
        }
    }
    needs.mmio32 = round_up(needs.mmio32, largest32);
    needs.mmio64 = round_up(needs.mmio64, largest64);
    return needs;
}

/* Others with I/O BARs below a port of pcie.0. */
static uint64_t io_windows_of_others(const struct planner *p)
{
    uint64_t n = 0;

    for (size_t i = 0; i < p->domain->devices.count; i++) {
        const struct domain_device *d = &p->domain->devices.items[i];

        n += d->kind == DEVICE_OTHER && d->io_bar &&
             (d->address.kind == ADDRESS_NONE || (d->address.kind == ADDRESS_PCI && d->address.at.bus));
    }
    return n;
}

/* 0: it cannot be known, because the guest has the host's address width or nobody says how wide that is. */
static uint64_t mmio64_available(const struct domain *domain)
{
    int bits = domain->phys_bits < 0 ? DEFAULT_PHYS_BITS : domain->phys_bits;
    uint64_t space, memory;

    if (domain->firmware == FIRMWARE_OVMF && domain->ovmf_mmio64_mib)
        return domain->ovmf_mmio64_mib > UINT64_MAX / MIB ? UINT64_MAX : domain->ovmf_mmio64_mib * MIB;
    if (bits < 36 || bits > 63)
        return 0;
    space = UINT64_C(1) << bits;
    if (domain->firmware == FIRMWARE_OVMF)
        return space / 8; /* edk2 OvmfPkg/Library/PlatformInitLib/MemDetect.c */
    memory = domain->memory_kib > UINT64_MAX / KIB ? UINT64_MAX : domain->memory_kib * KIB;
    memory = round_up(add(memory, 4 * GIB), GIB);
    return space > memory ? space - memory : 1;
}

static int count(struct planner *p, const char *name, uint64_t used, uint64_t available, bool bytes)
{
    struct plan_budget *budget = vec_add(&p->plan->budgets);

    if (!budget)
        return error_nomem(p->reterr);
    *budget = (struct plan_budget){name, used, available, bytes, !available};
    return 0;
}

static int refuse(struct planner *p)
{
    autofree char *all = NULL;

    for (size_t i = 0; i < p->plan->budgets.count; i++) {
        const struct plan_budget *b = &p->plan->budgets.items[i];
        uint64_t unit = b->bytes ? MIB : 1;

        if (b->unknown || b->used <= b->available)
            continue;
        if (!mem_append(&all, "%s%s: %llu%s needed, %llu%s there", all ? "; " : "", b->name,
                        (unsigned long long)(b->used / unit), b->bytes ? " MiB" : "",
                        (unsigned long long)(b->available / unit), b->bytes ? " MiB" : ""))
            return error_nomem(p->reterr);
    }
    return all ? error_set(p->reterr, VTOPO_ERR_REFUSED, "the layout does not fit: %s", all) : 0;
}

int plan_budget(struct planner *p)
{
    bool ovmf = p->domain->firmware == FIRMWARE_OVMF;
    uint64_t io = io_windows_of_others(p), mmio32 = 0, mmio64 = 0;
    int r;

    for (size_t card = 0; card < p->plan->cards.count; card++) {
        struct needs needs = needs_of_card(p, card);

        io += needs.io;
        mmio32 = add(mmio32, needs.mmio32);
        mmio64 = add(mmio64, needs.mmio64);
    }
    r = count(p, "I/O windows", io, ovmf ? IO_WINDOWS_OVMF : IO_WINDOWS_SEABIOS, false);
    if (!r)
        r = count(p, "32-bit MMIO", mmio32, ovmf ? MMIO32_OVMF : MMIO32_SEABIOS, true);
    if (!r)
        r = count(p, "64-bit MMIO", mmio64, mmio64_available(p->domain), true);
    return r ? r : refuse(p);
}
