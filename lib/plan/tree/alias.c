/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * alias.c - aliases that no one else in the domain has
 *
 * Takes:  the aliases that the controllers of the layout would have, those of the domain.
 * Gives:  layout.controllers[].alias.
 * Rule:   the second user of a name becomes NAME-2, and so on.
 */
#include "base/search.h"
#include "model/mark.h"
#include "plan/tree/number.h"

#include <string.h>

/* A name in use; it belongs to the domain or the layout. */
struct name {
    const char *text;
    unsigned next; /* the lowest number behind it that may be free */
};

/* Sorted. */
struct names {
    struct name *items;
    size_t count;
};

static int compare_names(const void *left, const void *right)
{
    const struct name *a = left, *b = right;

    return strcmp(a->text, b->text);
}

static int compare_text(const void *key, const void *item)
{
    const struct name *name = item;

    return strcmp(key, name->text);
}

/* With room for @more names. */
static bool collect_names(const struct domain *domain, size_t more, struct names *names)
{
    size_t most = domain_names_most(domain);
    autofree const char **texts = calloc(most + 1, sizeof(*texts));

    names->items = calloc(most + more + 1, sizeof(*names->items));
    if (!names->items || !texts)
        return false;
    names->count = domain_names(domain, texts);
    for (size_t i = 0; i < names->count; i++)
        names->items[i] = (struct name){texts[i], 2};
    qsort(names->items, names->count, sizeof(*names->items), compare_names);
    return true;
}

static struct name *find(const struct names *names, const char *text)
{
    return search_find(text, names->items, names->count, sizeof(*names->items), compare_text);
}

static void insert(struct names *names, const char *text)
{
    size_t at =
        search_lower_bound(text, names->items, names->count, sizeof(*names->items), compare_text);

    memmove(&names->items[at + 1], &names->items[at], (names->count - at) * sizeof(*names->items));
    names->items[at] = (struct name){text, 2};
    names->count++;
}

/* Names are never freed, so the search goes on where it ended the last time. */
static char *number_alias(const struct names *names, struct name *taken)
{
    char *alias = mark_another_alias(taken->text, taken->next++);

    while (alias && find(names, alias)) {
        free(alias);
        alias = mark_another_alias(taken->text, taken->next++);
    }
    return alias;
}

bool aliases_make_unique(const struct domain *domain, struct layout *layout)
{
    struct names names = {0};
    bool ok = collect_names(domain, layout->controllers.count, &names);

    for (size_t i = 0; ok && i < layout->controllers.count; i++) {
        struct plan_controller *c = &layout->controllers.items[i];
        struct name *taken = find(&names, c->alias);

        if (taken) {
            char *alias = number_alias(&names, taken);

            ok = alias != NULL;
            if (ok) {
                free(c->alias);
                c->alias = alias;
            }
        }
        if (ok)
            insert(&names, c->alias);
    }
    free(names.items);
    return ok;
}
