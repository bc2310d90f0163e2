/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * policy_of.h - what the policy says of a device, and which of its entries are for none
 *
 * Takes:  entries by the alias of a device; of the domain and of the file, by BDF and by vendor and
 *         device id.
 * Gives:  one word for each key; findings for entries that are for no device of the domain.
 * Rule:   each key by BDF or, where that leaves it unsaid, by vendor and device id. Of several
 *         entries for one BDF or id the first counts; what the domain itself says goes before the
 *         file, and an entry by alias before both. A domain's own entry that is for none of its
 * devices is a mistake, mostly of typing. A file is for many domains: what it has for others is
 * information, once.
 */
#ifndef VTOPO_PLAN_GROUND_POLICY_OF_H
#define VTOPO_PLAN_GROUND_POLICY_OF_H

#include "plan/ground/assignment.h"
#include "plan/ground/reporter.h"

/* Entries in the order in which they are searched. */
struct policy_index {
    const struct policy_device **domain, **file; /* sorted: by BDF, then by ids, then by place */
    size_t domain_count, file_count;
    const struct vtopo_policy *policy; /* its entries by alias, of which there are few */
};

/* False: out of memory.  The index points into the policy. */
bool policy_index_make(const struct vtopo_policy *policy, struct policy_index *ret);
void policy_index_clear(struct policy_index *index);

/* Of a device of the domain, which stands for @function. */
struct policy_device policy_of(const struct policy_index *index, const struct domain_device *device,
                               const struct host_function *function);
/* Finds entries that are for no device of the domain. */
int policy_report_unused(const struct facts *facts, const struct assignments *assigned,
                         struct reporter *reporter);

#endif
