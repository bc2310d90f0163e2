/* SPDX-License-Identifier: GPL-2.0-or-later */
/* assemble.h - put what the steps made into the plan (assemble.c) */
#ifndef VTOPO_PLAN_ASSEMBLE_H
#define VTOPO_PLAN_ASSEMBLE_H

#include "plan/ground/layout.h"

/* plan.devices, as they are without a layout; false: out of memory. */
bool plan_list_devices(const struct facts *facts, const struct assignments *assigned,
                       const struct fates *fates, struct vtopo_plan *plan);
/* Their fates in the end. */
void plan_set_fates(const struct fates *fates, struct vtopo_plan *plan);
/* Their cells, cards and places, and plan.cards, with the ports that the layout has for them. */
void plan_set_places(const struct device_cell *cells, struct card_list *cards,
                     const struct layout *layout, struct vtopo_plan *plan);
/* Moves the rest of the layout, its findings too, into the plan; false: out of memory. */
bool plan_set_layout(struct layout *layout, struct vtopo_plan *plan);

#endif
