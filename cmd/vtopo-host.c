/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vtopo-host.c - the host as vtopo sees it
 *
 * Takes:  a subcommand and the host's path; for "compare", which runs in a guest, a plan.
 * Gives:  a drawing, a list, findings, a host description in a file, or a page of many.
 */
#include "base/mem.h"
#include "common.h"
#include "compare.h"
#include "host_place.h"
#include "host_prepare.h"
#include "host_report.h"
#include "owned_devices.h"
#include "terminal.h"
#include "write_file.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <vtopo/host.h>

#define PROGRAM "vtopo-host"

static const char this_host[] = "/sys";

struct options {
    struct host_options common;
    const char *command;
    char **operands; /* behind the command */
    size_t count;
    bool warnings, svg;
    const char *uri;    /* NULL: libvirt is not asked */
    const char *output; /* of 'report'; NULL: stdout */
};

/* What a command takes behind its name. */
enum operands { NOTHING, A_FILE, ADDRESSES, A_PLAN /* or none */, HOSTS };

struct command {
    const char *name;
    enum operands takes;
    bool has_json;
    int (*make)(const struct options *options, const struct vtopo_host *host, char **ret_text,
                size_t *ret_found, struct vtopo_error **reterr);
};

static int make_drawing(const struct options *options, const struct vtopo_host *host,
                        char **ret_text, size_t *ret_found, struct vtopo_error **reterr)
{
    (void)ret_found;
    return vtopo_host_draw(host, options->svg ? VTOPO_HOST_SVG : host_style(&options->common),
                           ret_text, reterr);
}

static int make_list(const struct options *options, const struct vtopo_host *host, char **ret_text,
                     size_t *ret_found, struct vtopo_error **reterr)
{
    (void)ret_found;
    if (options->uri)
        return list_owned_devices(options->uri, host, host_style(&options->common), ret_text,
                                  reterr);
    return vtopo_host_list(host, host_style(&options->common), terminal_width(STDOUT_FILENO),
                           ret_text, reterr);
}

static int make_description(const struct options *options, const struct vtopo_host *host,
                            char **ret_text, size_t *ret_found, struct vtopo_error **reterr)
{
    (void)ret_found;
    if (options->uri)
        return describe_owned_host(options->uri, options->common.host, host, ret_text, reterr);
    return vtopo_host_format(host, ret_text, reterr);
}

static int make_check(const struct options *options, const struct vtopo_host *host, char **ret_text,
                      size_t *ret_found, struct vtopo_error **reterr)
{
    return vtopo_host_check(host, (const char *const *)options->operands, options->count,
                            options->warnings, host_style(&options->common), ret_text, ret_found,
                            reterr);
}

/* Its failures have been reported already. */
static int make_comparison(const struct options *options, const struct vtopo_host *host,
                           char **ret_text, size_t *ret_found, struct vtopo_error **reterr)
{
    (void)reterr;
    return -compare_with_plan(PROGRAM, host, &options->common,
                              options->count ? options->operands[0] : NULL, ret_text, ret_found);
}

/* Of other hosts: @host is NULL. */
static int make_report(const struct options *options, const struct vtopo_host *host,
                       char **ret_text, size_t *ret_found, struct vtopo_error **reterr)
{
    (void)host;
    (void)ret_found;
    return report_hosts(options->operands, options->count, ret_text, reterr);
}

static const struct command commands[] = {
    {"show", NOTHING, true, make_drawing},      {"save", A_FILE, false, make_description},
    {"devices", NOTHING, true, make_list},      {"check", ADDRESSES, true, make_check},
    {"compare", A_PLAN, true, make_comparison}, {"report", HOSTS, false, make_report},
};

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
        if (!strcmp(commands[i].name, name))
            return &commands[i];
    }
    return NULL;
}

enum { OPTION_WARNINGS = OPTION_OF_PROGRAM, OPTION_CONNECT, OPTION_SVG };

static const struct argp_option option_list[] = {
    {"host", OPTION_HOST, "PATH", 0, "a sysfs root, or a host description (/sys)", 0},
    {"json", OPTION_JSON, NULL, 0, "print JSON, or a picture ('show' alone)", 0},
    {"svg", OPTION_SVG, NULL, OPTION_ALIAS, NULL, 0}, /* a line less */
    {"connect", OPTION_CONNECT, "URI", 0, "devices, save: ask this libvirt who has what", 0},
    {"output", 'o', "FILE", 0, "report: write the page to FILE", 0},
    {"warnings", OPTION_WARNINGS, NULL, 0, "check: leave out what is only worth knowing", 0},
    {0},
};

/* argp has put what is no option behind the options, in its order. */
static void set_operands(struct options *options, struct argp_state *state)
{
    options->command = state->argv[state->next];
    options->operands = state->argv + state->next + 1;
    options->count = (size_t)(state->argc - state->next - 1);
    state->next = state->argc;
}

static const struct command *command_of(const struct options *options)
{
    return options->command ? find_command(options->command) : &commands[0];
}

static void check(const struct options *options, const struct argp_state *state)
{
    const struct command *command = command_of(options);
    size_t most = command && (command->takes == A_FILE || command->takes == A_PLAN);

    if (!command)
        argp_error(state, "unknown command '%s'", options->command);
    else if (command->takes == A_FILE && !options->count)
        argp_error(state, "'%s' needs a file", command->name);
    else if (command->takes == HOSTS && !options->count)
        argp_error(state, "'%s' needs host descriptions", command->name);
    else if (command->takes != ADDRESSES && command->takes != HOSTS && options->count > most)
        argp_error(state, "too many operands: '%s'", options->operands[most]);
    else if (options->common.json && !command->has_json)
        argp_error(state, "'%s' has no --json", command->name);
    else if (options->warnings && command->takes != ADDRESSES)
        argp_error(state, "--warnings is for 'check'");
    else if (options->svg && command->make != make_drawing)
        argp_error(state, "--svg is for 'show'");
    else if (options->svg && options->common.json)
        argp_error(state, "--svg and --json print different things: give one");
    else if (options->uri && command->make != make_list && command->make != make_description)
        argp_error(state, "--connect is for 'devices' and 'save'");
    else if (options->output && command->takes != HOSTS)
        argp_error(state, "--output is for 'report'");
    else if (command->takes == HOSTS && options->common.host != this_host)
        argp_error(state, "'%s' takes host descriptions, and no --host", command->name);
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *options = state->input;

    switch (key) {
    case OPTION_WARNINGS:
        options->warnings = true;
        return 0;
    case OPTION_SVG:
        options->svg = true;
        return 0;
    case 'o':
        set_once(&options->output, "--output", arg, state);
        return 0;
    case OPTION_CONNECT:
        set_once(&options->uri, "--connect", arg, state);
        return 0;
    case ARGP_KEY_ARGS:
        set_operands(options, state);
        return 0;
    case ARGP_KEY_END:
        check(options, state);
        return 0;
    default:
        return parse_host_option(key, arg, &options->common);
    }
}

static const struct argp_child children[] = {{&common_argp, 0, NULL, -1}, {0}};

static const struct argp argp = {
    .options = option_list,
    .parser = parse_option,
    .args_doc =
        "[show]\nsave FILE\ndevices\ncheck [BDF...]\ncompare [PLAN]\nplace [BDF]\nprepare [BDF...]\nreport HOST...",
    .doc = "Show the host as vtopo sees it.\v"
           "show     root complexes, switches, devices and NUMA nodes as a tree\n"
           "save     write a host description, which every --host reads ('-' is stdout)\n"
           "devices  what can be assigned to a guest\n"
           "check    what spoils peer-to-peer (default: of all GPUs and NICs)\n"
           "compare  in a guest: does it show what vtopo-xml --explain=json has planned?\n"
           "place, prepare  which free devices belong together; what a host needs first\n"
           "report   a page (HTML) of saved hosts: which GPUs are free, whose are others",
    .children = children,
    .help_filter = filter_help,
};

static int write_text(const struct options *options, const char *text)
{
    const char *file =
        command_of(options)->takes == A_FILE ? options->operands[0] : options->output;

    if (file && strcmp(file, "-"))
        return write_file(PROGRAM, file, text, strlen(text));
    return write_stdout(PROGRAM, text, strlen(text));
}

/* A page in the place of a description could not be made again. */
static bool is_over_input(const struct options *options)
{
    for (size_t i = 0; options->output && i < options->count; i++) {
        if (is_same_file(options->operands[i], options->output))
            return true;
    }
    return false;
}

static int run(const struct options *options)
{
    struct vtopo_host *host = NULL;
    struct vtopo_error *error = NULL;
    size_t found = 0;
    char *text = NULL;
    int code, status;

    if (command_of(options)->takes != HOSTS &&
        vtopo_host_read(options->common.host, NULL, &host, &error))
        return fail(PROGRAM, error);
    code = command_of(options)->make(options, host, &text, &found, &error);
    if (code)
        status = error ? fail(PROGRAM, error) : -code;
    else
        status = write_text(options, text);
    if (!status && found)
        status = STATUS_DIFFERS;
    free(text);
    vtopo_host_free(host);
    return status;
}

/* Commands with options of their own: what is left of the command line is theirs. */
static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
} programs[] = {
    {"place", host_place},
    {"prepare", host_prepare},
};

/* Is it an option whose argument is the next word?  A name may be cut short, as getopt has it. */
static bool takes_next(const char *word)
{
    size_t length = strlen(word);

    if (!strcmp(word, "-o"))
        return true;
    return length > 2 && (!strncmp(word, "--host", length) || !strncmp(word, "--connect", length) ||
                          !strncmp(word, "--output", length));
}

/* The place of the first word that is no option; 0: there is none. */
static int find_word(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (*argv[i] != '-')
            return i;
        i += takes_next(argv[i]);
    }
    return 0;
}

/* The words without the command; "vtopo-host place" in their first place. */
static int run_words(size_t program, int argc, char **argv, int word)
{
    autofree char *name = mem_printf(PROGRAM " %s", programs[program].name);
    autofree char **words = calloc((size_t)argc, sizeof(*words));
    int count = 0;

    if (!name || !words)
        return no_memory(PROGRAM);
    for (int i = 0; i < argc; i++) {
        if (i != word)
            words[count++] = argv[i];
    }
    words[0] = name;
    return programs[program].run(count, words);
}

/* Returns false where the command is none of these. */
static bool run_program(int argc, char **argv, int *ret_status)
{
    int word = find_word(argc, argv);

    for (size_t i = 0; word && i < sizeof(programs) / sizeof(*programs); i++) {
        if (strcmp(programs[i].name, argv[word]) != 0)
            continue;
        *ret_status = run_words(i, argc, argv, word);
        return true;
    }
    return false;
}

int main(int argc, char **argv)
{
    struct options options = {.common.host = this_host};
    int status;

    start_program();
    if (run_program(argc, argv, &status))
        return status;
    /* Before options that only the command that was meant has. */
    if (argc > 1 && *argv[1] != '-' && !find_command(argv[1])) {
        complain(PROGRAM, "unknown command '%s': see vtopo-host --help", argv[1]);
        return STATUS_USAGE;
    }
    status = parse_arguments(PROGRAM, &argp, argc, argv, &options);
    if (status)
        return status;
    if (is_over_input(&options)) {
        complain(PROGRAM, "--output would replace one of the host descriptions: name another file");
        return STATUS_USAGE;
    }
    return run(&options);
}
