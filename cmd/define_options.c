/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * define_options.c - see define_options.h
 *
 * Takes:  the command line.
 * Gives:  struct define_options, or a line on stderr and an exit.
 * Rule:   what contradicts itself is refused: it would do something else than half of it says.
 * Not here: the options of the host and the policy (policy_options.c).
 */
#include "define_options.h"

#include "common.h"
#include "virt/history.h"

enum option_key {
    OPTION_ALL = 0x200,
    OPTION_CHECK,
    OPTION_JSON,
    OPTION_PROMETHEUS,
    OPTION_UNDO,
    OPTION_RESTORE,
    OPTION_HISTORY,
};

static const struct argp_option argp_options[] = {
    {"connect", 'c', "URI", 0, "libvirt's address (qemu:///system)", 2},
    {"all", OPTION_ALL, NULL, 0, "all VMs", 2},
    {"yes", 'y', NULL, 0, "do not ask", 2},
    {"undo", OPTION_UNDO, NULL, 0, "take out what vtopo put in", 2},
    {"restore", OPTION_RESTORE, NULL, 0, "define what was replaced last", 2},
    {"history", OPTION_HISTORY, "DIR", 0, "replaced definitions (" HISTORY_FOLDER ")", 2},
    {"check", OPTION_CHECK, NULL, 0, "define nothing; exit 1 if a VM would change", 3},
    {"json", OPTION_JSON, NULL, 0, "with --check: JSON in place of a table", 3},
    {"prometheus", OPTION_PROMETHEUS, "FILE", 0, "with --check: also write metrics", 3},
    {"quiet", 'q', NULL, 0, "print errors only, or information, too", 4},
    {"verbose", 'v', NULL, OPTION_ALIAS, NULL, 4}, /* a line less */
    {0},
};

static void check_options(const struct define_options *o, struct argp_state *state)
{
    const struct {
        bool wrong;
        const char *message;
    } rules[] = {
        {!o->all && !o->name_count, "name a VM, or give --all"},
        {o->all && o->name_count, "--all is all VMs: name none"},
        {o->json && !o->check, "--json is for --check"},
        {o->metrics && !o->check, "--prometheus is for --check"},
        {o->check && o->restore, "--check looks only, and --restore defines: give one"},
        {o->undo && o->restore, "--undo and --restore define different things: give one"},
        {o->restore && o->all, "--restore is for VMs that are named"},
        {o->check && o->yes, "--check defines nothing, so there is nothing to say --yes to"},
        {o->messages.quiet && o->messages.verbose,
         "--quiet and --verbose contradict each other: give one"},
    };

    for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
        if (rules[i].wrong)
            argp_error(state, "%s", rules[i].message);
    }
}

/* The switch that an option without an argument turns on; NULL: it is another one. */
static bool *find_flag(int key, struct define_options *o)
{
    const struct {
        int key;
        bool *flag;
    } flags[] = {
        {OPTION_ALL, &o->all},     {'y', &o->yes},
        {OPTION_CHECK, &o->check}, {OPTION_JSON, &o->json},
        {OPTION_UNDO, &o->undo},   {OPTION_RESTORE, &o->restore},
        {'q', &o->messages.quiet}, {'v', &o->messages.verbose},
    };

    for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
        if (flags[i].key == key)
            return flags[i].flag;
    }
    return NULL;
}

/* argp has put what is no option behind the options, in its order. */
static void set_names(struct define_options *options, struct argp_state *state)
{
    options->names = state->argv + state->next;
    options->name_count = (size_t)(state->argc - state->next);
    state->next = state->argc;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct define_options *options = state->input;
    bool *flag = find_flag(key, options);

    if (key == ARGP_KEY_INIT)
        state->child_inputs[0] = &options->policy;
    else if (flag)
        *flag = true;
    else if (key == 'c')
        set_once(&options->uri, "--connect", arg, state);
    else if (key == OPTION_HISTORY)
        set_once(&options->history, "--history", arg, state);
    else if (key == OPTION_PROMETHEUS)
        set_once(&options->metrics, "--prometheus", arg, state);
    else if (key == ARGP_KEY_ARGS)
        set_names(options, state);
    else if (key == ARGP_KEY_END)
        check_options(options, state);
    else
        return ARGP_ERR_UNKNOWN;
    return 0;
}

int read_define_options(int argc, char **argv, struct define_options *ret_options)
{
    static const struct argp_child children[] = {
        {&policy_options_argp, 0, NULL, 0}, {&common_argp, 0, NULL, -1}, {0}};
    static const struct argp argp = {
        .options = argp_options,
        .parser = parse_option,
        .args_doc = "VM...\n--all",
        .doc = "Give VMs of libvirt their host's PCIe and NUMA topology: show, ask, define.",
        .children = children,
        .help_filter = filter_help,
    };
    int status;

    *ret_options = (struct define_options){.messages.program = DEFINE_PROGRAM};
    status = parse_arguments(DEFINE_PROGRAM, &argp, argc, argv, ret_options);
    if (!ret_options->history)
        ret_options->history = HISTORY_FOLDER;
    return status;
}
