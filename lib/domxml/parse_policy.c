/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parse_policy.c - what a domain says of its own policy
 *
 * Takes:  <policy> of vtopo's namespace in <metadata> (schemas/domain-policy.rng).
 * Gives:  domain->policy, in which everything that is not said says so.
 * Rule:   a typing mistake must not change a guest in silence: unknown elements and attributes and
 * wrong values are errors with the line. Not here: the policy file (json/policy.c), which of
 * several policies counts (lib/policy.c).
 */
#include "domxml/parse.h"

#include "base/error.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define NAMESPACE "http://vtopo.io/domain/1.0"

enum kind { FLAG, NUMBER, WORD, BDF, IDS };

/* An attribute, and where its value goes; what it may be. */
struct attribute {
    const char *name;
    enum kind kind;
    size_t at; /* of an int; BDF and IDS know theirs */
    int low, high;
    const char *const *words; /* their places are the values; ends with NULL */
};

static const struct attribute policy_attributes[] = {
    {"mirror", WORD, offsetof(struct policy_wish, mirror), 0, 0, mirror_words},
    {"strict", FLAG, offsetof(struct policy_wish, strict), 0, 0, NULL},
    {"links", WORD, offsetof(struct policy_wish, links), 0, 0, links_words},
    {"clique", WORD, offsetof(struct policy_wish, clique), 0, 0, clique_words},
    {"spare_ports", NUMBER, offsetof(struct policy_wish, spare_ports), 0, POLICY_SPARE_PORTS_MAX,
     NULL},
    {NULL, FLAG, 0, 0, 0, NULL},
};

static const struct attribute device_attributes[] = {
    {"bdf", BDF, 0, 0, 0, NULL},
    {"id", IDS, 0, 0, 0, NULL},
    {"keep", FLAG, offsetof(struct policy_device, keep), 0, 0, NULL},
    {"node", NUMBER, offsetof(struct policy_device, node), -1, POLICY_NODE_MAX, NULL},
    {"hotplug", FLAG, offsetof(struct policy_device, hotplug), 0, 0, NULL},
    {"clique", NUMBER, offsetof(struct policy_device, clique), 0, CLIQUE_MAX, NULL},
    {"attach_pci", FLAG, offsetof(struct policy_device, attach_pci), 0, 0, NULL},
    {NULL, FLAG, 0, 0, 0, NULL},
};

/* --- values --- */

static int read_word(const struct reader *reader, const struct node *node, const char *name,
                     const char *text, const char *const *words, int *ret)
{
    char list[128] = "";
    size_t used = 0;

    for (int i = 0; words[i]; i++) {
        if (!strcmp(text, words[i])) {
            *ret = i;
            return 0;
        }
        used +=
            (size_t)snprintf(list + used, sizeof(list) - used, "%s'%s'", i ? ", " : "", words[i]);
    }
    return reader_refuse(reader, node, "'%s' must be one of %s, not '%s'", name, list, CLIP(text));
}

static int read_flag(const struct reader *reader, const struct node *node, const char *name,
                     const char *text, int *ret)
{
    static const char *const words[] = {"no", "yes", NULL};

    return read_word(reader, node, name, text, words, ret);
}

/* Digits, with a minus before them if that can be. */
static int read_number(const struct reader *reader, const struct node *node,
                       const struct attribute *attribute, const char *text, int *ret)
{
    const char *digits = text + (attribute->low < 0 && *text == '-');
    long number;

    errno = 0;
    number = strtol(text, NULL, 10);
    if (!*digits || digits[strspn(digits, "0123456789")] || errno || number < attribute->low ||
        number > attribute->high)
        return reader_refuse(reader, node, "'%s' must be a whole number from %d to %d, not '%s'",
                             attribute->name, attribute->low, attribute->high, CLIP(text));
    *ret = (int)number;
    return 0;
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

static int read_value(const struct reader *reader, const struct node *node,
                      const struct attribute *attribute, const char *text, void *ret)
{
    int *value = (int *)((char *)ret + attribute->at);

    switch (attribute->kind) {
    case FLAG:
        return read_flag(reader, node, attribute->name, text, value);
    case NUMBER:
        return read_number(reader, node, attribute, text, value);
    case WORD:
        return read_word(reader, node, attribute->name, text, attribute->words, value);
    case BDF:
        return read_bdf(reader, node, text, ret);
    case IDS:
        return read_ids(reader, node, text, ret);
    }
    return 0;
}

/* --- elements --- */

static int refuse_attribute(const struct reader *reader, const struct node *node,
                            const struct node_attribute *found, const struct attribute *known)
{
    char list[256] = "";
    size_t used = 0;

    for (; known->name; known++)
        used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s", used ? ", " : "",
                                 known->name);
    return reader_refuse(reader, node, "unknown attribute '%s%s' (known: %s)",
                         found->namespace ? "...:" : "", CLIP(found->name), list);
}

/* @ret is what the offsets of @known are in. */
static int read_attributes(const struct reader *reader, const struct node *node,
                           const struct attribute *known, void *ret)
{
    int r = 0;

    for (size_t i = 0; !r && i < node->attribute_count; i++) {
        const struct node_attribute *found = &node->attributes[i];
        const struct attribute *attribute = known;

        while (attribute->name && (found->namespace || strcmp(found->name, attribute->name)))
            attribute++;
        r = attribute->name ? read_value(reader, node, attribute, found->value, ret)
                            : refuse_attribute(reader, node, found, known);
    }
    return r;
}

/* Is this vtopo's own element of that name?  NULL: of any name. */
static bool is_ours(const struct node *node, const char *name)
{
    return node->namespace && !strcmp(node->namespace, NAMESPACE) &&
           (!name || !strcmp(node->name, name));
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

static int check_device(const struct reader *reader, const struct node *node)
{
    const struct policy_wish *policy = &reader->domain->policy;
    const struct policy_device *device = &policy->devices.items[policy->devices.count - 1];
    bool bdf = node_attribute(node, "bdf"), id = node_attribute(node, "id");

    if (bdf == id)
        return reader_refuse(reader, node, "a device needs 'bdf' or 'id'%s",
                             bdf ? ", not both" : "");
    if (policy_device_says_nothing(device))
        return reader_refuse(reader, node, "a device needs something that is to be done with it");
    for (const struct policy_device *other = policy->devices.items; other < device; other++) {
        if (policy_same_device(other, device))
            return reader_refuse(reader, node, "device '%s' is here twice",
                                 CLIP(node_attribute(node, bdf ? "bdf" : "id")));
    }
    return 0;
}

static int read_device(const struct reader *reader, const struct node *node)
{
    struct policy_device *device = vec_add(&reader->domain->policy.devices);
    int r;

    if (!device)
        return error_nomem(reader->reterr);
    *device = policy_device_nothing;
    r = check_content(reader, node, NULL);
    if (!r)
        r = read_attributes(reader, node, device_attributes, device);
    return r ? r : check_device(reader, node);
}

static int read_policy(const struct reader *reader, const struct node *node)
{
    int r = check_content(reader, node, "device");

    if (!r)
        r = read_attributes(reader, node, policy_attributes, &reader->domain->policy);
    for (const struct node *child = node->children; !r && child; child = child->next) {
        if (is_ours(child, "device"))
            r = read_device(reader, child);
    }
    return r;
}

int parse_policy(const struct reader *reader, const struct node *root)
{
    const struct node *metadata = node_child(root, "metadata"), *policy = NULL;
    int r = 0;

    reader->domain->policy = policy_wish_nothing;
    for (const struct node *child = metadata ? metadata->children : NULL; !r && child;
         child = child->next) {
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
