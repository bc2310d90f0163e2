/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guest_plan.h - what a plan says of the guest, for the guest itself
 */
#ifndef VTOPO_PLAN_GUEST_PLAN_H
#define VTOPO_PLAN_GUEST_PLAN_H

#include "plan/ground/plan.h"

#define GUEST_PLAN_VERSION 1

/* Is there anything to say: has any device a place from vtopo? */
bool guest_plan_has_devices(const struct vtopo_plan *plan);
/* A device or a port above one whose guest address is not known, by its label; NULL: all are. */
const char *guest_plan_unknown(const struct vtopo_plan *plan);

/*
 * JSON (schemas/guest-plan.schema.json) of a finished plan, whose addresses are all known.
 *
 * @ret_text  NUL-terminated; free with free()
 */
int guest_plan_format(const struct vtopo_plan *plan, char **ret_text, struct vtopo_error **reterr);

#endif
