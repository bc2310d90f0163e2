/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mmio_wish.c - see mmio_wish.h */
#include "plan/budget/mmio_wish.h"

#include "base/buffer.h"
#include "model/machine.h"
#include "plan/ground/versions.h"

#include <stdio.h>

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)
#define MOST_MIB UINT64_C(0x1000000)
/* Of machine virt, what it has unasked (hw/arm/virt.c: highmem-mmio-size). */
#define VIRT_LEAST_MIB UINT64_C(0x80000)

/* limit= is there since libvirt 9.3; 9.0 drops it, and its schema refuses it. */
#define LIMIT_LIBVIRT 9003000

static bool try_change(const struct facts *facts, bool large, uint64_t low_room,
                       const struct mmio_tree *tree, const struct space_change *change,
                       struct mmio_outcome *ret, bool *ret_fits)
{
    if (!mmio_outcome_of(facts, large, change, low_room, tree, ret))
        return false;
    *ret_fits = ret->known && ret->fits_all;
    return true;
}

/* How a domain is given a width of addresses. */
enum width_mode {
    WIDTH_OF_HOST, /* as the processor has it */
    WIDTH_LIMITED, /* as it has it, and no more than WISH_BITS */
    WIDTH_EMULATED,
};

static enum width_mode width_mode(const struct facts *facts)
{
    if (!facts->base->kvm)
        return WIDTH_EMULATED;
    if (facts->host->processor.bits <= WISH_BITS)
        return WIDTH_OF_HOST;
    return libvirt_is_at_least(facts, LIMIT_LIBVIRT) ? WIDTH_LIMITED : WIDTH_EMULATED;
}

/* The widest that the host lets a guest have. */
static unsigned widest_bits(const struct facts *facts)
{
    const struct host_processor *host = &facts->host->processor;
    unsigned bits = host->bits < WISH_BITS ? host->bits : WISH_BITS;

    return width_mode(facts) == WIDTH_EMULATED && host->kernel_bits && host->kernel_bits < bits
               ? host->kernel_bits
               : bits;
}

/* What the processor can have more than the domain says. */
static struct space_change widest(const struct facts *facts, bool large)
{
    const struct domain *domain = facts->base;
    const struct host_processor *host = &facts->host->processor;
    struct space_change change = {0};
    unsigned bits = widest_bits(facts);

    if (!domain->kvm || !host->bits)
        return change;
    if (!domain->space.width_given && guest_bits(facts, large) < bits)
        change.bits = bits;
    change.pages_1g = host->pages_1g && !domain->space.pages_1g && !domain->space.pages_given &&
                      domain->space.takes_features;
    return change;
}

/* Of the windows that firmware takes unasked, the largest. */
static uint64_t largest_window(const struct facts *facts, bool large,
                               const struct space_change *change)
{
    struct guest_case cases[GUEST_CASES];
    size_t count = guest_cases(facts, large, change, cases);
    uint64_t largest = 0;

    for (size_t i = 0; i < count; i++) {
        struct mmio_window window;

        if (cases[i].firmware >= MMIO_SEABIOS_FIRST)
            continue;
        cases[i].space.asked = 0;
        window = mmio_window_of(cases[i].firmware, &cases[i].space);
        largest = window.size > largest ? window.size : largest;
    }
    return largest;
}

/* A size for OVMF, a power of two; @change has the rest. */
static bool find_size(const struct facts *facts, bool large, uint64_t low_room,
                      const struct mmio_tree *tree, struct space_change change,
                      struct mmio_wish *ret)
{
    uint64_t least = largest_window(facts, large, &change) / MIB;
    uint64_t size = 1024, asked = guest_asked(facts->base) / MIB;
    struct mmio_outcome outcome;
    bool fits = false;

    while (size < least || size < asked)
        size *= 2;
    ret->result = WISH_TOO_LARGE;
    for (; size <= MOST_MIB && !fits; size *= 2) {
        change.asked_mib = size;
        if (!try_change(facts, large, low_room, tree, &change, &outcome, &fits))
            return false;
        if (fits) {
            ret->result = WISH_FOUND;
            ret->change = change;
        } else if (outcome.worst.verdict.need <= size * MIB) {
            ret->result = WISH_BEYOND;
            ret->end = outcome.worst.verdict.base + size * MIB;
            ret->limit = outcome.worst.at.reach;
            return true;
        }
    }
    return true;
}

/* Is it the window that the domain asks for which ends where there are no addresses? */
static void note_beyond(const struct facts *facts, const struct mmio_judged *worst,
                        struct mmio_wish *ret)
{
    uint64_t asked = guest_asked(facts->base), end = worst->verdict.base + worst->verdict.size;

    if (!asked || worst->at.firmware >= MMIO_SEABIOS_FIRST || worst->verdict.size < asked ||
        end <= worst->at.reach)
        return;
    ret->asked_end = end;
    ret->asked_limit = worst->at.reach;
}

static bool find_smaller(const struct facts *facts, bool large, uint64_t low_room,
                         const struct mmio_tree *tree, struct mmio_wish *ret)
{
    uint64_t asked = guest_asked(facts->base) / MIB;
    struct mmio_outcome outcome;
    bool fits = false;

    for (uint64_t size = 1024; size < asked && !fits; size *= 2) {
        struct space_change change = {.asked_mib = size};

        if (!try_change(facts, large, low_room, tree, &change, &outcome, &fits))
            return false;
        if (fits) {
            ret->result = WISH_SMALLER;
            ret->change = change;
        }
    }
    return true;
}

/* Where the processor's width is not known: what there is in the one that the domain has now. */
static bool find_unknown(const struct facts *facts, bool large, uint64_t low_room,
                         const struct mmio_tree *tree, bool known, struct mmio_wish *ret)
{
    static const struct space_change nothing;
    bool done = !known || facts->base->firmware != FIRMWARE_OVMF ||
                find_size(facts, large, low_room, tree, nothing, ret);

    ret->result = WISH_UNKNOWN;
    return done;
}

/*
 * A larger window of machine virt. Where the processor's width is not known: the least that has
 * room with enough of it.
 */
static bool find_virt(const struct facts *facts, bool large, uint64_t low_room,
                      const struct mmio_tree *tree, struct mmio_wish *ret)
{
    struct space_change change = {0};
    struct mmio_outcome outcome;
    bool fits = false, some = false;

    if (!try_change(facts, large, low_room, tree, &change, &outcome, &fits))
        return false;
    ret->result = fits ? WISH_NOTHING : WISH_TOO_LARGE;
    for (uint64_t size = VIRT_LEAST_MIB; !fits && size <= MOST_MIB; size *= 2) {
        change.asked_mib = size;
        if (!try_change(facts, large, low_room, tree, &change, &outcome, &fits))
            return false;
        if (fits || (!some && outcome.fits_some)) {
            ret->result = fits && !some ? WISH_FOUND : WISH_UNKNOWN;
            ret->change = some ? ret->change : change;
            ret->end = some ? ret->end : outcome.best.verdict.base + outcome.best.verdict.size;
            some = true;
        }
    }
    if (!some && outcome.known && ret->result == WISH_TOO_LARGE && !outcome.best.verdict.size)
        *ret = (struct mmio_wish){.result = WISH_IMPOSSIBLE};
    return true;
}

bool mmio_wish_find(const struct facts *facts, bool large, uint64_t low_room,
                    const struct mmio_tree *tree, struct mmio_wish *ret)
{
    const struct space_change more = widest(facts, large);
    struct space_change tries[] = {{0}, {.pages_1g = more.pages_1g}, {.bits = more.bits}, more};
    struct mmio_outcome outcome;
    bool fits = false, fits_some = false;
    size_t some = 0;

    *ret = (struct mmio_wish){.result = WISH_NOTHING};
    if (domain_machine(facts->base)->needs_uefi)
        return find_virt(facts, large, low_room, tree, ret);
    for (size_t i = 0; i < sizeof(tries) / sizeof(*tries); i++) {
        if (!try_change(facts, large, low_room, tree, &tries[i], &outcome, &fits))
            return false;
        if (fits) {
            ret->result = i ? WISH_FOUND : WISH_NOTHING;
            ret->change = tries[i];
            return true;
        }
        if (!i && outcome.known)
            note_beyond(facts, &outcome.worst, ret);
        if (!some && !fits_some && outcome.known && outcome.fits_some)
            some = i;
        fits_some = fits_some || (outcome.known && outcome.fits_some);
    }
    if (ret->asked_end &&
        (!find_smaller(facts, large, low_room, tree, ret) || ret->change.asked_mib))
        return ret->change.asked_mib;
    if (!outcome.known || (facts->base->kvm && !facts->host->processor.bits))
        return find_unknown(facts, large, low_room, tree, outcome.known, ret);
    if (facts->base->firmware != FIRMWARE_OVMF) {
        ret->result = some ? WISH_SOME : WISH_IMPOSSIBLE;
        ret->change = tries[some];
        return true;
    }
    /* Where a size is asked for already, a larger one may be all. */
    if (guest_asked(facts->base) &&
        (!find_size(facts, large, low_room, tree, tries[0], ret) || ret->result == WISH_FOUND))
        return ret->result == WISH_FOUND;
    return find_size(facts, large, low_room, tree, more, ret);
}

void mmio_wish_width(const struct facts *facts, const struct mmio_wish *wish,
                     char ret_text[WIDTH_ELEMENT_SIZE])
{
    enum width_mode mode = width_mode(facts);
    unsigned bits = wish->change.bits;

    *ret_text = '\0';
    if (bits && mode == WIDTH_OF_HOST)
        snprintf(ret_text, WIDTH_ELEMENT_SIZE, "<maxphysaddr mode='passthrough'/>");
    else if (bits)
        snprintf(ret_text, WIDTH_ELEMENT_SIZE, "<maxphysaddr mode='%s='%u'/>",
                 mode == WIDTH_LIMITED ? "passthrough' limit" : "emulate' bits", bits);
}

char *mmio_wish_text(const struct facts *facts, const struct mmio_wish *wish)
{
    autobuffer struct buffer text = {0};
    char width[WIDTH_ELEMENT_SIZE];

    if (domain_machine(facts->base)->needs_uefi)
        return mem_printf("<pcihole64 unit='GiB'>%llu</pcihole64> in controller pcie-root (libvirt "
                          "12.8 and QEMU 10.0 or later)",
                          (unsigned long long)(wish->change.asked_mib >> 10));
    mmio_wish_width(facts, wish, width);
    buffer_add(&text, width);
    if (wish->change.pages_1g)
        buffer_printf(&text, "%s<feature policy='require' name='pdpe1gb'/>", *width ? " and " : "");
    if (text.length)
        buffer_add(&text, " in <cpu>");
    if (wish->change.asked_mib && facts->base->ovmf_mmio64_text)
        buffer_printf(&text, "%sX-PciMmio64Mb %llu instead of %llu in <qemu:commandline>",
                      text.length ? ", and " : "", (unsigned long long)wish->change.asked_mib,
                      (unsigned long long)facts->base->ovmf_mmio64_mib);
    else if (wish->change.asked_mib)
        buffer_printf(&text,
                      "%s-fw_cfg name=opt/ovmf/X-PciMmio64Mb,string=%llu in <qemu:commandline>",
                      text.length ? ", and " : "", (unsigned long long)wish->change.asked_mib);
    return buffer_steal(&text);
}
