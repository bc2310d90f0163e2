/* SPDX-License-Identifier: GPL-2.0-or-later */
/* device_wishes.h - what a VMI wants for single devices */
#ifndef VTOPO_KUBEVIRT_DEVICE_WISHES_H
#define VTOPO_KUBEVIRT_DEVICE_WISHES_H

#include "answer.h"

#include <jansson.h>
#include <vtopo/domain.h>
#include <vtopo/policy.h>

/*
 * Puts the VMI's wishes for devices into @policy; addresses that the VMI gives are said in the log.
 * 0, or a code with @reterr.
 */
int device_wishes_apply(const json_t *vmi, const struct vtopo_domain *domain,
                        struct vtopo_policy *policy, struct kubevirt_answer *answer,
                        struct vtopo_error **reterr);

#endif
