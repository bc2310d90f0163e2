/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * finding.c - see finding.h
 *
 * Takes:  what the planner noticed, as an id, a subject and a printf() sentence.
 * Gives:  entries of struct findings, with the severity of the register.
 * Rule:   texts come out fit for a terminal: names in them are others', so control characters
 *         become "?".
 * Not here: what is worth a finding (plan*.c), how findings are printed (explain/, cmd).
 */
#include "core/finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define DIGIT(number, unit) (char)('0' + (number) / (unit) % 10)
/* A printed number, made by the compiler because the preprocessor cannot pad with zeros. */
#define CODE(number)                                                                               \
    {                                                                                              \
        'V', 'T', 'O', 'P', 'O', '-', DIGIT(number, 1000), DIGIT(number, 100), DIGIT(number, 10),  \
            DIGIT(number, 1), '\0'                                                                 \
    }

struct entry {
    enum finding_id id;
    char code[sizeof("VTOPO-0000")];
    enum severity severity;
    bool strict;
    const char *title;
};

/* clang-format off */
static const struct entry entries[] = {
#define FINDING(number, name, severity, strict, title)                                             \
    {FINDING_##name, CODE(number), severity, strict, title},
#include "core/findings.def"
#undef FINDING
};
/* clang-format on */

static const struct entry *find_entry(enum finding_id id)
{
    for (size_t i = 0; i < sizeof(entries) / sizeof(*entries); i++) {
        if (entries[i].id == id)
            return &entries[i];
    }
    return NULL;
}

/* Line feeds stay: a finding may carry XML that is ready to paste. */
static void replace_control_characters(char *text)
{
    for (unsigned char *c = (unsigned char *)text; *c; c++) {
        if ((*c < 0x20 && *c != '\n') || *c == 0x7f)
            *c = '?';
        else if (*c == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0)
            c[0] = c[1] = '?'; /* U+0080 to U+009F: terminals take U+009B for an escape sequence */
    }
}

bool finding_add(struct findings *findings, enum finding_id id, const char *subject,
                 const char *format, ...)
{
    struct finding *finding;
    char *text = NULL, *copy = strdup(subject);
    va_list ap;
    int length;

    va_start(ap, format);
    length = vasprintf(&text, format, ap);
    va_end(ap);
    finding = copy && length >= 0 ? vec_add(findings) : NULL;
    if (!finding) {
        free(copy);
        if (length >= 0)
            free(text);
        return false;
    }
    replace_control_characters(copy);
    replace_control_characters(text);
    *finding = (struct finding){id, finding_severity(id), copy, text};
    return true;
}

bool finding_is_strict(enum finding_id id)
{
    const struct entry *entry = find_entry(id);

    return entry && entry->strict;
}

enum severity finding_severity(enum finding_id id)
{
    const struct entry *entry = find_entry(id);

    return entry ? entry->severity : SEVERITY_WARNING;
}

const char *finding_code(enum finding_id id)
{
    const struct entry *entry = find_entry(id);

    return entry ? entry->code : "VTOPO-0000";
}

const char *finding_title(enum finding_id id)
{
    const struct entry *entry = find_entry(id);

    return entry ? entry->title : "unknown finding";
}

const char *severity_name(enum severity severity)
{
    static const char *const names[] = {
        [SEVERITY_INFO] = "info",
        [SEVERITY_WARNING] = "warning",
        [SEVERITY_REFUSAL] = "refusal",
    };

    return names[severity];
}

void findings_clear(struct findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        free(findings->items[i].subject);
        free(findings->items[i].text);
    }
    free(findings->items);
    *findings = (struct findings){0};
}
