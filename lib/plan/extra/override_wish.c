/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * override_wish.c - see override_wish.h
 *
 * Takes:  wishes of other steps; the aliases of the domain and of the plan's controllers.
 * Gives:  plan.overrides with their aliases, and the aliases of devices that had none.
 * Rule:   libvirt ties an override to its device by the alias, and keeps only user aliases
 *         ("ua-..."). A device that has none gets one that is marked; for one that has its own a
 *         line of the record says what was added (model/mark.h). For a libvirt that is older than
 *         overrides it is QEMU's -set.
 * Not here: who wants which property (clique.c, links.c).
 */
#include "plan/extra/override_wish.h"

#include "base/search.h"
#include "model/mark.h"
#include "plan/ground/versions.h"

#include <string.h>

static bool add_override(struct vtopo_plan *plan, struct plan_override wish, const char *value)
{
    struct plan_override *o = vec_add(&plan->overrides);

    if (!o)
        return false;
    *o = wish;
    o->value = strdup(value);
    return o->value;
}

bool override_add_device(struct vtopo_plan *plan, size_t device, const char *name, const char *type,
                         const char *value)
{
    struct plan_override wish = {
        .device = device, .controller = PLAN_NONE, .name = name, .type = type};

    return add_override(plan, wish, value);
}

bool override_add_controller(struct vtopo_plan *plan, size_t controller, const char *name,
                             const char *type, const char *value)
{
    struct plan_override wish = {
        .device = PLAN_NONE, .controller = controller, .name = name, .type = type};

    return add_override(plan, wish, value);
}

/* --- aliases --- */

/* @text may be NULL. */
static bool is_text(const char *text, const char *wanted)
{
    return text && !strcmp(text, wanted);
}

/* The aliases in use, sorted; they belong to the domain and the plan. */
struct names {
    const char **items;
    size_t count;
};

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static bool collect_names(const struct facts *facts, const struct vtopo_plan *plan,
                          struct names *ret)
{
    size_t most = domain_names_most(facts->base) + plan->controllers.count;

    *ret = (struct names){.items = calloc(most + 1, sizeof(*ret->items))};
    if (!ret->items)
        return false;
    ret->count = domain_names(facts->base, ret->items);
    for (size_t i = 0; i < plan->controllers.count; i++) {
        if (plan->controllers.items[i].alias)
            ret->items[ret->count++] = plan->controllers.items[i].alias;
    }
    qsort(ret->items, ret->count, sizeof(*ret->items), compare_names);
    return true;
}

/* Only a device on the same function has been given an alias like this one. */
static bool is_taken(const struct names *names, const struct vtopo_plan *plan,
                     const struct bdf *host, const char *alias)
{
    if (search_find(&alias, names->items, names->count, sizeof(*names->items), compare_names))
        return true;
    for (size_t i = 0; i < plan->devices.count; i++) {
        const struct plan_device *device = &plan->devices.items[i];

        if (device->alias && bdf_equal(&device->host, host) && !strcmp(device->alias, alias))
            return true;
    }
    return false;
}

/* Disks of one function, mdevs and vDPA devices share their BDF: the second one becomes NAME-2. */
static char *make_alias(const struct names *names, const struct vtopo_plan *plan,
                        const struct bdf *host)
{
    autofree char *first = mark_device_alias(host);
    char *alias = first ? strdup(first) : NULL;

    for (unsigned n = 2; alias && is_taken(names, plan, host, alias); n++) {
        free(alias);
        alias = mark_another_alias(first, n);
    }
    return alias;
}

static bool add_to_record(struct vtopo_plan *plan, const char *name, const char *alias)
{
    struct plan_override line = {
        .device = PLAN_NONE, .controller = PLAN_NONE, .name = name, .type = "string"};
    struct plan_override *o;

    if (!add_override(plan, line, alias))
        return false;
    o = &plan->overrides.items[plan->overrides.count - 1];
    o->alias = strdup(MARK_RECORD);
    return o->alias;
}

/* On the command line the form of the number is the mark. */
static bool mark_value(struct plan_override *o)
{
    char *marked = mark_argument(o->value);

    free(o->value);
    o->value = marked;
    return marked;
}

static bool set_device_alias(const struct facts *facts, const struct names *names,
                             struct vtopo_plan *plan, size_t at)
{
    struct plan_override *o = &plan->overrides.items[at];
    struct plan_device *device = &plan->devices.items[o->device];
    const char *own = facts->base->devices.items[device->device].alias;

    if (!alias_is_user(own) && !device->alias) {
        device->alias = make_alias(names, plan, &device->host);
        if (!device->alias)
            return false;
    }
    o->alias = strdup(alias_is_user(own) ? own : device->alias);
    if (!o->alias || device->alias)
        return o->alias;
    return o->command_line ? mark_value(o) : add_to_record(plan, o->name, o->alias);
}

bool overrides_set_aliases(const struct facts *facts, struct vtopo_plan *plan)
{
    bool command_line = libvirt_lacks_overrides(facts), done;
    size_t wishes = plan->overrides.count; /* the record follows them */
    struct names names;

    if (!wishes)
        return true;
    done = collect_names(facts, plan, &names);
    for (size_t i = 0; done && i < wishes; i++) {
        struct plan_override *o = &plan->overrides.items[i];

        o->command_line = command_line;
        if (o->device != PLAN_NONE) {
            done = set_device_alias(facts, &names, plan, i);
            continue;
        }
        o->alias = strdup(plan->controllers.items[o->controller].alias);
        done = o->alias;
    }
    free(names.items);
    if (done && facts->base->idle_prefix && !command_line)
        done = add_to_record(plan, MARK_PREFIX_IS_THEIRS, "yes");
    return done;
}

/* --- is it there already? --- */

static bool is_override(const struct plan_override *o, const struct domain_override *d)
{
    return d->marked && d->command_line == o->command_line && !strcmp(d->alias, o->alias) &&
           !strcmp(d->name, o->name) && is_text(d->value, o->value) &&
           (d->command_line || is_text(d->type, o->type));
}

/* @at: where the search begins, since they mostly come in the same order; behind it afterwards. */
static bool find_override(const struct plan_override *o, const struct domain *domain, size_t *at)
{
    for (size_t i = 0; i < domain->overrides.count; i++) {
        size_t place = (*at + i) % domain->overrides.count;

        if (is_override(o, &domain->overrides.items[place])) {
            *at = place + 1;
            return true;
        }
    }
    return false;
}

bool overrides_are_realised(const struct vtopo_plan *plan, const struct domain *input)
{
    size_t aliases = 0, at = 0;

    for (size_t i = 0; i < plan->overrides.count; i++) {
        if (!find_override(&plan->overrides.items[i], input, &at))
            return false;
    }
    for (size_t i = 0; i < plan->devices.count; i++) {
        const struct plan_device *device = &plan->devices.items[i];

        if (!device->alias)
            continue;
        if (!is_text(input->devices.items[device->device].alias, device->alias))
            return false;
        aliases++;
    }
    return plan->undo.overrides.count == plan->overrides.count &&
           plan->undo.aliases.count == aliases;
}
