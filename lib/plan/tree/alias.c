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

static void add_last(struct names *names, const char *text)
{
    if (text)
        names->items[names->count++] = (struct name){text, 2};
}

/* With room for @more names. */
static bool collect_names(const struct domain *domain, size_t more, struct names *names)
{
    names->items = calloc(domain->controllers.count + domain->devices.count +
                              domain->qemu_devices.count + more + 1,
                          sizeof(*names->items));
    if (!names->items)
        return false;
    for (size_t i = 0; i < domain->controllers.count; i++)
        add_last(names, domain->controllers.items[i].alias);
    for (size_t i = 0; i < domain->devices.count; i++)
        add_last(names, domain->devices.items[i].alias);
    for (size_t i = 0; i < domain->qemu_devices.count; i++)
        add_last(names, domain->qemu_devices.items[i].id);
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
