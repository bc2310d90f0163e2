/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * firmware_cells.c - firmware with which a guest does not see its cells
 *
 * Takes:  a domain with cells whose guest learns of them by UEFI; what is known of its firmware.
 * Gives:  a finding where that is too old, or may be.
 * Rule:   edk2 before stable202302 maps the flash of machine virt as memory, which ACPI gives no
 *         node, and Linux then drops all of them ("NUMA: Warning: invalid memblk node"; edk2
 *         e5ec3ba409 has it uncacheable).  Seen with 2022.11; 2025.02 and 2026.08 do well.
 * Not here: guests without UEFI (left_alone.c).
 */
#include "plan/advice/advice.h"

#include "model/machine.h"
#include "model/version_text.h"
#include "plan/ground/versions.h"

#define FIRST_GOOD 2023002000

int firmware_cells_report(const struct facts *facts, const struct reporter *reporter)
{
    unsigned version = firmware_version_of(facts);

    if (!domain_machine(facts->base)->needs_uefi || !facts->base->cells.count ||
        version >= FIRST_GOOD)
        return 0;
    if (!version)
        return report_finding(
            reporter, FINDING_FIRMWARE_CELLS_UNSURE, "domain",
            "it is not known which release of AAVMF the guest boots: with one before 2023.02 it "
            "sees no NUMA cells, and every numa_node is -1 (policy ovmf_version says which it is)");
    return report_finding(
        reporter, FINDING_FIRMWARE_WITHOUT_CELLS, "domain",
        "the guest's AAVMF is of %u.%02u, and with one before 2023.02 the guest sees no NUMA "
        "cells, and every numa_node is -1; with a newer one it does",
        version / 1000000, version / 1000 % 1000);
}
