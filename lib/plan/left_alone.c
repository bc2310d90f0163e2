/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * left_alone.c - see left_alone.h
 *
 * Takes:  a domain as it would be without vtopo.
 * Gives:  the first reason why a guest with new controllers would not start, or not find what is
 *         below them; in words.
 * Rule:   never worse: what starts without vtopo is not made to fail.
 * Not here: domains without cells (make.c), devices that stay (devices/who_moves.c).
 */
#include "plan/left_alone.h"

#include "base/mem.h"
#include "model/machine.h"
#include "plan/devices/command_line.h"
#include "plan/ground/occupancy.h"

void left_alone_by_machine(const struct domain *domain, struct left_alone *ret)
{
    *ret = (struct left_alone){.is_so = !domain_machine(domain)->rewritten, .why = FINDING_MACHINE};
}

/* What a file says that QEMU reads may need the slots, bus numbers and chassis of new controllers.
 */
static bool by_file(const struct domain *domain, struct left_alone *ret)
{
    if (domain->qemu_reads_file)
        *ret = (struct left_alone){true, FINDING_READS_FILE, NULL, true};
    return domain->qemu_reads_file;
}

/*
 * Guests find expanders, and cells, in QEMU's ACPI tables (tried: SeaBIOS has tables of its own,
 * which have pcie.0 only).  Who turned them off on QEMU's command line knows why; who has cells and
 * forgot <acpi/> gets what was asked for, and is told (advice/no_acpi.c).
 */
static bool by_acpi(const struct domain *domain, struct left_alone *ret)
{
    bool needed = domain_machine(domain)->needs_uefi && domain->acpi == ACPI_NOT_ASKED;
    bool off = (domain->acpi == ACPI_OFF || needed) && domain->cells.count;

    if (off)
        *ret = (struct left_alone){.is_so = true, .why = FINDING_NO_ACPI};
    return off;
}

/*
 * Without UEFI a virt has no ACPI, and its device tree names pcie.0 only (tried: expanders' buses
 * are not looked for); cells are in it, so that such a guest loses nothing by being left alone.
 */
static bool by_firmware(const struct domain *domain, struct left_alone *ret)
{
    bool none = domain_machine(domain)->needs_uefi && domain->firmware != FIRMWARE_OVMF &&
                domain->cells.count;

    if (none)
        *ret = (struct left_alone){true, FINDING_NO_UEFI, NULL, true};
    return none;
}

/*
 * With an expander QEMU chooses its bus for a device that names none (qbus_find_recursive() begins
 * with the bus that came last), and only bridges may be there; without expanders it is pcie.0.
 * QEMU 6.2 and later make what is not JSON first, so that there is no expander yet, and libvirt
 * from 7.9 on writes JSON, unless the domain has -set: which one it is, no domain says.
 */
static bool by_device(const struct domain *domain, struct left_alone *ret)
{
    char *names = NULL;

    if (domain->cells.count && !command_line_anywhere(domain, &names))
        return false;
    if (names)
        *ret = (struct left_alone){true, FINDING_WITHOUT_BUS, names, false};
    return true;
}

/* QEMU gives it to every device of the kind, the new ones, too. */
static bool by_global(const struct domain *domain, struct left_alone *ret)
{
    const char *unfit = command_line_unfit(domain);

    if (!unfit)
        return true;
    *ret = (struct left_alone){true, FINDING_GLOBAL_UNFIT, mem_printf("%.100s", unfit), false};
    return ret->names;
}

bool left_alone_by_features(const struct domain *domain, struct left_alone *ret)
{
    *ret = (struct left_alone){0};
    if (by_firmware(domain, ret) || by_acpi(domain, ret) || by_file(domain, ret))
        return true;
    if (!by_device(domain, ret))
        return false;
    return ret->is_so || by_global(domain, ret);
}

void left_alone_by_addresses(const struct facts *facts, const struct fates *fates,
                             struct left_alone *ret)
{
    const struct domain *domain = facts->base;
    const struct occupancy use = occupancy_of(domain, fates, false);

    *ret = (struct left_alone){
        .is_so = !domain_machine(domain)->foretold && !occupancy_is_whole(&use, facts->input),
        .why = FINDING_ADDRESSES_UNKNOWN,
    };
}

static char *describe_machine(const struct domain *domain, const char *what_becomes_of_it)
{
    const char *machine = domain->machine, *arch = domain->arch;

    return mem_printf(
        "the domain has %s%s%s%s%s, and expanders need machine type q35 or pc, or virt on aarch64: %s",
        machine ? "machine type " : "no machine type", machine ? machine : "", arch ? " (" : "",
        arch ? arch : "", arch ? ")" : "", what_becomes_of_it);
}

char *left_alone_describe(const struct left_alone *left_alone, const struct domain *domain,
                          const char *what_becomes_of_it)
{
    switch (left_alone->why) {
    case FINDING_MACHINE:
        return describe_machine(domain, what_becomes_of_it);
    case FINDING_READS_FILE:
        return mem_printf(
            "<qemu:commandline> has -readconfig: what the file says is not known here, and devices "
            "in it may need the slots, bus numbers and chassis that new controllers would take, so "
            "that the guest would not start; with its options as arguments the domain can be "
            "rewritten: %s",
            what_becomes_of_it);
    case FINDING_WITHOUT_BUS:
        return mem_printf("<qemu:commandline> has devices that name no bus: %s; beside expanders "
                          "QEMU may put them onto one (versions differ), where only ports may be, "
                          "and the guest would not start; with bus=%s in these arguments the "
                          "domain can be rewritten: %s",
                          left_alone->names, domain_machine(domain)->root_bus, what_becomes_of_it);
    case FINDING_GLOBAL_UNFIT:
        return mem_printf("<qemu:commandline> has -global %s, which QEMU gives to every device of "
                          "the kind: it has none, and with one that is added the guest may not "
                          "start; without this argument the domain can be rewritten: %s",
                          left_alone->names, what_becomes_of_it);
    case FINDING_ADDRESSES_UNKNOWN:
        return mem_printf("some devices or controllers have no PCI address or are not there, and "
                          "what libvirt chooses for machine type %s is not known in advance; "
                          "define the domain first and rewrite what \"virsh dumpxml --inactive\" "
                          "prints: %s",
                          domain_machine(domain)->name, what_becomes_of_it);
    case FINDING_NO_UEFI:
        return mem_printf("the guest boots without UEFI, so it has no ACPI and does not find "
                          "expanders, nor the devices below them; with <os firmware='efi'> and "
                          "<acpi/> in <features> the domain can be rewritten: %s",
                          what_becomes_of_it);
    default: /* FINDING_NO_ACPI */
        if (domain->acpi == ACPI_NOT_ASKED)
            return mem_printf("<features> has no <acpi/>, and without ACPI the guest does not find "
                              "expanders, nor the devices below them; with it the domain can be "
                              "rewritten: %s",
                              what_becomes_of_it);
        return mem_printf("QEMU's command line turns ACPI off, and without it the guest does not "
                          "find expanders, nor the devices below them, so %s",
                          what_becomes_of_it);
    }
}

void left_alone_clear(struct left_alone *left_alone)
{
    free(left_alone->names);
    *left_alone = (struct left_alone){0};
}
