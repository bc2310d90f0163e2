/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host.c - fuzz the host description: read it, show it, plan fixed domains on it
 *
 * Takes:  a host description (JSON).
 */
#include "fuzz.h"

static const char *const paths[] = {
    "tests/domains/small.xml",
    "tests/domains/gpu-functions.xml",
    "tests/domains/nested.xml",
    "tests/domains/sriov.xml",
};
#define DOMAINS (sizeof(paths) / sizeof(*paths))

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct vtopo_domain *domains[DOMAINS];
    static struct vtopo_policy *checking;
    struct vtopo_host *host = NULL;
    struct vtopo_error *error = NULL;

    if (!fuzz_done(vtopo_host_read(fuzz_file(data, size), NULL, &host, &error), &error))
        return 0;
    if (!checking && !vtopo_policy_new(&checking, NULL))
        vtopo_policy_set_checks(checking, true);
    fuzz_show_host(host);
    for (size_t i = 0; i < DOMAINS; i++) {
        if (!domains[i])
            domains[i] = fuzz_read_domain(paths[i]);
        fuzz_plan(host, domains[i], NULL);
        fuzz_plan(host, domains[i], checking);
    }
    vtopo_host_free(host);
    return 0;
}
