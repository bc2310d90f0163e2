/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ports.h - KubeVirt's ports for hot-plug, of which there are never fewer than without vtopo */
#ifndef VTOPO_KUBEVIRT_PORTS_H
#define VTOPO_KUBEVIRT_PORTS_H

#include <vtopo/domain.h>

/*
 * @placeholders  interfaces that KubeVirt has kept ports free with
 * @ret_domain    the domain with the ports that are missing; NULL: none is
 * Returns 0, VTOPO_ERR_NOMEM.
 */
int kubevirt_add_ports(const struct vtopo_domain *domain, size_t placeholders,
                       struct vtopo_domain **ret_domain, struct vtopo_error **reterr);

/* @ret: the domain with the ports that KubeVirt will add before its last call; NULL: it adds none.
 */
int kubevirt_add_own_ports(const struct vtopo_domain *domain, size_t placeholders,
                           struct vtopo_domain **ret, struct vtopo_error **reterr);

#endif
