/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mmio_window.h - where a guest's firmware puts its window for 64-bit BARs, and how large it is
 *
 * Takes:  a firmware by its time, what the guest's processor says of itself, where RAM ends, the
 *         size that the domain asks for.
 * Gives:  OVMF's window; of SeaBIOS, whose window is as large as what goes into it, the place where
 *         it may end.
 * Rule:   what the sources do: edk2 OvmfPkg/Library/PlatformInitLib/MemDetect.c
 *         (PlatformGetFirstNonAddress(), PlatformAddressWidthFromCpuid(),
 *         PlatformDynamicMmioWindow(), PlatformReservationConflictCB(),
 *         PlatformSetupPagingLevel()), SeaBIOS src/fw/paravirt.c (physbits()) and src/fw/pciinit.c
 *         (pci_setup()).  Each row of tests/real/test_mmio.py was seen in a booted guest.
 * Not here: what goes into it (mmio_need.h).
 */
#ifndef VTOPO_PLAN_BUDGET_MMIO_WINDOW_H
#define VTOPO_PLAN_BUDGET_MMIO_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

/* What QEMU's machine virt keeps at least above memory (hw/arm/virt.c). */
#define VIRT_WINDOW (UINT64_C(512) << 30)

/* Each is the first that decides so: edk2-stable's tags, SeaBIOS' versions. */
enum mmio_firmware {
    OVMF_OLD,    /* before 202211 */
    OVMF_202211, /* the window grows with the processor's address width */
    OVMF_202302, /* it gives way to what E820 reserves */
    OVMF_202308, /* at most 46 bits, not 47 */
    OVMF_202405, /* 48 with 5-level paging */
    OVMF_202408, /* GuestPhysBits */
    OVMF_202411, /* 5-level paging only where addresses reach 1 TiB, or as it is told */
    OVMF_202505, /* X-PciMmio64Mb goes before everything else */
    AAVMF,       /* has the window of QEMU's machine virt */
    SEABIOS_OLD, /* before 1.16.3 */
    SEABIOS_1_16_3,
    SEABIOS_1_17,
    MMIO_FIRMWARES
};
#define MMIO_OVMF_FIRST OVMF_OLD
#define MMIO_OVMF_BEHIND AAVMF
#define MMIO_SEABIOS_FIRST SEABIOS_OLD

enum mmio_vendor { MMIO_INTEL, MMIO_AMD, MMIO_OTHER_VENDOR };

struct mmio_space {
    unsigned bits;       /* the guest's physical addresses, CPUID 0x80000008 EAX[7:0] */
    unsigned guest_bits; /* [23:16]; 0: not given */
    enum mmio_vendor vendor;
    bool pages_1g, la57;  /* pdpe1gb, la57 */
    uint64_t ram_above;   /* bytes of RAM above 4 GiB */
    uint64_t ram_end;     /* where RAM ends, 4 GiB at least */
    uint64_t hotplug_end; /* and the place for more of it; 0: there is none */
    uint64_t asked;       /* X-PciMmio64Mb in bytes, where OVMF heeds it, or highmem-mmio-size;
                             0: not given */
    bool asked_wins;      /* whatever the firmware's release: distributions have that of 2025.05 */
    unsigned paging;      /* opt/org.tianocore/PagingLevel, 4 or 5; 0: not given */
    bool amd_hole;        /* E820 reserves AMD's HyperTransport range */
    int pci64;            /* opt/org.seabios/pci64; -1: not given */
    uint64_t low_room;    /* what 64-bit BARs may have below 4 GiB (SeaBIOS) */
};

struct mmio_window {
    uint64_t base, size; /* OVMF; size 0: firmware has none that works */
    bool fixed;          /* right above RAM, and not a part of the address space */
    unsigned bits;       /* of addresses that firmware counts with; 0: it does not believe them */
    uint64_t top;        /* SeaBIOS: the end of its window; 0: it has no limit */
    bool pads;           /* SeaBIOS: 64-bit BARs go above 4 GiB in any case, and ports have room */
};

/* RAM of a guest, in bytes. */
struct mmio_memory {
    uint64_t size, most; /* at start, and with all that may be plugged in: <maxMemory> */
    unsigned slots;
    uint64_t hole64;     /* <pcihole64>, or QEMU's own */
    uint64_t split, low; /* of the machine: ram_split, ram_low (model/machine.h) */
};

/*
 * Where QEMU puts the RAM of q35 and pc (hw/i386/pc_q35.c, pc_piix.c, pc.c: pc_memory_init()).
 * @space: the processor is set, and amd_hole where the machine type knows it (7.1 and later).
 */
void mmio_space_add_memory(struct mmio_space *space, const struct mmio_memory *memory);
/* The same of a virt (hw/arm/virt.c: virt_set_memmap()). */
void mmio_space_add_virt_memory(struct mmio_space *space, const struct mmio_memory *memory);
/* The end of what is RAM, or may be. */
uint64_t mmio_memory_end(const struct mmio_space *space);
struct mmio_window mmio_window_of(enum mmio_firmware firmware, const struct mmio_space *space);

/* The range that E820 reserves for AMD's processors. */
#define AMD_HOLE_START UINT64_C(0xfd00000000)
#define AMD_HOLE_END UINT64_C(0x10000000000)

#endif
