/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * onDefineDomain.c - KubeVirt's sidecar hook: rewrite the domain that virt-launcher is about to define
 *
 * Takes:  --vmi JSON --domain XML, as KubeVirt's sidecar-shim calls it.
 * Gives:  the rewritten domain on stdout, or nothing and the reason on stderr.
 * Rule:   annotations of the VMI choose the mirror; a domain that has no PCI address yet is left to the next call where
 *         one follows.
 *
 * KubeVirt calls its hooks several times for one boot (pkg/virt-launcher/virtwrap/manager.go, nichotplug.go).  In the
 * first call nothing has an address, and placeholder interfaces keep room for hot-plug.  Acting there would
 * make libvirt choose other addresses for the disks and NICs than it does without the hook, which a
 * guest may not survive (Windows takes a disk offline that moved).  KubeVirt reads libvirt's definition back and
 * calls again with all addresses there; then vtopo can place its devices and move nothing else.  Versions of KubeVirt
 * that call only once show no placeholders and no annotation kubevirt.io/pci-topology-version: there the only call is the one to act in.
 */
#include "../cmd/common.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <vtopo/domain.h>
#include <vtopo/host.h>
#include <vtopo/plan.h>
#include <vtopo/policy.h>

#define PROGRAM "onDefineDomain"

struct arguments {
    const char *vmi, *domain, *host, *config;
};

static const struct argp_option options[] = {
    {"vmi", 'v', "JSON", 0, "the VirtualMachineInstance", 0},
    {"domain", 'd', "XML", 0, "the libvirt domain", 0},
    {"host", 'H', "PATH", 0, "where the host is described (default: /sys)", 0},
    {"config", 'c', "FILE", 0, "policy", 0},
    {0},
};

static error_t parse_option(int key, char *value, struct argp_state *state)
{
    struct arguments *arguments = state->input;

    switch (key) {
    case 'v':
        arguments->vmi = value;
        return 0;
    case 'd':
        arguments->domain = value;
        return 0;
    case 'H':
        arguments->host = value;
        return 0;
    case 'c':
        arguments->config = value;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "unexpected argument \"%s\"", value);
        return 0;
    case ARGP_KEY_END:
        if (!arguments->vmi || !arguments->domain)
            argp_error(state, "--vmi and --domain are needed");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static int bad_vmi(const char *what)
{
    complain(PROGRAM, "%s", what);
    return STATUS_FILE;
}

/* The annotation's text, or NULL; *ret_bad if it is there and no text. */
static const char *annotation(const json_t *vmi, const char *name, bool *ret_bad)
{
    const json_t *all = json_object_get(json_object_get(vmi, "metadata"), "annotations");
    const json_t *one = json_object_get(all, name);

    *ret_bad = one && !json_is_string(one);
    return json_string_value(one);
}

static int apply_annotations(const json_t *vmi, struct vtopo_policy *policy)
{
    bool bad_mirror, bad_strict;
    const char *mirror = annotation(vmi, "vtopo.io/mirror", &bad_mirror);
    const char *strict = annotation(vmi, "vtopo.io/strict", &bad_strict);
    enum vtopo_mirror value;

    if (bad_mirror || (mirror && !vtopo_mirror_parse(mirror, &value)))
        return bad_vmi("annotation vtopo.io/mirror of the VMI must be \"numa\", \"root\", \"switch\" or \"exact\"");
    if (bad_strict || (strict && strcmp(strict, "true") != 0 && strcmp(strict, "false") != 0))
        return bad_vmi("annotation vtopo.io/strict of the VMI must be \"true\" or \"false\"");
    if (mirror)
        vtopo_policy_set_mirror(policy, value);
    if (strict)
        vtopo_policy_set_strict(policy, !strcmp(strict, "true"));
    return 0;
}

/* Is this a first call after which KubeVirt calls again, with addresses? */
static bool another_call_follows(const json_t *vmi, const struct vtopo_domain *domain)
{
    bool bad;

    if (vtopo_domain_has_addresses(domain))
        return false;
    return annotation(vmi, "kubevirt.io/pci-topology-version", &bad) ||
           vtopo_domain_has_alias(domain, "placeholder-0");
}

static int read_policy(const struct arguments *arguments, struct vtopo_policy **ret_policy,
                       struct vtopo_error **reterr)
{
    static const char standard[] = VTOPO_SYSCONFDIR "/vtopo/vtopo.json";
    const char *path = arguments->config;

    if (!path && !access(standard, F_OK))
        path = standard;
    return path ? vtopo_policy_read(path, ret_policy, reterr) : vtopo_policy_new(ret_policy, reterr);
}

static int rewrite(const struct arguments *arguments, const struct vtopo_domain *domain,
                   const struct vtopo_policy *policy, char **ret_text, size_t *ret_length,
                   struct vtopo_error **reterr)
{
    struct vtopo_host *host = NULL;
    struct vtopo_plan *plan = NULL;
    int r = vtopo_host_read(arguments->host, domain, &host, reterr);

    if (!r)
        r = vtopo_plan_make(host, domain, policy, &plan, reterr);
    for (size_t i = 0; !r && i < vtopo_plan_finding_count(plan); i++) {
        if (vtopo_plan_finding_severity(plan, i) != VTOPO_INFO)
            complain(PROGRAM, "%s %s: %s", vtopo_plan_finding_id(plan, i),
                     vtopo_plan_finding_subject(plan, i), vtopo_plan_finding_text(plan, i));
    }
    if (!r)
        r = vtopo_plan_apply(plan, domain, ret_text, ret_length, reterr);
    vtopo_plan_free(plan);
    vtopo_host_free(host);
    return r;
}

static int handle_domain(const struct arguments *arguments, const json_t *vmi)
{
    struct vtopo_error *error = NULL;
    struct vtopo_domain *domain = NULL;
    struct vtopo_policy *policy = NULL;
    char *text = NULL;
    size_t length;
    int status = 0;
    int r = vtopo_domain_parse(arguments->domain, strlen(arguments->domain), "--domain", &domain, &error);

    if (!r)
        r = read_policy(arguments, &policy, &error);
    if (!r)
        status = apply_annotations(vmi, policy);
    if (!r && !status && another_call_follows(vmi, domain))
        status = write_stdout(PROGRAM, arguments->domain, strlen(arguments->domain));
    else if (!r && !status)
        r = rewrite(arguments, domain, policy, &text, &length, &error);
    if (r)
        status = fail(PROGRAM, error);
    else if (text)
        status = write_stdout(PROGRAM, text, length);
    free(text);
    vtopo_policy_free(policy);
    vtopo_domain_free(domain);
    return status;
}

int main(int argc, char **argv)
{
    static const struct argp_child children[] = {{&common_argp, 0, NULL, -1}, {0}};
    static const struct argp argp = {
        options, parse_option, NULL, "Rewrite a KubeVirt domain so that the guest sees its host's topology.",
        children, filter_help, NULL,
    };
    struct arguments arguments = {.host = "/sys"};
    json_t *vmi;
    int status;

    start_program();
    if (argp_parse(&argp, argc, argv, ARGP_NO_HELP, NULL, &arguments))
        return STATUS_USAGE;
    vmi = json_loads(arguments.vmi, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(vmi)) {
        json_decref(vmi);
        return bad_vmi("--vmi is not a JSON object");
    }
    status = handle_domain(&arguments, vmi);
    json_decref(vmi);
    return status;
}
