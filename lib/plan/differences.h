/* SPDX-License-Identifier: GPL-2.0-or-later */
/* differences.h - what the guest will see otherwise than the host has it */
#ifndef VTOPO_PLAN_DIFFERENCES_H
#define VTOPO_PLAN_DIFFERENCES_H

#include "plan/card_pairs.h"

/* Findings, in the order of functions, pairs of cards, interfaces; @chains and @conceded: see
 * card_pairs_report(). */
int differences_report(const struct facts *facts, const struct vtopo_plan *plan,
                       const struct plan_chain *chains, bool conceded,
                       const struct reporter *reporter);

#endif
