/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * link_way.c - see link_way.h
 *
 * Takes:  what is known of the QEMU and the libvirt that will run the domain, policy
 *         generic_switch.
 * Gives:  the way in which links are written, and a finding where that is not what is asked for.
 * Rule:   the generic switch if the policy says that it is there, and nothing shows that it is not;
 *         else overrides if QEMU and libvirt are known to take them; else none.
 *
 * The generic switch was posted to the lists of QEMU and libvirt in 2026.  QEMU 11.1 and libvirt
 * 12.8 are without it; which ones have it is not known, so no version proves it.
 *
 * Not here: what is written (links.c, domxml/apply.c).
 */
#include "plan/extra/link_way.h"

#include "plan/ground/versions.h"

/* Older ones have no generic switch. */
#define GENERIC_QEMU 11002000
#define GENERIC_LIBVIRT 12009000
/* Since QEMU 10.0 its CXL ports have x-speed and x-width, and root ports go beyond 16 GT/s. */
#define LINKS_SINCE 10000000

/* --- the generic switch --- */

/* @why: NULL: out of memory. */
static int report_no_generic(const char *needs, const char *why, const struct reporter *reporter)
{
    if (!why)
        return error_nomem(reporter->reterr);
    return report_finding(
        reporter, FINDING_NO_GENERIC_SWITCH, "domain",
        "policy generic_switch is not followed: the generic switch needs %s or later, and %s",
        needs, why);
}

static int find_generic(const struct facts *facts, const struct reporter *reporter,
                        enum link_way *ret_way)
{
    autofree char *why = NULL;
    unsigned libvirt = libvirt_version_of(facts);

    if (qemu_version_verdict(facts, GENERIC_QEMU) == VERSION_OLD) {
        why = qemu_name_witness(facts);
        return report_no_generic("QEMU 11.2", why, reporter);
    }
    if (libvirt && libvirt < GENERIC_LIBVIRT) {
        why = libvirt_name_witness(facts);
        return report_no_generic("libvirt 12.9", why, reporter);
    }
    *ret_way = LINK_WAY_TARGET;
    return 0;
}

/* --- overrides --- */

/* @why: NULL: out of memory. */
static int report_stock(const char *needs, const char *why, const struct reporter *reporter)
{
    if (!why)
        return error_nomem(reporter->reterr);
    return report_finding(
        reporter, FINDING_LINKS_UNPROVEN, "domain",
        "ports keep QEMU's own link speeds and widths: the host's need %s or later, and %s", needs,
        why);
}

static int report_qemu(const struct facts *facts, const struct reporter *reporter)
{
    autofree char *why = NULL;

    if (qemu_version_verdict(facts, LINKS_SINCE) == VERSION_UNKNOWN)
        why = mem_printf(
            "nothing shows that this is one (machine type %s10.0 or later does, or policy qemu_version)",
            machine_version_prefix(facts));
    else
        why = qemu_name_witness(facts);
    return report_stock("QEMU 10.0", why, reporter);
}

static int report_libvirt(const struct facts *facts, const struct reporter *reporter)
{
    autofree char *why = libvirt_name_witness(facts);

    return report_stock("libvirt 8.5", why, reporter);
}

int link_way_find(const struct facts *facts, const struct reporter *reporter,
                  enum link_way *ret_way)
{
    int r = 0;

    *ret_way = LINK_WAY_STOCK;
    if (facts->policy->generic_switch)
        r = find_generic(facts, reporter, ret_way);
    if (r || *ret_way == LINK_WAY_TARGET)
        return r;
    if (libvirt_lacks_overrides(facts))
        return report_libvirt(facts, reporter);
    if (!qemu_is_at_least(facts, LINKS_SINCE))
        return report_qemu(facts, reporter);
    *ret_way = LINK_WAY_OVERRIDES;
    return 0;
}
