/* SPDX-License-Identifier: GPL-2.0-or-later */
/* which_call.h - which of a boot's calls is one? */
#ifndef VTOPO_KUBEVIRT_WHICH_CALL_H
#define VTOPO_KUBEVIRT_WHICH_CALL_H

#include <jansson.h>
#include <stdbool.h>
#include <vtopo/domain.h>

/* Is this call sure to be followed by one that shows more?  See the top of which_call.c. */
bool another_call_follows(const json_t *vmi, const struct vtopo_domain *domain);

#endif
