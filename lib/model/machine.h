/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * machine.h - what differs between QEMU's machines, as one table
 *
 * Takes:  the kind of a machine.
 * Gives:  its controllers, the slots that it and libvirt use themselves, where its RAM is.
 * Rule:   a question that machines answer differently is a member here, and nobody else compares
 *         kinds.
 * Source: QEMU hw/i386/pc_q35.c, pc_piix.c, hw/arm/virt.c; libvirt src/qemu/qemu_domain_address.c
 *         qemuDomainValidateDevicePCISlotsChipsets().
 * Not here: what else is in a slot (root_slots.h), what firmware makes of it (plan/budget).
 */
#ifndef VTOPO_MODEL_MACHINE_H
#define VTOPO_MODEL_MACHINE_H

#include "model/domain.h"

struct machine {
    const char *name;           /* as messages say it: "q35"; NULL: it is none of these */
    const char *version_prefix; /* of machine types with a version: "pc-q35-" */
    bool rewritten;             /* vtopo builds controllers in it */
    bool foretold; /* what libvirt adds and chooses is (plan/ground/libvirt_define.h) */
    bool express;  /* PCI Express: root ports, switches, links */
    enum controller_model root; /* index 0 */
    const char *root_bus;       /* QEMU's name of its bus */
    const char *root_slots;     /* as messages and budgets call its slots */
    enum controller_model expander;
    unsigned slots;         /* of bus 0, as bits, that the machine uses itself; 0 is no address */
    unsigned libvirt_slots; /* where libvirt puts devices of a kind that have no address */
    bool has_chipset;       /* of which devices have a fixed place: SATA, an ISA bridge */
    bool default_devices;   /* libvirt adds a USB controller and a balloon to it */
    bool virtio_default;    /* what names no model is virtio (NICs, video) or xHCI to libvirt */
    const char *uefi;       /* its firmware of edk2, for messages */
    const char *nic;        /* what -nic is where it names no model */
    const char *nccl_arch;  /* the processor as NCCL spells it */
    bool expander_smmu;     /* an SMMUv3 may be on each expander */
    bool coherent_gpus;     /* it is that of guests of Grace hosts */
    bool needs_uefi;     /* nothing else shows guests the expanders; below: what edk2 has there */
    bool has_cpuid;      /* what hides a hypervisor, or widens addresses, is for these */
    bool acpi_by_word;   /* without <acpi/> libvirt turns ACPI off */
    size_t io_windows;   /* of 4 KiB, for I/O BARs below ports (plan/budget/ovmf_io.h) */
    size_t seabios_io;   /* the same with SeaBIOS: what it takes from its I/O space for bridges */
    bool io_is_optional; /* what gets no I/O space gets memory all the same */
    bool
        assigned_anew; /* Linux heeds no BAR and window of firmware (plan/budget/linux_windows.h) */
    uint64_t low_mmio; /* bytes for PCI below 4 GiB */
    uint64_t ram_split; /* so much RAM, or more, has a part above 4 GiB, */
    uint64_t ram_low;   /* and so much of it stays below; x86 */
    uint64_t hole64;    /* QEMU's own pci-hole64-size; x86 */
};

enum machine_kind machine_kind_of(const char *arch, const char *machine);
const struct machine *domain_machine(const struct domain *domain);

#endif
