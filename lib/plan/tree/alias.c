/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * alias.c - aliases that no one else in the domain has
 *
 * Takes:  the aliases that the layout wishes for, those of the domain.
 * Gives:  plan.controllers[].alias.
 * Rule:   the second user of a name becomes NAME-2, and so on.
 */
#include "model/mark.h"
#include "plan/tree/number.h"

#include <string.h>

/* The names in use, sorted; they belong to the domain and the plan. */
struct names {
    const char **items;
    size_t count;
};

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static bool collect_names(const struct domain *domain, struct names *names)
{
    names->items =
        calloc(domain->controllers.count + domain->devices.count + 1, sizeof(*names->items));
    if (!names->items)
        return false;
    for (size_t i = 0; i < domain->controllers.count; i++) {
        if (domain->controllers.items[i].alias)
            names->items[names->count++] = domain->controllers.items[i].alias;
    }
    for (size_t i = 0; i < domain->devices.count; i++) {
        if (domain->devices.items[i].alias)
            names->items[names->count++] = domain->devices.items[i].alias;
    }
    qsort(names->items, names->count, sizeof(*names->items), compare_names);
    return true;
}

/* By the domain, or by the @before first controllers of the plan. */
static bool is_taken(const struct vtopo_plan *plan, size_t before, const struct names *names,
                     const char *alias)
{
    for (size_t i = 0; i < before; i++) {
        if (!strcmp(plan->controllers.items[i].alias, alias))
            return true;
    }
    return bsearch(&alias, names->items, names->count, sizeof(*names->items), compare_names);
}

/* Aliases are unique in a domain: the second user of a name becomes NAME-2, and so on. */
int plan_make_aliases_unique(struct planner *p)
{
    struct names names = {0};
    bool ok = collect_names(p->facts.base, &names);

    for (size_t i = 0; ok && i < p->plan->controllers.count; i++) {
        struct plan_controller *c = &p->plan->controllers.items[i];
        autofree char *wish = steal(c->alias);

        c->alias = mem_printf("%s", wish);
        for (unsigned n = 2; c->alias && is_taken(p->plan, i, &names, c->alias); n++) {
            free(c->alias);
            c->alias = mark_another_alias(wish, n);
        }
        ok = c->alias != NULL;
    }
    free(names.items);
    return ok ? 0 : error_nomem(p->reterr);
}
