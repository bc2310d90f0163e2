/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * p2p.c - what of the domain itself keeps its GPUs and NICs from reaching each other
 *
 * Takes:  iommufd, the guest's own IOMMU; the kinds of the assigned devices (peer_kind.h).
 * Gives:  a finding for each, if the guest gets two devices that could do GPUDirect with each
 *         other.
 * Not here: cliques and what is in their way (clique.c), the host (host_checks.c), each pair
 *         (pairs.c).
 */
#include "plan/advice/advice.h"
#include "plan/ground/peer_kind.h"

/* Two whole GPUs, or a GPU of any kind and a NIC. */
static bool any_pair(const struct facts *facts, const struct vtopo_plan *plan)
{
    size_t counts[PEER_VDPA + 1] = {0};

    for (size_t i = 0; i < plan->devices.count; i++) {
        const struct plan_device *device = &plan->devices.items[i];

        if (device->fate != FATE_UNASSIGNED)
            counts[peer_kind_of(facts->host, device->function,
                                &facts->base->devices.items[device->device])]++;
    }
    return counts[PEER_GPU] > 1 ||
           (counts[PEER_NIC] && counts[PEER_GPU] + counts[PEER_VGPU] + counts[PEER_MIG]);
}

static const char *name_qemu(enum version_verdict verdict)
{
    if (verdict == VERSION_OLD)
        return "policy qemu_version says that QEMU is older";
    return "nothing says that QEMU is that new (machine type pc-q35-11.0 or later does, or policy qemu_version)";
}

/* NULL: out of memory. */
static char *name_kernel(const struct facts *facts, enum version_verdict verdict)
{
    if (verdict == VERSION_OLD)
        return mem_printf("the host's kernel is %s", facts->host->kernel);
    return mem_printf("the host's kernel is not known (/proc/sys/kernel/osrelease on the host; "
                      "vtopo-host save writes it down)");
}

static int report_iommufd(const struct facts *facts, const struct vtopo_plan *plan,
                          const struct reporter *reporter)
{
    enum version_verdict qemu = plan->iommufd_qemu, kernel = plan->iommufd_kernel;
    autofree char *why = name_kernel(facts, kernel);

    if (!why)
        return error_nomem(reporter->reterr);
    return report_finding(
        reporter, FINDING_P2P_IOMMUFD, "domain",
        "devices are opened by iommufd, with which GPUs and NICs reach each other only with QEMU 11.0 or later on a host kernel of 6.19 or later, and %s%s%s: %s BAR of one device for another, whatever P2P cliques say",
        qemu == VERSION_NEW ? "" : name_qemu(qemu),
        qemu != VERSION_NEW && kernel != VERSION_NEW ? ", and " : "",
        kernel == VERSION_NEW ? "" : why,
        qemu == VERSION_OLD || kernel == VERSION_OLD ? "QEMU maps no"
                                                     : "with older ones QEMU maps no");
}

int p2p_report(const struct facts *facts, const struct vtopo_plan *plan,
               const struct reporter *reporter)
{
    bool iommufd = plan->iommufd_qemu != VERSION_NEW || plan->iommufd_kernel != VERSION_NEW;
    int r = 0;

    if ((!iommufd && !facts->base->guest_iommu) || !any_pair(facts, plan))
        return 0;
    if (iommufd)
        r = report_iommufd(facts, plan, reporter);
    /* QEMU: hw/vfio, vfio_device_check_address_space(). */
    if (!r && facts->base->guest_iommu)
        r = report_finding(
            reporter, FINDING_P2P_GUEST_IOMMU, "domain",
            "the guest has an IOMMU of its own (<iommu>): GPUs and NICs reach each other only if its addresses are as wide as those of the guest's CPUs (<driver aw_bits='48'/>; QEMU's default was 39), and without a detour only if the guest's kernel lets devices pass it (iommu=pt)");
    return r;
}
