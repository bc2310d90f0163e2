/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy.h - the policy of a hook, which nobody gives options on a command line */
#ifndef VTOPO_HOOKS_POLICY_H
#define VTOPO_HOOKS_POLICY_H

#include <vtopo/policy.h>

/*
 * The policy in @path; NULL: in /etc/vtopo/vtopo.json; if that is not there, the built-in one.  If the host is this
 * machine (@host NULL or "/sys"), with what its CDI specs say.
 */
int read_policy(const char *path, const char *host, struct vtopo_policy **ret_policy, struct vtopo_error **reterr);

#endif
