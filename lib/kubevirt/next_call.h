/* SPDX-License-Identifier: GPL-2.0-or-later */
/* next_call.h - what KubeVirt will show of a domain in its next call */
#ifndef VTOPO_KUBEVIRT_NEXT_CALL_H
#define VTOPO_KUBEVIRT_NEXT_CALL_H

#include <vtopo/domain.h>
#include <vtopo/policy.h>

/*
 * What KubeVirt shows in the call behind that of @domain: libvirt has given addresses, the
 * interfaces that only keep ports free are gone, and so are addresses that KubeVirt has no place
 * for.
 *
 * Returns 0, VTOPO_ERR_NOMEM.
 */
int kubevirt_show_next(const struct vtopo_domain *domain, const struct vtopo_policy *policy,
                       struct vtopo_domain **ret_next, struct vtopo_error **reterr);

#endif
