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

#include "base/search.h"

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

/* By function; those of one in the order in which they were read. */
static int compare_specs(const void *left, const void *right)
{
    const struct policy_cdi *a = *(const struct policy_cdi *const *)left;
    const struct policy_cdi *b = *(const struct policy_cdi *const *)right;
    int order = bdf_compare(&a->bdf, &b->bdf);

    return order ? order : (a > b) - (a < b);
}

static int compare_function(const void *key, const void *item)
{
    return bdf_compare(key, &(*(const struct policy_cdi *const *)item)->bdf);
}

bool cdi_index_make(const struct vtopo_policy *policy, struct cdi_index *ret)
{
    *ret = (struct cdi_index){.items = calloc(policy->cdi.count + 1, sizeof(*ret->items))};
    if (!ret->items)
        return false;
    for (; ret->count < policy->cdi.count; ret->count++)
        ret->items[ret->count] = &policy->cdi.items[ret->count];
    qsort(ret->items, ret->count, sizeof(*ret->items), compare_specs);
    return true;
}

void cdi_index_clear(struct cdi_index *index)
{
    free(index->items);
    *index = (struct cdi_index){0};
}

int cdi_lookup(const struct cdi_index *index, const struct bdf *function, enum cdi_key key,
               const struct policy_cdi **ret_spec, struct vtopo_error **reterr)
{
    size_t at = search_lower_bound(function, index->items, index->count, sizeof(*index->items),
                                   compare_function);

    *ret_spec = NULL;
    for (; at < index->count && bdf_equal(&index->items[at]->bdf, function); at++) {
        const struct policy_cdi *spec = index->items[at];

        if (value_of(spec, key) < 0)
            continue;
        if (!*ret_spec)
            *ret_spec = spec;
        else if (value_of(*ret_spec, key) != value_of(spec, key))
            return contradiction(*ret_spec, spec, key, reterr);
    }
    return 0;
}
