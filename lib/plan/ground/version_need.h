/* SPDX-License-Identifier: GPL-2.0-or-later */
/* version_need.h - elements that QEMU and libvirt have to be known to take */
#ifndef VTOPO_PLAN_GROUND_VERSION_NEED_H
#define VTOPO_PLAN_GROUND_VERSION_NEED_H

#include "plan/ground/facts.h"

struct version_need {
    unsigned libvirt, qemu; /* as in versions.h */
    const char *text;       /* both: "libvirt 11.10 and QEMU 10.2" */
};

/*
 * "it takes libvirt 11.10 and QEMU 10.2 or later, and ...": why it is not met; @ret_why NULL: it
 * is.  False: out of memory.
 */
bool version_need_lack(const struct facts *facts, const struct version_need *need, char **ret_why);

#endif
