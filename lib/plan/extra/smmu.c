/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * smmu.c - an SMMUv3 for each expander with devices of iommufd
 *
 * Takes:  policy smmu, the finished controllers, what is known of QEMU and libvirt.
 * Gives:  additions: <iommu model='smmuv3'><driver pciBus='INDEX'/></iommu>, and with policy "accel"
 *         and "accel,ats" what makes of it one whose tables the host's SMMUv3 walks.
 * Rule:   for the expanders of this plan that have a device which iommufd opens: a guest's SMMUv3
 *         does nothing for others. All of them or none; never beside an <iommu> of the domain's
 *         own, because QEMU takes no two kinds. What QEMU or libvirt are not known to have is not
 *         written, with a finding: they would refuse the whole domain.
 * Source: libvirt 11.10 (pciBus), 12.7 (accel, ats); QEMU 10.2.2 (primary-bus), 11.1.2 (accel,
 * ats), docs/system/arm/virt.rst. Not here: which devices are opened by iommufd
 * (domxml/parse_devices.c).
 */
#include "plan/extra/smmu.h"

#include "base/error.h"
#include "model/machine.h"
#include "plan/ground/version_need.h"

#include <string.h>

static const struct version_need plain = {11010000, 10002000, "libvirt 11.10 and QEMU 10.2"};
static const struct version_need accelerated = {12007000, 11001000, "libvirt 12.7 and QEMU 11.1"};

static const struct version_need *need_of(const struct facts *facts)
{
    return facts->policy->smmu == SMMU_EXPANDER ? &plain : &accelerated;
}

/* The expander above a controller of the plan; PLAN_NONE: there is none, or not of the plan. */
static size_t expander_above(const struct vtopo_plan *plan, size_t at)
{
    while (at != PLAN_NONE && plan->controllers.items[at].model != CTRL_EXPANDER)
        at = plan->controllers.items[at].parent;
    return at;
}

/* Gives how many expanders have such a device. */
static size_t mark_expanders(const struct facts *facts, const struct vtopo_plan *plan, bool *marked)
{
    size_t count = 0;

    for (size_t i = 0; i < plan->devices.count; i++) {
        const struct plan_device *device = &plan->devices.items[i];
        size_t at;

        if (device->fate != FATE_MOVED || !facts->base->devices.items[device->device].iommufd)
            continue;
        at = expander_above(plan, plan->cards.items[device->card].port);
        if (at == PLAN_NONE || marked[at])
            continue;
        marked[at] = true;
        count++;
    }
    return count;
}

/* The first card of an expander. */
static const struct plan_card *first_card(const struct vtopo_plan *plan, size_t expander)
{
    size_t i = 0;

    while (expander_above(plan, plan->cards.items[i].port) != expander)
        i++;
    return &plan->cards.items[i];
}

/*
 * One whose tables the host's SMMUv3 walks is for devices of that one SMMUv3, all opened by
 * iommufd: QEMU does not start the guest otherwise, or the devices of another one do no DMA.  A
 * root complex of the host is behind one.  Takes the mark from the others; gives a device that is
 * in the way.
 */
static const struct plan_device *unmark_mixed(const struct facts *facts,
                                              const struct vtopo_plan *plan, bool *marked)
{
    const struct plan_device *found = NULL;

    for (size_t i = 0; i < plan->devices.count; i++) {
        const struct plan_device *device = &plan->devices.items[i];
        const struct plan_card *card;
        size_t at;

        if (device->fate != FATE_MOVED)
            continue;
        card = &plan->cards.items[device->card];
        at = expander_above(plan, card->port);
        if (at == PLAN_NONE || !marked[at])
            continue;
        if (facts->base->devices.items[device->device].iommufd &&
            !bdf_compare(&card->root, &first_card(plan, at)->root))
            continue;
        marked[at] = false;
        found = found ? found : device;
    }
    return found;
}

static char *element_of(const struct facts *facts, unsigned index)
{
    static const char *const more[] = {
        [SMMU_EXPANDER] = "",
        [SMMU_ACCEL] = " accel='on'",
        [SMMU_ACCEL_ATS] = " accel='on' ats='on'",
    };

    return mem_printf("<iommu model='smmuv3'>\n  <driver pciBus='%u'%s/>\n</iommu>", index,
                      more[facts->policy->smmu]);
}

/* --- what is in the way --- */

static int report(const char *why, const struct reporter *reporter)
{
    return report_finding(reporter, FINDING_SMMU_LACKING, "domain",
                          "expanders get no SMMUv3, which policy smmu asks for: %s", why);
}

/* Reports the first thing, if there is one. */
static int look_for_obstacle(const struct facts *facts, const struct reporter *reporter,
                             bool *ret_stopped)
{
    autofree char *why = NULL;

    *ret_stopped = true;
    if (!domain_machine(facts->base)->expander_smmu)
        return report("only QEMU's machine virt for aarch64 has them", reporter);
    if (facts->base->guest_iommu)
        return report("the domain has an <iommu> of its own, which stays as it is", reporter);
    if (!version_need_lack(facts, need_of(facts), &why))
        return error_nomem(reporter->reterr);
    *ret_stopped = why;
    return why ? report(why, reporter) : 0;
}

static int report_mixed(const struct facts *facts, const struct plan_device *device,
                        const struct reporter *reporter)
{
    autofree char *why =
        device ? mem_printf("%s shares its expander with devices that are not opened by iommufd, "
                            "or are on another root complex of the host (--mirror root or finer "
                            "gives each one of its own)",
                            facts->base->devices.items[device->device].label)
               : NULL;

    if (!device)
        return 0;
    return why ? report(why, reporter) : error_nomem(reporter->reterr);
}

/* smmuv3_notify_flag_changed(): it refuses to tell of mappings, which VFIO needs. */
static int report_emulated(const struct facts *facts, const struct vtopo_plan *plan,
                           const struct reporter *reporter)
{
    bool any = false;

    for (size_t i = 0; i < plan->additions.count; i++)
        any = any || plan->additions.items[i].kind == ADDITION_IOMMU;
    if (!any || facts->policy->smmu != SMMU_EXPANDER)
        return 0;
    return report_finding(reporter, FINDING_SMMU_EMULATED, "domain",
                          "policy smmu \"expander\" puts assigned devices behind an SMMUv3 that "
                          "QEMU emulates, which does not work with VFIO: QEMU may not start the "
                          "guest; \"accel\" is for them");
}

int smmu_add(const struct facts *facts, struct vtopo_plan *plan, const struct reporter *reporter)
{
    autofree bool *marked = NULL;
    bool stopped;
    int r;

    if (facts->policy->smmu == SMMU_OFF)
        return 0;
    marked = calloc(plan->controllers.count + 1, sizeof(*marked));
    if (!marked)
        return error_nomem(reporter->reterr);
    if (!mark_expanders(facts, plan, marked))
        return 0;
    r = look_for_obstacle(facts, reporter, &stopped);
    if (!r && !stopped && facts->policy->smmu != SMMU_EXPANDER)
        r = report_mixed(facts, unmark_mixed(facts, plan, marked), reporter);
    for (size_t i = 0; !r && !stopped && i < plan->controllers.count; i++) {
        if (marked[i] && !additions_add(&plan->additions, ADDITION_IOMMU,
                                        element_of(facts, plan->controllers.items[i].index)))
            r = error_nomem(reporter->reterr);
    }
    return r ? r : report_emulated(facts, plan, reporter);
}
