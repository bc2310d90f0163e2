/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host_check.c - the results of a check for people
 *
 * Takes:  results.
 * Gives:  a paragraph for each thing that is wrong, with the functions it is wrong with.
 * Rule:   what is to be done is said once; "BDF" stands for the address where there are several.
 *         Results are of one thing as findings of a plan are (model/finding_groups.h).
 * Not here: the same for programs (json_check.c).
 */
#include "report/host_check.h"

#include "base/wrap.h"
#include "model/finding_groups.h"

#include <string.h>

/* Empties @line. */
static void print_line(struct buffer *line, size_t indent, struct buffer *out)
{
    out->failed |= line->failed;
    if (line->length)
        wrap_add(out, line->text, line->length, 2, indent);
    buffer_clear(line);
}

static void print_advice(const char *word, const char *text, struct buffer *out)
{
    struct buffer line = {0};

    buffer_printf(&line, "%s: %s", word, text);
    print_line(&line, 4, out);
}

/*
 * The results whose first is @first: "  0000:3c:00.0 0000:3c:01.0: ACS Control ...".  Of
 * neighbours that say the same the text comes once.
 */
static size_t print_results(const struct check_results *results, size_t first, const size_t *firsts,
                            struct buffer *out)
{
    const char *is = NULL;
    char address[BDF_TEXT_SIZE];
    struct buffer line = {0};
    size_t count = 0;

    for (size_t i = first; i < results->count; i++) {
        const struct check_result *other = &results->items[i];

        if (firsts[i] != first)
            continue;
        if (is && strcmp(is, other->is)) {
            buffer_printf(&line, ": %s", is);
            print_line(&line, 6, out);
        }
        buffer_printf(&line, "%s%s", line.length ? " " : "", check_subject(other, address));
        is = other->is;
        count++;
    }
    buffer_printf(&line, ": %s", is);
    print_line(&line, 6, out);
    return count;
}

static void print_paragraph(const struct check_results *results, size_t first, const size_t *firsts,
                            struct buffer *out)
{
    const struct check_result *result = &results->items[first];
    autofree char *how = NULL;
    size_t count;

    buffer_printf(out, "%s %s: %s\n", finding_code(result->id),
                  severity_name(finding_severity(result->id)), finding_title(result->id));
    count = print_results(results, first, firsts, out);
    print_advice("means", result->means, out);
    print_advice("should be", result->should, out);
    how = count > 1 ? mem_printf("%s", result->how) : check_how(result);
    if (how)
        print_advice("to change it", how, out);
    else
        out->failed = true;
}

/* For each result the first of the same thing; NULL: out of memory. */
static size_t *find_paragraphs(const struct check_results *results)
{
    struct findings findings = {0};
    size_t *firsts = calloc(results->count + 1, sizeof(*firsts));
    bool done = firsts;

    for (size_t i = 0; done && i < results->count; i++)
        done = check_add_finding(&results->items[i], &findings);
    done = done && findings_find_groups(&findings, firsts);
    findings_clear(&findings);
    if (!done)
        free(steal(firsts));
    return firsts;
}

/* What is as it should be is worth a line, too: nothing else says that the hook is there. */
static void print_hook(const struct hook_access *hook, struct buffer *out)
{
    if (hook && hook->verdict == HOOK_ALLOWED && hook->daemon && hook->module)
        buffer_printf(out, "libvirt's hook: %s lets %s run it (%s)\n",
                      hook_module_name(hook->module), hook->daemon, hook->label);
}

void check_print(const struct check_set *set, const struct check_results *results,
                 struct buffer *out)
{
    autofree size_t *firsts = find_paragraphs(results);

    out->failed |= !firsts;
    for (size_t i = 0; firsts && i < results->count; i++) {
        if (firsts[i] != i)
            continue;
        buffer_add(out, i ? "\n" : "");
        print_paragraph(results, i, firsts, out);
    }
    if (!results->count)
        buffer_printf(out, "nothing found: %zu device%s\n", set->count, set->count == 1 ? "" : "s");
    print_hook(set->hook, out);
}
