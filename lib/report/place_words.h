/* SPDX-License-Identifier: GPL-2.0-or-later */
/* place_words.h - what is good and what is not about a proposal, in sentences */
#ifndef VTOPO_REPORT_PLACE_WORDS_H
#define VTOPO_REPORT_PLACE_WORDS_H

#include "place/place.h"
#include "report/sentences.h"

/* "switch", for programs; NULL for 0. */
const char *distance_name(enum distance distance);

/* "share a switch", of several; "below the same switch", of a NIC and a GPU. */
const char *place_words_of_several(enum distance level);
const char *place_words_of_nic(enum distance level);
/* "2 GPUs share a switch, the NIC is on another node": NULL: out of memory. */
char *place_summary(const struct place *place, const struct place_proposal *proposal);
/* "node 0", "nodes 0 and 1", "no node that is known" */
char *place_nodes(const struct place *place, const struct place_proposal *proposal);
/* What is given up, most important first. */
void place_given_up(const struct place *place, const struct place_request *request,
                    const struct place_proposal *proposal, struct sentences *ret);
/* What the proposals say nothing of. */
void place_unknown(const struct place *place, const struct place_request *request,
                   struct sentences *ret);

#endif
