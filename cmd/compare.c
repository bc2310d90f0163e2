/* SPDX-License-Identifier: GPL-2.0-or-later */
/* compare.c - see compare.h */
#include "compare.h"

#include "common.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PLAN_MAX (64u << 20) /* the library's limit, too */

error_t parse_host_option(int key, char *arg, struct host_options *options)
{
    switch (key) {
    case OPTION_HOST:
        options->host = arg;
        return 0;
    case OPTION_JSON:
        options->json = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

enum vtopo_host_style host_style(const struct host_options *options)
{
    return options->json ? VTOPO_HOST_JSON : VTOPO_HOST_TEXT;
}

/* Such a text is never "-". */
static int read_plan(const char *program, const struct host_options *options, const char *path,
                     char **ret_name, char **ret_text, size_t *ret_length)
{
    if (path)
        *ret_name = strdup(strcmp(path, "-") ? path : "stdin");
    else if (asprintf(ret_name, "%s/%s", options->host, GUEST_PLAN) < 0)
        *ret_name = NULL;
    if (!*ret_name)
        return no_memory(program);
    if (!path && access(*ret_name, F_OK)) {
        complain(
            program,
            "there is no '%s' (vtopo-xml --deliver plan puts it into a guest's domain; Linux shows it with module qemu_fw_cfg, to root): name a plan",
            *ret_name);
        return STATUS_FILE;
    }
    return read_input(program, path ? path : *ret_name, PLAN_MAX, ret_text, ret_length);
}

int compare_with_plan(const char *program, const struct vtopo_host *guest,
                      const struct host_options *options, const char *path, char **ret_text,
                      size_t *ret_differences)
{
    struct vtopo_error *error = NULL;
    char *plan = NULL, *name = NULL;
    size_t length;
    int status = read_plan(program, options, path, &name, &plan, &length);

    if (!status && vtopo_guest_compare(guest, plan, length, name, host_style(options), ret_text,
                                       ret_differences, &error))
        status = fail(program, error);
    free(plan);
    free(name);
    return status;
}
