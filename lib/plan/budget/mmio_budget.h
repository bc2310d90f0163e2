/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mmio_budget.h - 64-bit memory of a layout: its line of the budgets, and what is said of it
 */
#ifndef VTOPO_PLAN_BUDGET_MMIO_BUDGET_H
#define VTOPO_PLAN_BUDGET_MMIO_BUDGET_H

#include "plan/ground/layout.h"
#include "plan/ground/reporter.h"

#define MMIO64_NAME "64-bit MMIO"

/* Adds the line and sets layout.space; nothing with policy mmio "off".  @low_room: what 64-bit BARs
 * may have below 4 GiB. */
int mmio64_count(const struct layout_input *in, struct layout *layout, uint64_t low_room,
                 struct vtopo_error **reterr);
/* Reports where it is not sure that they fit. *ret_mends: where they do not, what would mend that,
 * "; with ..."; otherwise NULL.  With policy mmio "auto" layout.space says what is added instead.
 */
int mmio64_check(const struct layout_input *in, struct layout *layout, uint64_t low_room,
                 const struct reporter *reporter, char **ret_mends);
/* Is there room in each case that can be and in which there is a window, with what policy mmio
 * "auto" adds?  Where the width of addresses is not known: in what machine virt has at least.
 * *ret_need: of all that is in it. */
int mmio64_fits(const struct layout_input *in, const struct layout *layout, bool *ret_fits,
                uint64_t *ret_need, struct vtopo_error **reterr);

#endif
