/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pod_host.h - the host as a container of the guest's pod sees it */
#ifndef VTOPO_KUBEVIRT_POD_HOST_H
#define VTOPO_KUBEVIRT_POD_HOST_H

#include <vtopo/domain.h>

struct work;
struct pod_host;

/*
 * Reads the host of the call, if that was not done yet, with what drivers say of devices that the
 * pod does not see.  Returns 0, or a code: then *reterr says what is missing, and what brings it.
 */
int pod_host_read(struct work *w, const struct vtopo_domain *domain);

/* What of the host is not known, as findings.  0, or a code with *reterr: a strict policy does not
 * take it. */
int pod_host_report(struct work *w);

void pod_host_free(struct pod_host *pod);

#endif
