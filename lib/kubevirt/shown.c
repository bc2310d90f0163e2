/* SPDX-License-Identifier: GPL-2.0-or-later */
/* shown.c - see shown.h */
#include "kubevirt/shown.h"

#include "domxml/domxml.h"

bool kubevirt_is_rewritten(const struct vtopo_domain *domain)
{
    for (size_t i = 0; i < domain->model.controllers.count; i++) {
        if (domain->model.controllers.items[i].marked)
            return true;
    }
    return false;
}

size_t kubevirt_count_bare_ports(const struct vtopo_domain *domain)
{
    size_t count = 0;

    for (size_t i = 0; i < domain->model.controllers.count; i++) {
        const struct domain_controller *c = &domain->model.controllers.items[i];

        count += c->model == CTRL_ROOT_PORT && c->address.kind == ADDRESS_NONE;
    }
    return count;
}

bool kubevirt_has_placed_port(const struct vtopo_domain *domain)
{
    for (size_t i = 0; i < domain->model.controllers.count; i++) {
        const struct domain_controller *c = &domain->model.controllers.items[i];

        if (c->model == CTRL_ROOT_PORT && c->address.kind == ADDRESS_PCI && !c->address.at.bus)
            return true;
    }
    return false;
}

bool kubevirt_is_read_back(const struct vtopo_domain *domain)
{
    const struct domain_controller *root = domain_controller_at(&domain->model, 0);

    return root && root->model == CTRL_PCIE_ROOT;
}

bool kubevirt_has_port_without_hotplug(const struct vtopo_domain *domain)
{
    for (size_t i = 0; i < domain->model.controllers.count; i++) {
        const struct domain_controller *c = &domain->model.controllers.items[i];

        if (c->model == CTRL_ROOT_PORT && !c->marked && !c->hotplug)
            return true;
    }
    return false;
}

bool kubevirt_has_cpuset(const struct vtopo_domain *domain)
{
    return !idset_empty(&domain->model.vcpu_cpuset);
}
