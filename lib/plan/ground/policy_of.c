/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy_of.c - see policy_of.h */
#include "plan/ground/policy_of.h"

#include "base/search.h"
#include "check/checker.h"

#include <stdio.h>
#include <string.h>

/* --- entries by what they are for --- */

static uint32_t ids_of(const struct policy_device *entry)
{
    return (uint32_t)entry->vendor << 16 | entry->device;
}

/* Those by BDF go first. */
static int compare_entries(const struct policy_device *a, const struct policy_device *b)
{
    if (a->by_bdf != b->by_bdf)
        return a->by_bdf ? -1 : 1;
    return a->by_bdf ? bdf_compare(&a->bdf, &b->bdf)
                     : (ids_of(a) > ids_of(b)) - (ids_of(a) < ids_of(b));
}

static int compare_places(const void *left, const void *right)
{
    const struct policy_device *a = *(const struct policy_device *const *)left;
    const struct policy_device *b = *(const struct policy_device *const *)right;
    int order = compare_entries(a, b);

    return order ? order : (a > b) - (a < b);
}

static int compare_key(const void *key, const void *item)
{
    return compare_entries(key, *(const struct policy_device *const *)item);
}

static const struct policy_device **sort_entries(const struct policy_device *entries, size_t count)
{
    const struct policy_device **sorted = calloc(count + 1, sizeof(const struct policy_device *));

    for (size_t i = 0; sorted && i < count; i++)
        sorted[i] = &entries[i];
    if (sorted)
        qsort(sorted, count, sizeof(*sorted), compare_places);
    return sorted;
}

bool policy_index_make(const struct vtopo_policy *policy, struct policy_index *ret)
{
    *ret = (struct policy_index){
        .domain = sort_entries(policy->domain_devices.items, policy->domain_devices.count),
        .domain_count = policy->domain_devices.count,
        .file = sort_entries(policy->devices.items, policy->devices.count),
        .file_count = policy->devices.count,
        .policy = policy,
    };
    if (ret->domain && ret->file)
        return true;
    policy_index_clear(ret);
    return false;
}

void policy_index_clear(struct policy_index *index)
{
    free(index->domain);
    free(index->file);
    *index = (struct policy_index){0};
}

/* Fills in what the first entry for @key says. */
static void fill(const struct policy_device **entries, size_t count,
                 const struct policy_device *key, struct policy_device *wish)
{
    size_t at = search_lower_bound(key, entries, count, sizeof(*entries), compare_key);

    if (at < count && !compare_entries(key, entries[at]))
        policy_device_fill(wish, entries[at]);
}

static bool is_called(const struct domain_device *device, const struct policy_alias *entry)
{
    return device->alias && !strcmp(device->alias, entry->alias);
}

struct policy_device policy_of(const struct policy_index *index, const struct domain_device *device,
                               const struct host_function *function)
{
    const struct policy_device by_bdf = {.by_bdf = true, .bdf = function->bdf};
    const struct policy_device by_ids = {.vendor = function->vendor, .device = function->device};
    struct policy_device wish = policy_device_unset;

    for (size_t i = 0; i < index->policy->aliases.count; i++) {
        if (is_called(device, &index->policy->aliases.items[i]))
            policy_device_fill(&wish, &index->policy->aliases.items[i].keys);
    }
    fill(index->domain, index->domain_count, &by_bdf, &wish);
    fill(index->domain, index->domain_count, &by_ids, &wish);
    fill(index->file, index->file_count, &by_bdf, &wish);
    fill(index->file, index->file_count, &by_ids, &wish);
    return wish;
}

/* --- entries for no device --- */

/* What the domain assigns, as entries would name it, sorted. */
struct assigned_keys {
    struct policy_device *items;
    size_t count;
};

static int compare_keys(const void *left, const void *right)
{
    return compare_entries(left, right);
}

/* Of a device that the guest does not get, and the host lacks, there is only the address. */
static bool collect_keys(const struct facts *facts, const struct assignments *assigned,
                         struct assigned_keys *ret)
{
    *ret = (struct assigned_keys){.items = calloc(2 * assigned->count + 1, sizeof(*ret->items))};
    for (size_t i = 0; ret->items && i < assigned->count; i++) {
        const struct assignment *a = &assigned->items[i];
        const struct host_function *function = assignment_function(facts, a);

        ret->items[ret->count++] = (struct policy_device){.by_bdf = true, .bdf = a->host};
        if (function)
            ret->items[ret->count++] =
                (struct policy_device){.vendor = function->vendor, .device = function->device};
    }
    if (ret->items)
        qsort(ret->items, ret->count, sizeof(*ret->items), compare_keys);
    return ret->items != NULL;
}

static bool is_used(const struct assigned_keys *keys, const struct policy_device *entry)
{
    return search_find(entry, keys->items, keys->count, sizeof(*keys->items), compare_keys);
}

/* As the policy has it. */
static const char *name_of(const struct policy_device *entry, char text[BDF_TEXT_SIZE])
{
    if (entry->by_bdf)
        return bdf_format(&entry->bdf, text);
    snprintf(text, BDF_TEXT_SIZE, "%04x:%04x", entry->vendor, entry->device);
    return text;
}

static int report_of_domain(const struct vtopo_policy *policy, const struct assigned_keys *keys,
                            struct reporter *reporter)
{
    char text[BDF_TEXT_SIZE];
    int r = 0;

    for (size_t i = 0; !r && i < policy->domain_devices.count; i++) {
        const struct policy_device *entry = &policy->domain_devices.items[i];

        if (!is_used(keys, entry))
            r = report_finding(
                reporter, FINDING_POLICY_OF_DOMAIN, name_of(entry, text),
                "has an entry in the policy of the domain's <metadata>, which does nothing: the domain assigns no such device");
    }
    return r;
}

static bool has_alias(const struct facts *facts, const struct assignments *assigned,
                      const struct policy_alias *entry)
{
    for (size_t i = 0; i < assigned->count; i++) {
        if (is_called(&facts->base->devices.items[assigned->items[i].device], entry))
            return true;
    }
    return false;
}

static int report_of_aliases(const struct facts *facts, const struct assignments *assigned,
                             struct reporter *reporter)
{
    int r = 0;

    for (size_t i = 0; !r && i < facts->policy->aliases.count; i++) {
        const struct policy_alias *entry = &facts->policy->aliases.items[i];

        if (!has_alias(facts, assigned, entry))
            r = report_finding(reporter, FINDING_POLICY_OF_FILE, entry->alias,
                               "the policy has an entry for a device of this alias, and the domain "
                               "assigns none");
    }
    return r;
}

static int report_of_file(const struct vtopo_policy *policy, const struct assigned_keys *keys,
                          struct reporter *reporter)
{
    struct check_list names = {0};
    autofree char *list = NULL;
    char text[BDF_TEXT_SIZE];

    for (size_t i = 0; i < policy->devices.count; i++) {
        if (!is_used(keys, &policy->devices.items[i]))
            check_list_add(&names, name_of(&policy->devices.items[i], text));
    }
    if (!names.count)
        return 0;
    list = check_list_steal(&names);
    return list
               ? report_finding(
                     reporter, FINDING_POLICY_OF_FILE, "domain",
                     "the policy has entries for devices that the domain does not assign: %s", list)
               : error_nomem(reporter->reterr);
}

int policy_report_unused(const struct facts *facts, const struct assignments *assigned,
                         struct reporter *reporter)
{
    struct assigned_keys keys = {0};
    int r = report_of_aliases(facts, assigned, reporter);

    if (r || (!facts->policy->domain_devices.count && !facts->policy->devices.count))
        return r;
    if (!collect_keys(facts, assigned, &keys))
        return error_nomem(reporter->reterr);
    r = report_of_domain(facts->policy, &keys, reporter);
    if (!r)
        r = report_of_file(facts->policy, &keys, reporter);
    free(keys.items);
    return r;
}
