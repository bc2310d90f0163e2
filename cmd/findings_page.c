/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * findings_page.c - the source of vtopo-findings(7), run while vtopo is built
 *
 * Takes:  the register, lib/model/findings.def.
 * Gives:  a page for scdoc on stdout.
 * Rule:   what scdoc takes for markup is escaped, so that the texts are plain ones.
 * Not here: the texts.
 */
#include <stdio.h>
#include <string.h>

enum severity { SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_REFUSAL };

/* clang-format off */
static const struct finding {
    unsigned number;
    const char *title;
    enum severity severity;
    int strict;
    const char *meaning, *cause, *remedy;
} findings[] = {
#define FINDING(number, name, severity, strict, title) {number, title, severity, strict,
#define HELP(meaning, cause, remedy) meaning, cause, remedy},
#include "model/findings.def"
#undef FINDING
};
/* clang-format on */

static const char *const severities[] = {"info", "warning", "refusal"};

static const char introduction[] =
    "vtopo-findings(7)\n"
    "\n"
    "# NAME\n"
    "\n"
    "vtopo-findings - what vtopo's messages mean, and what to do\n"
    "\n"
    "# DESCRIPTION\n"
    "\n"
    "What is worth knowing of a host and a domain is a finding: a line of *vtopo-xml*(1) or "
    "*vtopo-host*(1) with \"VTOPO-\" and a number that stays the same for ever, what it is about, "
    "what was decided and what would change it. *vtopo-xml --help-finding* _ID_ prints what is "
    "below of one of them.\n"
    "\n"
    "A _warning_ is printed, if not with *--quiet*; an _info_ only with *--verbose*; *--explain* "
    "prints all. A _refusal_ ends the program with status 5, and with *--strict* so do the "
    "findings that are marked _strict_.\n"
    "\n"
    "# FINDINGS\n"
    "\n";

static void print_escaped(const char *text)
{
    for (; *text; text++) {
        if (strchr("\\*_#[]|`~.-+=<>", *text))
            putchar('\\');
        putchar(*text);
    }
}

static void print_part(const char *heading, const char *text)
{
    printf("\t%s: ", heading);
    print_escaped(text);
    printf("\n");
}

int main(void)
{
    fputs(introduction, stdout);
    for (size_t i = 0; i < sizeof(findings) / sizeof(*findings); i++) {
        const struct finding *f = &findings[i];

        printf("*VTOPO-%04u* ", f->number);
        print_escaped(f->title);
        printf(" (%s%s)\n", severities[f->severity],
               f->strict && f->severity != SEVERITY_REFUSAL ? ", strict" : "");
        print_part("Meaning", f->meaning);
        printf("\n");
        print_part("Comes", f->cause);
        printf("\n");
        print_part("To do", f->remedy);
        printf("\n");
    }
    fputs("# SEE ALSO\n\n*vtopo-xml*(1), *vtopo-host*(1), *vtopo-policy*(5)\n", stdout);
    return ferror(stdout) || fclose(stdout) ? 1 : 0;
}
