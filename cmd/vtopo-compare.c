/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vtopo-compare.c - `vtopo-host compare` alone: a static program to be copied into a guest
 *
 * Takes:  a plan (vtopo-xml --explain=json, or the guest's own in fw_cfg) and the guest's /sys.
 * Gives:  a table of what agrees and what does not; status 1 if anything differs.
 */
#include "common.h"
#include "compare.h"

#include <stdlib.h>
#include <string.h>

#define PROGRAM "vtopo-compare"

struct options {
    struct host_options common;
    const char *plan;
};

static const struct argp_option option_list[] = {
    {"host", OPTION_HOST, "PATH", 0, "a sysfs root, or a host description (default /sys)", 0},
    {"json", OPTION_JSON, NULL, 0, "print JSON", 0},
    {0},
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *options = state->input;

    switch (key) {
    case ARGP_KEY_ARG:
        if (options->plan)
            argp_error(state, "too many operands: '%s'", arg);
        options->plan = arg;
        return 0;
    default:
        return parse_host_option(key, arg, &options->common);
    }
}

static int run(const struct options *options)
{
    struct vtopo_host *guest = NULL;
    struct vtopo_error *error = NULL;
    size_t differences = 0;
    char *text = NULL;
    int status;

    if (vtopo_host_read(options->common.host, NULL, &guest, &error))
        return fail(PROGRAM, error);
    status =
        compare_with_plan(PROGRAM, guest, &options->common, options->plan, &text, &differences);
    if (!status)
        status = write_stdout(PROGRAM, text, strlen(text));
    if (!status && differences)
        status = STATUS_DIFFERS;
    free(text);
    vtopo_host_free(guest);
    return status;
}

int main(int argc, char **argv)
{
    static const struct argp_child children[] = {{&common_argp, 0, NULL, -1}, {0}};
    static const struct argp argp = {
        .options = option_list,
        .parser = parse_option,
        .args_doc = "[PLAN]",
        .doc =
            "In a guest: compare it with a plan of vtopo-xml --explain=json ('-' is stdin), or with the one that "
            "vtopo-xml --deliver plan gave it.",
        .children = children,
    };
    struct options options = {.common.host = "/sys"};
    int status;

    start_program();
    status = parse_arguments(PROGRAM, &argp, argc, argv, &options);
    return status ? status : run(&options);
}
