/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * compare.h - what is expected of a guest beside what the guest shows
 */
#ifndef VTOPO_EXPECT_COMPARE_H
#define VTOPO_EXPECT_COMPARE_H

#include "expect/expectation.h"

/* What is compared of each. */
enum guest_aspect { GUEST_ADDRESS, GUEST_NODE, GUEST_PORTS, GUEST_LINK, GUEST_ASPECTS };
enum guest_answer { GUEST_NOT_COMPARED, GUEST_AGREES, GUEST_DIFFERS };

struct guest_row {
    enum guest_answer answers[GUEST_ASPECTS];
    char *difference; /* a sentence for each that differs, a line each; NULL: none */
};

/* Fills @rows, which are empty, one for each expected device or port.  False: out of memory. */
bool guest_compare(const struct expectation *expectation, const struct vtopo_host *guest,
                   struct guest_row *rows);

#endif
