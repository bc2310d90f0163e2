/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hypervisor.c - what hides the hypervisor from the guest, for drivers that refuse to run in a VM
 *
 * Takes:  policy hide_hypervisor, the assigned devices, what the domain says of <kvm> and <hyperv>.
 * Gives:  additions: <kvm><hidden state='on'/> and a <vendor_id> of <hyperv> that says nothing.
 * Rule:   for every domain that is given a GPU. What the domain says of either stays, with a
 *         finding; so has a machine whose processor is not asked for it. NVIDIA's driver looks for
 *         P2P cliques only where it sees a hypervisor, so both together are refused.
 * Not here: who is in a clique (clique.c), how additions are written (domxml/additions.c).
 */
#include "plan/extra/hypervisor.h"

#include "base/error.h"
#include "model/machine.h"
#include "model/pci_class.h"

#include <string.h>

/* At most 12 characters (CPUID has three registers for them), and none that a driver looks for. */
#define VENDOR "unspecified"

static bool is_gpu(const struct facts *facts, const struct plan_device *device)
{
    return device->function != HOST_NONE && device->fate != FATE_UNASSIGNED &&
           device->kind != DEVICE_INTERFACE_NETWORK &&
           class_is_gpu(facts->host->functions.items[device->function].class_code);
}

static bool any_gpu(const struct facts *facts, const struct vtopo_plan *plan)
{
    for (size_t i = 0; i < plan->devices.count; i++) {
        if (is_gpu(facts, &plan->devices.items[i]))
            return true;
    }
    return false;
}

static int report_kept(const struct facts *facts, const struct reporter *reporter)
{
    int r = 0;

    if (facts->base->kvm_shown)
        r = report_finding(
            reporter, FINDING_HYPERVISOR_SHOWN, "domain",
            "policy hide_hypervisor is on, and the domain's own <kvm> has <hidden state='off'/>, which stays: the guest sees that it runs in a VM; take that element out of the domain, and vtopo writes its own");
    if (!r && (facts->base->hyperv_vendor || facts->base->hyperv_host))
        r = report_finding(
            reporter, FINDING_HYPERV_VENDOR_KEPT, "domain",
            "policy hide_hypervisor is on, and the domain's own <hyperv%s, which stays as it is",
            facts->base->hyperv_vendor
                ? "> has a <vendor_id>"
                : " mode='passthrough'> can have no <vendor_id> (libvirt's schema)");
    return r;
}

static int report_seen(const struct facts *facts, const struct reporter *reporter)
{
    return report_finding(
        reporter, FINDING_HYPERVISOR_SEEN, "domain",
        "policy hide_hypervisor is on, and machine type %s has nothing that hides a hypervisor (<kvm><hidden> and <hyperv> are for x86 processors): the guest sees that it runs in a VM",
        domain_machine(facts->base)->name);
}

int hypervisor_hide(const struct facts *facts, struct vtopo_plan *plan,
                    const struct reporter *reporter)
{
    bool ok = true;

    if (!facts->policy->hide_hypervisor || !any_gpu(facts, plan))
        return 0;
    /* Both are for CPUID; QEMU refuses <hidden> for a processor without. */
    if (!domain_machine(facts->base)->has_cpuid)
        return report_seen(facts, reporter);
    if (!facts->base->hyperv_vendor && !facts->base->hyperv_host)
        ok = additions_add(&plan->additions, ADDITION_HYPERV_VENDOR_ID,
                           strdup("<vendor_id state='on' value='" VENDOR "'/>"));
    if (ok && !facts->base->kvm_hidden && !facts->base->kvm_shown)
        ok = additions_add(&plan->additions, ADDITION_KVM_HIDDEN, strdup("<hidden state='on'/>"));
    return ok ? report_kept(facts, reporter) : error_nomem(reporter->reterr);
}

static const char *who_gives_it(enum clique_source source)
{
    switch (source) {
    case CLIQUE_DOMAIN:
        return "an override of the domain";
    case CLIQUE_CDI_SPEC:
        return "a CDI spec";
    case CLIQUE_HOST:
        return "clique \"auto\"";
    default:
        return "the policy";
    }
}

int hypervisor_check_cliques(const struct facts *facts, const struct vtopo_plan *plan,
                             const struct reporter *reporter)
{
    if (!facts->policy->hide_hypervisor || facts->base->kvm_shown ||
        !domain_machine(facts->base)->has_cpuid)
        return 0;
    for (size_t i = 0; i < plan->devices.count; i++) {
        const struct plan_device *device = &plan->devices.items[i];

        if (device->clique_given)
            return error_set(
                reporter->reterr, VTOPO_ERR_REFUSED,
                "policy hide_hypervisor hides the hypervisor from the guest, and %s has P2P clique %d by %s, which NVIDIA's driver then ignores: turn hide_hypervisor off for this domain, or leave its GPUs without cliques (--clique off)",
                BDF_TEXT(&device->host), device->clique, who_gives_it(device->clique_source));
    }
    return 0;
}
