/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * names.c - see names.h
 *
 * Takes:  the aliases of the domain's host devices.
 * Gives:  which device of the VMI each of them is.
 * Rule:   KubeVirt puts the name behind what kind of device it is (the AliasPrefix constants in
 *         pkg/virt-launcher/virtwrap/device/hostdevice, SRIOVAliasPrefix in pkg/network/deviceinfo)
 *         and marks the alias as a user's.
 */
#include "kubevirt/names.h"

#include "domxml/domxml.h"

#include <string.h>

/* The name in @alias; NULL: it is none of KubeVirt's. */
static const char *name_in(const char *alias)
{
    static const char *const prefixes[] = {
        "ua-gpu-", "ua-hostdevice-", "ua-sriov-", "ua-dra-gpu-", "ua-dra-hostdevice-",
    };

    for (size_t i = 0; alias && i < sizeof(prefixes) / sizeof(*prefixes); i++) {
        size_t length = strlen(prefixes[i]);

        if (!strncmp(alias, prefixes[i], length) && alias[length])
            return alias + length;
    }
    return NULL;
}

bool kubevirt_devices_find(const struct vtopo_domain *domain, struct kubevirt_devices *ret)
{
    *ret = (struct kubevirt_devices){0};
    for (size_t i = 0; i < domain->model.devices.count; i++) {
        const struct domain_device *device = &domain->model.devices.items[i];
        const char *name = device_is_assigned(device) ? name_in(device->alias) : NULL;
        struct kubevirt_device *added = name ? vec_add(ret) : NULL;

        if (name && !added) {
            free(ret->items);
            return false;
        }
        if (added)
            *added = (struct kubevirt_device){name, device->alias};
    }
    return true;
}
