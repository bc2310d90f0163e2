/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine.c - see machine.h */
#include "model/machine.h"

#include <string.h>

#define SLOT(number) (1U << (number))
#define GIB (UINT64_C(1) << 30)

static const struct machine machines[] = {
    [MACHINE_Q35] = {.name = "q35",
                     .version_prefix = "pc-q35-",
                     .rewritten = true,
                     .foretold = true,
                     .express = true,
                     .root = CTRL_PCIE_ROOT,
                     .root_bus = "pcie.0",
                     .root_slots = "slots on pcie.0",
                     .expander = CTRL_EXPANDER,
                     .slots = SLOT(0) | SLOT(0x1f),
                     /* Video, USB, sound, USB. */
                     .libvirt_slots = SLOT(0x01) | SLOT(0x1a) | SLOT(0x1b) | SLOT(0x1d),
                     .has_chipset = true,
                     .default_devices = true,
                     .nic = "e1000e",
                     .uefi = "OVMF",
                     .nccl_arch = "x86_64",
                     .has_cpuid = true,
                     .acpi_by_word = true,
                     .io_windows = 10, /* from 0x6000 on */
                     .seabios_io = 14,
                     /* MMCONFIG's end to the I/O APIC, OvmfPkg/Library/PlatformInitLib. */
                     .low_mmio = 0xfc000000 - 0xc0000000,
                     .ram_split = 0xb0000000,
                     .ram_low = 2 * GIB,
                     .hole64 = 32 * GIB},
    [MACHINE_VIRT] = {.name = "virt",
                      .version_prefix = "virt-",
                      .express = true,
                      .root = CTRL_PCIE_ROOT,
                      .root_bus = "pcie.0",
                      .root_slots = "slots on pcie.0",
                      .expander = CTRL_EXPANDER,
                      .slots = SLOT(0),
                      .foretold = true,
                      .virtio_default = true,
                      .nic = "virtio-net-pci",
                      .uefi = "AAVMF",
                      .rewritten = true,
                      .nccl_arch = "arm64",
                      .expander_smmu = true,
                      .coherent_gpus = true,
                      .needs_uefi = true,
                      .assigned_anew = true,
                      .acpi_by_word = true,
                      /*
                       * VIRT_PCIE_PIO but its ends.  Tried with AAVMF 2022.11 and 2025.02, 12 and
                       * 16 devices with I/O BARs below an expander, 14 hot-pluggable ports beside
                       * it: those that get no I/O space work.
                       */
                      .io_windows = 14,
                      .io_is_optional = true,
                      .low_mmio = 0x2eff0000},
    [MACHINE_PC] = {.name = "pc",
                    .version_prefix = "pc-i440fx-",
                    .rewritten = true,
                    .root = CTRL_PCI_ROOT,
                    .root_bus = "pci.0",
                    .root_slots = "slots on pci.0",
                    .expander = CTRL_PCI_EXPANDER,
                    .slots = SLOT(0) | SLOT(0x01),
                    .libvirt_slots = SLOT(0x02), /* video */
                    .has_chipset = true,
                    .default_devices = true,
                    .nic = "e1000",
                    .uefi = "OVMF",
                    .nccl_arch = "x86_64",
                    .has_cpuid = true,
                    .acpi_by_word = true,
                    .io_windows = 4, /* from 0xc000 on */
                    .seabios_io = 8, /* all is to be below 0x9000 */
                    .low_mmio = 0xfc000000 - 0xc0000000,
                    .ram_split = 0xe0000000,
                    .ram_low = 3 * GIB,
                    .hole64 = 2 * GIB},
    [MACHINE_OTHER] = {.root = CTRL_OTHER,
                       .root_bus = "pcie.0",
                       .root_slots = "slots on pcie.0",
                       .expander = CTRL_OTHER,
                       .slots = SLOT(0),
                       .nic = "e1000e"},
};

static bool is_or_begins(const char *machine, const char *name, const char *prefix)
{
    return !strcmp(machine, name) || !strncmp(machine, prefix, strlen(prefix));
}

/*
 * QEMU's names; distributions' own ones ("ubuntu-q35") are none to libvirt's
 * qemuDomainMachineIsQ35() and its like.
 */
enum machine_kind machine_kind_of(const char *arch, const char *machine)
{
    bool is_x86 = !arch || !strcmp(arch, "x86_64") || !strcmp(arch, "i686");

    if (!machine)
        return MACHINE_OTHER;
    for (enum machine_kind kind = MACHINE_Q35; kind < MACHINE_OTHER; kind++) {
        bool fits = kind == MACHINE_VIRT ? arch && !strcmp(arch, "aarch64") : is_x86;

        if (fits && is_or_begins(machine, machines[kind].name, machines[kind].version_prefix))
            return kind;
    }
    return MACHINE_OTHER;
}

const struct machine *domain_machine(const struct domain *domain)
{
    return &machines[domain->machine_kind];
}
