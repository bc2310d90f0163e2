/* SPDX-License-Identifier: GPL-2.0-or-later */
/* finding_groups.h - one finding for one cause */
#ifndef VTOPO_MODEL_FINDING_GROUPS_H
#define VTOPO_MODEL_FINDING_GROUPS_H

#include "model/finding.h"

/*
 * Which findings say the same of several subjects.
 *
 * @ret_first  for each finding the place of the first that says the same, often its own
 * Returns false: out of memory.
 */
bool findings_find_groups(const struct findings *findings, size_t *ret_first);

/*
 * Findings that say the same of several subjects become one, in the place of the first: its text
 * ends in the others, "; the same for 2 others: B, C (DETAIL)", and it has all of them as subjects.
 * False: out of memory; what is in @findings then can only be cleared.
 */
bool findings_group(struct findings *findings);

#endif
