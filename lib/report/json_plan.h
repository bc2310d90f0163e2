/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json_plan.h - a plan for programs: schemas/plan.schema.json
 */
#ifndef VTOPO_REPORT_JSON_PLAN_H
#define VTOPO_REPORT_JSON_PLAN_H

#include "plan/ground/plan.h"

/* Counts up when a reader of the former version could misread the new one; new keys alone do not.
 */
#define PLAN_JSON_VERSION 1

/*
 * @ret_text  NUL-terminated UTF-8 that ends with a line feed; free with free()
 *
 * Returns 0, VTOPO_ERR_NOMEM.
 */
int plan_to_json(const struct vtopo_plan *plan, char **ret_text, struct vtopo_error **reterr);

#endif
