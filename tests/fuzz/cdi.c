/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cdi.c - fuzz CDI specs: read one, plan a fixed domain with it
 *
 * Takes:  a CDI spec (YAML or JSON).
 */
#include "cdi/cdi.h"

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
    must(!vtopo_policy_new(&policy, NULL));
    if (fuzz_done(cdi_parse((const char *)data, size, "spec", policy, &error), &error))
        fuzz_plan(host, domain, policy);
    else
        must(!policy->cdi.count);
    vtopo_policy_free(policy);
    return 0;
}
