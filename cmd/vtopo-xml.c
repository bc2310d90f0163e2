/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vtopo-xml.c - rewrite a libvirt domain so that the guest sees the host's PCIe and NUMA topology
 *
 * Takes:  options, a domain XML from a file or stdin.
 * Gives:  the product on stdout or in a file, findings on stderr, an exit status (common.h).
 * Rule:   everything is made and checked before the first byte is written, so a failure writes
 * nothing. Not here: any decision about the guest; that is libvtopo's, and this program uses its
 * public headers only.
 */
#include "base/printable.h"
#include "common.h"
#include "policy.h"
#include "quote.h"
#include "write_file.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <vtopo/domain.h>
#include <vtopo/host.h>
#include <vtopo/plan.h>

#define PROGRAM "vtopo-xml"
#define SPARE_PORTS_MAX 255
#define CDI_DIRS_MAX 16

enum option_key {
    OPTION_HOST = 0x200,
    OPTION_MIRROR,
    OPTION_STRICT,
    OPTION_CONFIG,
    OPTION_SPARE_PORTS,
    OPTION_ADOPT,
    OPTION_CLIQUE,
    OPTION_CDI_DIR,
    OPTION_CHECK,
    OPTION_DIFF,
    OPTION_EXPLAIN,
    OPTION_UNDO,
    OPTION_LINKS,
    OPTION_NCCL_TOPO,
    OPTION_VALIDATE,
    OPTION_IN_PLACE,
};

struct options {
    const char *input; /* NULL: stdin */
    const char *host;
    const char *config;                         /* NULL: the default, if it is there */
    const char *mirror_word, *spare_ports_word; /* NULL: as the policy says */
    const char *cdi_dirs[CDI_DIRS_MAX];
    size_t cdi_dir_count;                 /* 0: the default ones */
    const char *links_word, *clique_word; /* NULL: as the policy says */
    enum vtopo_mirror mirror;
    enum vtopo_links links;
    enum vtopo_clique clique;
    unsigned spare_ports;
    bool strict, adopt;
    bool check, diff, explain, undo, validate, in_place;
    enum vtopo_plan_style style; /* explain */
    const char *output;          /* NULL: stdout */
    const char *nccl_topo;       /* NULL: not wanted */
    bool quiet, verbose;
};

static const struct argp_option argp_options[] = {
    {"host", OPTION_HOST, "PATH", 0, "a sysfs tree or a host description (/sys)", 1},
    {"mirror", OPTION_MIRROR, "MODE", 0, "numa, root, switch (the default) or exact", 1},
    {"links", OPTION_LINKS, "MODE", 0, "links of ports: stock (the default) or host", 1},
    {"config", OPTION_CONFIG, "FILE", 0, "policy (" DEFAULT_CONFIG ")", 1},
    {"strict", OPTION_STRICT, NULL, 0, "fail if a device cannot be placed as asked", 1},
    {"adopt", OPTION_ADOPT, NULL, 0, "take over expanders that others made", 1},
    {"spare-ports", OPTION_SPARE_PORTS, "N", 0, "empty root ports to leave on each expander", 1},
    {"clique", OPTION_CLIQUE, "MODE", 0, "P2P cliques: off, cdi (the default) or auto", 1},
    {"cdi-dir", OPTION_CDI_DIR, "DIR", 0, "CDI specs (/etc/cdi and /var/run/cdi)", 1},
    {"check", OPTION_CHECK, NULL, 0, "print nothing; exit 1 if the domain would change", 2},
    {"diff", OPTION_DIFF, NULL, 0, "print what would change as a unified diff", 2},
    {"explain", OPTION_EXPLAIN, "tree|json", OPTION_ARG_OPTIONAL,
     "print the plan: host beside guest", 2},
    {"undo", OPTION_UNDO, NULL, 0, "take out what vtopo put in", 2},
    {"validate", OPTION_VALIDATE, NULL, 0, "check the output against libvirt's schema", 3},
    {"output", 'o', "FILE", 0, "write to FILE, whole or not at all", 3},
    {"in-place", OPTION_IN_PLACE, NULL, 0, "write to DOMAIN.xml itself", 3},
    {"nccl-topo", OPTION_NCCL_TOPO, "FILE", 0, "also write NCCL's topology file for the guest", 3},
    {"quiet", 'q', NULL, 0, "print errors only", 4},
    {"verbose", 'v', NULL, 0, "print information as well as warnings", 4},
    {0},
};

static void parse_spare_ports(const char *word, struct options *options, struct argp_state *state)
{
    char *end;
    unsigned long ports = strtoul(word, &end, 10);

    if (*word < '0' || *word > '9' || *end || ports > SPARE_PORTS_MAX)
        argp_error(state, "--spare-ports must be a number from 0 to %d, not '%s'", SPARE_PORTS_MAX,
                   word);
    options->spare_ports = (unsigned)ports;
    options->spare_ports_word = word;
}

static void parse_mirror(const char *word, struct options *options, struct argp_state *state)
{
    if (!vtopo_mirror_parse(word, &options->mirror))
        argp_error(state, "--mirror must be numa, root, switch or exact, not '%s'", word);
    options->mirror_word = word;
}

static void parse_links(const char *word, struct options *options, struct argp_state *state)
{
    if (!vtopo_links_parse(word, &options->links))
        argp_error(state, "--links must be stock or host, not '%s'", word);
    options->links_word = word;
}

static void parse_clique(const char *word, struct options *options, struct argp_state *state)
{
    if (!vtopo_clique_parse(word, &options->clique))
        argp_error(state, "--clique must be off, cdi or auto, not '%s'", word);
    options->clique_word = word;
}

static void add_cdi_dir(const char *path, struct options *options, struct argp_state *state)
{
    if (options->cdi_dir_count == CDI_DIRS_MAX)
        argp_error(state, "--cdi-dir is given more than %d times", CDI_DIRS_MAX);
    options->cdi_dirs[options->cdi_dir_count++] = path;
}

static void parse_explain(const char *word, struct options *options, struct argp_state *state)
{
    options->explain = true;
    options->style = VTOPO_PLAN_TREE;
    if (!word || !strcmp(word, "tree"))
        return;
    if (strcmp(word, "json"))
        argp_error(state, "--explain must be tree or json, not '%s'", word);
    options->style = VTOPO_PLAN_JSON;
}

static bool is_written(const struct options *o, const char *path)
{
    return (o->output && !strcmp(o->output, path)) ||
           (o->in_place && o->input && !strcmp(o->input, path));
}

/* What contradicts itself would do something else than one half of it says. */
static void check_options(const struct options *o, struct argp_state *state)
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

static void set_once(const char **ret, const char *what, char *arg, struct argp_state *state)
{
    if (*ret)
        argp_error(state, "%s twice: '%s' and '%s'", what, *ret, arg);
    *ret = arg;
}

/* The switch that an option without an argument turns on; NULL: it is another one. */
static bool *flag_of(int key, struct options *o)
{
    const struct {
        int key;
        bool *flag;
    } flags[] = {
        {OPTION_STRICT, &o->strict},     {OPTION_ADOPT, &o->adopt}, {OPTION_CHECK, &o->check},
        {OPTION_DIFF, &o->diff},         {OPTION_UNDO, &o->undo},   {OPTION_VALIDATE, &o->validate},
        {OPTION_IN_PLACE, &o->in_place}, {'q', &o->quiet},          {'v', &o->verbose},
    };

    for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
        if (flags[i].key == key)
            return flags[i].flag;
    }
    return NULL;
}

/* "-" is stdin and stdout. */
static void end_options(struct options *o, struct argp_state *state)
{
    if (o->input && !strcmp(o->input, "-"))
        o->input = NULL;
    check_options(o, state);
    if (o->output && !strcmp(o->output, "-"))
        o->output = NULL;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *options = state->input;
    bool *flag = flag_of(key, options);

    if (flag) {
        *flag = true;
        return 0;
    }
    switch (key) {
    case OPTION_HOST:
        set_once(&options->host, "--host", arg, state);
        return 0;
    case OPTION_MIRROR:
        parse_mirror(arg, options, state);
        return 0;
    case OPTION_CONFIG:
        set_once(&options->config, "--config", arg, state);
        return 0;
    case OPTION_SPARE_PORTS:
        parse_spare_ports(arg, options, state);
        return 0;
    case OPTION_LINKS:
        parse_links(arg, options, state);
        return 0;
    case OPTION_CLIQUE:
        parse_clique(arg, options, state);
        return 0;
    case OPTION_CDI_DIR:
        add_cdi_dir(arg, options, state);
        return 0;
    case OPTION_EXPLAIN:
        parse_explain(arg, options, state);
        return 0;
    case OPTION_NCCL_TOPO:
        set_once(&options->nccl_topo, "--nccl-topo", arg, state);
        return 0;
    case 'o':
        set_once(&options->output, "--output", arg, state);
        return 0;
    case ARGP_KEY_ARG:
        set_once(&options->input, "the domain is given", arg, state);
        return 0;
    case ARGP_KEY_END:
        end_options(options, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Everything that main() makes on the way from the input to the product. */
struct work {
    const struct options *options;
    struct vtopo_error *error;
    const char *failing; /* what the error is about, if it does not say so itself */
    struct vtopo_policy *policy;
    char *input;
    size_t input_length;
    struct vtopo_domain *domain;
    struct vtopo_host *host;
    struct vtopo_plan *plan;
    char *output; /* the domain after the rewrite */
    size_t output_length;
    char *product; /* what is written, if it is not output */
    char *nccl_topo;
    bool differs; /* the output is not the input */
};

static const char *input_name(const struct options *options)
{
    return options->input ? options->input : "stdin";
}

/* --cdi-dir takes the place of the default folders. */
static int read_cdi(struct work *work)
{
    const struct options *o = work->options;
    int code = 0;

    if (!o->cdi_dir_count)
        return read_default_cdi(work->policy, o->host, work->domain, &work->error);
    for (size_t i = 0; !code && i < o->cdi_dir_count; i++)
        code = vtopo_policy_read_cdi(work->policy, o->cdi_dirs[i], &work->error);
    return code;
}

static int make_policy(struct work *work)
{
    const struct options *o = work->options;
    int code = read_policy(o->config, work->domain, &work->policy, &work->error);

    if (code)
        return code;
    if (o->mirror_word)
        vtopo_policy_set_mirror(work->policy, o->mirror);
    if (o->spare_ports_word)
        vtopo_policy_set_spare_ports(work->policy, o->spare_ports);
    if (o->links_word)
        vtopo_policy_set_links(work->policy, o->links);
    if (o->clique_word)
        vtopo_policy_set_clique(work->policy, o->clique);
    if (o->strict)
        vtopo_policy_set_strict(work->policy, true);
    if (o->adopt)
        vtopo_policy_set_adopt(work->policy, true);
    vtopo_policy_set_checks(work->policy, o->explain);
    return read_cdi(work);
}

/* Whoever wants to have the plan explained wants to know what the host spoils, too; a rewrite opens
 * fewer files. */
static unsigned details_for(const struct options *o, const struct vtopo_policy *policy)
{
    unsigned details = vtopo_policy_details(policy);

    if (o->explain)
        details |= VTOPO_HOST_LINKS | VTOPO_HOST_CHECKS;
    return o->nccl_topo ? details | VTOPO_HOST_LINKS : details;
}

/* The plan, and the rewritten domain unless only the plan is wanted. */
static int rewrite(struct work *work)
{
    const struct options *o = work->options;
    int code = make_policy(work);

    if (!code)
        code = vtopo_host_read_details(o->host ? o->host : "/sys", work->domain,
                                       details_for(o, work->policy), &work->host, &work->error);
    if (!code)
        code = vtopo_plan_make(work->host, work->domain, work->policy, &work->plan, &work->error);
    if (!code && o->nccl_topo)
        code = vtopo_plan_nccl_topo(work->plan, &work->nccl_topo, &work->error);
    if (code || (o->explain && !o->validate))
        return code;
    return vtopo_plan_apply(work->plan, work->domain, &work->output, &work->output_length,
                            &work->error);
}

static bool use_colour(int fd)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

    return isatty(fd) && !(no_color && *no_color) && term && strcmp(term, "dumb");
}

static int make_product(struct work *work)
{
    const struct options *o = work->options;

    if (o->explain)
        return vtopo_plan_format(work->plan, o->style, !o->output && use_colour(STDOUT_FILENO),
                                 &work->product, &work->error);
    work->differs = work->output_length != work->input_length ||
                    memcmp(work->output, work->input, work->input_length);
    if (!o->diff)
        return 0;
    return vtopo_domain_diff(work->domain, work->output, work->output_length, &work->product,
                             &work->error);
}

/* Many a domain that libvirt takes is not valid: say whether it is the rewrite that is to blame. */
static int validate(struct work *work)
{
    struct vtopo_error *error = NULL;
    int code = vtopo_domain_validate(work->output, work->output_length, NULL, &work->error);

    if (code != VTOPO_ERR_DOMAIN)
        return code;
    work->failing = "the output is not valid";
    if (vtopo_domain_validate(work->input, work->input_length, NULL, &error) == VTOPO_ERR_DOMAIN)
        work->failing = "the domain is not valid, with or without vtopo";
    vtopo_error_free(error);
    return code;
}

static int make(struct work *work)
{
    const struct options *o = work->options;
    int code = vtopo_domain_parse(work->input, work->input_length, input_name(o), &work->domain,
                                  &work->error);

    if (!code && o->undo)
        code = vtopo_domain_undo(work->domain, &work->output, &work->output_length, &work->error);
    else if (!code)
        code = rewrite(work);
    if (!code && o->validate)
        code = validate(work);
    return code ? code : make_product(work);
}

static void print_finding(const struct vtopo_plan *plan, size_t at, bool colour)
{
    static const struct {
        const char *name, *colour;
    } severities[] = {
        [VTOPO_INFO] = {"info", "\033[36m"},
        [VTOPO_WARNING] = {"warning", "\033[1;33m"},
        [VTOPO_REFUSAL] = {"refusal", "\033[1;31m"},
    };
    enum vtopo_severity severity = vtopo_plan_finding_severity(plan, at);

    fprintf(stderr, PROGRAM ": %s%s:%s %s %s: %s\n", colour ? severities[severity].colour : "",
            severities[severity].name, colour ? "\033[0m" : "",
            vtopo_finding_name(vtopo_plan_finding_id(plan, at)),
            vtopo_plan_finding_subject(plan, at), vtopo_plan_finding_text(plan, at));
}

/* --explain has the findings in its product. */
static void print_findings(const struct work *work)
{
    const struct options *o = work->options;
    bool colour = use_colour(STDERR_FILENO);

    if (!work->plan || o->quiet || o->explain)
        return;
    for (size_t i = 0; i < vtopo_plan_finding_count(work->plan); i++) {
        if (o->verbose || vtopo_plan_finding_severity(work->plan, i) != VTOPO_INFO)
            print_finding(work->plan, i, colour);
    }
}

/* The copy of an argument that may be printed.  Nothing longer than PATH_MAX could be opened. */
static const char *clean(const char *word, char text[PATH_MAX])
{
    snprintf(text, PATH_MAX, "%s", word);
    printable(text, false);
    return text;
}

/* An argument as a shell reads it back, without quotes where it needs none. */
static void print_argument(const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-_./:=@%+,";
    char quoted[QUOTED_SIZE(PATH_MAX)];
    bool is_plain = *word && !word[strspn(word, plain)];

    fprintf(stderr, " %s", is_plain ? word : quote(word, quoted, sizeof(quoted)));
}

static void print_option(const char *name, const char *value)
{
    if (!value)
        return;
    fprintf(stderr, " %s", name);
    print_argument(value);
}

/* The command that makes the domain what --check wants. */
static void print_repair(const struct options *o)
{
    if (!o->input)
        fputs(" virsh dumpxml --inactive --security-info VM |", stderr);
    fputs(" " PROGRAM, stderr);
    print_option("--host", o->host);
    print_option("--mirror", o->mirror_word);
    print_option("--links", o->links_word);
    print_option("--config", o->config);
    print_option("--spare-ports", o->spare_ports_word);
    print_option("--clique", o->clique_word);
    for (size_t i = 0; i < o->cdi_dir_count; i++)
        print_option("--cdi-dir", o->cdi_dirs[i]);
    fprintf(stderr, "%s%s%s", o->strict ? " --strict" : "", o->adopt ? " --adopt" : "",
            o->undo ? " --undo" : "");
    if (!o->input) {
        fputs(" | virsh define /dev/stdin", stderr);
        return;
    }
    print_option(*o->input == '-' ? "--in-place --" : "--in-place", o->input);
    print_option(*o->input == '-' ? "&& virsh define --" : "&& virsh define", o->input);
}

static void print_difference(const struct work *work)
{
    const struct options *o = work->options;
    const char *what = work->plan ? vtopo_plan_difference(work->plan) : "vtopo's controllers go";
    char name[PATH_MAX];

    fprintf(stderr, PROGRAM ": %s would change: %s; to repair:", clean(input_name(o), name),
            what ? what : "other text");
    print_repair(o);
    fputc('\n', stderr);
}

static int write_product(const struct work *work)
{
    const struct options *o = work->options;
    const char *product = work->product ? work->product : work->output;
    size_t length = work->product ? strlen(work->product) : work->output_length;

    if (o->check && !o->diff)
        return STATUS_DONE;
    if (o->in_place)
        return work->differs ? write_file(PROGRAM, o->input, product, length) : STATUS_DONE;
    if (o->output)
        return write_file(PROGRAM, o->output, product, length);
    return write_stdout(PROGRAM, product, length);
}

/* The file for NCCL is in its place only if the product is. */
static int write_results(const struct work *work)
{
    struct new_file *nccl_topo = NULL;
    int status = STATUS_DONE;

    if (work->nccl_topo)
        status = new_file(PROGRAM, work->options->nccl_topo, work->nccl_topo,
                          strlen(work->nccl_topo), &nccl_topo);
    if (!status)
        status = write_product(work);
    if (!status && nccl_topo)
        return new_file_finish(PROGRAM, nccl_topo);
    new_file_drop(nccl_topo);
    return status;
}

static int report(struct work *work)
{
    int status;

    if (!work->failing)
        return fail(PROGRAM, work->error);
    status = -vtopo_error_code(work->error);
    complain(PROGRAM, "%s: %s: %s", input_name(work->options), work->failing,
             vtopo_error_message(work->error));
    vtopo_error_free(work->error);
    return status;
}

static int run(struct work *work)
{
    const struct options *o = work->options;
    int status;

    if (!o->input && isatty(STDIN_FILENO) && !o->quiet)
        complain(PROGRAM, "reading a domain XML from the terminal; Ctrl-D ends it");
    status = read_input(PROGRAM, o->input, VTOPO_DOMAIN_MAX, &work->input, &work->input_length);
    if (status)
        return status;
    if (make(work))
        return report(work);
    print_findings(work);
    status = write_results(work);
    if (status || !o->check || !work->differs)
        return status;
    if (!o->quiet)
        print_difference(work);
    return STATUS_DIFFERS;
}

static void free_work(struct work *work)
{
    vtopo_policy_free(work->policy);
    vtopo_domain_free(work->domain);
    vtopo_host_free(work->host);
    vtopo_plan_free(work->plan);
    free(work->input);
    free(work->output);
    free(work->product);
    free(work->nccl_topo);
}

int main(int argc, char **argv)
{
    static const struct argp_child children[] = {{&common_argp, 0, NULL, -1}, {0}};
    static const struct argp argp = {
        .options = argp_options,
        .parser = parse_option,
        .args_doc = "[DOMAIN.xml]",
        .doc = "Give a libvirt domain (default: stdin) its host's PCIe and NUMA topology.",
        .children = children,
        .help_filter = filter_help,
    };
    struct options options = {0};
    struct work work = {.options = &options};
    int status;

    start_program();
    status = parse_arguments(PROGRAM, &argp, argc, argv, &options);
    if (status)
        return status;
    status = run(&work);
    free_work(&work);
    return status;
}
