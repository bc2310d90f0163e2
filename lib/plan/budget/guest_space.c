/* SPDX-License-Identifier: GPL-2.0-or-later */
/* guest_space.c - see guest_space.h */
#include "plan/budget/guest_space.h"

#include "model/machine.h"
#include "plan/ground/versions.h"

#include <string.h>

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

/* QEMU's width of physical addresses unless the processor is the host's. */
#define DEFAULT_BITS 40
/* OVMF takes no notice of an X-PciMmio64Mb of more than 16 TiB (PlatformGetFirstNonAddress()). */
#define OVMF_MOST_MIB 0x1000000
/* What decides whether the guest is told GuestPhysBits: QEMU, by its machine types, and KVM. */
#define GUEST_BITS_QEMU 9001000
#define GUEST_BITS_KERNEL 6010000
/* Machine types that keep AMD's range free. */
#define AMD_HOLE_QEMU 7001000

const char *firmware_name(enum mmio_firmware firmware)
{
    static const char *const names[MMIO_FIRMWARES] = {
        [OVMF_OLD] = "OVMF before 2022.11",
        [OVMF_202211] = "OVMF 2022.11",
        [OVMF_202302] = "OVMF 2023.02",
        [OVMF_202308] = "OVMF 2023.08",
        [OVMF_202405] = "OVMF 2024.05",
        [OVMF_202408] = "OVMF 2024.08",
        [OVMF_202411] = "OVMF 2024.11",
        [OVMF_202505] = "OVMF 2025.05",
        [AAVMF] = "AAVMF",
        [SEABIOS_OLD] = "SeaBIOS before 1.16.3",
        [SEABIOS_1_16_3] = "SeaBIOS 1.16.3",
        [SEABIOS_1_17] = "SeaBIOS 1.17",
    };

    return names[firmware];
}

uint64_t guest_asked(const struct domain *domain)
{
    if (domain_machine(domain)->needs_uefi)
        return domain->space.hole64_kib > UINT64_MAX >> 10 ? 0 : domain->space.hole64_kib << 10;
    return domain->ovmf_mmio64_mib > OVMF_MOST_MIB ? 0 : domain->ovmf_mmio64_mib * MIB;
}

/* Debian's 2025.02 and Ubuntu's since 2024.02 take X-PciMmio64Mb as edk2 does since 2025.05
 * (https://bugs.launchpad.net/bugs/2101903). */
#define ASKED_WINS_SINCE 2024002000

static bool asked_may_win(const struct facts *facts, enum mmio_firmware firmware)
{
    return firmware_version_of(facts) >= ASKED_WINS_SINCE && firmware < OVMF_202505;
}

/* The firmwares from @ret_first to the one before @ret_behind. */
static void firmwares(const struct facts *facts, enum mmio_firmware *ret_first,
                      enum mmio_firmware *ret_behind)
{
    static const struct {
        unsigned version; /* as the policy has it */
        enum mmio_firmware firmware;
    } ovmf[] = {{2025005000, OVMF_202505}, {2024011000, OVMF_202411},
                {2024008000, OVMF_202408}, {2024005000, OVMF_202405},
                {2023008000, OVMF_202308}, {2023002000, OVMF_202302},
                {2022011000, OVMF_202211}, {0, OVMF_OLD}},
      seabios[] = {{1017000, SEABIOS_1_17}, {1016003, SEABIOS_1_16_3}, {0, SEABIOS_OLD}};
    bool is_ovmf = facts->base->firmware == FIRMWARE_OVMF;
    unsigned version = firmware_version_of(facts);
    size_t i = 0;

    *ret_first = is_ovmf ? MMIO_OVMF_FIRST : MMIO_SEABIOS_FIRST;
    *ret_behind = is_ovmf ? MMIO_OVMF_BEHIND : MMIO_FIRMWARES;
    if (!version)
        return;
    while (version < (is_ovmf ? ovmf[i].version : seabios[i].version))
        i++;
    *ret_first = is_ovmf ? ovmf[i].firmware : seabios[i].firmware;
    *ret_behind = *ret_first + 1;
}

/* --- the processor --- */

/* What may be so (bit 1), otherwise (bit 0), or both. */
enum { NO = 1, YES = 2, EITHER = NO | YES };

static const struct host_processor *processor_of(const struct facts *facts, bool large)
{
    static const struct host_processor unknown;

    return large && facts->base->kvm ? &facts->host->processor : &unknown;
}

unsigned guest_bits(const struct facts *facts, bool large)
{
    const struct domain *domain = facts->base;
    unsigned host = processor_of(facts, large)->bits;

    if (!domain->kvm)
        return domain->phys_bits > 0 ? (unsigned)domain->phys_bits : DEFAULT_BITS;
    if (!domain->phys_bits)
        return host;
    if (domain->phys_bits < 0)
        return DEFAULT_BITS;
    return domain->space.limited && host && host < (unsigned)domain->phys_bits
               ? host
               : (unsigned)domain->phys_bits;
}

static unsigned feature_may_be(const struct facts *facts, bool large, int own, bool host)
{
    const struct host_processor *processor = processor_of(facts, large);

    if (own >= 0 && (!own || !processor->bits))
        return own ? YES : NO;
    if (!facts->base->kvm)
        return YES; /* QEMU's model "max" */
    if (!processor->bits)
        return EITHER;
    return host ? YES : NO;
}

/* Of MMIO_INTEL (bit 0), MMIO_AMD and MMIO_OTHER_VENDOR. */
static unsigned vendors(const struct facts *facts, bool large)
{
    const char *host = processor_of(facts, large)->vendor;
    char own = facts->base->space.vendor;

    if (!facts->base->kvm || facts->base->space.vendor_given)
        return own == 'I'   ? 1U << MMIO_INTEL
               : own == 'A' ? 1U << MMIO_AMD
                            : 1U << MMIO_OTHER_VENDOR;
    if (!*host)
        return 1U << MMIO_INTEL | 1U << MMIO_AMD;
    return !strcmp(host, "GenuineIntel")   ? 1U << MMIO_INTEL
           : !strcmp(host, "AuthenticAMD") ? 1U << MMIO_AMD
                                           : 1U << MMIO_OTHER_VENDOR;
}

static unsigned guest_bits_are_told(const struct facts *facts, bool large)
{
    enum version_verdict kernel =
        large ? kernel_version_verdict(facts->host, GUEST_BITS_KERNEL) : VERSION_UNKNOWN;

    unsigned machine = machine_version_of(facts);

    if (!facts->base->kvm || kernel == VERSION_OLD || (machine && machine < GUEST_BITS_QEMU) ||
        qemu_version_verdict(facts, GUEST_BITS_QEMU) == VERSION_OLD)
        return NO;
    return kernel == VERSION_NEW && machine ? YES : EITHER;
}

/* --- memory --- */

static uint64_t bytes_of(uint64_t kib)
{
    return kib > UINT64_MAX >> 10 ? UINT64_MAX : kib << 10;
}

static struct mmio_memory memory_of(const struct domain *domain)
{
    const struct domain_space *space = &domain->space;
    const struct machine *machine = domain_machine(domain);
    uint64_t at_start = domain->memory_kib > space->plugged_kib
                            ? domain->memory_kib - space->plugged_kib
                            : domain->memory_kib;

    return (struct mmio_memory){
        .size = bytes_of(at_start),
        .most = bytes_of(space->most_kib),
        .slots = space->slots,
        .hole64 = space->hole64_kib ? bytes_of(space->hole64_kib) : machine->hole64,
        .split = machine->ram_split,
        .low = machine->ram_low,
    };
}

/* --- */

static void fill_case(const struct facts *facts, bool large, const struct space_change *change,
                      struct guest_case *c)
{
    const struct domain *domain = facts->base;
    const struct mmio_memory memory = memory_of(domain);
    unsigned host = processor_of(facts, large)->bits;
    unsigned reach = host && host < c->space.bits ? host : c->space.bits;

    c->reach = UINT64_C(1) << reach;
    c->space.asked = change->asked_mib ? change->asked_mib * MIB : guest_asked(domain);
    c->space.paging = domain->space.paging_level;
    c->space.pci64 = domain->space.pci64;
    c->space.amd_hole = c->space.vendor == MMIO_AMD && c->space.bits >= 40 &&
                        machine_version_of(facts) >= AMD_HOLE_QEMU;
    if (c->firmware == AAVMF)
        mmio_space_add_virt_memory(&c->space, &memory);
    else
        mmio_space_add_memory(&c->space, &memory);
}

/*
 * Of a virt: the processor's width under KVM; where it is not known, the least that any has which
 * is used for guests with large devices, and what most have.
 */
static size_t virt_cases(const struct facts *facts, bool large, const struct space_change *change,
                         struct guest_case ret[GUEST_CASES])
{
    static const unsigned usual[] = {40, 48};
    unsigned host = processor_of(facts, large)->bits;
    size_t count = host ? 1 : sizeof(usual) / sizeof(*usual);

    for (size_t i = 0; i < count; i++) {
        ret[i] = (struct guest_case){
            .firmware = AAVMF,
            .space = {.bits = host ? host : usual[i], .vendor = MMIO_OTHER_VENDOR}};
        fill_case(facts, large, change, &ret[i]);
    }
    return host < 32 && host ? 0 : count;
}

size_t guest_cases(const struct facts *facts, bool large, const struct space_change *change,
                   struct guest_case ret[GUEST_CASES])
{
    const struct domain *domain = facts->base;
    const struct host_processor *host = processor_of(facts, large);
    unsigned bits = change->bits ? change->bits : guest_bits(facts, large);
    unsigned pages = change->pages_1g
                         ? YES
                         : feature_may_be(facts, large, domain->space.pages_1g, host->pages_1g);
    unsigned five = feature_may_be(facts, large, domain->space.la57, host->la57);
    unsigned told = guest_bits_are_told(facts, large), makers = vendors(facts, large);
    enum mmio_firmware first, behind;
    size_t count = 0;

    if (domain_machine(domain)->needs_uefi)
        return virt_cases(facts, large, change, ret);
    if (bits < 32 || bits > 63)
        return 0;
    firmwares(facts, &first, &behind);
    for (enum mmio_firmware f = first; f < behind; f++) {
        for (unsigned n = 0; n < 3 * 8; n++) {
            bool page = n & 1, la57 = n & 2, tells = n & 4;
            enum mmio_vendor vendor = (enum mmio_vendor)(n >> 3);
            struct guest_case c = {.firmware = f, .space = {.bits = bits, .vendor = vendor}};

            if (!(pages & (page ? YES : NO)) || !(five & (la57 ? YES : NO)) ||
                !(told & (tells ? YES : NO)) || !(makers & 1U << vendor))
                continue;
            c.space.pages_1g = page;
            c.space.la57 = la57;
            c.space.guest_bits = !tells ? 0 : host->guest_bits ? host->guest_bits : 48;
            fill_case(facts, large, change, &c);
            ret[count++] = c;
            c.space.asked_wins = true;
            if (asked_may_win(facts, f) && c.space.asked)
                ret[count++] = c;
        }
    }
    return count;
}
