/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vmi.h - what a VirtualMachineInstance says */
#ifndef VTOPO_KUBEVIRT_VMI_H
#define VTOPO_KUBEVIRT_VMI_H

#include "../../cmd/make_plan.h"

#include <jansson.h>
#include <stdbool.h>

/* @ret_vmi: free with json_decref(); 0, or a code with @reterr. */
int vmi_parse(const char *text, size_t length, json_t **ret_vmi, struct vtopo_error **reterr);

/* A text of its metadata, NULL: it has none. */
const char *vmi_metadata(const json_t *vmi, const char *name);
/* The annotation's text; NULL: it is not there, or no text. */
const char *vmi_annotation(const json_t *vmi, const char *name);

/* What the annotations of vtopo's ask for; 0, or a code with @reterr. */
int vmi_add_settings(const json_t *vmi, struct plan_request *request, struct vtopo_error **reterr);

#endif
