/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parse_policy.c - the policy that a domain has for itself
 *
 * Takes:  <policy> of vtopo's namespace in <metadata> (schemas/domain-policy.rng).
 * Gives:  domain->policy, in which what is not there is not set.
 * Rule:   a typing mistake must not change a guest in silence: unknown elements and attributes and
 *         wrong values are errors with the line.
 * Not here: the keys (model/policy_keys.def), the policy file (json/policy_file.c), which of
 *         several policies counts (api/policy.c).
 */
#include "domxml/parse.h"

#include "base/error.h"
#include "model/policy_key.h"

#include <string.h>

#define NAMESPACE "http://vtopo.io/domain/1.0"

/* --- values --- */

static int read_value(const struct reader *reader, const struct node *node,
                      const struct policy_key *key, const char *text, int *ret_value)
{
    char rule[POLICY_RULE_SIZE];

    if (policy_key_parse(key, text, ret_value))
        return 0;
    return reader_refuse(reader, node, "'%s' must be %s, not '%s'", key->name,
                         policy_key_rule(key, '\'', rule), CLIP(text));
}

static int read_list(const struct reader *reader, const struct node *node,
                     const struct policy_list *list, const char *text)
{
    struct idset *set = policy_wish_list(&reader->domain->policy, list);
    char rule[POLICY_RULE_SIZE];

    switch (policy_list_parse(list, text, set)) {
    case IDSET_OK:
        return 0;
    case IDSET_NOMEM:
        return error_nomem(reader->reterr);
    case IDSET_MALFORMED:
        break;
    }
    return reader_refuse(reader, node, "'%s' must be %s, not '%s'", list->name,
                         policy_list_rule(list, rule), CLIP(text));
}

static int read_bdf(const struct reader *reader, const struct node *node, const char *text,
                    struct policy_device *device)
{
    device->by_bdf = true;
    if (bdf_parse(text, &device->bdf))
        return 0;
    return reader_refuse(reader, node, "'bdf' must be a PCI address like '0000:41:00.0', not '%s'",
                         CLIP(text));
}

static int read_ids(const struct reader *reader, const struct node *node, const char *text,
                    struct policy_device *device)
{
    if (policy_parse_ids(text, &device->vendor, &device->device))
        return 0;
    return reader_refuse(reader, node, "'id' must be vendor and device like '10de:2235', not '%s'",
                         CLIP(text));
}

/* --- elements --- */

static int unknown_attribute(const struct reader *reader, const struct node *node,
                             const struct node_attribute *attribute, const char *before,
                             const struct policy_key *keys)
{
    char names[POLICY_NAMES_SIZE];

    return reader_refuse(reader, node, "unknown attribute '%s%s' (known: %s%s)",
                         attribute->namespace ? "...:" : "", CLIP(attribute->name), before,
                         policy_key_names(keys, IN_METADATA, names));
}

/* The key that @attribute is; NULL: none. */
static const struct policy_key *key_of(const struct policy_key *keys,
                                       const struct node_attribute *attribute)
{
    return attribute->namespace ? NULL : policy_key_find(keys, attribute->name, IN_METADATA);
}

static int read_policy_attribute(const struct reader *reader, const struct node *node,
                                 const struct node_attribute *attribute)
{
    const struct policy_key *key = key_of(policy_keys, attribute);
    const struct policy_list *list =
        attribute->namespace ? NULL : policy_list_find(attribute->name, IN_METADATA);

    if (list)
        return read_list(reader, node, list, attribute->value);
    if (!key)
        return unknown_attribute(reader, node, attribute, "", policy_keys);
    return read_value(reader, node, key, attribute->value,
                      policy_wish_value(&reader->domain->policy, key));
}

static int read_device_attribute(const struct reader *reader, const struct node *node,
                                 const struct node_attribute *attribute,
                                 struct policy_device *device)
{
    const struct policy_key *key = key_of(policy_device_keys, attribute);

    if (!attribute->namespace && !strcmp(attribute->name, "bdf"))
        return read_bdf(reader, node, attribute->value, device);
    if (!attribute->namespace && !strcmp(attribute->name, "id"))
        return read_ids(reader, node, attribute->value, device);
    if (!key)
        return unknown_attribute(reader, node, attribute, "bdf, id, ", policy_device_keys);
    return read_value(reader, node, key, attribute->value, policy_device_value(device, key));
}

/* Is this vtopo's own element of that name?  NULL: of any name. */
static bool is_ours(const struct node *node, const char *name)
{
    return node->namespace && !strcmp(node->namespace, NAMESPACE) &&
           (!name || !strcmp(node->name, name));
}

/* vtopo's, of a version that is not this one, or misspelt? */
static bool is_of_other_version(const struct node *node)
{
    return node->namespace && strcmp(node->namespace, NAMESPACE) &&
           namespace_is_of(node->namespace, "domain");
}

/* Nothing but comments, blanks, and elements of this name; NULL: no elements. */
static int check_content(const struct reader *reader, const struct node *node, const char *name)
{
    if (node_has_own_text(node))
        return reader_refuse(reader, node, "text is not expected here");
    for (const struct node *child = node->children; child; child = child->next) {
        if (!name || !is_ours(child, name))
            return reader_refuse(reader, child, "unknown element in <%s>%s", node->name,
                                 name ? " (known: device, in namespace " NAMESPACE ")" : "");
    }
    return 0;
}

static int check_device(const struct reader *reader, const struct node *node,
                        const struct policy_device *device)
{
    bool bdf = node_attribute(node, "bdf"), id = node_attribute(node, "id");

    if (bdf == id)
        return reader_refuse(reader, node, "a device needs 'bdf' or 'id'%s",
                             bdf ? ", not both" : "");
    if (policy_device_is_unset(device))
        return reader_refuse(reader, node, "a device needs something that is to be done with it");
    return 0;
}

static int read_device(const struct reader *reader, const struct node *node)
{
    struct policy_device *device = vec_add(&reader->domain->policy.devices);
    int r;

    if (!device)
        return error_nomem(reader->reterr);
    *device = policy_device_unset;
    r = check_content(reader, node, NULL);
    for (size_t i = 0; !r && i < node->attribute_count; i++)
        r = read_device_attribute(reader, node, &node->attributes[i], device);
    return r ? r : check_device(reader, node, device);
}

static const struct node *next_device(const struct node *node)
{
    while (node && !is_ours(node, "device"))
        node = node->next;
    return node;
}

static int refuse_double(const struct reader *reader, const struct node *policy)
{
    const struct policy_wish *wish = &reader->domain->policy;
    const struct node *node = next_device(policy->children);
    size_t index;

    if (policy_find_double(wish->devices.items, wish->devices.count, &index))
        return error_nomem(reader->reterr);
    if (index == wish->devices.count)
        return 0;
    for (size_t i = 0; i < index; i++)
        node = next_device(node->next);
    return reader_refuse(
        reader, node, "device '%s' is here twice",
        CLIP(node_attribute(node, wish->devices.items[index].by_bdf ? "bdf" : "id")));
}

static int read_policy(const struct reader *reader, const struct node *node)
{
    int r = check_content(reader, node, "device");

    for (size_t i = 0; !r && i < node->attribute_count; i++)
        r = read_policy_attribute(reader, node, &node->attributes[i]);
    for (const struct node *child = next_device(node->children); !r && child;
         child = next_device(child->next))
        r = read_device(reader, child);
    return r ? r : refuse_double(reader, node);
}

int parse_policy(const struct reader *reader, const struct node *root)
{
    const struct node *metadata = node_child(root, "metadata"), *policy = NULL;
    int r = 0;

    reader->domain->policy = policy_wish_unset;
    for (const struct node *child = metadata ? metadata->children : NULL; !r && child;
         child = child->next) {
        if (is_of_other_version(child))
            return reader_refuse(reader, child,
                                 "namespace '%s' is of another version (known: " NAMESPACE ")",
                                 CLIP(child->namespace));
        if (!is_ours(child, NULL))
            continue;
        if (!is_ours(child, "policy"))
            return reader_refuse(reader, child, "unknown element in <metadata> (known: policy)");
        if (policy)
            return reader_refuse(reader, child, "is here twice");
        policy = child;
        r = read_policy(reader, child);
    }
    return r;
}
