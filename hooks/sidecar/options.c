/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * options.c - see options.h
 *
 * Takes:  the command line.
 * Gives:  options, or a message on stderr.
 * Not here: what KubeVirt says in the environment (vtopo-sidecar.c).
 */
#include "options.h"

#include "../../cmd/common.h"

#include <string.h>

enum { OPTION_LOG = 0x200, OPTION_METADATA };

static const struct argp_option options[] = {
    {"folder", 'f', "DIR", 0, "bind a name of its own there (default: /var/run/kubevirt-hooks)", 0},
    {"plugin", 'p', "NAME", 0, "bind /var/run/kubevirt-plugin/NAME/vtopo.sock", 0},
    {"socket", 's', "PATH", 0, "bind this socket", 0},
    {"host", 'H', "PATH", 0, "where the host is described (default: /sys)", 0},
    {"config", 'c', "FILE", 0, "policy", 0},
    {"device-metadata", OPTION_METADATA, "DIR", 0, "what DRA drivers say of devices (KEP-5304)", 0},
    {"log", OPTION_LOG, "text|json", 0, "how lines of the log look (default: text)", 0},
    {0},
};

/* A name becomes a folder, and no way out of that. */
static bool is_plugin_name(const char *name)
{
    return *name && *name != '.' && *name != '-' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789.-") == strlen(name);
}

static void set_log(struct options *ret, const char *value, struct argp_state *state)
{
    ret->json = !strcmp(value, "json");
    if (!ret->json && strcmp(value, "text") != 0)
        argp_error(state, "--log must be \"text\" or \"json\", not \"%s\"", value);
}

static void check(const struct options *ret, struct argp_state *state)
{
    if (!!ret->folder + !!ret->plugin + !!ret->socket > 1)
        argp_error(state, "--folder, --plugin and --socket exclude each other");
    if (ret->plugin && !is_plugin_name(ret->plugin))
        argp_error(state, "\"%s\" is no name of a plugin", ret->plugin);
}

static error_t parse_option(int key, char *value, struct argp_state *state)
{
    struct options *ret = state->input;

    switch (key) {
    case 'f':
        set_once(&ret->folder, "--folder", value, state);
        return 0;
    case 'p':
        set_once(&ret->plugin, "--plugin", value, state);
        return 0;
    case 's':
        set_once(&ret->socket, "--socket", value, state);
        return 0;
    case 'H':
        set_once(&ret->service.host, "--host", value, state);
        return 0;
    case 'c':
        set_once(&ret->service.config, "--config", value, state);
        return 0;
    case OPTION_METADATA:
        set_once(&ret->service.metadata, "--device-metadata", value, state);
        return 0;
    case OPTION_LOG:
        set_log(ret, value, state);
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "unexpected argument \"%s\"", value);
        return 0;
    case ARGP_KEY_END:
        check(ret, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int options_parse(int argc, char **argv, struct options *ret)
{
    static const struct argp_child children[] = {{&common_argp, 0, NULL, -1}, {0}};
    static const struct argp argp = {
        options,  parse_option,
        NULL,     "Serve KubeVirt's hooks: guests see the topology of their node.",
        children, filter_help,
        NULL,
    };

    *ret = (struct options){0};
    return parse_arguments(PROGRAM, &argp, argc, argv, ret);
}
