/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vmi.c - see vmi.h
 *
 * Takes:  the JSON of a VirtualMachineInstance.
 * Gives:  its annotations, and what those of vtopo's ask for.
 * Rule:   a typing mistake must not change a guest in silence: an unknown key of vtopo's and a
 *         value that is none are errors.
 */
#include "vmi.h"

#include "base/error.h"

#include <string.h>

#define PREFIX "vtopo.io/"

int vmi_parse(const char *text, size_t length, json_t **ret_vmi, struct vtopo_error **reterr)
{
    json_error_t why;
    json_t *vmi = json_loadb(text, length, JSON_REJECT_DUPLICATES, &why);

    if (json_is_object(vmi)) {
        *ret_vmi = vmi;
        return 0;
    }
    if (!vmi && json_error_code(&why) == json_error_out_of_memory)
        return error_nomem(reterr);
    json_decref(vmi);
    return error_set(reterr, VTOPO_ERR_FILE, "the VMI is not a JSON object%s%s", vmi ? "" : ": ",
                     vmi ? "" : why.text);
}

const char *vmi_metadata(const json_t *vmi, const char *name)
{
    return json_string_value(json_object_get(json_object_get(vmi, "metadata"), name));
}

static json_t *annotations_of(const json_t *vmi)
{
    return json_object_get(json_object_get(vmi, "metadata"), "annotations");
}

const char *vmi_annotation(const json_t *vmi, const char *name)
{
    return json_string_value(json_object_get(annotations_of(vmi), name));
}

/* The first annotation of vtopo's that it does not know; NULL: there is none. */
static const char *unknown_annotation(const json_t *vmi)
{
    const char *name;
    json_t *value;

    json_object_foreach(annotations_of(vmi), name, value)
    {
        if (!strncmp(name, PREFIX, strlen(PREFIX)) && strcmp(name, PREFIX "mirror") &&
            strcmp(name, PREFIX "strict"))
            return name;
    }
    return NULL;
}

/* Is it there, and nothing that the key takes? */
static bool is_bad(const json_t *vmi, const char *annotation, const char *key)
{
    const json_t *value = json_object_get(annotations_of(vmi), annotation);

    return value &&
           (!json_is_string(value) || vtopo_policy_check(key, json_string_value(value), NULL));
}

int vmi_add_settings(const json_t *vmi, struct plan_request *request, struct vtopo_error **reterr)
{
    const char *unknown = unknown_annotation(vmi);

    if (unknown)
        return error_set(
            reterr, VTOPO_ERR_FILE,
            "unknown annotation %s of the VMI (known: vtopo.io/mirror, vtopo.io/strict)", unknown);
    if (is_bad(vmi, PREFIX "mirror", "mirror"))
        return error_set(reterr, VTOPO_ERR_FILE,
                         "annotation vtopo.io/mirror of the VMI must be \"numa\", \"root\", "
                         "\"switch\" or \"exact\"");
    if (is_bad(vmi, PREFIX "strict", "strict"))
        return error_set(reterr, VTOPO_ERR_FILE,
                         "annotation vtopo.io/strict of the VMI must be yes, no, true or false");
    add_setting(request, "mirror", vmi_annotation(vmi, PREFIX "mirror"));
    add_setting(request, "strict", vmi_annotation(vmi, PREFIX "strict"));
    return 0;
}
