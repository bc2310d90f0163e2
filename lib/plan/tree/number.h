/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * number.h - what the files that number controllers share (number.c calls them)
 */
#ifndef VTOPO_PLAN_TREE_NUMBER_H
#define VTOPO_PLAN_TREE_NUMBER_H

#include "plan/ground/occupancy.h"
#include "plan/ground/planner.h"

/* A misfit: "LIMIT: NEEDED needed, AVAILABLE there". */
enum limit { LIMIT_SLOTS, LIMIT_PORTS, LIMIT_BUSES, LIMIT_INDEXES, LIMIT_CHASSIS };
int plan_does_not_fit(struct planner *p, enum limit limit, size_t needed, size_t available);

/* alias.c */
int plan_make_aliases_unique(struct planner *p);

/* index.c */
int plan_number_indexes(struct planner *p, struct occupancy *use);
int plan_fill_gaps(struct planner *p, struct occupancy *use);

/* slot.c */
int plan_number_slots(struct planner *p, struct occupancy *use);
int plan_number_chassis(struct planner *p, struct occupancy *use);

/* bus.c */
int plan_number_buses(struct planner *p, const struct occupancy *use);

#endif
