/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host_prepare.c - see host_prepare.h
 *
 * Takes:  devices or none; the host, and of the live one its kernel's command line and its name.
 * Gives:  what is to be added, written or run, in one of several forms; nothing is done.
 * Not here: what that is (lib/prepare).
 */
#include "host_prepare.h"

#include "base/readfile.h"
#include "common.h"
#include "compare.h"

#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <vtopo/place.h>

#define PROGRAM "vtopo-host prepare"
#define LIVE "/sys"
#define COMMAND_LINE_MAX 65536

enum { OPTION_FORMAT = OPTION_OF_PROGRAM, OPTION_NODE };

static const struct argp_option option_list[] = {
    {"format", OPTION_FORMAT, "FORM", 0,
     "text, cmdline, modprobe, driverctl, nova, kubevirt, proxmox or json", 1},
    {"json", OPTION_JSON, NULL, 0, "--format json", 1},
    {"node", OPTION_NODE, "NAME", 0, "Proxmox's name of this host (default: its host name)", 2},
    {"host", OPTION_HOST, "PATH", 0, "a sysfs root, or a host description (default /sys)", 2},
    {0},
};

struct options {
    struct host_options common;
    const char *form, *node;
    char **devices;
    size_t count;
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *options = state->input;

    switch (key) {
    case OPTION_FORMAT:
        set_once(&options->form, "--format", arg, state);
        return 0;
    case OPTION_NODE:
        set_once(&options->node, "--node", arg, state);
        return 0;
    case ARGP_KEY_ARGS:
        options->devices = state->argv + state->next;
        options->count = (size_t)(state->argc - state->next);
        state->next = state->argc;
        return 0;
    case ARGP_KEY_END:
        if (options->common.json && options->form && strcmp(options->form, "json") != 0)
            argp_error(state, "--json and --format %s contradict each other: give one",
                       options->form);
        return 0;
    default:
        return parse_host_option(key, arg, &options->common);
    }
}

static const struct argp_child children[] = {{&common_argp, 0, NULL, -1}, {0}};

static const struct argp argp = {
    .options = option_list,
    .parser = parse_option,
    .args_doc = "[BDF...]",
    .doc = "Print what this host needs before devices can be assigned: the named ones and what "
           "goes with them, or all GPUs and NICs that it does not use.  Nothing is written.\v"
           "text       all of it, with what is left out and why\n"
           "cmdline    arguments for the kernel, in a line\n"
           "modprobe   a file for /etc/modprobe.d\n"
           "driverctl  commands, where an id would take the host's own devices, too\n"
           "nova       [pci] device_spec and alias\n"
           "kubevirt   a patch with permittedHostDevices\n"
           "proxmox    pvesh commands that make resource mappings",
    .children = children,
};

/* Of the live host; what cannot be read is not known. */
static char *read_command_line(const struct options *options)
{
    char *text = NULL;
    size_t length;

    if (strcmp(options->common.host, LIVE) != 0 ||
        read_file("/proc/cmdline", COMMAND_LINE_MAX, VTOPO_ERR_FILE, &text, &length, NULL))
        return NULL;
    return text;
}

static const char *form_of(const struct options *options)
{
    if (options->common.json)
        return "json";
    return options->form ? options->form : "text";
}

/* The first part of the host's name, as Proxmox has it. */
static const char *node_of(const struct options *options, struct utsname *name)
{
    if (options->node || strcmp(options->common.host, LIVE) != 0 || uname(name))
        return options->node;
    name->nodename[strcspn(name->nodename, ".")] = '\0';
    return name->nodename;
}

static int run(const struct options *options)
{
    struct vtopo_host *host = NULL;
    struct vtopo_error *error = NULL;
    struct utsname name;
    char *text = NULL, *command_line = read_command_line(options);
    int r = vtopo_host_read(options->common.host, NULL, &host, &error), status;

    if (!r)
        r = vtopo_host_prepare(host, (const char *const *)options->devices, options->count,
                               command_line, form_of(options), node_of(options, &name), &text,
                               &error);
    status = r ? fail(PROGRAM, error) : write_stdout(PROGRAM, text, strlen(text));
    free(text);
    free(command_line);
    vtopo_host_free(host);
    return status;
}

int host_prepare(int argc, char **argv)
{
    struct options options = {.common.host = LIVE};
    int status = parse_arguments(PROGRAM, &argp, argc, argv, &options);

    return status ? status : run(&options);
}
