/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * onDefineDomain.c - KubeVirt's sidecar hook: rewrite the domain that virt-launcher will define
 *
 * Takes:  --vmi JSON --domain XML, as KubeVirt's sidecar-shim calls it.
 * Gives:  the rewritten domain on stdout, or nothing and the reason on stderr.
 * Rule:   annotations of the VMI choose the mirror; a domain that KubeVirt will show again, with
 *         more addresses in it, is printed as it came.
 * Not here: the socket and gRPC: that is sidecar-shim, which runs this program.
 *
 * KubeVirt calls its hooks up to three times for one boot, and the last output counts.  While
 * libvirt has not placed anything yet, every controller of ours makes it choose other addresses
 * for disks and NICs than it does without the hook, which not every guest survives (Windows takes
 * a disk offline that moved).  So the earlier calls are left alone, if another one is sure to
 * follow.  What the releases do (allocateHotplugPorts() in pkg/virt-launcher/virtwrap/manager.go,
 * WithNetworkIfacesResources() in its nichotplug.go; read at v0.58.0, v1.0.0, v1.5.3, v1.6.0,
 * v1.6.4, v1.7.0, v1.7.2, v1.7.4, v1.8.4, v1.9.0 and d923fdb815, after 1.9):
 *
 *  - Interfaces that keep ports free for hot-plug, <target dev='placeholder-N'>, since 1.0 (their
 *    alias came with 1.8): what libvirt made of this call is read back and shown again.  Leave it.
 *  - No placeholders (no interface, or four and more), and no root ports on pcie.0.  Up to 1.6.3
 *    and 1.7.1: the only call; act.  Since then a call with bare root ports follows (up to 1.9
 *    nothing is read back between the two), or one with all that libvirt made (after 1.9).  Those
 *    are the releases whose webhook gives every VMI the annotation
 *    kubevirt.io/pci-topology-version.  So leave it if the annotation is there.
 *  - Everything on pcie.0 (annotation kubevirt.io/placePCIDevicesOnRootComplex): no ports are
 *    added, and after this call none may follow; all has addresses that stay.  Act.
 *  - Root ports: with addresses on pcie.0 they are libvirt's, read back; without addresses
 *    KubeVirt's own, which it adds before its last call only.  Act.  This covers the call between
 *    placeholders and bare root ports, too, which is the last one up to 1.6.3 and 1.7.1; what
 *    vtopo puts in is shown again in the next call, and then stays as it is.  (Root ports
 *    elsewhere are those of KubeVirt's gate PCINUMAAwareTopology: there from the first call on.)
 */
#include "../cmd/common.h"
#include "../cmd/make_plan.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vtopo/domain.h>

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

/* The first annotation of vtopo's that it does not know; NULL: there is none. */
static const char *unknown_annotation(const json_t *vmi)
{
    static const char prefix[] = "vtopo.io/";
    json_t *all = json_object_get(json_object_get(vmi, "metadata"), "annotations");
    const char *name;
    json_t *value;

    json_object_foreach(all, name, value)
    {
        if (!strncmp(name, prefix, strlen(prefix)) && strcmp(name, "vtopo.io/mirror") &&
            strcmp(name, "vtopo.io/strict"))
            return name;
    }
    return NULL;
}

/* 1, 0; -1: it is no boolean. */
static int read_boolean(const char *text)
{
    if (!strcmp(text, "true") || !strcmp(text, "yes"))
        return 1;
    return !strcmp(text, "false") || !strcmp(text, "no") ? 0 : -1;
}

/* What the VMI asks for goes over the policy of the node and the domain; a status. */
static int add_annotations(const json_t *vmi, struct plan_request *request)
{
    bool bad_mirror, bad_strict;
    const char *mirror = annotation(vmi, "vtopo.io/mirror", &bad_mirror);
    const char *strict = annotation(vmi, "vtopo.io/strict", &bad_strict);

    if (unknown_annotation(vmi)) {
        char name[64];

        snprintf(name, sizeof(name), "%s", unknown_annotation(vmi));
        for (char *c = name; *c; c++)
            *c = *c > ' ' && *c <= '~' ? *c : '?';
        complain(PROGRAM,
                 "unknown annotation %s of the VMI (known: vtopo.io/mirror, vtopo.io/strict)",
                 name);
        return STATUS_FILE;
    }
    if (bad_mirror || (mirror && vtopo_policy_check("mirror", mirror, NULL)))
        return bad_vmi("annotation vtopo.io/mirror of the VMI must be \"numa\", \"root\", "
                       "\"switch\" or \"exact\"");
    if (bad_strict || (strict && read_boolean(strict) < 0))
        return bad_vmi("annotation vtopo.io/strict of the VMI must be yes, no, true or false");
    add_setting(request, "mirror", mirror);
    if (strict)
        add_setting(request, "strict", read_boolean(strict) ? "yes" : "no");
    return STATUS_DONE;
}

/* Is this call sure to be followed by one that shows more?  See the top of this file. */
static bool another_call_follows(const json_t *vmi, const struct vtopo_domain *domain)
{
    bool bad;
    const char *on_root = annotation(vmi, "kubevirt.io/placePCIDevicesOnRootComplex", &bad);

    if (vtopo_domain_has_device(domain, "placeholder-0"))
        return true;
    if (on_root && !strcmp(on_root, "true"))
        return false;
    return annotation(vmi, "kubevirt.io/pci-topology-version", &bad) &&
           !vtopo_domain_has_root_ports(domain);
}

/* What a finding says can have several lines; sidecar-shim logs each. */
static void print_finding(const struct vtopo_plan *plan, size_t at)
{
    fprintf(stderr, PROGRAM ": %s %s: %s\n", vtopo_finding_name(vtopo_plan_finding_id(plan, at)),
            vtopo_plan_finding_subject(plan, at), vtopo_plan_finding_text(plan, at));
}

static int rewrite(const struct plan_request *request, const struct vtopo_domain *domain,
                   const struct vtopo_policy *policy, char **ret_text, size_t *ret_length,
                   struct vtopo_error **reterr)
{
    struct vtopo_host *host = NULL;
    struct vtopo_plan *plan = NULL;
    int r = make_plan(request, domain, policy, &host, &plan, reterr);

    for (size_t i = 0; !r && i < vtopo_plan_finding_count(plan); i++) {
        if (vtopo_plan_finding_severity(plan, i) != VTOPO_INFO)
            print_finding(plan, i);
    }
    if (!r)
        r = vtopo_plan_apply(plan, domain, ret_text, ret_length, reterr);
    vtopo_plan_free(plan);
    vtopo_host_free(host);
    return r;
}

static int rewrite_and_print(const struct plan_request *request, const struct vtopo_domain *domain,
                             const struct vtopo_policy *policy)
{
    struct vtopo_error *error = NULL;
    char *text = NULL;
    size_t length;
    int status;

    if (rewrite(request, domain, policy, &text, &length, &error))
        return fail(PROGRAM, error);
    status = write_stdout(PROGRAM, text, length);
    free(text);
    return status;
}

static int handle_call(const struct arguments *arguments, const json_t *vmi,
                       const struct vtopo_domain *domain)
{
    struct plan_request request = {.host = arguments->host, .config = arguments->config};
    struct vtopo_error *error = NULL;
    struct vtopo_policy *policy = NULL;
    int status;

    add_setting(&request, "spare_ports", "0"); /* KubeVirt adds its own */
    status = add_annotations(vmi, &request);
    if (status)
        return status;
    if (make_policy(&request, domain, &policy, &error))
        return fail(PROGRAM, error);
    if (another_call_follows(vmi, domain)) {
        complain(PROGRAM, "this call is left as it is, KubeVirt will show the domain again");
        status = write_stdout(PROGRAM, arguments->domain, strlen(arguments->domain));
    } else {
        status = rewrite_and_print(&request, domain, policy);
    }
    vtopo_policy_free(policy);
    return status;
}

static int handle_domain(const struct arguments *arguments, const json_t *vmi)
{
    struct vtopo_error *error = NULL;
    struct vtopo_domain *domain = NULL;
    size_t length = strlen(arguments->domain);
    int status;

    if (vtopo_domain_parse(arguments->domain, length, "--domain", &domain, &error))
        return fail(PROGRAM, error);
    status = handle_call(arguments, vmi, domain);
    vtopo_domain_free(domain);
    return status;
}

int main(int argc, char **argv)
{
    static const struct argp_child children[] = {{&common_argp, 0, NULL, -1}, {0}};
    static const struct argp argp = {
        options,  parse_option,
        NULL,     "Rewrite a KubeVirt domain so that the guest sees its host's topology.",
        children, filter_help,
        NULL,
    };
    struct arguments arguments = {0};
    json_error_t why;
    json_t *vmi;
    int status;

    start_program();
    status = parse_arguments(PROGRAM, &argp, argc, argv, &arguments);
    if (status)
        return status;
    vmi = json_loads(arguments.vmi, JSON_REJECT_DUPLICATES, &why);
    if (!json_is_object(vmi)) {
        complain(PROGRAM, "--vmi is not a JSON object%s%s", vmi ? "" : ": ", vmi ? "" : why.text);
        json_decref(vmi);
        return STATUS_FILE;
    }
    status = handle_domain(&arguments, vmi);
    json_decref(vmi);
    return status;
}
