/* SPDX-License-Identifier: GPL-2.0-or-later */
/* places_last.h - which of the places that devices leave are free afterwards, too (places_last.c)
 */
#ifndef VTOPO_PLAN_PLACES_LAST_H
#define VTOPO_PLAN_PLACES_LAST_H

#include "plan/ground/layout.h"

/* Sets "memory" of all devices that move.  Returns 0, VTOPO_ERR_NOMEM. */
int places_find_lasting(const struct layout_input *in, const struct layout *layout,
                        struct vtopo_plan *plan, struct vtopo_error **reterr);

#endif
