/* SPDX-License-Identifier: GPL-2.0-or-later */
/* concede.h - the best layout that fits (concede.c), and one without cards */
#ifndef VTOPO_PLAN_TREE_CONCEDE_H
#define VTOPO_PLAN_TREE_CONCEDE_H

#include "plan/ground/layout.h"

/* As much of what the policy asks for as fits. */
int layout_concede(const struct layout_input *in, struct layout *ret,
                   struct concessions *ret_conceded, struct vtopo_error **reterr);
/* Nothing is built; what was taken out may leave gaps (index.c). */
int layout_of_gaps(const struct layout_input *in, struct layout *ret, struct vtopo_error **reterr);

#endif
