/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * policy_of.c - what the policy says of a device, and which of its entries are for none
 *
 * Takes:  entries of the domain and of the file, by BDF and by vendor and device id.
 * Gives:  one word for each key; findings for entries that are for no device of the domain.
 * Rule:   a domain's own entry that is for none of its devices is a mistake, mostly of typing.  A
 * file is for many domains: what it has for others is told as information, once.
 */
#include "check/checker.h"
#include "plan/ground/planner.h"

#include <stdio.h>

static bool is_for(const struct policy_device *entry, const struct host_function *function)
{
    return entry->by_bdf ? bdf_equal(&entry->bdf, &function->bdf)
                         : entry->vendor == function->vendor && entry->device == function->device;
}

/* Fills in what the first entry by BDF, or by id, says. */
static void add_wish(const struct policy_device *entries, size_t count,
                     const struct host_function *function, bool by_bdf, struct policy_device *wish)
{
    for (size_t i = 0; i < count; i++) {
        if (entries[i].by_bdf == by_bdf && is_for(&entries[i], function)) {
            policy_device_fill(wish, &entries[i]);
            return;
        }
    }
}

struct policy_device plan_policy_of(const struct planner *p, const struct host_function *function)
{
    const struct vtopo_policy *policy = p->facts.policy;
    struct policy_device wish = policy_device_unset;

    add_wish(policy->domain_devices.items, policy->domain_devices.count, function, true, &wish);
    add_wish(policy->domain_devices.items, policy->domain_devices.count, function, false, &wish);
    add_wish(policy->devices.items, policy->devices.count, function, true, &wish);
    add_wish(policy->devices.items, policy->devices.count, function, false, &wish);
    return wish;
}

/* --- entries for no device --- */

/* Of a device that the guest does not get, and the host lacks, there is only the address. */
static bool is_for_any(const struct planner *p, const struct policy_device *entry)
{
    for (size_t i = 0; i < p->plan->devices.count; i++) {
        const struct plan_device *device = &p->plan->devices.items[i];

        if (device->function == HOST_NONE
                ? entry->by_bdf && bdf_equal(&entry->bdf, &device->host)
                : is_for(entry, &p->facts.host->functions.items[device->function]))
            return true;
    }
    return false;
}

/* As the policy has it. */
static const char *name_of(const struct policy_device *entry, char text[BDF_TEXT_SIZE])
{
    if (entry->by_bdf)
        return bdf_format(&entry->bdf, text);
    snprintf(text, BDF_TEXT_SIZE, "%04x:%04x", entry->vendor, entry->device);
    return text;
}

static int tell_of_domain(struct planner *p)
{
    char text[BDF_TEXT_SIZE];
    int r = 0;

    for (size_t i = 0; !r && i < p->facts.policy->domain_devices.count; i++) {
        const struct policy_device *entry = &p->facts.policy->domain_devices.items[i];

        if (!is_for_any(p, entry))
            r = plan_finding(
                p, FINDING_POLICY_OF_DOMAIN, name_of(entry, text),
                "the policy in the domain's <metadata> has an entry for it, and no device that the domain assigns is that: the entry does nothing");
    }
    return r;
}

static int tell_of_file(struct planner *p)
{
    struct check_list names = {0};
    autofree char *list = NULL;
    char text[BDF_TEXT_SIZE];

    for (size_t i = 0; i < p->facts.policy->devices.count; i++) {
        if (!is_for_any(p, &p->facts.policy->devices.items[i]))
            check_list_add(&names, name_of(&p->facts.policy->devices.items[i], text));
    }
    if (!names.count)
        return 0;
    list = check_list_take(&names);
    return list
               ? plan_finding(p, FINDING_POLICY_OF_FILE, "domain",
                              "entries of the policy are for no device that the domain assigns: %s",
                              list)
               : error_nomem(p->reterr);
}

int plan_policy(struct planner *p)
{
    int r = tell_of_domain(p);

    return r ? r : tell_of_file(p);
}
