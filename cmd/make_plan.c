/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * make_plan.c - see make_plan.h
 *
 * Takes:  a domain, where host, policy and CDI specs are, settings.
 * Gives:  a policy, a host, a plan.
 * Rule:   who is nearer to the guest wins, key by key: the file, the domain, the settings.
 * Not here: which settings (the programs), what comes of them (the library).
 */
#include "make_plan.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define SYSFS "/sys"

void add_setting(struct plan_request *request, const char *key, const char *value)
{
    if (!value || request->setting_count == SETTINGS_MAX)
        return;
    request->settings[request->setting_count].key = key;
    request->settings[request->setting_count++].value = value;
}

/* *ret_policy is to be freed after a failure, too. */
static int read_policy(const struct plan_request *request, struct vtopo_policy **ret_policy,
                       struct vtopo_error **reterr)
{
    const char *path = request->config;
    int r = vtopo_policy_new(ret_policy, reterr);

    /* A file that is there and cannot be read is an error, too. */
    if (!path && (!access(DEFAULT_CONFIG, F_OK) || errno != ENOENT))
        path = DEFAULT_CONFIG;
    if (r)
        return r;
    vtopo_policy_set_adopt(*ret_policy, request->adopt);
    return path ? vtopo_policy_read_over(path, *ret_policy, reterr) : 0;
}

/* The default folders are about this machine, and of no use without host devices. */
static int read_cdi(const struct plan_request *request, const struct vtopo_domain *domain,
                    struct vtopo_policy *policy, struct vtopo_error **reterr)
{
    bool is_host = !request->host || !strcmp(request->host, SYSFS);
    int r = 0;

    for (size_t i = 0; !r && i < request->cdi_dir_count; i++)
        r = vtopo_policy_read_cdi(policy, request->cdi_dirs[i], reterr);
    if (!request->cdi_dir_count && is_host && vtopo_domain_assigned_count(domain))
        r = vtopo_policy_read_default_cdi(policy, reterr);
    return r;
}

static int change_policy(const struct plan_request *request, const struct vtopo_domain *domain,
                         struct vtopo_policy *policy, struct vtopo_error **reterr)
{
    int r = vtopo_policy_apply_domain(policy, domain, reterr);

    for (size_t i = 0; !r && i < request->setting_count; i++)
        r = vtopo_policy_set(policy, request->settings[i].key, request->settings[i].value, reterr);
    vtopo_policy_set_checks(policy, request->checks);
    return r ? r : read_cdi(request, domain, policy, reterr);
}

int make_policy(const struct plan_request *request, const struct vtopo_domain *domain,
                struct vtopo_policy **ret_policy, struct vtopo_error **reterr)
{
    struct vtopo_policy *policy = NULL;
    int r = read_policy(request, &policy, reterr);

    if (!r)
        r = change_policy(request, domain, policy, reterr);
    if (r) {
        vtopo_policy_free(policy);
        return r;
    }
    *ret_policy = policy;
    return 0;
}

const char *host_path(const struct plan_request *request)
{
    return request->host ? request->host : SYSFS;
}

int read_host(const struct plan_request *request, const struct vtopo_domain *domain,
              const struct vtopo_policy *policy, struct vtopo_host **host,
              struct vtopo_error **reterr)
{
    unsigned details = request->details | vtopo_policy_details(policy);

    if (*host)
        return 0;
    return vtopo_host_read_details(host_path(request), domain, details, host, reterr);
}

int make_plan(const struct plan_request *request, const struct vtopo_domain *domain,
              const struct vtopo_policy *policy, struct vtopo_host **host,
              struct vtopo_plan **ret_plan, struct vtopo_error **reterr)
{
    int r = read_host(request, domain, policy, host, reterr);

    return r ? r : vtopo_plan_make(*host, domain, policy, ret_plan, reterr);
}
