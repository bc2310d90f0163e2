/* SPDX-License-Identifier: GPL-2.0-or-later */
/* override_wish.h - properties that QEMU is given besides what libvirt says */
#ifndef VTOPO_PLAN_EXTRA_OVERRIDE_WISH_H
#define VTOPO_PLAN_EXTRA_OVERRIDE_WISH_H

#include "plan/ground/facts.h"
#include "plan/ground/plan.h"

/* Adds a wish for a property to plan.overrides, of plan.devices[@device] or
 * plan.controllers[@controller]; a domain's own word on a device is looked up before.  False: out
 * of memory. */
bool override_add_device(struct vtopo_plan *plan, size_t device, const char *name, const char *type,
                         const char *value);
bool override_add_controller(struct vtopo_plan *plan, size_t controller, const char *name,
                             const char *type, const char *value);

/* When the aliases of all controllers are known: those of what has overrides, also of devices that
 * need one for that, and the record (model/mark.h).  False: out of memory. */
bool overrides_set_aliases(const struct facts *facts, struct vtopo_plan *plan);

/* Are exactly these overrides and aliases in the input? */
bool overrides_are_realised(const struct vtopo_plan *plan, const struct domain *input);

#endif
