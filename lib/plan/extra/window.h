/* SPDX-License-Identifier: GPL-2.0-or-later */
/* window.h - what is added for the guest's 64-bit window (window.c) */
#ifndef VTOPO_PLAN_EXTRA_WINDOW_H
#define VTOPO_PLAN_EXTRA_WINDOW_H

#include "plan/ground/facts.h"
#include "plan/ground/plan.h"
#include "plan/ground/reporter.h"

int window_add(const struct facts *facts, const struct plan_space *space,
               struct additions *additions, const struct reporter *reporter);
/* Of BARs that fit, and are mapped slowly. */
int window_report_slow(const struct facts *facts, const struct vtopo_plan *plan,
                       const struct reporter *reporter);

#endif
