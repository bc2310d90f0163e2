/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * override_wish.c - properties that QEMU is given besides what libvirt says
 *
 * Takes:  wishes of other steps; the aliases of the domain and of the plan's ports.
 * Gives:  plan.overrides with their aliases, and the aliases of devices that had none.
 * Rule:   libvirt ties an override to its device by the alias, and keeps only user aliases
 * ("ua-...").  A device that has none gets one that is marked; for one that has its own a line of
 * the record says what was added (model/mark.h).  For a libvirt that is older than overrides it
 * is QEMU's -set. Not here: who wants which property (clique.c).
 */
#include "model/mark.h"
#include "plan/ground/planner.h"

#include <string.h>

static int add_override(struct planner *p, struct plan_override wish, const char *value)
{
    struct plan_override *o = vec_add(&p->plan->overrides);

    if (!o)
        return error_nomem(p->reterr);
    *o = wish;
    o->value = strdup(value);
    return o->value ? 0 : error_nomem(p->reterr);
}

int plan_override_device(struct planner *p, size_t device, const char *name, const char *type,
                         const char *value)
{
    struct plan_override wish = {
        .device = device, .controller = PLAN_NONE, .name = name, .type = type};

    return add_override(p, wish, value);
}

int plan_override_controller(struct planner *p, size_t controller, const char *name,
                             const char *type, const char *value)
{
    struct plan_override wish = {
        .device = PLAN_NONE, .controller = controller, .name = name, .type = type};

    return add_override(p, wish, value);
}

/* --- aliases --- */

/* @text may be NULL. */
static bool same_text(const char *text, const char *wanted)
{
    return text && !strcmp(text, wanted);
}

static bool is_taken(const struct planner *p, const char *alias)
{
    for (size_t i = 0; i < p->facts.base->controllers.count; i++) {
        if (same_text(p->facts.base->controllers.items[i].alias, alias))
            return true;
    }
    for (size_t i = 0; i < p->facts.base->devices.count; i++) {
        if (same_text(p->facts.base->devices.items[i].alias, alias))
            return true;
    }
    for (size_t i = 0; i < p->plan->controllers.count; i++) {
        if (same_text(p->plan->controllers.items[i].alias, alias))
            return true;
    }
    for (size_t i = 0; i < p->plan->devices.count; i++) {
        if (same_text(p->plan->devices.items[i].alias, alias))
            return true;
    }
    return false;
}

/* Disks of one function, mdevs and vDPA devices share their BDF: the second one becomes NAME-2. */
static char *make_alias(const struct planner *p, const struct bdf *bdf)
{
    autofree char *wish = mark_device_alias(bdf);
    char *alias = wish ? strdup(wish) : NULL;

    for (unsigned n = 2; alias && is_taken(p, alias); n++) {
        free(alias);
        alias = mark_another_alias(wish, n);
    }
    return alias;
}

/* The alias that the device has or gets, for the caller to free; NULL: out of memory. */
static char *alias_of_device(struct planner *p, struct plan_device *device)
{
    const char *own = p->facts.base->devices.items[device->device].alias;

    if (alias_is_user(own))
        return strdup(own);
    if (!device->alias)
        device->alias = make_alias(p, &device->host);
    return device->alias ? strdup(device->alias) : NULL;
}

static int add_to_record(struct planner *p, const char *name, const char *alias)
{
    struct plan_override line = {
        .device = PLAN_NONE, .controller = PLAN_NONE, .name = name, .type = "string"};
    int r = add_override(p, line, alias);

    if (r)
        return r;
    p->plan->overrides.items[p->plan->overrides.count - 1].alias = strdup(MARK_RECORD);
    return p->plan->overrides.items[p->plan->overrides.count - 1].alias ? 0
                                                                        : error_nomem(p->reterr);
}

/* On the command line the form of the number is the mark. */
static int mark_number(struct planner *p, struct plan_override *o)
{
    char *marked = mark_argument(o->value);

    free(o->value);
    o->value = marked;
    return marked ? 0 : error_nomem(p->reterr);
}

static int find_device_alias(struct planner *p, size_t at)
{
    struct plan_override *o = &p->plan->overrides.items[at];
    struct plan_device *device = &p->plan->devices.items[o->device];

    o->alias = alias_of_device(p, device);
    if (!o->alias)
        return error_nomem(p->reterr);
    if (device->alias)
        return 0;
    return o->command_line ? mark_number(p, o) : add_to_record(p, o->name, o->alias);
}

int plan_overrides(struct planner *p)
{
    size_t wishes = p->plan->overrides.count;
    int r = 0;

    for (size_t i = 0; !r && i < wishes; i++) {
        struct plan_override *o = &p->plan->overrides.items[i];

        o->command_line = plan_needs_command_line(p);
        if (o->device != PLAN_NONE) {
            r = find_device_alias(p, i);
            continue;
        }
        o->alias = strdup(p->plan->controllers.items[o->controller].alias);
        r = o->alias ? 0 : error_nomem(p->reterr);
    }
    return r;
}

/* --- is it there already? --- */

static bool is_in(const struct plan_override *o, const struct domain *domain)
{
    for (size_t i = 0; i < domain->overrides.count; i++) {
        const struct domain_override *d = &domain->overrides.items[i];

        if (d->marked && d->command_line == o->command_line && !strcmp(d->alias, o->alias) &&
            !strcmp(d->name, o->name) && same_text(d->value, o->value) &&
            (d->command_line || same_text(d->type, o->type)))
            return true;
    }
    return false;
}

bool plan_overrides_are_realised(const struct vtopo_plan *plan, const struct domain *domain)
{
    size_t aliases = 0;

    for (size_t i = 0; i < plan->overrides.count; i++) {
        if (!is_in(&plan->overrides.items[i], domain))
            return false;
    }
    for (size_t i = 0; i < plan->devices.count; i++) {
        const struct plan_device *device = &plan->devices.items[i];

        if (!device->alias)
            continue;
        if (!same_text(domain->devices.items[device->device].alias, device->alias))
            return false;
        aliases++;
    }
    return plan->undo.overrides.count == plan->overrides.count &&
           plan->undo.aliases.count == aliases;
}
