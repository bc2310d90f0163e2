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
#include "plan/ground/versions.h"

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

/* NULL: out of memory. */
static char *name_qemu(const struct facts *facts, enum version_verdict verdict)
{
    if (verdict == VERSION_OLD)
        return qemu_name_witness(facts);
    return mem_printf(
        "nothing shows that QEMU is that new (machine type %s11.0 or later does, or policy qemu_version)",
        machine_version_prefix(facts));
}

/* NULL: out of memory. */
static char *name_kernel(const struct facts *facts, enum version_verdict verdict)
{
    if (verdict == VERSION_OLD)
        return mem_printf("the host's kernel is %s", facts->host->kernel);
    return mem_printf(
        "the host's kernel is not known (vtopo-host save on the host writes it down)");
}

static int report_iommufd(const struct facts *facts, const struct vtopo_plan *plan,
                          const struct reporter *reporter)
{
    enum version_verdict qemu = plan->iommufd_qemu, kernel = plan->iommufd_kernel;
    autofree char *which = qemu == VERSION_NEW ? mem_printf("%s", "") : name_qemu(facts, qemu);
    autofree char *why = kernel == VERSION_NEW ? mem_printf("%s", "") : name_kernel(facts, kernel);

    if (!which || !why)
        return error_nomem(reporter->reterr);
    return report_finding(
        reporter, FINDING_P2P_IOMMUFD, "domain",
        "devices are opened by iommufd: GPUs and NICs reach each other only with QEMU 11.0 or later on a host kernel of 6.19 or later, and %s%s%s",
        which, *which && *why ? ", and " : "", why);
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
            "the guest has an IOMMU of its own (<iommu>): GPUs and NICs reach each other only if its addresses are wide enough (<driver aw_bits='48'/>), and directly only if the guest's kernel has iommu=pt");
    return r;
}
