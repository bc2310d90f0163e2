/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xml_options.c - see xml_options.h
 *
 * Takes:  the command line.
 * Gives:  struct xml_options, or a line on stderr and an exit.
 * Rule:   what contradicts itself is refused: it would do something else than half of it says.
 * Not here: the options that all programs have that rewrite domains (policy_options.c).
 */
#include "xml_options.h"

#include "common.h"
#include "help_finding.h"

#include <stdlib.h>
#include <string.h>

enum option_key {
    OPTION_CHECK = 0x200,
    OPTION_DIFF,
    OPTION_EXPLAIN,
    OPTION_UNDO,
    OPTION_NCCL_TOPO,
    OPTION_VALIDATE,
    OPTION_IN_PLACE,
    OPTION_HELP_FINDING,
};

static const struct argp_option argp_options[] = {
    {"check", OPTION_CHECK, NULL, 0, "print nothing; exit 1 if the domain would change", 2},
    {"diff", OPTION_DIFF, NULL, 0, "print what would change as a unified diff", 2},
    {"explain", OPTION_EXPLAIN, "tree|svg|dot|matrix|json", OPTION_ARG_OPTIONAL,
     "print the plan: host beside guest", 2},
    {"undo", OPTION_UNDO, NULL, 0, "take out what vtopo put in", 2},
    {"validate", OPTION_VALIDATE, NULL, 0, "check the output against libvirt's schema", 3},
    {"output", 'o', "FILE", 0, "write to FILE, whole or not at all", 3},
    {"in-place", OPTION_IN_PLACE, NULL, 0, "write to DOMAIN.xml itself", 3},
    {"nccl-topo", OPTION_NCCL_TOPO, "FILE", 0, "also write NCCL's topology file for the guest", 3},
    {"quiet", 'q', NULL, 0, "print errors only, or information, too", 4},
    {"verbose", 'v', NULL, OPTION_ALIAS, NULL, 4}, /* a line less */
    {"help-finding", OPTION_HELP_FINDING, "ID", 0, "explain a finding, as VTOPO-0033", 4},
    {0},
};

/* --- contradictions --- */

static bool is_written(const struct xml_options *o, const char *path)
{
    return (o->output && !strcmp(o->output, path)) ||
           (o->in_place && o->input && !strcmp(o->input, path));
}

static void check_options(const struct xml_options *o, struct argp_state *state)
{
    const struct {
        bool wrong;
        const char *message;
    } rules[] = {
        {o->explain && o->check, "--explain prints a plan and --check prints nothing: give one"},
        {o->explain && o->diff, "--explain and --diff print different things: give one"},
        {o->explain && o->undo, "--explain shows a plan and --undo makes none: give one"},
        {o->in_place && o->output, "--in-place and --output name different files: give one"},
        {o->in_place && !o->input, "--in-place needs a file, and the domain comes from stdin"},
        {o->in_place && (o->check || o->diff || o->explain),
         "--in-place writes a domain, and --check, --diff and --explain make none"},
        {o->output && o->check && !o->diff, "--check has no output to write to a file"},
        {o->nccl_topo && (o->check || o->diff || o->undo),
         "--nccl-topo goes with a rewrite, and --check, --diff and --undo make none"},
        {o->nccl_topo && (!*o->nccl_topo || !strcmp(o->nccl_topo, "-")),
         "--nccl-topo needs the name of a file"},
        {o->nccl_topo && is_written(o, o->nccl_topo),
         "--nccl-topo and the domain go to different files: give two"},
        {o->quiet && o->verbose, "--quiet and --verbose contradict each other: give one"},
    };

    for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
        if (rules[i].wrong)
            argp_error(state, "%s", rules[i].message);
    }
}

/* "-" is stdin and stdout. */
static void end_options(struct xml_options *o, struct argp_state *state)
{
    if (o->input && !strcmp(o->input, "-"))
        o->input = NULL;
    check_options(o, state);
    if (o->output && !strcmp(o->output, "-"))
        o->output = NULL;
}

/* --- single options --- */

static void set_explain(const char *word, struct xml_options *options, struct argp_state *state)
{
    static const struct {
        const char *word;
        enum vtopo_plan_style style;
    } styles[] = {
        {"tree", VTOPO_PLAN_TREE}, {"matrix", VTOPO_PLAN_MATRIX}, {"svg", VTOPO_PLAN_SVG},
        {"dot", VTOPO_PLAN_DOT},   {"json", VTOPO_PLAN_JSON},
    };

    options->explain = true;
    options->style = VTOPO_PLAN_TREE;
    for (size_t i = 0; word && i < sizeof(styles) / sizeof(*styles); i++) {
        if (!strcmp(word, styles[i].word)) {
            options->style = styles[i].style;
            return;
        }
    }
    if (word)
        argp_error(state, "--explain must be tree, svg, dot, matrix or json, not '%s'", word);
}

/* A product like that of --help, which ends the program as well. */
static void help_finding(const char *word, struct argp_state *state)
{
    enum vtopo_finding_id id;

    if (!parse_finding(word, &id))
        argp_error(state, "there is no finding '%s'; vtopo-findings(7) lists them", word);
    if (!print_finding_help(id)) {
        complain(XML_PROGRAM, "%s", vtopo_strerror(VTOPO_ERR_NOMEM));
        exit(STATUS_NOMEM);
    }
    finish_stdout(XML_PROGRAM);
}

/* The switch that an option without an argument turns on; NULL: it is another one. */
static bool *find_flag(int key, struct xml_options *o)
{
    const struct {
        int key;
        bool *flag;
    } flags[] = {
        {OPTION_CHECK, &o->check},
        {OPTION_DIFF, &o->diff},
        {OPTION_UNDO, &o->undo},
        {OPTION_VALIDATE, &o->validate},
        {OPTION_IN_PLACE, &o->in_place},
        {'q', &o->quiet},
        {'v', &o->verbose},
    };

    for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
        if (flags[i].key == key)
            return flags[i].flag;
    }
    return NULL;
}

/* The text that may be given once; NULL: it is another option. */
static const char **find_text(int key, struct xml_options *o, const char **ret_what)
{
    const struct {
        int key;
        const char **text;
        const char *what;
    } texts[] = {
        {OPTION_NCCL_TOPO, &o->nccl_topo, "--nccl-topo"},
        {'o', &o->output, "--output"},
        {ARGP_KEY_ARG, &o->input, "the domain is given"},
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        *ret_what = texts[i].what;
        if (texts[i].key == key)
            return texts[i].text;
    }
    return NULL;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct xml_options *options = state->input;
    const char *what, **text = find_text(key, options, &what);
    bool *flag = find_flag(key, options);

    if (key == ARGP_KEY_INIT)
        state->child_inputs[0] = &options->policy;
    else if (flag)
        *flag = true;
    else if (text)
        set_once(text, what, arg, state);
    else if (key == OPTION_EXPLAIN)
        set_explain(arg, options, state);
    else if (key == OPTION_HELP_FINDING)
        help_finding(arg, state);
    else if (key == ARGP_KEY_END)
        end_options(options, state);
    else
        return ARGP_ERR_UNKNOWN;
    return 0;
}

int read_xml_options(int argc, char **argv, struct xml_options *ret_options)
{
    static const struct argp_child children[] = {
        {&policy_options_argp, 0, NULL, 0}, {&common_argp, 0, NULL, -1}, {0}};
    static const struct argp argp = {
        .options = argp_options,
        .parser = parse_option,
        .args_doc = "[DOMAIN.xml]",
        .doc = "Give a libvirt domain (default: stdin) its host's PCIe and NUMA topology.",
        .children = children,
        .help_filter = filter_help,
    };

    *ret_options = (struct xml_options){0};
    return parse_arguments(XML_PROGRAM, &argp, argc, argv, ret_options);
}

struct plan_request plan_request_of(const struct xml_options *options)
{
    struct plan_request request = plan_request_of_options(&options->policy);

    request.checks = options->explain;
    /* Whoever wants the plan explained wants to know what the host spoils, too; a rewrite opens
     * fewer files. */
    if (options->explain)
        request.details |= VTOPO_HOST_LINKS | VTOPO_HOST_CHECKS;
    if (options->nccl_topo)
        request.details |= VTOPO_HOST_LINKS;
    return request;
}

const char *input_name(const struct xml_options *options)
{
    return options->input ? options->input : "stdin";
}
