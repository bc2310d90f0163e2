/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * help_finding.c - see help_finding.h
 *
 * Takes:  what a user types of a finding's id.
 * Gives:  what the register says of it: title, meaning, cause, remedy.
 * Not here: the texts (lib/model/findings.def).
 */
#include "help_finding.h"

#include "terminal.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define PREFIX "VTOPO-"
#define DIGITS 4
#define WIDTH 80      /* of a page, if stdout is no terminal */
#define WIDTH_MAX 100 /* longer lines are hard to read */
#define INDENT 4

bool parse_finding(const char *word, enum vtopo_finding_id *ret_id)
{
    size_t skip = strncasecmp(word, PREFIX, strlen(PREFIX)) ? 0 : strlen(PREFIX);
    const char *digits = word + skip;
    size_t count = strlen(digits);
    char name[sizeof(PREFIX) + 2 * DIGITS];

    if (!count || count > DIGITS || strspn(digits, "0123456789") != count)
        return false;
    snprintf(name, sizeof(name), PREFIX "%.*s%s", (int)(DIGITS - count), "0000", digits);
    return vtopo_finding_parse(name, ret_id);
}

static bool print_part(const char *heading, const char *text, size_t width)
{
    printf("\n%s\n%*s", heading, INDENT, "");
    return print_wrapped(stdout, text, strlen(text), INDENT, INDENT, width);
}

bool print_finding_help(enum vtopo_finding_id id)
{
    unsigned width = terminal_width(STDOUT_FILENO);

    width = width ? width : WIDTH;
    width = width < WIDTH_MAX ? width : WIDTH_MAX;
    printf("%s: %s\n", vtopo_finding_name(id), vtopo_finding_title(id));
    printf("(%s%s)\n", vtopo_severity_name(vtopo_finding_severity(id)),
           vtopo_finding_is_strict(id) && vtopo_finding_severity(id) != VTOPO_REFUSAL
               ? "; a refusal with --strict"
               : "");
    return print_part("What it means", vtopo_finding_meaning(id), width) &&
           print_part("When it comes", vtopo_finding_cause(id), width) &&
           print_part("What to do", vtopo_finding_remedy(id), width);
}
