/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * no_acpi.c - guests without ACPI do not see their topology
 *
 * Takes:  a domain with cells, whose cards move.
 * Gives:  a finding, if libvirt will turn ACPI off because <features> does not ask for it.
 * Not here: who turned it off on purpose, and machines that find other buses without ACPI and lose
 *         them with expanders (left_alone.c).
 */
#include "plan/advice/advice.h"

#include "model/machine.h"

int no_acpi_report(const struct facts *facts, const struct reporter *reporter)
{
    if (facts->base->acpi != ACPI_NOT_ASKED || !facts->base->cells.count ||
        domain_machine(facts->base)->needs_uefi)
        return 0;
    return report_finding(reporter, FINDING_NO_ACPI, "domain",
                          "<features> has no <acpi/>, so the guest will have no ACPI: it finds "
                          "neither its NUMA cells nor the devices below expanders; put <acpi/> "
                          "into <features>");
}
