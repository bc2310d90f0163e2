/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * version_doubts.c - why QEMU's version is not known where it would have decided something
 *
 * Takes:  the findings so far; the entry of the domain's emulator in libvirt's capability cache.
 * Gives:  a finding if one of them doubts the version, and the entry is there but cannot be used.
 * Not here: the versions (ground/versions.h), reading the cache (lib/emulator).
 */
#include "plan/advice/advice.h"
#include "plan/ground/versions.h"

static bool doubts_version(const struct vtopo_plan *plan, const struct finding *finding)
{
    switch (finding->id) {
    case FINDING_CLIQUE_QEMU:
    case FINDING_CLIQUE_QEMU_UNKNOWN:
    case FINDING_LINKS_UNPROVEN:
    case FINDING_SMMU_LACKING:
    case FINDING_INITIATORS_LACKING:
        return true;
    case FINDING_P2P_IOMMUFD:
        return plan->iommufd_qemu != VERSION_NEW;
    default:
        return false;
    }
}

static int report_entry(const struct host_emulator *emulator, const struct reporter *reporter)
{
    switch (emulator->state) {
    case EMULATOR_UNREADABLE:
        return report_finding(
            reporter, FINDING_EMULATOR_UNREADABLE, "domain",
            "how new %s is may be in libvirt's capability cache, which only root may read: run this with sudo, or let policy qemu_version say it",
            emulator->path);
    case EMULATOR_STALE:
        return report_finding(
            reporter, FINDING_EMULATOR_STALE, "domain",
            "%s has changed since libvirt asked it for its version, which is not used: \"virsh domcapabilities --emulatorbin %s\" makes libvirt ask again, or let policy qemu_version say it",
            emulator->path, emulator->path);
    case EMULATOR_UNUSABLE:
        return report_finding(
            reporter, FINDING_EMULATOR_UNUSABLE, "domain",
            "what is in libvirt's capability cache for %s is not root's, or not what libvirt writes, and is not used: let policy qemu_version say how new it is",
            emulator->path);
    default:
        return 0;
    }
}

int version_doubts_report(const struct facts *facts, const struct vtopo_plan *plan,
                          const struct reporter *reporter)
{
    const struct host_emulator *emulator = emulator_of(facts);
    bool doubts = false;

    if (!emulator || emulator->state == EMULATOR_KNOWN || facts->policy->qemu_version)
        return 0;
    for (size_t i = 0; i < plan->findings.count; i++)
        doubts = doubts || doubts_version(plan, &plan->findings.items[i]);
    return doubts ? report_entry(emulator, reporter) : 0;
}
