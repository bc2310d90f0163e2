/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * domain.c - what callers may ask of a parsed domain (vtopo/domain.h)
 * Not here: parsing and undoing (lib/domxml).
 */
#include "domxml/domxml.h"

#include <string.h>

bool vtopo_domain_has_addresses(const struct vtopo_domain *domain)
{
    const struct domain *model = &domain->model;

    for (size_t i = 0; i < model->controllers.count; i++) {
        if (model->controllers.items[i].address.kind == ADDRESS_PCI)
            return true;
    }
    for (size_t i = 0; i < model->devices.count; i++) {
        if (model->devices.items[i].address.kind == ADDRESS_PCI)
            return true;
    }
    return false;
}

bool vtopo_domain_has_ports(const struct vtopo_domain *domain)
{
    const struct domain *model = &domain->model;

    for (size_t i = 0; i < model->controllers.count; i++) {
        enum controller_model kind = model->controllers.items[i].model;

        if (kind != CTRL_PCIE_ROOT && kind != CTRL_PCI_ROOT)
            return true;
    }
    return false;
}

static bool is_called(const struct domain_device *device, const char *name)
{
    return (device->alias && !strcmp(device->alias, name)) ||
           (device->target && !strcmp(device->target, name));
}

bool vtopo_domain_has_device(const struct vtopo_domain *domain, const char *name)
{
    for (size_t i = 0; i < domain->model.devices.count; i++) {
        if (is_called(&domain->model.devices.items[i], name))
            return true;
    }
    return false;
}

size_t vtopo_domain_assigned_count(const struct vtopo_domain *domain)
{
    size_t count = 0;

    for (size_t i = 0; i < domain->model.devices.count; i++) {
        const struct domain_device *device = &domain->model.devices.items[i];

        count += device_is_assigned(device) && device->kind != DEVICE_DISK_NVME &&
                 device->address.kind != ADDRESS_UNASSIGNED;
    }
    return count;
}
