/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vmi.h - what a VirtualMachineInstance says */
#ifndef VTOPO_KUBEVIRT_VMI_H
#define VTOPO_KUBEVIRT_VMI_H

#include <jansson.h>
#include <stdbool.h>
#include <vtopo/error.h>

/*
 * @what        what messages call the text
 * @ret_object  free with json_decref()
 * Returns 0, or a code with @reterr: the text is no object, or has a key twice.
 */
int vmi_parse(const char *text, size_t length, const char *what, json_t **ret_object,
              struct vtopo_error **reterr);

/* NULL: it is none, or one with a NUL in it. */
const char *vmi_text(const json_t *value);
/* A text of its metadata; NULL: it has none. */
const char *vmi_metadata(const json_t *vmi, const char *name);
/* NULL: it has no annotations. */
json_t *vmi_annotations(const json_t *vmi);
/* The annotation's text; NULL: it is not there, or no text. */
const char *vmi_annotation(const json_t *vmi, const char *name);
bool vmi_annotation_is(const json_t *vmi, const char *name, const char *value);

/* What is at a path of keys below spec.domain, which ends with NULL; NULL: nothing. */
json_t *vmi_domain_part(const json_t *vmi, const char *key, ...) __attribute__((sentinel));

#endif
