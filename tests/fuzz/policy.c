/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * policy.c - fuzz the policy file: read it, plan a fixed domain with it
 *
 * Takes:  a policy (JSON).
 */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct vtopo_host *host;
    static struct vtopo_domain *domain;
    struct vtopo_policy *policy = NULL;
    struct vtopo_error *error = NULL;

    if (!host) {
        host = fuzz_read_host("examples/hosts/two-dpu.json");
        domain = fuzz_read_domain("tests/domains/full-seabios.xml");
    }
    if (!fuzz_done(vtopo_policy_read(fuzz_file(data, size), &policy, &error), &error))
        return 0;
    fuzz_plan(host, domain, policy);
    vtopo_policy_free(policy);
    return 0;
}
