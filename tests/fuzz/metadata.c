/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * metadata.c - fuzz device metadata: a pod that sees nothing of its host plans with it
 *
 * Takes:  a stream of JSON objects (KEP-5304).
 * Rule:   what is wrong with it is a problem of the list; a host that it makes is one like any
 *         other.
 */
#include "kubevirt/device_metadata.h"
#include "kubevirt/unseen.h"

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

static void plan(const struct device_metadata_list *list)
{
    static struct vtopo_domain *domain;
    static struct vtopo_policy *policy;
    struct vtopo_host *host = unseen_host();
    struct vtopo_error *error = NULL;
    struct unseen unseen;
    bool all = true;

    if (!domain) {
        domain = fuzz_read_domain("tests/domains/kubevirt-call2.xml");
        must(!vtopo_policy_new(&policy, NULL));
    }
    must(unseen_find(domain, host, &unseen) && unseen.devices.count == 4);
    must(fuzz_done(unseen_add(&unseen, list, host, &error), &error));
    for (size_t i = 0; i < unseen.devices.count; i++)
        all = all && unseen.devices.items[i].is_added;
    if (all)
        fuzz_plan(host, domain, policy);
    unseen_clear(&unseen);
    vtopo_host_free(host);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct device_metadata_list list = {0};
    char *text = malloc(size + 1);

    must(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    must(!device_metadata_parse(text, size, "file", &list, NULL));
    for (size_t i = 0; i < list.problems.count; i++)
        must(*list.problems.items[i]);
    plan(&list);
    device_metadata_clear(&list);
    free(text);
    return 0;
}
