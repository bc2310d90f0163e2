/* SPDX-License-Identifier: GPL-2.0-or-later */
/* annotations.h - what a VMI wants of vtopo */
#ifndef VTOPO_KUBEVIRT_ANNOTATIONS_H
#define VTOPO_KUBEVIRT_ANNOTATIONS_H

#include "../../cmd/make_plan.h"

#include <jansson.h>
#include <stdbool.h>

#define ANNOTATION_PREFIX "vtopo.io/"

/* Annotation on-error: is a domain that cannot be rewritten to start as it is?  0, or a code with
 * @reterr if it is neither yes nor no. */
int annotations_find_on_error(const json_t *vmi, bool *ret_start, struct vtopo_error **reterr);

/* The settings that the others ask for, all but devices; 0, or a code with @reterr for the first
 * one that is unknown or wrong. */
int annotations_add_settings(const json_t *vmi, struct plan_request *request,
                             struct vtopo_error **reterr);

#endif
