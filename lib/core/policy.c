/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy.c - the built-in policy, see policy.h */
#include "core/policy.h"

const struct vtopo_policy policy_default = {
    .mirror = MIRROR_SWITCH,
    .unmapped_node = UNMAPPED_EXPANDER,
    .without_numa = WITHOUT_NUMA_LEAVE,
    .clique = CLIQUE_CDI,
};
