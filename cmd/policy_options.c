/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * policy_options.c - see policy_options.h
 *
 * Takes:  options of a command line.
 * Gives:  struct policy_options, or a line on stderr and an exit.
 * Rule:   each is checked as it is read, so that a wrong one is told before anything is.
 * Not here: what the keys of the policy may be (vtopo_policy_check()).
 */
#include "policy_options.h"

#include "common.h"

#include <errno.h>
#include <string.h>

enum option_key {
    OPTION_MIRROR = 0x400, /* those of policy_option_table, in its order */
    OPTION_LINKS,
    OPTION_SPARE_PORTS,
    OPTION_VACATED,
    OPTION_DELIVER,
    OPTION_CELLS,
    OPTION_AVOID_CPUS,
    OPTION_MMIO,
    OPTION_CLIQUE,
    OPTION_STRICT,
    OPTION_ADOPT,
    OPTION_HOST,
    OPTION_CONFIG,
    OPTION_CDI_DIR,
};

#define POLICY_OPTION(key) [key - OPTION_MIRROR]
const struct policy_option policy_option_table[POLICY_OPTIONS] = {
    POLICY_OPTION(OPTION_MIRROR) = {"--mirror", "mirror", false},
    POLICY_OPTION(OPTION_LINKS) = {"--links", "links", false},
    POLICY_OPTION(OPTION_SPARE_PORTS) = {"--spare-ports", "spare_ports", false},
    POLICY_OPTION(OPTION_VACATED) = {"--vacated", "vacated", false},
    POLICY_OPTION(OPTION_DELIVER) = {"--deliver", "deliver", false},
    POLICY_OPTION(OPTION_CELLS) = {"--cells", "cells", false},
    POLICY_OPTION(OPTION_AVOID_CPUS) = {"--avoid-cpus", "avoid_cpus", false},
    POLICY_OPTION(OPTION_MMIO) = {"--mmio", "mmio", false},
    POLICY_OPTION(OPTION_CLIQUE) = {"--clique", "clique", false},
    POLICY_OPTION(OPTION_STRICT) = {"--strict", "strict", true},
    POLICY_OPTION(OPTION_ADOPT) = {"--adopt", "adopt", true},
};

static const struct argp_option argp_options[] = {
    {"host", OPTION_HOST, "PATH", 0, "a sysfs tree or a host description (/sys)", 1},
    {"mirror", OPTION_MIRROR, "MODE", 0, "numa, root, switch (the default) or exact", 1},
    {"links", OPTION_LINKS, "MODE", 0, "links of ports: stock (the default) or host", 1},
    {"config", OPTION_CONFIG, "FILE", 0, "policy (" DEFAULT_CONFIG ")", 1},
    {"strict", OPTION_STRICT, NULL, 0, "refuse if not as asked; take over expanders", 1},
    {"adopt", OPTION_ADOPT, NULL, OPTION_ALIAS, NULL, 1}, /* a line less */
    {"spare-ports", OPTION_SPARE_PORTS, "N", 0, "empty root ports to leave on each expander", 1},
    {"vacated", OPTION_VACATED, "MODE", 0, "ports that devices leave: keep, off or drop", 1},
    {"deliver", OPTION_DELIVER, "LIST", 0, "give the guest nccl, plan or both", 1},
    {"cells", OPTION_CELLS, "MODE", 0, "guest NUMA cells: advise (the default) or make", 1},
    {"avoid-cpus", OPTION_AVOID_CPUS, "LIST", 0, "CPUs that pins of such cells leave out", 1},
    {"mmio", OPTION_MMIO, "MODE", 0, "64-bit window: check (the default), auto or off", 1},
    {"clique", OPTION_CLIQUE, "MODE", 0, "P2P cliques: off, cdi (the default) or auto", 1},
    {"cdi-dir", OPTION_CDI_DIR, "DIR", 0, "CDI specs (/etc/cdi and /var/run/cdi)", 1},
    {0},
};

/* The last one counts. */
static error_t set_policy_option(struct policy_options *options, size_t index, const char *word,
                                 struct argp_state *state)
{
    const struct policy_option *option = &policy_option_table[index];
    struct vtopo_error *error = NULL;

    options->values[index] = option->is_flag ? "yes" : word;
    switch (vtopo_policy_check(option->key, options->values[index], &error)) {
    case 0:
        return 0;
    case VTOPO_ERR_NOMEM:
        vtopo_error_free(error);
        return ENOMEM;
    default:
        argp_error(state, "%s: %s", option->name, vtopo_error_message(error));
        return EINVAL;
    }
}

static void add_cdi_dir(const char *path, struct policy_options *options, struct argp_state *state)
{
    if (options->cdi_dir_count == CDI_DIRS_MAX)
        argp_error(state, "--cdi-dir is given more than %d times", CDI_DIRS_MAX);
    options->cdi_dirs[options->cdi_dir_count++] = path;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct policy_options *options = state->input;

    if (key >= OPTION_MIRROR && key < OPTION_MIRROR + POLICY_OPTIONS)
        return set_policy_option(options, (size_t)(key - OPTION_MIRROR), arg, state);
    if (key == OPTION_HOST)
        set_once(&options->host, "--host", arg, state);
    else if (key == OPTION_CONFIG)
        set_once(&options->config, "--config", arg, state);
    else if (key == OPTION_CDI_DIR)
        add_cdi_dir(arg, options, state);
    else
        return ARGP_ERR_UNKNOWN;
    return 0;
}

const struct argp policy_options_argp = {.options = argp_options, .parser = parse_option};

struct plan_request plan_request_of_options(const struct policy_options *options)
{
    struct plan_request request = {
        .host = options->host,
        .config = options->config,
        .cdi_dirs = options->cdi_dirs,
        .cdi_dir_count = options->cdi_dir_count,
    };

    for (size_t i = 0; i < POLICY_OPTIONS; i++)
        add_setting(&request, policy_option_table[i].key, options->values[i]);
    return request;
}
