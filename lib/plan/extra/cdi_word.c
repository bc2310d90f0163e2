/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cdi_word.c - what CDI specs say of a host function
 *
 * Takes:  policy.cdi, in the order in which specs were read.
 * Gives:  the first spec that says something of a function.
 * Rule:   a spec that says otherwise is an error that names both; specs of functions that the
 * domain does not have are never asked.
 */
#include "plan/ground/planner.h"

static int word_of(const struct policy_cdi *cdi, enum cdi_word word)
{
    return word == CDI_CLIQUE ? cdi->clique : cdi->attach_pci;
}

static int contradiction(const struct planner *p, const struct policy_cdi *first,
                         const struct policy_cdi *other, enum cdi_word word)
{
    static const char *const names[] = {"false", "true"};

    if (word == CDI_CLIQUE)
        return error_set(p->reterr, VTOPO_ERR_FILE,
                         "%s:%ld puts %s into clique %d, and %s:%ld into clique %d", first->file,
                         first->line, BDF_TEXT(&first->bdf), first->clique, other->file,
                         other->line, other->clique);
    return error_set(p->reterr, VTOPO_ERR_FILE,
                     "%s:%ld says attach-pci \"%s\" of %s, and %s:%ld says \"%s\"", first->file,
                     first->line, names[first->attach_pci], BDF_TEXT(&first->bdf), other->file,
                     other->line, names[other->attach_pci]);
}

int plan_cdi_of(const struct planner *p, const struct bdf *bdf, enum cdi_word word,
                const struct policy_cdi **ret_said)
{
    *ret_said = NULL;
    for (size_t i = 0; i < p->facts.policy->cdi.count; i++) {
        const struct policy_cdi *cdi = &p->facts.policy->cdi.items[i];

        if (word_of(cdi, word) < 0 || !bdf_equal(&cdi->bdf, bdf))
            continue;
        if (!*ret_said)
            *ret_said = cdi;
        else if (word_of(*ret_said, word) != word_of(cdi, word))
            return contradiction(p, *ret_said, cdi, word);
    }
    return 0;
}
