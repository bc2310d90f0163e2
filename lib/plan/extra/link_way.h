/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link_way.h - how ports are made to say the host's links */
#ifndef VTOPO_PLAN_EXTRA_LINK_WAY_H
#define VTOPO_PLAN_EXTRA_LINK_WAY_H

#include "plan/ground/facts.h"
#include "plan/ground/reporter.h"

enum link_way {
    LINK_WAY_STOCK,     /* not at all: they say what QEMU's ports say */
    LINK_WAY_OVERRIDES, /* switches are CXL switches, by overrides */
    LINK_WAY_TARGET,    /* switches are QEMU's generic one, links are <target speed width> */
};

/* For policy links "host"; a finding says what is not to be had. */
int link_way_find(const struct facts *facts, const struct reporter *reporter,
                  enum link_way *ret_way);

#endif
