/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cdi_lookup.h - what CDI specs say of a host function */
#ifndef VTOPO_PLAN_GROUND_CDI_LOOKUP_H
#define VTOPO_PLAN_GROUND_CDI_LOOKUP_H

#include "base/error.h"
#include "model/policy.h"

enum cdi_key { CDI_CLIQUE, CDI_ATTACH_PCI };

/* The policy's specs by function.  They stay the policy's. */
struct cdi_index {
    const struct policy_cdi **items;
    size_t count;
};

/* False: out of memory. */
bool cdi_index_make(const struct vtopo_policy *policy, struct cdi_index *ret);
void cdi_index_clear(struct cdi_index *index);

/* @ret_spec: the first spec that has the key for the function, NULL: none.  VTOPO_ERR_FILE if
 * another one contradicts it. */
int cdi_lookup(const struct cdi_index *index, const struct bdf *function, enum cdi_key key,
               const struct policy_cdi **ret_spec, struct vtopo_error **reterr);

#endif
