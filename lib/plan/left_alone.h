/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * left_alone.h - what of a domain keeps vtopo from adding controllers to it
 */
#ifndef VTOPO_PLAN_LEFT_ALONE_H
#define VTOPO_PLAN_LEFT_ALONE_H

#include "model/finding.h"
#include "plan/ground/facts.h"
#include "plan/ground/fate.h"

struct left_alone {
    bool is_so;
    enum finding_id why; /* undefined if it is not so */
    char *names;         /* the arguments that are in the way; NULL: it is no argument */
    bool window_unknown; /* nor is it known what the guest's address space holds */
};

/* Machines other than q35, of which nothing else is asked. */
void left_alone_by_machine(const struct domain *domain, struct left_alone *ret);

/*
 * For a domain of which cards would move.
 *
 * @ret  free with left_alone_clear(), also after a failure
 * False: out of memory
 */
bool left_alone_by_features(const struct domain *domain, struct left_alone *ret);

/* The same for a machine of which it is not known what libvirt adds and chooses. */
void left_alone_by_addresses(const struct facts *facts, const struct fates *fates,
                             struct left_alone *ret);

/*
 * A whole sentence that says why, and what would help.
 *
 * @what_becomes_of_it  what happens to the domain instead
 * Returns a text to free; NULL: out of memory
 */
char *left_alone_describe(const struct left_alone *left_alone, const struct domain *domain,
                          const char *what_becomes_of_it);
void left_alone_clear(struct left_alone *left_alone);

#endif
