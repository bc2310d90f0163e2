/* SPDX-License-Identifier: GPL-2.0-or-later */
/* override.c - see override.h */
#include "model/override.h"

#include <string.h>

static bool starts_with(const char *text, const char *prefix)
{
    return !strncmp(text, prefix, strlen(prefix));
}

bool alias_is_kept(const char *alias)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

    return alias && starts_with(alias, "ua-") && !alias[strspn(alias, allowed)];
}

bool alias_is_marked(const struct domain_device *device)
{
    return device_is_assigned(device) && device->alias &&
           starts_with(device->alias, MARK_DEVICE_PREFIX);
}

/* A line of the record. */
struct entry {
    const char *alias, *name;
};

static int compare_entries(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    int order = strcmp(a->alias, b->alias);

    return order ? order : strcmp(a->name, b->name);
}

static bool is_record(const struct domain_override *o)
{
    return !o->command_line && !strcmp(o->alias, MARK_RECORD);
}

static size_t read_record(const struct domain *domain, struct entry *entries)
{
    size_t n = 0;

    for (size_t i = 0; i < domain->overrides.count; i++) {
        const struct domain_override *o = &domain->overrides.items[i];

        if (is_record(o) && o->value)
            entries[n++] = (struct entry){o->value, o->name};
    }
    qsort(entries, n, sizeof(*entries), compare_entries);
    return n;
}

static bool is_marked(const struct domain_override *o, const struct entry *entries, size_t count)
{
    struct entry wanted = {o->alias, o->name};

    if (starts_with(o->alias, MARK_PREFIX))
        return true;
    if (o->command_line)
        return !strcmp(o->name, PROPERTY_CLIQUE) && o->value && starts_with(o->value, "0x");
    return bsearch(&wanted, entries, count, sizeof(*entries), compare_entries);
}

bool override_mark_all(struct domain *domain)
{
    autofree struct entry *entries = calloc(domain->overrides.count + 1, sizeof(*entries));
    size_t n = entries ? read_record(domain, entries) : 0;

    for (size_t i = 0; entries && i < domain->overrides.count; i++)
        domain->overrides.items[i].marked = is_marked(&domain->overrides.items[i], entries, n);
    return entries;
}

const struct domain_override *override_of(const struct domain *domain, const char *alias,
                                          const char *name)
{
    for (size_t i = domain->overrides.count; alias && i-- > 0;) {
        const struct domain_override *o = &domain->overrides.items[i];

        if (!strcmp(o->alias, alias) && !strcmp(o->name, name))
            return o;
    }
    return NULL;
}
