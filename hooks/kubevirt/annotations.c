/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * annotations.c - see annotations.h
 *
 * Takes:  the annotations of a VMI that begin with vtopo.io/.
 * Gives:  settings over the policy of the node; what becomes of a domain that cannot be rewritten.
 * Rule:   a typing mistake must not change a guest in silence: an unknown key of vtopo's is an
 *         error that names the nearest known one, and so is a value that is none. An annotation
 *         means what the policy's key means.
 * Not here: annotation devices (device_wishes.c).
 */
#include "annotations.h"

#include "base/error.h"
#include "base/nearest.h"
#include "kubevirt/vmi.h"

#include <string.h>

#define ON_ERROR "on-error"

/* Annotation, and the key of the policy that it sets; NULL: none. */
static const struct {
    const char *name, *key;
} known[] = {
    {"mirror", "mirror"},
    {"strict", "strict"},
    {"clique", "clique"},
    {"links", "links"},
    {"spare-ports", "spare_ports"},
    {"mmio", "mmio"},
    {"cells", "cells"},
    {"adopt", "adopt"},
    {"devices", NULL},
    {ON_ERROR, NULL},
};
#define KNOWN (sizeof(known) / sizeof(*known))

static bool is_known(const char *name)
{
    for (size_t i = 0; i < KNOWN; i++) {
        if (!strcmp(known[i].name, name))
            return true;
    }
    return false;
}

static int refuse_unknown(const char *name, struct vtopo_error **reterr)
{
    const char *names[KNOWN], *near;

    for (size_t i = 0; i < KNOWN; i++)
        names[i] = known[i].name;
    near = nearest_word(name, names, KNOWN);
    return error_set(
        reterr, VTOPO_ERR_FILE, "the VMI has an unknown annotation " ANNOTATION_PREFIX "%.80s%s%s",
        name, near ? ": the nearest that is known is " ANNOTATION_PREFIX : "", near ? near : "");
}

static int check_names(const json_t *vmi, struct vtopo_error **reterr)
{
    size_t length = strlen(ANNOTATION_PREFIX);
    const char *name;
    json_t *value;

    json_object_foreach(vmi_annotations(vmi), name, value)
    {
        if (strncmp(name, ANNOTATION_PREFIX, length))
            continue;
        if (!is_known(name + length))
            return refuse_unknown(name + length, reterr);
        if (!vmi_text(value))
            return error_set(reterr, VTOPO_ERR_FILE, "annotation %s of the VMI must be a text",
                             name);
    }
    return 0;
}

/* NULL: it is not there. */
static const char *text_of(const json_t *vmi, const char *name)
{
    char key[64];

    snprintf(key, sizeof(key), ANNOTATION_PREFIX "%s", name);
    return vmi_annotation(vmi, key);
}

static int check_value(const char *name, const char *key, const char *text,
                       struct vtopo_error **reterr)
{
    struct vtopo_error *why = NULL;
    int r = vtopo_policy_check(key, text, &why);

    if (r == VTOPO_ERR_USAGE)
        r = error_set(reterr, VTOPO_ERR_FILE, "annotation " ANNOTATION_PREFIX "%s of the VMI: %s",
                      name, vtopo_error_message(why));
    else if (r)
        r = error_nomem(reterr);
    vtopo_error_free(why);
    return r;
}

int annotations_add_settings(const json_t *vmi, struct plan_request *request,
                             struct vtopo_error **reterr)
{
    int r = check_names(vmi, reterr);

    for (size_t i = 0; !r && i < KNOWN; i++) {
        const char *text = known[i].key ? text_of(vmi, known[i].name) : NULL;

        if (text)
            r = check_value(known[i].name, known[i].key, text, reterr);
        add_setting(request, known[i].key, text);
    }
    return r;
}

int annotations_find_on_error(const json_t *vmi, bool *ret_start, struct vtopo_error **reterr)
{
    const json_t *value = json_object_get(vmi_annotations(vmi), ANNOTATION_PREFIX ON_ERROR);
    const char *text = vmi_text(value);

    *ret_start = text && !strcmp(text, "start");
    if (!value || *ret_start || (text && !strcmp(text, "fail")))
        return 0;
    return error_set(reterr, VTOPO_ERR_FILE,
                     "annotation " ANNOTATION_PREFIX ON_ERROR
                     " of the VMI must be one of 'fail', 'start', not '%.80s'",
                     text ? text : "something else than a text");
}
