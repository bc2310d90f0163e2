/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * expectation.c - see expectation.h
 *
 * Not here: where it is read from (json/plan_read.c), what a guest shows (compare.c).
 */
#include "expect/expectation.h"

size_t expectation_known(const struct expectation *expectation)
{
    size_t known = 0;

    for (size_t i = 0; i < expectation->count; i++)
        known += expectation->items[i].has_bdf;
    return known;
}

void expectation_clear(struct expectation *expectation)
{
    for (size_t i = 0; i < expectation->count; i++)
        free(expectation->items[i].name);
    free(expectation->items);
    *expectation = (struct expectation){0};
}
