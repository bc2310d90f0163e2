/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * device_wishes.c - see device_wishes.h
 *
 * Takes:  annotation devices, an object for each device by its name in the VMI; the pciAddress of
 *         SR-IOV interfaces.
 * Gives:  entries of the policy by the aliases that KubeVirt gives these devices.
 * Rule:   keys and values are those of the policy's entries. Where the VMI gives an interface an
 *         address, it is there on purpose and stays, unless annotation devices says otherwise. A
 *         name that no host device of the VMI has is an error with the nearest one.
 */
#include "device_wishes.h"

#include "annotations.h"
#include "base/error.h"
#include "base/nearest.h"
#include "kubevirt/names.h"
#include "kubevirt/vmi.h"

#include <string.h>

#define DEVICES ANNOTATION_PREFIX "devices"

struct wishes {
    struct vtopo_policy *policy;
    struct kubevirt_devices devices;
    struct kubevirt_answer *answer;
    struct vtopo_error **reterr;
};

/* --- by name --- */

static int refuse_name(const struct wishes *w, const char *name)
{
    autofree const char **names = calloc(w->devices.count + 1, sizeof(*names));
    const char *near;

    if (!names)
        return error_nomem(w->reterr);
    for (size_t i = 0; i < w->devices.count; i++)
        names[i] = w->devices.items[i].name;
    near = nearest_word(name, names, w->devices.count);
    return error_set(
        w->reterr, VTOPO_ERR_FILE,
        "annotation " DEVICES " of the VMI: no GPU, host device or SR-IOV interface of the VMI is "
        "called '%.80s'%s%.80s%s",
        name, near ? "; the nearest name is '" : "", near ? near : "", near ? "'" : "");
}

/* NULL: it is none. */
static const char *find_as_alias(const struct wishes *w, const char *name)
{
    for (size_t i = 0; i < w->devices.count; i++) {
        if (!strcmp(w->devices.items[i].alias, name))
            return w->devices.items[i].alias;
    }
    return NULL;
}

/* Names are unique among devices of one kind only; aliases, which have the kind, among all. */
static int find_alias(const struct wishes *w, const char *name, const char **ret_alias)
{
    *ret_alias = NULL;
    for (size_t i = 0; i < w->devices.count; i++) {
        if (strcmp(w->devices.items[i].name, name))
            continue;
        if (*ret_alias)
            return error_set(w->reterr, VTOPO_ERR_FILE,
                             "annotation " DEVICES
                             " of the VMI: two of its devices are called '%.80s': write %s or %s, "
                             "so that it is known which one is meant",
                             name, *ret_alias, w->devices.items[i].alias);
        *ret_alias = w->devices.items[i].alias;
    }
    if (!*ret_alias)
        *ret_alias = find_as_alias(w, name);
    return *ret_alias ? 0 : refuse_name(w, name);
}

/* As vtopo_policy_set_device() takes it; NULL: it is none of that. */
static const char *text_of(const json_t *value, char number[32])
{
    if (json_is_boolean(value))
        return json_is_true(value) ? "true" : "false";
    if (!json_is_integer(value))
        return vmi_text(value);
    snprintf(number, 32, "%lld", (long long)json_integer_value(value));
    return number;
}

static int set_key(const struct wishes *w, const char *name, const char *alias, const char *key,
                   const json_t *value)
{
    struct vtopo_error *why = NULL;
    char number[32];
    const char *text = text_of(value, number);
    int r;

    if (!text)
        return error_set(w->reterr, VTOPO_ERR_FILE,
                         "annotation " DEVICES
                         " of the VMI: '%.80s' of '%.80s' is neither true or false, nor a number "
                         "or a text",
                         key, name);
    r = vtopo_policy_set_device(w->policy, alias, key, text, &why);
    if (r == VTOPO_ERR_USAGE)
        r = error_set(w->reterr, VTOPO_ERR_FILE, "annotation " DEVICES " of the VMI: '%.80s': %s",
                      name, vtopo_error_message(why));
    else if (r)
        r = error_nomem(w->reterr);
    vtopo_error_free(why);
    return r;
}

static int set_keys(const struct wishes *w, const char *name, json_t *keys)
{
    const char *alias, *key;
    json_t *value;
    int r = find_alias(w, name, &alias);

    if (!r && !json_is_object(keys))
        r = error_set(w->reterr, VTOPO_ERR_FILE,
                      "annotation " DEVICES
                      " of the VMI: '%.80s' must be an object like {\"keep\": true}",
                      name);
    if (r)
        return r;
    json_object_foreach(keys, key, value)
    {
        r = set_key(w, name, alias, key, value);
        if (r)
            return r;
    }
    return 0;
}

static int set_all(const struct wishes *w, json_t *devices)
{
    const char *name;
    json_t *keys;

    json_object_foreach(devices, name, keys)
    {
        int r = set_keys(w, name, keys);

        if (r)
            return r;
    }
    return 0;
}

static int apply_annotation(const struct wishes *w, const char *text)
{
    json_t *devices = NULL;
    int r = vmi_parse(text, strlen(text), "annotation " DEVICES " of the VMI", &devices, w->reterr);

    if (!r)
        r = set_all(w, devices);
    json_decref(devices);
    return r;
}

/* --- addresses --- */

/* NULL: the domain has no such device. */
static const char *alias_of_interface(const struct wishes *w, const char *name)
{
    for (size_t i = 0; i < w->devices.count; i++) {
        if (!strncmp(w->devices.items[i].alias, "ua-sriov-", strlen("ua-sriov-")) &&
            !strcmp(w->devices.items[i].name, name))
            return w->devices.items[i].alias;
    }
    return NULL;
}

static int keep_address(const struct wishes *w, const json_t *interface)
{
    const char *name = vmi_text(json_object_get(interface, "name"));
    const char *address = vmi_text(json_object_get(interface, "pciAddress"));
    const char *alias = name && address && *address ? alias_of_interface(w, name) : NULL;
    autofree char *text = NULL;
    int r;

    if (!alias)
        return 0;
    r = vtopo_policy_set_device(w->policy, alias, "keep", "yes", w->reterr);
    if (r)
        return r;
    text =
        mem_printf("interface %s stays at %s, the pciAddress that the VMI gives it", name, address);
    if (!text || kubevirt_answer_add(w->answer, KUBEVIRT_INFO, text))
        r = error_nomem(w->reterr);
    return r;
}

static int keep_addresses(const struct wishes *w, const json_t *vmi)
{
    const json_t *interfaces = vmi_domain_part(vmi, "devices", "interfaces", NULL);
    const json_t *interface;
    size_t i;

    json_array_foreach(interfaces, i, interface)
    {
        int r = keep_address(w, interface);

        if (r)
            return r;
    }
    return 0;
}

int device_wishes_apply(const json_t *vmi, const struct vtopo_domain *domain,
                        struct vtopo_policy *policy, struct kubevirt_answer *answer,
                        struct vtopo_error **reterr)
{
    struct wishes w = {.policy = policy, .answer = answer, .reterr = reterr};
    const char *text = vmi_annotation(vmi, DEVICES);
    int r = kubevirt_devices_find(domain, &w.devices) ? 0 : error_nomem(reterr);

    if (!r)
        r = keep_addresses(&w, vmi);
    if (!r && text)
        r = apply_annotation(&w, text);
    free(w.devices.items);
    return r;
}
