/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * device_metadata.c - one file of device metadata (see device_metadata.h)
 *
 * Takes:  a stream of JSON objects, the same metadata once for each version of the format.
 * Gives:  the devices of the first object whose version is known.
 * Rule:   nothing in it is believed that does not look like what it should be: such a value is not
 *         there. Two files that contradict each other say nothing. An empty file is one that its
 *         driver has not written yet.
 * Source: KEP-5304 (kubernetes/enhancements, keps/sig-node/5304-dra-attributes-downward-api);
 *         Kubernetes' k8s.io/dynamic-resource-allocation: api/metadata/v1beta1/types.go, the stream
 *         in devicemetadata/decode.go (DecodeMetadataFromStream(): unknown versions are passed
 *         over), names and forms of attributes in deviceattribute/attribute.go, pci_linux.go
 *         ("pci<domain>:<bus>") and numa_linux.go (an "int", or "ints" of which the first is the
 *         device's own node); KubeVirt's reader pkg/dra/utils.go, names in pkg/dra/metadata.
 * Not here: where the files are (metadata_folder.c), what is made of them (unseen.c).
 */
#include "kubevirt/device_metadata.h"

#include "base/error.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>

#define GROUP "metadata.resource.k8s.io/"
#define NODE_MAX 1023 /* CONFIG_NODES_SHIFT is 10 at most */

void device_metadata_clear(struct device_metadata_list *list)
{
    for (size_t i = 0; i < list->problems.count; i++)
        free(list->problems.items[i]);
    free(list->problems.items);
    free(list->devices.items);
    *list = (struct device_metadata_list){0};
}

bool device_metadata_add_problem(struct device_metadata_list *list, const char *format, ...)
{
    va_list ap;
    char *text, **problem;

    va_start(ap, format);
    text = mem_vprintf(format, ap);
    va_end(ap);
    problem = text ? vec_add(&list->problems) : NULL;
    if (!problem) {
        free(text);
        return false;
    }
    *problem = text;
    return true;
}

/* --- attributes --- */

/* "resource.kubernetes.io/NAME", else as the KEP's text has it, else a driver's own. */
static const json_t *find_attribute(const json_t *attributes, const char *name)
{
    static const char *const domains[] = {"resource.kubernetes.io/", "resource.k8s.io/", ""};
    const json_t *value = NULL;
    char key[64];

    for (size_t i = 0; !value && i < sizeof(domains) / sizeof(*domains); i++) {
        snprintf(key, sizeof(key), "%s%s", domains[i], name);
        value = json_object_get(attributes, key);
    }
    return value;
}

/* NULL: there is none. */
static const char *text_of(const json_t *attributes, const char *name)
{
    return json_string_value(json_object_get(find_attribute(attributes, name), "string"));
}

static bool read_address(const json_t *attributes, struct bdf *ret)
{
    const char *text = text_of(attributes, "pciBusID");

    return text && bdf_parse_name(text, strlen(text), ret);
}

/* "pci0000:40" is where function 0000:40:00.0 would be. */
static bool read_root(const json_t *attributes, struct bdf *ret)
{
    const char *text = text_of(attributes, "pcieRoot");
    char name[BDF_TEXT_SIZE];
    int length;

    if (!text || strncmp(text, "pci", 3) != 0)
        return false;
    length = snprintf(name, sizeof(name), "%s:00.0", text + 3);
    return length > 0 && (size_t)length < sizeof(name) && bdf_parse_name(name, (size_t)length, ret);
}

static int read_node(const json_t *attributes)
{
    const json_t *value = find_attribute(attributes, "numaNode");
    const json_t *number = json_object_get(value, "int");

    if (!number)
        number = json_array_get(json_object_get(value, "ints"), 0);
    if (!json_is_integer(number) || json_integer_value(number) < 0 ||
        json_integer_value(number) > NODE_MAX)
        return -1;
    return (int)json_integer_value(number);
}

static bool is_uuid(const char *text)
{
    for (size_t i = 0; i < 36; i++) {
        bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;

        if (is_dash ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
            return false;
    }
    return !text[36];
}

/* False: it is no PCI device, and none that is made on one. */
static bool read_device(const json_t *device, struct device_metadata *ret)
{
    const json_t *attributes = json_object_get(device, "attributes");
    const char *uuid = text_of(attributes, "mdevUUID");

    *ret = (struct device_metadata){.node = read_node(attributes)};
    if (uuid && is_uuid(uuid))
        memcpy(ret->uuid, uuid, sizeof(ret->uuid));
    ret->has_root = read_root(attributes, &ret->root);
    return read_address(attributes, &ret->bdf);
}

/* --- the list --- */

/* What one of them does not say, the other may. */
static bool merge(struct device_metadata *into, const struct device_metadata *from)
{
    bool same_root = !into->has_root || !from->has_root || bdf_equal(&into->root, &from->root);
    bool same_node = into->node < 0 || from->node < 0 || into->node == from->node;

    if (from->has_root)
        into->root = from->root;
    into->has_root = (into->has_root || from->has_root) && same_root;
    into->node = !same_node ? -1 : into->node < 0 ? from->node : into->node;
    return same_root && same_node;
}

static int add_device(const struct device_metadata *device, const char *name,
                      struct device_metadata_list *list, struct vtopo_error **reterr)
{
    struct device_metadata *added;

    for (size_t i = 0; i < list->devices.count; i++) {
        struct device_metadata *other = &list->devices.items[i];

        if (!bdf_equal(&other->bdf, &device->bdf) || strcasecmp(other->uuid, device->uuid) != 0)
            continue;
        if (merge(other, device) ||
            device_metadata_add_problem(list,
                                        "'%s' contradicts another file on the place of %s, so "
                                        "neither counts there",
                                        name, BDF_TEXT(&device->bdf)))
            return 0;
        return error_nomem(reterr);
    }
    if (list->devices.count == DEVICE_METADATA_MAX)
        return 0;
    added = vec_add(&list->devices);
    if (!added)
        return error_nomem(reterr);
    *added = *device;
    return 0;
}

static int add_devices(const json_t *metadata, const char *name, struct device_metadata_list *list,
                       struct vtopo_error **reterr)
{
    const json_t *request, *entry;
    size_t i, k;
    int r = 0;

    json_array_foreach(json_object_get(metadata, "requests"), i, request)
    {
        json_array_foreach(json_object_get(request, "devices"), k, entry)
        {
            struct device_metadata device;

            if (!r && read_device(entry, &device))
                r = add_device(&device, name, list, reterr);
        }
    }
    return r;
}

/* --- the stream --- */

static bool is_known_version(const json_t *object)
{
    static const char *const versions[] = {"v1", "v1beta1", "v1alpha1"};
    const char *version = json_string_value(json_object_get(object, "apiVersion"));
    const char *kind = json_string_value(json_object_get(object, "kind"));
    bool known = false;

    if (!version || !kind || strcmp(kind, "DeviceMetadata") != 0 ||
        strncmp(version, GROUP, strlen(GROUP)) != 0)
        return false;
    for (size_t i = 0; i < sizeof(versions) / sizeof(*versions); i++)
        known = known || !strcmp(version + strlen(GROUP), versions[i]);
    return known;
}

static bool is_blank(const char *text, size_t length)
{
    return strspn(text, " \t\r\n") >= length;
}

/* @text ends with a NUL, which is not counted. */
int device_metadata_parse(const char *text, size_t length, const char *name,
                          struct device_metadata_list *list, struct vtopo_error **reterr)
{
    const char *why = "it has no object of a version that is known";
    json_error_t problem = {0};

    if (is_blank(text, length))
        return 0;
    while (!is_blank(text, length)) {
        json_t *object;
        int r = 0;
        bool known;

        errno = 0;
        object =
            json_loadb(text, length, JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK, &problem);
        if (!object && errno == ENOMEM)
            return error_nomem(reterr);
        known = is_known_version(object);
        if (known)
            r = add_devices(object, name, list, reterr);
        json_decref(object);
        if (known)
            return r;
        if (!object) {
            why = problem.text;
            break;
        }
        text += problem.position;
        length -= (size_t)problem.position;
    }
    return device_metadata_add_problem(list, "'%s' cannot be used: %s", name, why)
               ? 0
               : error_nomem(reterr);
}
