/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vtopod_options.c - see vtopod_options.h
 *
 * Takes:  the command line.
 * Gives:  struct daemon_options, or a line on stderr and an exit.
 * Rule:   what is wanted of the VMs is the policy's alone: nobody sees a daemon's options.
 */
#include "vtopod_options.h"

#include "common.h"
#include "make_plan.h"
#include "state/notes.h"
#include "state/spool.h"
#include "virt/history.h"
#include "vtopod_vm.h"

enum option_key {
    OPTION_HOST = 0x200,
    OPTION_CONFIG,
    OPTION_HISTORY,
    OPTION_SPOOL,
    OPTION_RUN,
};

static const struct argp_option argp_options[] = {
    {"connect", 'c', "URI", 0, "libvirt's address (qemu:///system)", 1},
    {"host", OPTION_HOST, "PATH", 0, "a sysfs tree or a host description (/sys)", 1},
    {"config", OPTION_CONFIG, "FILE", 0, "policy (" DEFAULT_CONFIG ")", 1},
    {"history", OPTION_HISTORY, "DIR", 0, "replaced definitions (" HISTORY_FOLDER ")", 1},
    {"spool", OPTION_SPOOL, "DIR", 0, "what was rewritten (" SPOOL_FOLDER ")", 1},
    {"run", OPTION_RUN, "DIR", 0, "notes for libvirt's hook (" NOTES_FOLDER ")", 1},
    {0},
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct daemon_options *options = state->input;

    if (key == 'c')
        set_once(&options->uri, "--connect", arg, state);
    else if (key == OPTION_HOST)
        set_once(&options->host, "--host", arg, state);
    else if (key == OPTION_CONFIG)
        set_once(&options->config, "--config", arg, state);
    else if (key == OPTION_HISTORY)
        set_once(&options->history, "--history", arg, state);
    else if (key == OPTION_SPOOL)
        set_once(&options->spool, "--spool", arg, state);
    else if (key == OPTION_RUN)
        set_once(&options->run, "--run", arg, state);
    else if (key == ARGP_KEY_ARG)
        argp_error(state, "'%s' is no option", arg);
    else
        return ARGP_ERR_UNKNOWN;
    return 0;
}

int read_daemon_options(int argc, char **argv, struct daemon_options *ret_options)
{
    static const struct argp_child children[] = {{&common_argp, 0, NULL, -1}, {0}};
    static const struct argp argp = {
        .options = argp_options,
        .parser = parse_option,
        .doc = "Keep the definitions of VMs as their host's topology wants them, where the policy "
               "says so (\"rewrite\": \"auto\"): a daemon, for systemd (vtopod.service).",
        .children = children,
        .help_filter = filter_help,
    };
    int status;

    *ret_options = (struct daemon_options){0};
    status = parse_arguments(DAEMON_PROGRAM, &argp, argc, argv, ret_options);
    if (!ret_options->history)
        ret_options->history = HISTORY_FOLDER;
    if (!ret_options->spool)
        ret_options->spool = SPOOL_FOLDER;
    if (!ret_options->run)
        ret_options->run = NOTES_FOLDER;
    return status;
}
