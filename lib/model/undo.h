/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * undo.h - the domain as it would be without vtopo
 *
 * Takes:  a domain with marked controllers.
 * Gives:  what to change to be rid of them, and the domain after those changes.
 * Rule:   marked controllers go, but for those that others built on, and so does the hotplug='off'
 *         of ports that such a mark or the record (record.h) names; assigned devices below them go
 *         back to where they were, or into ports that are added (undo_places.h). Marked overrides
 * and aliases of assigned devices go, and the controllers that were taken over come back. Announced
 * controllers are in no model of the domain, and go from its text. All else stays. Not here: which
 * controllers come back (restore.h), the text (domxml/apply.c).
 */
#ifndef VTOPO_MODEL_UNDO_H
#define VTOPO_MODEL_UNDO_H

#include "model/undo_places.h"

struct undo {
    VEC(size_t) controllers;     /* places in domain.controllers that go */
    VEC(size_t) ports;           /* places in domain.controllers whose hotplug='off' goes */
    VEC(size_t) bus_numbers;     /* places in domain.controllers whose busNr goes */
    VEC(size_t) restored;        /* places in record.controllers of what comes back */
    struct undo_devices devices; /* devices that move */
    struct undo_ports ports_new; /* what is added for them; ascending */
    VEC(size_t) overrides;       /* places in domain.overrides that go */
    VEC(size_t) aliases;         /* places in domain.devices whose alias goes */
    bool announced;              /* the announced controllers go */
    bool record;                 /* the record goes */
};

/* The buses (indexes) that devices of the command line, or properties for QEMU, name. */
void undo_find_named_by_qemu(const struct domain *domain, bool named[DOMAIN_INDEXES]);
bool undo_make(const struct domain *domain, struct undo *ret_undo); /* false: out of memory */
/* The same of what is to be built anew: no ports are added, so devices may be without addresses. */
bool undo_make_to_rebuild(const struct domain *domain, struct undo *ret_undo);
/* As a view of @domain (domain_view()) that also shares texts with @undo; false: out of memory. */
bool undo_apply(const struct domain *domain, const struct undo *undo, struct domain *ret_view);
bool undo_changes_nothing(const struct undo *undo); /* a domain is its own base */
bool undo_is_empty(const struct undo *undo);        /* there is nothing to take out */
void undo_clear(struct undo *undo);

#endif
