/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vm_versions.c - see vm_versions.h
 *
 * Takes:  a connection, a domain.
 * Gives:  libvirt_version and qemu_version of the policy.
 * Rule:   QEMU's version is that of the emulator that libvirt takes by itself, and counts where the
 *         domain has that one.  Of others libvirt's capability cache may know, which the library
 *         reads; else it is not known.  libvirt is asked each time: QEMU may be another one by now.
 * Not here: the firmware: its files are the host's, and the library reads them (lib/firmware).
 */
#include "vm_versions.h"

#include "base/mem.h"
#include "virt/capabilities.h"

#include <string.h>

const char *const vm_version_keys[VM_VERSIONS] = {"libvirt_version", "qemu_version"};

static int is_said(const struct vtopo_policy *policy, const char *key, bool *ret_said,
                   struct vtopo_error **reterr)
{
    autofree char *value = NULL;
    int r = vtopo_policy_get(policy, key, &value, reterr);

    *ret_said = !r && *value;
    return r;
}

/* What is no version to the policy is none. */
static int learn(struct vtopo_policy *policy, const char *key, const char *version,
                 struct vtopo_error **reterr)
{
    if (!*version || vtopo_policy_check(key, version, NULL))
        return 0;
    return vtopo_policy_learn(policy, key, version, reterr);
}

static int learn_qemu(virConnectPtr conn, const struct vtopo_domain *domain,
                      struct vtopo_policy *policy, struct vtopo_error **reterr)
{
    const char *emulator = vtopo_domain_emulator(domain);
    char version[LIBVIRT_VERSION_SIZE];
    autofree char *path = NULL;
    bool said;
    int r = is_said(policy, "qemu_version", &said, reterr);

    if (r || said || !emulator)
        return r;
    r = capabilities_qemu(conn, version, &path, reterr);
    return r || !path || strcmp(emulator, path) ? r
                                                : learn(policy, "qemu_version", version, reterr);
}

int vm_learn_versions(virConnectPtr conn, const struct vtopo_domain *domain,
                      struct vtopo_policy *policy, struct vtopo_error **reterr)
{
    char version[LIBVIRT_VERSION_SIZE];
    int r;

    capabilities_libvirt(conn, version);
    r = learn(policy, "libvirt_version", version, reterr);
    return r ? r : learn_qemu(conn, domain, policy, reterr);
}
