/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cdi_lookup.c - see cdi_lookup.h
 *
 * Takes:  policy.cdi, in the order in which specs were read.
 * Gives:  the first spec that has a key for a function.
 * Rule:   a spec that says otherwise is an error that names both; specs of functions that the
 *         domain does not have are never looked up.
 */
#include "plan/ground/cdi_lookup.h"

/* -1: not said. */
static int value_of(const struct policy_cdi *spec, enum cdi_key key)
{
    return key == CDI_CLIQUE ? spec->clique : spec->attach_pci;
}

static int contradiction(const struct policy_cdi *first, const struct policy_cdi *other,
                         enum cdi_key key, struct vtopo_error **reterr)
{
    static const char *const names[] = {"false", "true"};

    if (key == CDI_CLIQUE)
        return error_set(reterr, VTOPO_ERR_FILE,
                         "%s:%ld puts %s into clique %d, and %s:%ld into clique %d", first->file,
                         first->line, BDF_TEXT(&first->bdf), first->clique, other->file,
                         other->line, other->clique);
    return error_set(reterr, VTOPO_ERR_FILE,
                     "%s:%ld says attach-pci \"%s\" of %s, and %s:%ld says \"%s\"", first->file,
                     first->line, names[first->attach_pci], BDF_TEXT(&first->bdf), other->file,
                     other->line, names[other->attach_pci]);
}

int cdi_lookup(const struct vtopo_policy *policy, const struct bdf *function, enum cdi_key key,
               const struct policy_cdi **ret_spec, struct vtopo_error **reterr)
{
    *ret_spec = NULL;
    for (size_t i = 0; i < policy->cdi.count; i++) {
        const struct policy_cdi *spec = &policy->cdi.items[i];

        if (value_of(spec, key) < 0 || !bdf_equal(&spec->bdf, function))
            continue;
        if (!*ret_spec)
            *ret_spec = spec;
        else if (value_of(*ret_spec, key) != value_of(spec, key))
            return contradiction(*ret_spec, spec, key, reterr);
    }
    return 0;
}
