/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy.h - where a program or hook finds its policy */
#ifndef VTOPO_CMD_POLICY_H
#define VTOPO_CMD_POLICY_H

#include <vtopo/policy.h>

#define DEFAULT_CONFIG VTOPO_SYSCONFDIR "/vtopo/vtopo.json"

/* The policy in @path; NULL: in DEFAULT_CONFIG or, if that is not there, the built-in one.  Above
 * it what the domain says. */
int read_policy(const char *path, const struct vtopo_domain *domain,
                struct vtopo_policy **ret_policy, struct vtopo_error **reterr);

/* Add what this machine's CDI specs say, if it is the host (@host NULL or /sys) and the domain has
 * host devices. */
int read_default_cdi(struct vtopo_policy *policy, const char *host,
                     const struct vtopo_domain *domain, struct vtopo_error **reterr);

#endif
