/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xml_output.c - see xml_output.h
 *
 * Takes:  options, a plan, texts.
 * Gives:  stdout or files for programs, stderr for people.
 * Rule:   a command that is printed can be copied into a shell as it is.
 * Not here: how a file is written whole or not at all (write_file.c).
 */
#include "xml_output.h"

#include "base/printable.h"
#include "common.h"
#include "quote.h"
#include "write_file.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool use_colour(int fd)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

    return isatty(fd) && !(no_color && *no_color) && term && strcmp(term, "dumb");
}

/* --- findings --- */

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

    fprintf(stderr, XML_PROGRAM ": %s%s:%s %s %s: %s\n", colour ? severities[severity].colour : "",
            severities[severity].name, colour ? "\033[0m" : "",
            vtopo_finding_name(vtopo_plan_finding_id(plan, at)),
            vtopo_plan_finding_subject(plan, at), vtopo_plan_finding_text(plan, at));
}

/* --explain has the findings in its product. */
void print_findings(const struct xml_options *options, const struct vtopo_plan *plan)
{
    bool colour = use_colour(STDERR_FILENO);

    if (!plan || options->quiet || options->explain)
        return;
    for (size_t i = 0; i < vtopo_plan_finding_count(plan); i++) {
        if (options->verbose || vtopo_plan_finding_severity(plan, i) != VTOPO_INFO)
            print_finding(plan, i, colour);
    }
}

/* --- what --check found --- */

/* The copy of an argument that may be printed.  Nothing longer than PATH_MAX could be opened. */
static const char *clean(const char *word, char text[PATH_MAX])
{
    snprintf(text, PATH_MAX, "%s", word);
    printable(text, false);
    return text;
}

static void print_option(const char *name, const char *value)
{
    char quoted[QUOTED_SIZE(PATH_MAX)];

    if (value)
        fprintf(stderr, " %s %s", name, quote_if_needed(value, quoted, sizeof(quoted)));
}

static void print_policy_options(const struct xml_options *options)
{
    for (size_t i = 0; i < POLICY_OPTIONS; i++) {
        if (!policy_options[i].is_flag)
            print_option(policy_options[i].name, options->values[i]);
        else if (options->values[i])
            fprintf(stderr, " %s", policy_options[i].name);
    }
}

/* The command that makes the domain what --check wants. */
static void print_repair(const struct xml_options *o)
{
    const char *end = o->input && *o->input == '-' ? " --" : "";
    char quoted[QUOTED_SIZE(PATH_MAX)];

    if (!o->input)
        fputs(" virsh dumpxml --inactive --security-info VM |", stderr);
    fputs(" " XML_PROGRAM, stderr);
    print_option("--host", o->host);
    print_option("--config", o->config);
    print_policy_options(o);
    for (size_t i = 0; i < o->cdi_dir_count; i++)
        print_option("--cdi-dir", o->cdi_dirs[i]);
    if (o->undo)
        fputs(" --undo", stderr);
    if (!o->input) {
        fputs(" | virsh define /dev/stdin", stderr);
        return;
    }
    quote_if_needed(o->input, quoted, sizeof(quoted));
    fprintf(stderr, " --in-place%s %s && virsh define%s %s", end, quoted, end, quoted);
}

void print_difference(const struct xml_options *options, const struct vtopo_plan *plan)
{
    const char *what = plan ? vtopo_plan_difference(plan) : "vtopo's controllers go";
    char name[PATH_MAX];

    fprintf(stderr,
            XML_PROGRAM ": %s would change: %s; to repair:", clean(input_name(options), name),
            what ? what : "other text");
    print_repair(options);
    fputc('\n', stderr);
}

/* --- the product --- */

static int write_product(const struct xml_options *o, const char *product, size_t length,
                         bool differs)
{
    if (o->check && !o->diff)
        return STATUS_DONE;
    if (o->in_place)
        return differs ? write_file(XML_PROGRAM, o->input, product, length) : STATUS_DONE;
    if (o->output)
        return write_file(XML_PROGRAM, o->output, product, length);
    return write_stdout(XML_PROGRAM, product, length);
}

int write_results(const struct xml_options *options, const char *product, size_t length,
                  bool differs, const char *nccl_topo)
{
    struct new_file *file = NULL;
    int status = STATUS_DONE;

    if (nccl_topo)
        status = new_file(XML_PROGRAM, options->nccl_topo, nccl_topo, strlen(nccl_topo), &file);
    if (!status)
        status = write_product(options, product, length, differs);
    if (!status && file)
        return new_file_finish(XML_PROGRAM, file);
    new_file_drop(file);
    return status;
}
