/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vtopo-host.c - the host as vtopo sees it
 *
 * Takes:  a subcommand and the host's path.
 * Gives:  a drawing, a list, or a host description in a file.
 */
#include "common.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <vtopo/host.h>

#define PROGRAM "vtopo-host"

struct options {
    const char *host;
    const char *command;
    const char *file; /* save FILE */
    bool json;
};

struct command {
    const char *name;
    bool takes_file;
    bool has_json;
    int (*make)(const struct options *options, const struct vtopo_host *host, char **ret_text,
                struct vtopo_error **reterr);
};

static enum vtopo_host_style style_of(const struct options *options)
{
    return options->json ? VTOPO_HOST_JSON : VTOPO_HOST_TEXT;
}

static int make_drawing(const struct options *options, const struct vtopo_host *host,
                        char **ret_text, struct vtopo_error **reterr)
{
    return vtopo_host_draw(host, style_of(options), ret_text, reterr);
}

static int make_list(const struct options *options, const struct vtopo_host *host, char **ret_text,
                     struct vtopo_error **reterr)
{
    return vtopo_host_list(host, style_of(options), ret_text, reterr);
}

static int make_description(const struct options *options, const struct vtopo_host *host,
                            char **ret_text, struct vtopo_error **reterr)
{
    (void)options;
    return vtopo_host_format(host, ret_text, reterr);
}

static const struct command commands[] = {
    {"show", false, true, make_drawing},
    {"save", true, false, make_description},
    {"devices", false, true, make_list},
};

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
        if (!strcmp(commands[i].name, name))
            return &commands[i];
    }
    return NULL;
}

enum { OPTION_HOST = 0x200, OPTION_JSON };

static const struct argp_option option_list[] = {
    {"host", OPTION_HOST, "PATH", 0,
     "a sysfs root, or a host description that 'save' wrote (default /sys)", 0},
    {"json", OPTION_JSON, NULL, 0, "show, devices: print JSON", 0},
    {0},
};

static void take_operand(struct options *options, const char *text, const struct argp_state *state)
{
    if (!options->command)
        options->command = text;
    else if (!options->file)
        options->file = text;
    else
        argp_error(state, "too many operands: '%s'", text);
}

static void check(const struct options *options, const struct argp_state *state)
{
    const struct command *command =
        options->command ? find_command(options->command) : &commands[0];

    if (!command)
        argp_error(state, "unknown command '%s'", options->command);
    else if (command->takes_file && !options->file)
        argp_error(state, "'%s' needs a file", command->name);
    else if (!command->takes_file && options->file)
        argp_error(state, "too many operands: '%s'", options->file);
    else if (options->json && !command->has_json)
        argp_error(state, "'%s' has no --json: a host description is JSON", command->name);
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *options = state->input;

    switch (key) {
    case OPTION_HOST:
        options->host = arg;
        return 0;
    case OPTION_JSON:
        options->json = true;
        return 0;
    case ARGP_KEY_ARG:
        take_operand(options, arg, state);
        return 0;
    case ARGP_KEY_END:
        check(options, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {{&common_argp, 0, NULL, -1}, {0}};

static const struct argp argp = {
    .options = option_list,
    .parser = parse_option,
    .args_doc = "[show]\nsave FILE\ndevices",
    .doc = "Show the host as vtopo sees it.\v"
           "show     root complexes, switches, devices and NUMA nodes as a tree\n"
           "save     write a host description, which every --host reads ('-' is stdout)\n"
           "devices  what can be assigned to a guest",
    .children = children,
};

static int run(const struct options *options)
{
    const struct command *command =
        options->command ? find_command(options->command) : &commands[0];
    struct vtopo_host *host = NULL;
    struct vtopo_error *error = NULL;
    char *text = NULL;
    int status;

    if (vtopo_host_read(options->host, NULL, &host, &error))
        return fail(PROGRAM, error);
    if (command->make(options, host, &text, &error))
        status = fail(PROGRAM, error);
    else if (options->file && strcmp(options->file, "-"))
        status = write_file(PROGRAM, options->file, text, strlen(text));
    else
        status = write_stdout(PROGRAM, text, strlen(text));
    free(text);
    vtopo_host_free(host);
    return status;
}

int main(int argc, char **argv)
{
    struct options options = {.host = "/sys"};
    int status;

    start_program();
    status = parse_arguments(PROGRAM, &argp, argc, argv, &options);
    if (status)
        return status;
    return run(&options);
}
