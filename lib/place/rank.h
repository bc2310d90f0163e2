/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rank.h - which of two proposals is better */
#ifndef VTOPO_PLACE_RANK_H
#define VTOPO_PLACE_RANK_H

#include "place/grow.h"

/*
 * Sets the score and the levels of a proposal that has its shares.
 *
 * @available  of each item: it could be given to somebody else, too
 * False: out of memory
 */
bool rank_score(const struct choice *choice, const bool *available,
                struct place_proposal *proposal);

/* Below 0: @a goes first.  0: both have the same devices. */
int rank_compare(const struct place_proposal *a, const struct place_proposal *b);

#endif
