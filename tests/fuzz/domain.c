/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * domain.c - fuzz the domain XML: parse it, take vtopo's marks out, rewrite it in every mode
 *
 * Takes:  a domain XML.
 * Rule:   it is planned for the first of a few fixed hosts that has all its devices.
 */
#include "fuzz.h"
#include "model/policy.h"

#include <stdlib.h>

static const char *const paths[] = {
    "examples/hosts/two-dpu.json",       "examples/hosts/hgx8.json",
    "examples/hosts/rtx8.json",          "examples/hosts/sriov.json",
    "tests/hosts/nested-switches.json",  "tests/hosts/unknown-node.json",
    "tests/hosts/wide-domains.json",     "tests/hosts/amd-gpu.json",
    "tests/hosts/failover.json",         "tests/hosts/laptop-gpu.json",
    "tests/hosts/commandline-vfio.json",
};
#define HOSTS (sizeof(paths) / sizeof(*paths))

static const struct vtopo_host *find_host(const struct vtopo_domain *domain)
{
    static struct vtopo_host *hosts[HOSTS];
    struct vtopo_plan *plan;
    int code;

    for (size_t i = 0; i < HOSTS; i++) {
        if (!hosts[i])
            hosts[i] = fuzz_read_host(paths[i]);
        plan = NULL;
        code = vtopo_plan_make(hosts[i], domain, NULL, &plan, NULL);
        vtopo_plan_free(plan);
        if (code != VTOPO_ERR_HOST)
            return hosts[i];
    }
    return hosts[0];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vtopo_policy *policy = NULL;
    struct vtopo_domain *domain = NULL;
    struct vtopo_error *error = NULL;
    const struct vtopo_host *host;
    char *text = NULL;
    size_t length;

    if (!fuzz_done(vtopo_domain_parse((const char *)data, size, "input", &domain, &error), &error))
        return 0;
    if (fuzz_done(vtopo_domain_undo(domain, &text, &length, &error), &error))
        free(text);
    host = find_host(domain);
    must(!vtopo_policy_new(&policy, NULL));
    must(!vtopo_policy_apply_domain(policy, domain, NULL));
    fuzz_plan(host, domain, policy);
    for (enum vtopo_mirror mirror = VTOPO_MIRROR_NUMA; mirror <= VTOPO_MIRROR_EXACT; mirror++) {
        vtopo_policy_set_mirror(policy, mirror);
        fuzz_plan(host, domain, policy);
    }
    vtopo_policy_set_adopt(policy, true);
    vtopo_policy_set_spare_ports(policy, 1);
    fuzz_plan(host, domain, policy);
    policy->hide_hypervisor = true;
    policy->smmu = SMMU_ACCEL_ATS;
    policy->qemu_version = 11001000;
    policy->libvirt_version = 12007000;
    fuzz_plan(host, domain, policy);
    vtopo_policy_free(policy);
    vtopo_domain_free(domain);
    return 0;
}
