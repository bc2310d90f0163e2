/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vmi.c - see vmi.h
 *
 * Takes:  the JSON of a VirtualMachineInstance, or that of an annotation.
 * Gives:  it as an object, and parts of it.
 * Rule:   what is of another type than it should be is not there: KubeVirt has checked the VMI, and
 *         a hook that is picky about what it does not use stops guests for nothing. A NUL, which
 * may be in the guest's own data, is such a type where a text is wanted. Not here: annotations of
 * vtopo's (hooks/kubevirt).
 */
#include "kubevirt/vmi.h"

#include "base/error.h"
#include "json/load.h"

#include <stdarg.h>
#include <string.h>

int vmi_parse(const char *text, size_t length, const char *what, json_t **ret_object,
              struct vtopo_error **reterr)
{
    json_error_t why;
    bool no_memory;
    json_t *object = load_json_with_nul(text, length, &no_memory, &why);

    if (json_is_object(object)) {
        *ret_object = object;
        return 0;
    }
    if (!object && no_memory)
        return error_nomem(reterr);
    error_set(reterr, VTOPO_ERR_FILE, "%s is not a JSON object%s%s", what, object ? "" : ": ",
              object ? "" : why.text);
    json_decref(object);
    return VTOPO_ERR_FILE;
}

const char *vmi_text(const json_t *value)
{
    const char *text = json_string_value(value);

    return text && strlen(text) == json_string_length(value) ? text : NULL;
}

const char *vmi_metadata(const json_t *vmi, const char *name)
{
    return vmi_text(json_object_get(json_object_get(vmi, "metadata"), name));
}

json_t *vmi_annotations(const json_t *vmi)
{
    return json_object_get(json_object_get(vmi, "metadata"), "annotations");
}

const char *vmi_annotation(const json_t *vmi, const char *name)
{
    return vmi_text(json_object_get(vmi_annotations(vmi), name));
}

bool vmi_annotation_is(const json_t *vmi, const char *name, const char *value)
{
    const char *text = vmi_annotation(vmi, name);

    return text && !strcmp(text, value);
}

json_t *vmi_domain_part(const json_t *vmi, const char *key, ...)
{
    json_t *part = json_object_get(json_object_get(vmi, "spec"), "domain");
    va_list keys;

    va_start(keys, key);
    for (; key; key = va_arg(keys, const char *))
        part = json_object_get(part, key);
    va_end(keys);
    return part;
}
