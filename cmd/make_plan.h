/* SPDX-License-Identifier: GPL-2.0-or-later */
/* make_plan.h - what the programs and hooks do alike: policy, host and plan for a domain */
#ifndef VTOPO_CMD_MAKE_PLAN_H
#define VTOPO_CMD_MAKE_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <vtopo/host.h>
#include <vtopo/plan.h>
#include <vtopo/policy.h>

#define DEFAULT_CONFIG VTOPO_SYSCONFDIR "/vtopo/vtopo.json"
#define SETTINGS_MAX 16

/* What a program was told about where to read, and what goes over the policy that it reads. */
struct plan_request {
    const char *host;   /* NULL: /sys */
    const char *config; /* NULL: DEFAULT_CONFIG or, if that is not there, the built-in policy */
    /* In place of the default folders of CDI specs, which count if this machine is the host. */
    const char *const *cdi_dirs;
    size_t cdi_dir_count;
    struct {
        const char *key, *value; /* vtopo_policy_set() */
    } settings[SETTINGS_MAX];
    size_t setting_count;
    bool adopt;       /* policy adopt, unless the file or a setting says otherwise */
    bool checks;      /* the plan is to report what spoils peer-to-peer */
    unsigned details; /* of the host, besides what the policy needs */
};

/* @value NULL: nothing is set. */
void add_setting(struct plan_request *request, const char *key, const char *value);

/* The file, above it what the domain says, above that the settings; and CDI specs. */
int make_policy(const struct plan_request *request, const struct vtopo_domain *domain,
                struct vtopo_policy **ret_policy, struct vtopo_error **reterr);

/* Where the host is described. */
const char *host_path(const struct plan_request *request);

/*
 * What a plan needs of the host.
 *
 * @host  NULL in it: it is read into it; free it with vtopo_host_free(), also after a failure
 */
int read_host(const struct plan_request *request, const struct vtopo_domain *domain,
              const struct vtopo_policy *policy, struct vtopo_host **host,
              struct vtopo_error **reterr);

/* With read_host() before it. */
int make_plan(const struct plan_request *request, const struct vtopo_domain *domain,
              const struct vtopo_policy *policy, struct vtopo_host **host,
              struct vtopo_plan **ret_plan, struct vtopo_error **reterr);

#endif
