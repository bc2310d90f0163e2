/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * versions.c - see versions.h
 *
 * Takes:  the policy, the machine type, what the host's libvirt knows of the emulator, the release
 *         of the host's kernel, its files of firmware.
 * Gives:  answers to "is it as new as that?".
 * Rule:   the policy goes before libvirt's knowledge, and a machine type that proves more before
 *         both.  An unknown version is old for QEMU, where a domain may not start, and new for
 *         libvirt.
 * Not here: where that knowledge comes from (lib/emulator).
 */
#include "plan/ground/versions.h"

#include "model/machine.h"
#include "model/version_text.h"

#include <stdlib.h>
#include <string.h>

/* libvirt has had overrides since 8.2, and crashed on them until 8.5 (its NEWS). */
#define OVERRIDES_SINCE 8005000

const struct host_emulator *emulator_of(const struct facts *facts)
{
    return emulators_find(&facts->host->emulators, facts->base->emulator, facts->base->arch);
}

const char *machine_of(const struct facts *facts)
{
    return emulator_machine(emulator_of(facts), facts->base->machine);
}

unsigned libvirt_version_of(const struct facts *facts)
{
    const struct host_emulator *emulator = emulator_of(facts);

    if (facts->policy->libvirt_version)
        return facts->policy->libvirt_version;
    return emulator ? emulator->libvirt_version : 0;
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

const char *machine_version_prefix(const struct facts *facts)
{
    return domain_machine(facts->base)->version_prefix;
}

unsigned machine_version_of(const struct facts *facts)
{
    const char *machine = machine_of(facts), *prefix = machine_version_prefix(facts);

    if (!machine || !prefix || strncmp(machine, prefix, strlen(prefix)) != 0)
        return 0;
    return parse_version(machine + strlen(prefix));
}

/* As the policy or libvirt has it; 0: it is not known. */
static unsigned qemu_version_of(const struct facts *facts)
{
    const struct host_emulator *emulator = emulator_of(facts);

    if (facts->policy->qemu_version)
        return facts->policy->qemu_version;
    return emulator ? emulator->qemu_version : 0;
}

bool qemu_is_at_least(const struct facts *facts, unsigned version)
{
    return qemu_version_of(facts) >= version || machine_version_of(facts) >= version;
}

bool qemu_looks_older(const struct facts *facts, unsigned version)
{
    return !qemu_is_at_least(facts, version) &&
           (qemu_version_of(facts) || machine_version_of(facts));
}

enum version_verdict qemu_version_verdict(const struct facts *facts, unsigned version)
{
    if (qemu_is_at_least(facts, version))
        return VERSION_NEW;
    return qemu_version_of(facts) ? VERSION_OLD : VERSION_UNKNOWN;
}

enum version_verdict kernel_version_verdict(const struct vtopo_host *host, unsigned version)
{
    unsigned kernel = parse_version(host->kernel);

    if (!kernel)
        return VERSION_UNKNOWN;
    return kernel >= version ? VERSION_NEW : VERSION_OLD;
}

/* --- firmware --- */

/* Does it look for SeaBIOS where the host's description has it from?  Distributions' own do. */
static bool loads_known_bios(const struct facts *facts)
{
    static const char *const emulators[] = {
        "/usr/bin/qemu-system-x86_64", "/usr/bin/qemu-system-i386",
        "/usr/bin/qemu-kvm",           "/usr/bin/kvm",
        "/usr/libexec/qemu-kvm",
    };
    const struct host_emulator *known = emulator_of(facts);
    const char *path = facts->base->emulator;

    if (!path && known)
        path = known->path;
    for (size_t i = 0; path && i < sizeof(emulators) / sizeof(*emulators); i++) {
        if (!strcmp(path, emulators[i]))
            return true;
    }
    return false;
}

static unsigned firmware_of_host(const struct facts *facts)
{
    const struct host_firmwares *files = &facts->host->firmwares;
    const struct domain *domain = facts->base;
    enum host_firmware_kind uefi =
        domain_machine(domain)->needs_uefi ? FIRMWARE_FILE_AAVMF : FIRMWARE_FILE_OVMF;
    enum host_firmware_kind kind = domain->firmware == FIRMWARE_OVMF ? uefi : FIRMWARE_FILE_SEABIOS;
    const struct host_firmware *file;

    switch (domain->firmware_choice) {
    case FIRMWARE_BY_QEMU:
        return loads_known_bios(facts) ? firmwares_common_version(files, FIRMWARE_FILE_SEABIOS) : 0;
    case FIRMWARE_BY_LOADER:
        file = firmwares_find(files, domain->loader);
        return file && file->kind == kind ? file->version : 0;
    case FIRMWARE_BY_LIBVIRT:
        return firmwares_common_version(files, uefi);
    case FIRMWARE_UNCLEAR:
        break;
    }
    return 0;
}

unsigned firmware_version_of(const struct facts *facts)
{
    const struct vtopo_policy *policy = facts->policy;
    unsigned said =
        facts->base->firmware == FIRMWARE_OVMF ? policy->ovmf_version : policy->seabios_version;

    return said ? said : firmware_of_host(facts);
}

/* --- who says it --- */

/* What libvirt says itself is in the policy (vtopo_policy_learn()); the last: the cache's, with the
 * emulator that it is of. */
static char *name_witness(const struct facts *facts, bool policy, bool learned, const char *key,
                          const char *program, unsigned version)
{
    if (policy && learned)
        return mem_printf("libvirt says that %s is %s", program, VERSION_TEXT(version));
    if (policy)
        return mem_printf("policy %s says that %s is older", key, program);
    return mem_printf("libvirt's capability cache says that %s is %s (%s)", program,
                      VERSION_TEXT(version), emulator_of(facts)->path);
}

char *qemu_name_witness(const struct facts *facts)
{
    return name_witness(facts, facts->policy->qemu_version, facts->policy->qemu_learned,
                        "qemu_version", "QEMU", qemu_version_of(facts));
}

char *libvirt_name_witness(const struct facts *facts)
{
    return name_witness(facts, facts->policy->libvirt_version, facts->policy->libvirt_learned,
                        "libvirt_version", "libvirt", libvirt_version_of(facts));
}
