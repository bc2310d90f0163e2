/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mmio_window.c - see mmio_window.h */
#include "plan/budget/mmio_window.h"

#define GIB (UINT64_C(1) << 30)

/* What OVMF has unless it is told otherwise (OvmfPkg: PcdPciMmio64Size). */
#define CLASSIC (32 * GIB)

static uint64_t round_up(uint64_t value, uint64_t step)
{
    return value <= UINT64_MAX - step ? (value + step - 1) / step * step : UINT64_MAX;
}

static uint64_t power_of_two_below(uint64_t value)
{
    uint64_t power = 1;

    while (power <= value / 2)
        power *= 2;
    return power;
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static uint64_t add(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

void mmio_space_add_memory(struct mmio_space *space, const struct mmio_memory *memory)
{
    uint64_t above = memory->size >= memory->split ? memory->size - memory->low : 0;
    uint64_t more = memory->most > memory->size ? memory->most - memory->size : 0;
    uint64_t start = 4 * GIB, end = start;

    for (int again = 0; again < 2; again++) {
        space->ram_above = above;
        space->ram_end = end = add(start, above);
        space->hotplug_end = 0;
        if (more) {
            end = add(add(round_up(end, GIB), more), memory->slots * GIB);
            space->hotplug_end = end = round_up(end, GIB);
        }
        /* RAM goes above AMD's range as a whole where something would reach into it. */
        if (!space->amd_hole || start != 4 * GIB ||
            add(round_up(end, GIB), memory->hole64) <= AMD_HOLE_START)
            return;
        start = AMD_HOLE_END;
    }
}

void mmio_space_add_virt_memory(struct mmio_space *space, const struct mmio_memory *memory)
{
    uint64_t more = memory->most > memory->size ? memory->most - memory->size : 0;

    space->ram_end = add(GIB, memory->size);
    space->ram_above = memory->size > 3 * GIB ? memory->size - 3 * GIB : 0;
    space->hotplug_end = 0;
    if (more)
        space->hotplug_end = add(add(round_up(space->ram_end, GIB), more), memory->slots * GIB);
}

uint64_t mmio_memory_end(const struct mmio_space *space)
{
    return space->hotplug_end > space->ram_end ? space->hotplug_end : space->ram_end;
}

/*
 * QEMU says 40 bits where it does not know better, so both firmwares believe 40 and less only where
 * such a processor exists.
 */
static bool bits_are_believed(const struct mmio_space *space)
{
    if (space->bits >= 41)
        return true;
    if (space->vendor == MMIO_INTEL)
        return space->bits == 36 || space->bits == 39;
    return space->vendor == MMIO_AMD && space->bits == 40;
}

/* --- OVMF --- */

static bool has_five_levels(enum mmio_firmware firmware, const struct mmio_space *space,
                            uint64_t classic_end)
{
    if (firmware < OVMF_202405 || !space->la57 || !space->pages_1g)
        return false;
    if (firmware < OVMF_202411)
        return true;
    return space->paging ? space->paging == 5 : classic_end >= UINT64_C(1) << 40;
}

/* The width that OVMF counts with; 0: it does not believe the processor's. */
static unsigned ovmf_bits(enum mmio_firmware firmware, const struct mmio_space *space,
                          uint64_t classic_end)
{
    bool heeds_guest = firmware >= OVMF_202408 && space->guest_bits;
    unsigned bits = heeds_guest ? least(space->bits, space->guest_bits) : space->bits;

    if (firmware < OVMF_202211 || (!heeds_guest && !bits_are_believed(space)))
        return 0;
    if (!has_five_levels(firmware, space, classic_end))
        bits = least(bits, firmware < OVMF_202308 ? 47 : 46);
    else if (!heeds_guest)
        bits = least(bits, 48);
    return space->pages_1g ? bits : least(bits, 40);
}

/* Below AMD's range; where RAM is then in the way, OVMF has no window that works. */
static void give_way(const struct mmio_space *space, struct mmio_window *window)
{
    if (!space->amd_hole || window->base >= AMD_HOLE_END ||
        window->base + window->size <= AMD_HOLE_START)
        return;
    if (window->size <= AMD_HOLE_START)
        window->base = (AMD_HOLE_START - window->size) / window->size * window->size;
    if (window->size > AMD_HOLE_START || window->base < space->ram_end)
        window->size = 0;
}

static struct mmio_window ovmf_window(enum mmio_firmware firmware, const struct mmio_space *space)
{
    struct mmio_window window = {.fixed = true};
    uint64_t part;

    window.size = round_up(space->asked ? space->asked : CLASSIC, GIB);
    window.base = round_up(round_up(mmio_memory_end(space), GIB), power_of_two_below(window.size));
    window.bits = ovmf_bits(firmware, space, window.base + window.size);
    if (!window.bits || (space->asked && (firmware >= OVMF_202505 || space->asked_wins)))
        return window;
    part = UINT64_C(1) << (window.bits - 3);
    if (window.size >= part || window.base + part >= UINT64_C(1) << window.bits)
        return window;
    window.fixed = false;
    window.base = (UINT64_C(1) << window.bits) - part;
    window.size = part;
    if (firmware >= OVMF_202302)
        give_way(space, &window);
    return window;
}

/* --- AAVMF --- */

/* Memory up to here always has room. */
#define VIRT_MEMORY (256 * GIB)

/*
 * virt_set_high_memmap(): behind interrupt controllers and configuration space, in 512 MiB, and
 * aligned to its size; none where it would end beyond the processor's addresses.
 */
static struct mmio_window virt_window(const struct mmio_space *space)
{
    struct mmio_window window = {.fixed = true, .bits = space->bits};
    uint64_t end = round_up(mmio_memory_end(space), GIB);

    window.size = space->asked > VIRT_WINDOW ? space->asked : VIRT_WINDOW;
    window.base = round_up(add(end > VIRT_MEMORY ? end : VIRT_MEMORY, GIB / 2), window.size);
    if (add(window.base, window.size) > UINT64_C(1) << space->bits)
        window.size = 0;
    return window;
}

/* --- SeaBIOS --- */

static unsigned seabios_bits(enum mmio_firmware firmware, const struct mmio_space *space)
{
    if (firmware < SEABIOS_1_16_3 || !bits_are_believed(space))
        return 0;
    if (firmware < SEABIOS_1_17)
        return least(space->bits, 46);
    return space->ram_above < UINT64_C(1) << 40 ? least(space->bits, 44) : space->bits;
}

static struct mmio_window seabios_window(enum mmio_firmware firmware,
                                         const struct mmio_space *space)
{
    struct mmio_window window = {.bits = seabios_bits(firmware, space)};

    window.top = window.bits ? UINT64_C(1) << window.bits : 0;
    if (firmware >= SEABIOS_1_17)
        window.pads = space->pci64 < 0 ? space->ram_above > 0 : space->pci64 > 0;
    else if (firmware >= SEABIOS_1_16_3)
        window.pads = window.bits && space->ram_above;
    return window;
}

struct mmio_window mmio_window_of(enum mmio_firmware firmware, const struct mmio_space *space)
{
    if (firmware == AAVMF)
        return virt_window(space);
    return firmware < MMIO_SEABIOS_FIRST ? ovmf_window(firmware, space)
                                         : seabios_window(firmware, space);
}
