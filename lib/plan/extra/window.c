/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * window.c - what is added to the domain so that its 64-bit BARs fit
 *
 * Takes:  plan.space, which says what (budget/mmio_budget.c).
 * Gives:  additions: <maxphysaddr>, the feature pdpe1gb, -fw_cfg of OVMF's window, or a larger
 *         number in the one that is there, of which only the digits change; <pcihole64> of machine
 *         virt, in the place of a smaller one; findings.
 * Not here: what is needed (budget/mmio_wish.c), how additions are written (domxml/additions.c).
 */
#include "plan/extra/window.h"

#include "base/buffer.h"
#include "plan/ground/versions.h"

#include <string.h>

#define PDPE1GB "<feature policy='require' name='pdpe1gb'/>"
/* Linux maps large BARs in huge pages since then (vfio-pci: huge_fault). */
#define HUGE_KERNEL 6012000
#define SLOW_BAR (UINT64_C(32) << 30)

/* The domain's own argument with another number. */
static bool raise_number(const struct domain *domain, uint64_t mib, struct additions *additions)
{
    const char *old = domain->ovmf_mmio64_text, *digits = old + domain->ovmf_mmio64_at;

    return additions_change(additions, ADDITION_QEMU_ARG_VALUE, old,
                            mem_printf("%.*s%llu%s", (int)domain->ovmf_mmio64_at, old,
                                       (unsigned long long)mib,
                                       digits + strspn(digits, "0123456789")));
}

static bool add_number(const struct domain *domain, uint64_t mib, struct additions *additions)
{
    if (domain->ovmf_mmio64_text)
        return raise_number(domain, mib, additions);
    return additions_add(additions, ADDITION_QEMU_ARG, mem_printf("<qemu:arg value='-fw_cfg'/>")) &&
           additions_add(additions, ADDITION_QEMU_ARG,
                         mem_printf("<qemu:arg value='name=opt/ovmf/X-PciMmio64Mb,string=%llu'/>",
                                    (unsigned long long)mib));
}

/* As libvirt prints it. */
static char *hole_text(uint64_t mib)
{
    uint64_t kib = mib << 10;

    return mem_printf("<pcihole64 unit='KiB'>%llu</pcihole64>", (unsigned long long)kib);
}

static bool add_hole(const struct domain *domain, uint64_t mib, struct additions *additions)
{
    if (domain->space.hole64_text)
        return additions_replace(additions, ADDITION_PCIHOLE64, domain->space.hole64_text,
                                 hole_text(mib));
    return additions_add(additions, ADDITION_PCIHOLE64, hole_text(mib));
}

static bool add_elements(const struct domain *domain, const struct plan_space *space,
                         struct additions *additions)
{
    bool ok = true;

    if (*space->add_width)
        ok = additions_add(additions, ADDITION_CPU_MAXPHYSADDR, mem_printf("%s", space->add_width));
    if (ok && space->add_pages)
        ok = additions_add(additions, ADDITION_CPU_FEATURE, mem_printf(PDPE1GB));
    if (ok && space->add_hole)
        ok = add_hole(domain, space->add_hole, additions);
    return ok && (!space->add_asked || add_number(domain, space->add_asked, additions));
}

static void describe_hole(const struct domain *domain, uint64_t mib, struct buffer *text)
{
    autofree char *element = hole_text(mib);

    if (!element)
        text->failed = true;
    else
        buffer_printf(text, "%s in controller pcie-root%s%s", element,
                      domain->space.hole64_text ? " instead of " : "",
                      domain->space.hole64_text ? domain->space.hole64_text : "");
}

int window_add(const struct facts *facts, const struct plan_space *space,
               struct additions *additions, const struct reporter *reporter)
{
    const struct domain *domain = facts->base;
    autobuffer struct buffer text = {0};

    if (!*space->add_width && !space->add_pages && !space->add_asked && !space->add_hole)
        return 0;
    if (!add_elements(domain, space, additions))
        return error_nomem(reporter->reterr);
    buffer_add(&text, space->add_width);
    if (space->add_pages)
        buffer_printf(&text, "%s" PDPE1GB, text.length ? ", " : "");
    if (space->add_asked && domain->ovmf_mmio64_text)
        buffer_printf(&text, "%sX-PciMmio64Mb raised from %llu to %llu", text.length ? ", " : "",
                      (unsigned long long)domain->ovmf_mmio64_mib,
                      (unsigned long long)space->add_asked);
    else if (space->add_asked)
        buffer_printf(&text, "%s-fw_cfg name=opt/ovmf/X-PciMmio64Mb,string=%llu",
                      text.length ? ", " : "", (unsigned long long)space->add_asked);
    if (space->add_hole)
        describe_hole(domain, space->add_hole, &text);
    if (text.failed)
        return error_nomem(reporter->reterr);
    return report_finding(reporter, FINDING_MMIO_ADDED, "domain",
                          "added so that 64-bit BARs of %llu MiB fit: %s",
                          (unsigned long long)(space->need >> 20), text.text);
}

static bool has_slow_bar(const struct host_function *function)
{
    for (unsigned i = 0; i < HOST_BARS; i++) {
        if (!function->bars[i].io && function->bars[i].size >= SLOW_BAR)
            return true;
    }
    return false;
}

int window_report_slow(const struct facts *facts, const struct vtopo_plan *plan,
                       const struct reporter *reporter)
{
    int r = 0;

    if (facts->policy->mmio == MMIO_OFF || !facts->base->kvm || !plan->space.there ||
        kernel_version_verdict(facts->host, HUGE_KERNEL) != VERSION_OLD)
        return 0;
    for (size_t i = 0; !r && i < plan->devices.count; i++) {
        const struct plan_device *d = &plan->devices.items[i];

        if (d->fate != FATE_MOVED || d->function == HOST_NONE || d->kind != DEVICE_HOSTDEV_PCI ||
            !has_slow_bar(&facts->host->functions.items[d->function]))
            continue;
        r = report_finding(
            reporter, FINDING_MAPPED_SLOWLY, BDF_TEXT(&d->host),
            "its BAR is mapped in small pages, which takes minutes when the guest starts, because the host's kernel is %s: 6.12 and later map it in huge pages (with QEMU 10.1 or later)",
            facts->host->kernel);
        break; /* one stands for all */
    }
    return r;
}
