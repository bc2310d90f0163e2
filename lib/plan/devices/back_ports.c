/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * back_ports.c - root ports that an undo has added, and that a rewrite takes out again
 *
 * Takes:  the domain without what vtopo put in, which devices stay.
 * Gives:  marks on these ports, as if a former rewrite had made them, so that undo.c takes them
 *         out; the next undo puts them back (model/restore.h).
 * Rule:   all that is in the port are assigned devices that move, and the port is as an undo adds
 *         it: what somebody has made of it, or put into it, is that person's. An empty one stays,
 *         too, as any port.
 */
#include "model/mark.h"
#include "model/undo.h"
#include "plan/devices/devices.h"

#include <string.h>

static bool has_property(const struct domain *domain, const char *alias)
{
    for (size_t i = 0; i < domain->overrides.count; i++) {
        if (!strcmp(domain->overrides.items[i].alias, alias))
            return true;
    }
    return false;
}

static bool is_as_added(const struct domain *domain, const struct domain_controller *c)
{
    return mark_is_of_back(c->alias) && c->model == CTRL_ROOT_PORT && c->index_given &&
           c->address.kind == ADDRESS_PCI && !c->address.at.bus && !c->address.at.function &&
           c->address.multifunction != 1 && !c->mem_reserve && !has_property(domain, c->alias);
}

static bool stays(const struct domain_device *device, bool stays, bool lone)
{
    return !device_is_assigned(device) || stays || lone;
}

/* The ports with devices of which none stays. */
static void find_leavable(const struct domain *domain, const bool *staying, const bool *lone,
                          bool ret[DOMAIN_INDEXES])
{
    bool blocked[DOMAIN_INDEXES] = {false};

    undo_find_named_by_qemu(domain, blocked);
    for (size_t i = 0; i < domain->controllers.count; i++) {
        const struct address *address = &domain->controllers.items[i].address;

        if (address->kind == ADDRESS_PCI)
            blocked[address->at.bus] = true;
    }
    for (size_t i = 0; i < domain->devices.count; i++) {
        const struct domain_device *d = &domain->devices.items[i];

        if (d->address.kind != ADDRESS_PCI)
            continue;
        ret[d->address.at.bus] = true;
        if (stays(d, staying[i], lone && lone[i]))
            blocked[d->address.at.bus] = true;
    }
    for (unsigned i = 0; i < DOMAIN_INDEXES; i++)
        ret[i] = ret[i] && !blocked[i];
}

void back_ports_adopt(struct domain *domain, const bool *stays, const bool *lone)
{
    bool leavable[DOMAIN_INDEXES] = {false};

    find_leavable(domain, stays, lone, leavable);
    for (size_t i = 0; i < domain->controllers.count; i++) {
        struct domain_controller *c = &domain->controllers.items[i];

        if (leavable[c->index] && is_as_added(domain, c))
            c->marked = true;
    }
}

bool back_ports_any(const struct domain *domain)
{
    for (size_t i = 0; i < domain->controllers.count; i++) {
        if (mark_is_of_back(domain->controllers.items[i].alias))
            return true;
    }
    return false;
}
