/* SPDX-License-Identifier: GPL-2.0-or-later */
/* names.h - the host devices of a KubeVirt domain by their names in the VMI */
#ifndef VTOPO_KUBEVIRT_NAMES_H
#define VTOPO_KUBEVIRT_NAMES_H

#include "base/mem.h"

#include <vtopo/domain.h>

/* A GPU, a host device or an SR-IOV interface; points into the domain. */
struct kubevirt_device {
    const char *name;  /* in the VMI */
    const char *alias; /* in the domain: "ua-gpu-NAME" */
};

struct kubevirt_devices {
    struct kubevirt_device *items; /* in the order of the domain; free() */
    size_t count, cap;
};

/* False: out of memory. */
bool kubevirt_devices_find(const struct vtopo_domain *domain, struct kubevirt_devices *ret);

#endif
