/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * domain.c - what callers may ask of a parsed domain (vtopo/domain.h; parsing and undoing: lib/domxml)
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

bool vtopo_domain_has_alias(const struct vtopo_domain *domain, const char *alias)
{
    const struct domain *model = &domain->model;

    for (size_t i = 0; i < model->devices.count; i++) {
        if (model->devices.items[i].alias && !strcmp(model->devices.items[i].alias, alias))
            return true;
    }
    return false;
}
