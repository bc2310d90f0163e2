/* SPDX-License-Identifier: GPL-2.0-or-later */
/* budget.h - what a layout needs against what there is */
#ifndef VTOPO_PLAN_BUDGET_BUDGET_H
#define VTOPO_PLAN_BUDGET_BUDGET_H

#include "plan/ground/layout.h"
#include "plan/ground/reporter.h"

/* table.c: layout.budgets, anew: all of it, numbered or not. */
int budgets_count(const struct layout_input *in, bool fewest, struct layout *layout,
                  struct vtopo_error **reterr);

/* address_space.c: the lines for I/O and memory space that the assigned devices need. */
int budgets_count_space(const struct layout_input *in, struct layout *layout,
                        struct vtopo_error **reterr);
/* Does it fit?  Otherwise VTOPO_ERR_REFUSED with layout.shortage.  After budgets_count(). */
int budgets_check(const struct layout_input *in, struct layout *layout,
                  struct vtopo_error **reterr);
/* Of a domain that is left alone: is its window large enough?  In layout.space what is added, and
 * findings; never refused.  No device moves. */
int budgets_check_unmoved(const struct layout_input *in, struct layout *layout,
                          const struct reporter *reporter);
/* Is there 32-bit memory for all that the layout asks for?  For a layout with its numbers. */
int budgets_fit_mmio32(const struct layout_input *in, const struct layout *layout, bool *ret_fits,
                       struct vtopo_error **reterr);
/* Windows of 4 KiB that firmware has for I/O BARs below ports. */
size_t io_windows_available(const struct domain *domain);

#endif
