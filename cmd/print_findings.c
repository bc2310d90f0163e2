/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * print_findings.c - see print_findings.h
 *
 * Takes:  a plan, which findings are wanted.
 * Gives:  messages on stderr: a line for each finding, on a terminal wrapped paragraphs.
 * Rule:   lists and elements that are long are left to --explain, and to what is there to copy.
 * Not here: the words (lib/model/findings.def, lib/plan).
 */
#include "print_findings.h"

#include "common.h"
#include "terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LIST_MAX 100 /* bytes: two names that change */
#define HINT "(vtopo-xml --help-finding ID says what to do about one)"

static const struct severity_style {
    const char *name, *colour;
} severities[] = {
    [VTOPO_INFO] = {"info", "\033[36m"},
    [VTOPO_WARNING] = {"warning", "\033[1;33m"},
    [VTOPO_REFUSAL] = {"refusal", "\033[1;31m"},
};

bool is_cells_advice(const struct vtopo_plan *plan, size_t at)
{
    enum vtopo_finding_id id = vtopo_plan_finding_id(plan, at);

    return (id == VTOPO_FINDING_NO_CELLS || id == VTOPO_FINDING_CELLS_UNTIED) &&
           strchr(vtopo_plan_finding_text(plan, at), '\n');
}

/* The text of a finding; a list that is longer than two names is left to --explain.  @advice: what
 * comes in place of elements. */
static char *shorten(const struct vtopo_plan *plan, size_t at, const char *advice)
{
    const char *text = vtopo_plan_finding_text(plan, at);
    const char *list = vtopo_plan_finding_list(plan, at);
    char *copy = NULL;

    if (advice && *advice && is_cells_advice(plan, at)) {
        if (asprintf(&copy, "%.*s\n%.*s", (int)strcspn(text, "\n"), text, (int)(strlen(advice) - 1),
                     advice) < 0)
            return NULL;
        return copy;
    }
    if (strlen(list) <= LIST_MAX)
        return strdup(text);
    if (asprintf(&copy, "%.*s (--explain lists them)", (int)(list - text - 2), text) < 0)
        return NULL;
    return copy;
}

/* A line for scripts and journals. */
static void print_line(const char *program, const struct vtopo_plan *plan, size_t at,
                       const char *text)
{
    fprintf(stderr, "%s: %s: %s %s: %s\n", program,
            severities[vtopo_plan_finding_severity(plan, at)].name,
            vtopo_finding_name(vtopo_plan_finding_id(plan, at)),
            vtopo_plan_finding_subject(plan, at), text);
}

/* The sentence is wrapped; what is below it is to be pasted as it is. */
static bool print_sentence(const char *subject, const char *text, unsigned width)
{
    bool of_all = !strcmp(subject, "domain") || !strcmp(subject, "host");
    size_t length = strcspn(text, "\n");
    char *sentence = NULL;
    bool done;

    if (asprintf(&sentence, "%s%s%.*s", of_all ? "" : subject, of_all ? "" : ": ", (int)length,
                 text) < 0)
        return false;
    fprintf(stderr, "%*s", MESSAGE_INDENT, "");
    done = print_wrapped(stderr, sentence, strlen(sentence), MESSAGE_INDENT, MESSAGE_INDENT, width);
    free(sentence);
    if (done && text[length])
        fprintf(stderr, "%s\n", text + length + 1);
    return done;
}

/* For people: what is the matter, in the words of the register, and then the sentence. */
static bool print_paragraph(const char *program, const struct vtopo_plan *plan, size_t at,
                            const char *text, unsigned width)
{
    const struct severity_style *style = &severities[vtopo_plan_finding_severity(plan, at)];
    enum vtopo_finding_id id = vtopo_plan_finding_id(plan, at);
    bool colour = use_colour(STDERR_FILENO), done;
    char *title = NULL;

    if (asprintf(&title, "%s (%s)", vtopo_finding_title(id), vtopo_finding_name(id)) < 0)
        return false;
    fprintf(stderr, "%s: %s%s:%s ", program, colour ? style->colour : "", style->name,
            colour ? "\033[0m" : "");
    done = print_wrapped(stderr, title, strlen(title),
                         strlen(program) + strlen(": : ") + strlen(style->name), MESSAGE_INDENT,
                         width);
    free(title);
    return done && print_sentence(vtopo_plan_finding_subject(plan, at), text, width);
}

/* false: out of memory */
static bool print_finding(const char *program, const struct vtopo_plan *plan, size_t at,
                          const char *advice, unsigned width)
{
    char *text = shorten(plan, at, advice);
    bool done = text != NULL;

    if (text && !width)
        print_line(program, plan, at, text);
    else if (text)
        done = print_paragraph(program, plan, at, text, width);
    free(text);
    return done;
}

int print_findings(const struct message_options *options, const struct vtopo_plan *plan,
                   const char *advice)
{
    unsigned width = message_width();
    bool any = false;

    for (size_t i = 0; !options->quiet && i < vtopo_plan_finding_count(plan); i++) {
        if (!options->verbose && vtopo_plan_finding_severity(plan, i) == VTOPO_INFO)
            continue;
        if (!print_finding(options->program, plan, i, advice, width))
            return no_memory(options->program);
        any = true;
    }
    if (any && width && !print_wrapped(stderr, HINT, strlen(HINT), 0, 0, width))
        return no_memory(options->program);
    return STATUS_DONE;
}
