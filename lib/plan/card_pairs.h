/* SPDX-License-Identifier: GPL-2.0-or-later */
/* card_pairs.h - pairs of cards that are nearer, farther or numbered otherwise than on the host */
#ifndef VTOPO_PLAN_CARD_PAIRS_H
#define VTOPO_PLAN_CARD_PAIRS_H

#include "plan/ground/card_list.h"
#include "plan/ground/facts.h"
#include "plan/ground/plan.h"
#include "plan/ground/reporter.h"

/*
 * A finding for each of the three.
 *
 * @chains    the host's switches above each card
 * @conceded  less is built than the policy asks for
 */
int card_pairs_report(const struct facts *facts, const struct vtopo_plan *plan,
                      const struct plan_chain *chains, bool conceded,
                      const struct reporter *reporter);

#endif
