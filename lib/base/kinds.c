/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kinds.c - see kinds.h */
#include "base/kinds.h"

#include "base/mem.h"

#include <string.h>

struct place {
    const struct kinds_key *key;
    size_t at;
};

static int compare_keys(const struct kinds_key *a, const struct kinds_key *b)
{
    if (a->number != b->number)
        return a->number < b->number ? -1 : 1;
    return strcmp(a->text ? a->text : "", b->text ? b->text : "");
}

static int compare(const void *left, const void *right)
{
    const struct place *a = left, *b = right;
    int order = compare_keys(a->key, b->key);

    return order ? order : (a->at > b->at) - (a->at < b->at);
}

static void join(const struct place *places, size_t count, struct kinds *kinds)
{
    for (size_t i = 0; i < count; i++) {
        size_t at = places[i].at;

        kinds->first[at] = at;
        if (!i || compare_keys(places[i - 1].key, places[i].key))
            continue;
        kinds->first[at] = kinds->first[places[i - 1].at];
        kinds->next[places[i - 1].at] = at;
    }
}

bool kinds_make(const struct kinds_key *keys, size_t count, struct kinds *ret)
{
    autofree struct place *places = calloc(count + 1, sizeof(*places));
    size_t placed = 0;

    ret->first = calloc(count + 1, sizeof(*ret->first));
    ret->next = calloc(count + 1, sizeof(*ret->next));
    if (!places || !ret->first || !ret->next)
        return false;
    for (size_t i = 0; i < count; i++) {
        ret->first[i] = ret->next[i] = KINDS_NONE;
        if (!keys[i].left_out)
            places[placed++] = (struct place){&keys[i], i};
    }
    if (placed)
        qsort(places, placed, sizeof(*places), compare);
    join(places, placed, ret);
    return true;
}

void kinds_clear(struct kinds *kinds)
{
    free(kinds->first);
    free(kinds->next);
    *kinds = (struct kinds){0};
}
