/* SPDX-License-Identifier: GPL-2.0-or-later */
/* which_call.h - which of a boot's calls is one? */
#ifndef VTOPO_KUBEVIRT_WHICH_CALL_H
#define VTOPO_KUBEVIRT_WHICH_CALL_H

#include <jansson.h>
#include <stdbool.h>
#include <vtopo/domain.h>

/* Is this call sure to be followed by one that shows more?  See the top of which_call.c. */
bool another_call_follows(const json_t *vmi, const struct vtopo_domain *domain);

/* Has an earlier call of this boot acted, or left the domain alone after all? */
bool earlier_call_acted(const json_t *vmi, const struct vtopo_domain *domain);

/* Does KubeVirt add root ports before its last call? */
bool adds_ports(const json_t *vmi);
/* Interfaces that KubeVirt adds in its first call to keep ports free. */
size_t count_placeholders(const json_t *vmi);

#endif
