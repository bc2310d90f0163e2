/* SPDX-License-Identifier: GPL-2.0-or-later */
/* record.c - see record.h */
#include "model/record.h"

#include "base/search.h"

#include <string.h>

char *record_host_of(const struct domain_device *device)
{
    if (device->source_id)
        return strdup(device->source_id);
    if (device->kind == DEVICE_DISK_NVME)
        return mem_printf("%s/%u", BDF_TEXT(&device->source), device->nvme_namespace);
    return strdup(BDF_TEXT(&device->source));
}

/* --- devices by name --- */

struct named {
    char *name;
    size_t device;
    bool found;
};

static int compare_named(const void *left, const void *right)
{
    const struct named *a = left, *b = right;
    int order = strcmp(a->name, b->name);

    return order ? order : (a->device > b->device) - (a->device < b->device);
}

static int compare_name(const void *key, const void *item)
{
    return strcmp(key, ((const struct named *)item)->name);
}

/* Sorted by name; *ret_count is right on failure, too. */
static bool collect(const struct domain *domain, struct named *named, size_t *ret_count)
{
    size_t n = 0;
    bool ok = true;

    for (size_t i = 0; ok && i < domain->devices.count; i++) {
        if (!device_is_assigned(&domain->devices.items[i]))
            continue;
        named[n] = (struct named){record_host_of(&domain->devices.items[i]), i, false};
        ok = named[n].name;
        n += ok;
    }
    if (ok)
        qsort(named, n, sizeof(*named), compare_named);
    *ret_count = n;
    return ok;
}

static size_t find(struct named *named, size_t count, const char *name)
{
    size_t at = search_lower_bound(name, named, count, sizeof(*named), compare_name);

    while (at < count && named[at].found && !strcmp(named[at].name, name))
        at++;
    if (at == count || strcmp(named[at].name, name) != 0)
        return SIZE_MAX;
    named[at].found = true;
    return named[at].device;
}

bool record_find_devices(const struct domain *domain, const char *const *names, size_t count,
                         size_t *ret_devices)
{
    autofree struct named *named = calloc(domain->devices.count + 1, sizeof(*named));
    size_t n = 0;
    bool ok = named && collect(domain, named, &n);

    for (size_t i = 0; ok && i < count; i++)
        ret_devices[i] = find(named, n, names[i]);
    for (size_t i = 0; i < n; i++)
        free(named[i].name);
    return ok;
}

/* --- entries --- */

static int compare_device(const void *key, const void *item)
{
    size_t a = *(const size_t *)key, b = ((const struct record_device *)item)->device;

    return (a > b) - (a < b);
}

const struct record_device *record_of_device(const struct domain *domain, size_t device)
{
    return search_find(&device, domain->record.devices.items, domain->record.devices.count,
                       sizeof(*domain->record.devices.items), compare_device);
}

const struct record_target *record_of_target(const struct domain *domain, unsigned index,
                                             bool bus_nr)
{
    for (size_t i = 0; i < domain->record.targets.count; i++) {
        const struct record_target *t = &domain->record.targets.items[i];

        if (t->index == index && t->bus_nr == bus_nr)
            return t;
    }
    return NULL;
}
