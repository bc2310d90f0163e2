/* SPDX-License-Identifier: GPL-2.0-or-later */
/* compare.c - see compare.h */
#include "compare.h"

#include "common.h"

#include <stdlib.h>
#include <string.h>

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

int compare_with_plan(const char *program, const struct vtopo_host *guest, const char *path,
                      enum vtopo_host_style style, char **ret_text, size_t *ret_differences)
{
    struct vtopo_error *error = NULL;
    char *plan = NULL;
    size_t length;
    int status = read_input(program, path, PLAN_MAX, &plan, &length);

    if (status)
        return status;
    if (vtopo_guest_compare(guest, plan, length, strcmp(path, "-") ? path : "stdin", style,
                            ret_text, ret_differences, &error))
        status = fail(program, error);
    free(plan);
    return status;
}
