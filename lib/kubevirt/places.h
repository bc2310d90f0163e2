/* SPDX-License-Identifier: GPL-2.0-or-later */
/* places.h - devices without an address stay where they would be without vtopo */
#ifndef VTOPO_KUBEVIRT_PLACES_H
#define VTOPO_KUBEVIRT_PLACES_H

#include <vtopo/domain.h>
#include <vtopo/policy.h>

/*
 * @always    also where a rewrite does not change what libvirt chooses
 * @ret_held  the domain with the addresses that libvirt would choose; NULL: they are libvirt's to
 *            choose, since a rewrite does not change which it chooses, or they are not known
 * Returns 0, VTOPO_ERR_NOMEM.
 */
int kubevirt_hold_places(const struct vtopo_domain *domain, const struct vtopo_policy *policy,
                         bool always, struct vtopo_domain **ret_held, struct vtopo_error **reterr);

#endif
