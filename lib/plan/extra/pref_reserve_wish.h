/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pref_reserve_wish.h - root ports that ask firmware for 64-bit memory */
#ifndef VTOPO_PLAN_EXTRA_PREF_RESERVE_WISH_H
#define VTOPO_PLAN_EXTRA_PREF_RESERVE_WISH_H

#include "plan/ground/plan.h"

/* Adds to plan.overrides; false: out of memory. */
bool pref_reserve_add(struct vtopo_plan *plan);

#endif
