/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * domain.c - what callers may ask of a parsed domain (vtopo/domain.h)
 * Not here: parsing and undoing (lib/domxml).
 */
#include "base/diff.h"
#include "domxml/domxml.h"

#include <string.h>

/* The same name twice: git apply takes the second for the file to change. */
int vtopo_domain_diff(const struct vtopo_domain *domain, const char *text, size_t length,
                      char **ret_text, struct vtopo_error **reterr)
{
    return diff_texts(domain->text, domain->length, text, length, domain->name, domain->name,
                      ret_text, reterr);
}

bool vtopo_domain_has_root_ports(const struct vtopo_domain *domain)
{
    for (size_t i = 0; i < domain->model.controllers.count; i++) {
        const struct domain_controller *port = &domain->model.controllers.items[i];

        if (port->model == CTRL_ROOT_PORT &&
            (port->address.kind != ADDRESS_PCI || port->address.at.bus == 0))
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
