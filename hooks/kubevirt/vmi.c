/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vmi.c - see vmi.h
 *
 * Takes:  the JSON of a VirtualMachineInstance.
 * Gives:  parts of it.
 * Rule:   what is of another type than it should be is not there: KubeVirt has checked the VMI, and
 *         a hook that is picky about what it does not use stops guests for nothing.
 * Not here: annotations of vtopo's (annotations.c).
 */
#include "vmi.h"

#include "base/error.h"

#include <stdarg.h>
#include <string.h>

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

json_t *vmi_annotations(const json_t *vmi)
{
    return json_object_get(json_object_get(vmi, "metadata"), "annotations");
}

const char *vmi_annotation(const json_t *vmi, const char *name)
{
    return json_string_value(json_object_get(vmi_annotations(vmi), name));
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
