/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * versions.c - see versions.h
 *
 * Takes:  the machine type, the policy, the release of the host's kernel.
 * Gives:  answers to "is it as new as that?".
 * Rule:   an unknown version is old for QEMU, where a domain may not start, and new for libvirt.
 */
#include "plan/ground/versions.h"

#include <stdlib.h>
#include <string.h>

/* libvirt has had overrides since 8.2, and crashed on them until 8.5 (its NEWS). */
#define OVERRIDES_SINCE 8005000

unsigned libvirt_version_of(const struct facts *facts)
{
    return facts->policy->libvirt_version;
}

bool libvirt_is_at_least(const struct facts *facts, unsigned version)
{
    return libvirt_version_of(facts) >= version;
}

bool libvirt_lacks_overrides(const struct facts *facts)
{
    unsigned version = libvirt_version_of(facts);

    return version && version < OVERRIDES_SINCE;
}

/* 8001000 of "8.1" and what comes behind it; 0: it is none. */
static unsigned parse_version(const char *text)
{
    unsigned long major, minor;
    char *end;

    if (*text < '1' || *text > '9')
        return 0;
    major = strtoul(text, &end, 10);
    minor = *end == '.' && end[1] >= '0' && end[1] <= '9' ? strtoul(end + 1, NULL, 10) : 0;
    return major < 1000 && minor < 1000 ? (unsigned)(major * 1000000 + minor * 1000) : 0;
}

/* The least that QEMU can be; 0: the machine type does not say. */
static unsigned version_of_machine(const char *machine)
{
    static const char prefix[] = "pc-q35-";

    if (!machine || strncmp(machine, prefix, strlen(prefix)) != 0)
        return 0;
    return parse_version(machine + strlen(prefix));
}

bool qemu_is_at_least(const struct facts *facts, unsigned version)
{
    return facts->policy->qemu_version >= version ||
           version_of_machine(facts->base->machine) >= version;
}

bool qemu_looks_older(const struct facts *facts, unsigned version)
{
    return !qemu_is_at_least(facts, version) &&
           (facts->policy->qemu_version || version_of_machine(facts->base->machine));
}

enum version_verdict qemu_version_verdict(const struct facts *facts, unsigned version)
{
    if (qemu_is_at_least(facts, version))
        return VERSION_NEW;
    return facts->policy->qemu_version ? VERSION_OLD : VERSION_UNKNOWN;
}

enum version_verdict kernel_version_verdict(const struct vtopo_host *host, unsigned version)
{
    unsigned kernel = parse_version(host->kernel);

    if (!kernel)
        return VERSION_UNKNOWN;
    return kernel >= version ? VERSION_NEW : VERSION_OLD;
}
