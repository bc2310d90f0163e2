/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * policy.c - make and change a policy through the public interface (vtopo/policy.h)
 *
 * Takes:  what a domain and the options of a program say.
 * Gives:  struct vtopo_policy.
 * Rule:   who comes later wins, key by key: the file, the domain, the options.
 * Not here: the keys (model/policy_keys.def), the policy file (json/policy_file.c), the domain's
 *         policy (domxml/parse_policy.c), CDI specs (cdi/).
 */
#include "vtopo/policy.h"

#include "vtopo/host.h"

#include "base/error.h"
#include "cdi/cdi.h"
#include "domxml/domxml.h"
#include "model/policy_key.h"

#include <string.h>

_Static_assert(VTOPO_MIRROR_NUMA == (int)MIRROR_NUMA && VTOPO_MIRROR_ROOT == (int)MIRROR_ROOT &&
                   VTOPO_MIRROR_SWITCH == (int)MIRROR_SWITCH &&
                   VTOPO_MIRROR_EXACT == (int)MIRROR_EXACT,
               "the public mirrors are the core's");
_Static_assert(VTOPO_CLIQUE_OFF == (int)CLIQUE_OFF && VTOPO_CLIQUE_CDI == (int)CLIQUE_CDI &&
                   VTOPO_CLIQUE_AUTO == (int)CLIQUE_AUTO,
               "the public cliques are the core's");

_Static_assert(VTOPO_LINKS_STOCK == (int)LINKS_STOCK && VTOPO_LINKS_HOST == (int)LINKS_HOST,
               "the public links are the core's");

int vtopo_policy_new(struct vtopo_policy **ret_policy, struct vtopo_error **reterr)
{
    struct vtopo_policy *policy = malloc(sizeof(*policy));

    if (!policy)
        return error_nomem(reterr);
    *policy = policy_default;
    *ret_policy = policy;
    return 0;
}

/* --- single keys --- */

/* @places: a key that may be written in one of them. */
static int find_key(const struct policy_key *keys, const char *name, unsigned places,
                    const struct policy_key **ret_key, struct vtopo_error **reterr)
{
    char names[POLICY_NAMES_SIZE];

    *ret_key = policy_key_find(keys, name, places);
    if (*ret_key)
        return 0;
    return error_set(reterr, VTOPO_ERR_USAGE, "unknown key '%s' (known: %s)", name,
                     policy_key_names(keys, places, names));
}

static int parse_value(const struct policy_key *key, const char *text, int *ret_value,
                       struct vtopo_error **reterr)
{
    char rule[POLICY_RULE_SIZE];

    if (policy_key_parse(key, text, ret_value))
        return 0;
    return error_set(reterr, VTOPO_ERR_USAGE, "'%s' must be %s, not '%s'", key->name,
                     policy_key_rule(key, '\'', rule), text);
}

/* @set: empty. */
static int parse_list(const struct policy_list *list, const char *text, struct idset *ret_set,
                      struct vtopo_error **reterr)
{
    char rule[POLICY_RULE_SIZE];

    switch (policy_list_parse(list, text, ret_set)) {
    case IDSET_OK:
        return 0;
    case IDSET_NOMEM:
        return error_nomem(reterr);
    case IDSET_MALFORMED:
        break;
    }
    return error_set(reterr, VTOPO_ERR_USAGE, "'%s' must be %s, not '%s'", list->name,
                     policy_list_rule(list, rule), text);
}

int vtopo_policy_check(const char *key_name, const char *value, struct vtopo_error **reterr)
{
    const struct policy_list *list = policy_list_find(key_name, IN_FILE);
    const struct policy_key *key = NULL;
    struct idset set = {0};
    int parsed, r;

    if (list) {
        r = parse_list(list, value, &set, reterr);
        idset_free(&set);
        return r;
    }
    r = find_key(policy_keys, key_name, IN_FILE, &key, reterr);

    return r ? r : parse_value(key, value, &parsed, reterr);
}

/* Who says a version of libvirt's or QEMU's. */
static void note_source(struct vtopo_policy *policy, const struct policy_key *key, bool learned)
{
    if (!strcmp(key->name, "qemu_version"))
        policy->qemu_learned = learned;
    if (!strcmp(key->name, "libvirt_version"))
        policy->libvirt_learned = learned;
}

/* Who sets the mirror here wants it now, whatever a file says. */
static void set_key(struct vtopo_policy *policy, const struct policy_key *key, int value)
{
    policy_set(policy, key, value);
    note_source(policy, key, false);
    policy->mirror_given = policy->mirror_given || !strcmp(key->name, "mirror");
}

int vtopo_policy_set(struct vtopo_policy *policy, const char *key_name, const char *value,
                     struct vtopo_error **reterr)
{
    const struct policy_list *list = policy_list_find(key_name, IN_FILE);
    const struct policy_key *key = NULL;
    struct idset set = {0};
    int parsed, r;

    if (list) {
        r = parse_list(list, value, &set, reterr);
        if (!r) {
            idset_free(policy_list_of(policy, list));
            *policy_list_of(policy, list) = set;
        }
        return r;
    }
    r = find_key(policy_keys, key_name, IN_FILE, &key, reterr);
    if (!r)
        r = parse_value(key, value, &parsed, reterr);
    if (!r)
        set_key(policy, key, parsed);
    return r;
}

int vtopo_policy_learn(struct vtopo_policy *policy, const char *key_name, const char *version,
                       struct vtopo_error **reterr)
{
    const struct policy_key *key = NULL;
    int parsed, r = find_key(policy_keys, key_name, IN_FILE, &key, reterr);

    if (!r && key->kind != POLICY_VERSION)
        return error_set(reterr, VTOPO_ERR_USAGE, "'%s' is no version", key_name);
    if (!r)
        r = parse_value(key, version, &parsed, reterr);
    if (r || policy_get(policy, key))
        return r;
    policy_set(policy, key, parsed);
    note_source(policy, key, true);
    return 0;
}

static int copy_value(const struct policy_key *key, int value, char **ret_value,
                      struct vtopo_error **reterr)
{
    char text[POLICY_VALUE_SIZE];
    char *copy = strdup(policy_key_format(key, value, text));

    if (!copy)
        return error_nomem(reterr);
    *ret_value = copy;
    return 0;
}

int vtopo_policy_get(const struct vtopo_policy *policy, const char *key_name, char **ret_value,
                     struct vtopo_error **reterr)
{
    const struct policy_list *list = policy_list_find(key_name, IN_FILE);
    const struct policy_key *key = NULL;
    int r;

    if (list) {
        *ret_value = idset_format((const struct idset *)((const char *)policy + list->at));
        return *ret_value ? 0 : error_nomem(reterr);
    }
    r = find_key(policy_keys, key_name, IN_FILE, &key, reterr);
    return r ? r : copy_value(key, policy_get(policy, key), ret_value, reterr);
}

/* A BDF or two ids. */
static int parse_device(const char *name, struct policy_device *ret_device,
                        struct vtopo_error **reterr)
{
    *ret_device = policy_device_unset;
    ret_device->by_bdf = bdf_parse(name, &ret_device->bdf);
    if (ret_device->by_bdf || policy_parse_ids(name, &ret_device->vendor, &ret_device->device))
        return 0;
    return error_set(reterr, VTOPO_ERR_USAGE,
                     "a device must be a PCI address like '0000:41:00.0', vendor and device like "
                     "'10de:2235', or an alias like 'ua-gpu1', not '%s'",
                     name);
}

/* libvirt keeps no other alias of a user's. */
static bool is_alias(const char *name)
{
    return !strncmp(name, "ua-", 3) && name[3];
}

/* *ret_entry NULL: there is none. */
static int find_device(struct vtopo_policy *policy, const char *name,
                       struct policy_device **ret_entry, struct policy_device *ret_device,
                       struct vtopo_error **reterr)
{
    int r = is_alias(name) ? 0 : parse_device(name, ret_device, reterr);

    *ret_entry = NULL;
    for (size_t i = 0; is_alias(name) && i < policy->aliases.count; i++) {
        if (!strcmp(policy->aliases.items[i].alias, name))
            *ret_entry = &policy->aliases.items[i].keys;
    }
    for (size_t i = 0; !r && !is_alias(name) && i < policy->devices.count; i++) {
        if (policy_same_device(&policy->devices.items[i], ret_device))
            *ret_entry = &policy->devices.items[i];
    }
    return r;
}

/* NULL: out of memory. */
static struct policy_device *add_alias(struct vtopo_policy *policy, const char *name)
{
    char *copy = strdup(name);
    struct policy_alias *added = copy ? vec_add(&policy->aliases) : NULL;

    if (!added) {
        free(copy);
        return NULL;
    }
    added->alias = copy;
    added->keys = policy_device_unset;
    return &added->keys;
}

static struct policy_device *add_device(struct vtopo_policy *policy, const char *name,
                                        const struct policy_device *device)
{
    struct policy_device *added =
        is_alias(name) ? add_alias(policy, name) : vec_add(&policy->devices);

    if (added && !is_alias(name))
        *added = *device;
    return added;
}

int vtopo_policy_set_device(struct vtopo_policy *policy, const char *device_name,
                            const char *key_name, const char *value, struct vtopo_error **reterr)
{
    const struct policy_key *key = NULL;
    struct policy_device device, *entry;
    int parsed, r = find_device(policy, device_name, &entry, &device, reterr);

    if (!r)
        r = find_key(policy_device_keys, key_name, IN_FILE, &key, reterr);
    if (!r)
        r = parse_value(key, value, &parsed, reterr);
    if (r)
        return r;
    if (!entry)
        entry = add_device(policy, device_name, &device);
    if (!entry)
        return error_nomem(reterr);
    *policy_device_value(entry, key) = parsed;
    return 0;
}

int vtopo_policy_get_device(const struct vtopo_policy *policy, const char *device_name,
                            const char *key_name, char **ret_value, struct vtopo_error **reterr)
{
    const struct policy_key *key = NULL;
    struct policy_device device, *entry;
    int value, r = find_device((struct vtopo_policy *)policy, device_name, &entry, &device, reterr);

    if (!r)
        r = find_key(policy_device_keys, key_name, IN_FILE, &key, reterr);
    if (r)
        return r;
    value = entry ? *policy_device_value(entry, key) : key->low - 1;
    *ret_value = NULL;
    return value < key->low ? 0 : copy_value(key, value, ret_value, reterr);
}

/* --- single keys, typed --- */

static int set_number(struct vtopo_policy *policy, const char *name, unsigned value)
{
    const struct policy_key *key = policy_key_find(policy_keys, name, IN_FILE);

    if (value > (unsigned)key->high)
        return VTOPO_ERR_USAGE;
    policy_set(policy, key, (int)value);
    return 0;
}

/* The value that @text stands for; -1: none. */
static int parse_word(const char *name, const char *text)
{
    int value = -1;

    policy_key_parse(policy_key_find(policy_keys, name, IN_FILE), text, &value);
    return value;
}

bool vtopo_mirror_parse(const char *text, enum vtopo_mirror *ret_mirror)
{
    int word = parse_word("mirror", text);

    if (word >= 0)
        *ret_mirror = (enum vtopo_mirror)word;
    return word >= 0;
}

bool vtopo_links_parse(const char *text, enum vtopo_links *ret_links)
{
    int word = parse_word("links", text);

    if (word >= 0)
        *ret_links = (enum vtopo_links)word;
    return word >= 0;
}

bool vtopo_clique_parse(const char *text, enum vtopo_clique *ret_clique)
{
    int word = parse_word("clique", text);

    if (word >= 0)
        *ret_clique = (enum vtopo_clique)word;
    return word >= 0;
}

int vtopo_policy_set_mirror(struct vtopo_policy *policy, enum vtopo_mirror mirror)
{
    return set_number(policy, "mirror", mirror);
}

enum vtopo_mirror vtopo_policy_get_mirror(const struct vtopo_policy *policy)
{
    return (enum vtopo_mirror)policy->mirror;
}

int vtopo_policy_set_links(struct vtopo_policy *policy, enum vtopo_links links)
{
    return set_number(policy, "links", links);
}

enum vtopo_links vtopo_policy_get_links(const struct vtopo_policy *policy)
{
    return (enum vtopo_links)policy->links;
}

int vtopo_policy_set_clique(struct vtopo_policy *policy, enum vtopo_clique clique)
{
    return set_number(policy, "clique", clique);
}

enum vtopo_clique vtopo_policy_get_clique(const struct vtopo_policy *policy)
{
    return (enum vtopo_clique)policy->clique;
}

int vtopo_policy_set_spare_ports(struct vtopo_policy *policy, unsigned ports)
{
    return set_number(policy, "spare_ports", ports);
}

unsigned vtopo_policy_get_spare_ports(const struct vtopo_policy *policy)
{
    return policy->spare_ports;
}

void vtopo_policy_set_strict(struct vtopo_policy *policy, bool strict)
{
    policy->strict = strict;
}

bool vtopo_policy_get_strict(const struct vtopo_policy *policy)
{
    return policy->strict;
}

void vtopo_policy_set_adopt(struct vtopo_policy *policy, bool adopt)
{
    policy->adopt = adopt;
}

bool vtopo_policy_get_adopt(const struct vtopo_policy *policy)
{
    return policy->adopt;
}

void vtopo_policy_set_checks(struct vtopo_policy *policy, bool checks)
{
    policy->checks = checks;
}

/* Needs not be exact: which devices get one is not known yet. */
static bool may_give_cliques(const struct vtopo_policy *policy)
{
    bool any = policy->clique == CLIQUE_AUTO;

    for (size_t i = 0; i < policy->domain_devices.count; i++)
        any = any || policy->domain_devices.items[i].clique >= 0;
    for (size_t i = 0; i < policy->devices.count; i++)
        any = any || policy->devices.items[i].clique >= 0;
    for (size_t i = 0; i < policy->aliases.count; i++)
        any = any || policy->aliases.items[i].keys.clique >= 0;
    for (size_t i = 0; i < policy->cdi.count; i++)
        any = any || policy->cdi.items[i].clique >= 0;
    return any && policy->clique != CLIQUE_OFF;
}

unsigned vtopo_policy_details(const struct vtopo_policy *policy)
{
    unsigned details = VTOPO_HOST_PLACES;

    if (policy->links == LINKS_HOST)
        details |= VTOPO_HOST_LINKS | VTOPO_HOST_EMULATOR;
    if (policy->deliver)
        details |= VTOPO_HOST_LINKS;
    if (may_give_cliques(policy))
        details |= VTOPO_HOST_EMULATOR;
    if (policy->mmio != MMIO_OFF)
        details |= VTOPO_HOST_ADDRESSES;
    return details;
}

/* --- CDI specs, the domain's own policy --- */

int vtopo_policy_read_cdi(struct vtopo_policy *policy, const char *folder,
                          struct vtopo_error **reterr)
{
    return cdi_read_folder(folder, false, policy, reterr);
}

int vtopo_policy_parse_cdi(struct vtopo_policy *policy, const char *text, size_t length,
                           const char *name, struct vtopo_error **reterr)
{
    return cdi_parse(text, length, name, policy, reterr);
}

int vtopo_policy_read_default_cdi(struct vtopo_policy *policy, struct vtopo_error **reterr)
{
    /* The CDI project's own: SPEC.md. */
    static const char *const folders[] = {"/etc/cdi", "/var/run/cdi"};
    int r = 0;

    for (size_t i = 0; !r && i < sizeof(folders) / sizeof(*folders); i++)
        r = cdi_read_folder(folders[i], true, policy, reterr);
    return r;
}

bool vtopo_policy_get_checks(const struct vtopo_policy *policy)
{
    return policy->checks;
}

int vtopo_policy_apply_domain(struct vtopo_policy *policy, const struct vtopo_domain *domain,
                              struct vtopo_error **reterr)
{
    const struct policy_wish *wish = &domain->policy;

    policy->domain_devices.count = 0;
    for (size_t i = 0; i < wish->devices.count; i++) {
        struct policy_device *device = vec_add(&policy->domain_devices);

        if (!device)
            return error_nomem(reterr);
        *device = wish->devices.items[i];
    }
    policy_apply_wish(policy, wish);
    return policy_apply_wish_lists(policy, wish) ? 0 : error_nomem(reterr);
}

void vtopo_policy_free(struct vtopo_policy *policy)
{
    if (!policy)
        return;
    for (size_t i = 0; i < policy->cdi.count; i++)
        free(policy->cdi.items[i].file);
    for (size_t i = 0; i < policy->problems.count; i++)
        free(policy->problems.items[i].text);
    free(policy->cdi.items);
    free(policy->problems.items);
    policy_clear_lists(policy);
    for (size_t i = 0; i < policy->aliases.count; i++)
        free(policy->aliases.items[i].alias);
    free(policy->aliases.items);
    free(policy->domain_devices.items);
    free(policy->devices.items);
    free(policy);
}
