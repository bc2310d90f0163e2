/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * onDefineDomain.c - KubeVirt's sidecar hook: rewrite the domain that virt-launcher will define
 *
 * Takes:  --vmi JSON --domain XML, as KubeVirt's sidecar-shim calls it.
 * Gives:  the rewritten domain on stdout, or nothing and the reason on stderr.
 * Not here: what is done with the domain (kubevirt/rewrite.c); the socket and gRPC: that is
 *         sidecar-shim, which runs this program.
 */
#include "../cmd/common.h"
#include "kubevirt/rewrite.h"

#include <string.h>

#define PROGRAM "onDefineDomain"
#define OPTION_METADATA 256

static const struct argp_option options[] = {
    {"vmi", 'v', "JSON", 0, "the VirtualMachineInstance", 0},
    {"domain", 'd', "XML", 0, "the libvirt domain", 0},
    {"host", 'H', "PATH", 0, "where the host is described (default: /sys)", 0},
    {"config", 'c', "FILE", 0, "policy", 0},
    {"device-metadata", OPTION_METADATA, "DIR", 0, "what DRA drivers say of devices (KEP-5304)", 0},
    {0},
};

static error_t parse_option(int key, char *value, struct argp_state *state)
{
    struct kubevirt_call *call = state->input;

    switch (key) {
    case 'v':
        call->vmi = value;
        call->vmi_length = strlen(value);
        return 0;
    case 'd':
        call->domain = value;
        call->domain_length = strlen(value);
        return 0;
    case 'H':
        call->host = value;
        return 0;
    case 'c':
        call->config = value;
        return 0;
    case OPTION_METADATA:
        call->metadata = value;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "unexpected argument \"%s\"", value);
        return 0;
    case ARGP_KEY_END:
        if (!call->vmi || !call->domain)
            argp_error(state, "--vmi and --domain are needed");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static int answer_call(const struct kubevirt_call *call)
{
    struct kubevirt_answer answer;
    int status = -kubevirt_rewrite(call, &answer);

    for (size_t i = 0; i < answer.messages.count; i++)
        print_message(PROGRAM, answer.messages.items[i].text);
    if (status != STATUS_DONE)
        print_message(PROGRAM, kubevirt_answer_reason(&answer));
    else
        status = write_stdout(PROGRAM, answer.domain, answer.domain_length);
    kubevirt_answer_clear(&answer);
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
    struct kubevirt_call call = {0};
    int status;

    start_program();
    status = parse_arguments(PROGRAM, &argp, argc, argv, &call);
    return status ? status : answer_call(&call);
}
