/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kubevirt.c - fuzz a call of KubeVirt's hooks
 *
 * Takes:  a VMI (JSON), and perhaps a NUL and a domain behind it; or a domain alone.
 * Rule:   a call that fails has a reason and no domain; what comes out of one that does not is a
 *         call, too, and comes out of that as it is; with on-error "start" every domain comes out.
 */
#include "fuzz.h"

#include "../../hooks/kubevirt/rewrite.h"

#include <string.h>

#define SHOWN_AGAIN                                                                                \
    "{\"metadata\": {\"annotations\": {\"kubevirt.io/pci-topology-version\": \"v3\", "             \
    "\"vtopo.io/spare-ports\": \"1\"}}, \"spec\": {\"domain\": {\"devices\": {\"interfaces\": [{}]}}}}"
#define MAY_START                                                                                  \
    "{\"metadata\": {\"annotations\": {\"vtopo.io/on-error\": \"start\", \"vtopo.io/cells\": "     \
    "\"make\", \"vtopo.io/strict\": \"yes\"}}}"

static const char *const vmis[] = {"{}", SHOWN_AGAIN, MAY_START};

static char *default_domain;

static void check_messages(const struct kubevirt_answer *answer)
{
    for (size_t i = 0; i < answer->messages.count; i++)
        must(*answer->messages.items[i].text && !strchr(answer->messages.items[i].text, '\n'));
}

/* False: it failed. */
static bool try_call(const struct kubevirt_call *call, struct kubevirt_answer *ret)
{
    int r = kubevirt_rewrite(call, ret);

    must(r <= 0 && r != VTOPO_ERR_BUG && r != VTOPO_ERR_USAGE);
    check_messages(ret);
    if (!r) {
        must(ret->domain && strlen(ret->domain) == ret->domain_length);
        return true;
    }
    must(!ret->domain && *kubevirt_answer_reason(ret) &&
         !strchr(kubevirt_answer_reason(ret), '\n'));
    kubevirt_answer_clear(ret);
    return false;
}

static void do_call(const char *vmi, size_t vmi_length, const char *domain, size_t length)
{
    struct kubevirt_call call = {
        .vmi = vmi,
        .vmi_length = vmi_length,
        .domain = domain,
        .domain_length = length,
        .host = FUZZ_SOURCE "/examples/hosts/two-dpu.json",
        .config = FUZZ_SOURCE "/examples/policies/hot-unplug.json",
    };
    struct kubevirt_answer once, twice;

    if (memchr(domain, '\0', length))
        return;
    if (!try_call(&call, &once)) {
        must(vmi != vmis[2]);
        return;
    }
    call.domain = once.domain;
    call.domain_length = once.domain_length;
    must(try_call(&call, &twice));
    must(!strcmp(once.domain, twice.domain));
    kubevirt_answer_clear(&twice);
    kubevirt_answer_clear(&once);
}

static void do_domain(const char *domain, size_t length)
{
    for (size_t i = 0; i < sizeof(vmis) / sizeof(*vmis); i++)
        do_call(vmis[i], strlen(vmis[i]), domain, length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data, *end = memchr(text, '\0', size);
    size_t length;

    if (!default_domain) {
        struct vtopo_domain *domain = fuzz_read_domain("tests/domains/kubevirt-call2.xml");

        default_domain = strdup(vtopo_domain_text(domain, &length));
        must(default_domain);
        vtopo_domain_free(domain);
    }
    if (size && *text == '<')
        do_domain(text, size);
    else if (end)
        do_call(text, (size_t)(end - text), end + 1, size - (size_t)(end - text) - 1);
    else
        do_call(text, size, default_domain, strlen(default_domain));
    return 0;
}
