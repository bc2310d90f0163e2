/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * finding.c - see finding.h
 *
 * Takes:  what the planner noticed, as an id, a subject and a printf() sentence.
 * Gives:  entries of struct findings, with the severity of the register.
 * Rule:   texts come out fit for a terminal: names in them are others', so control characters and
 *         what is not UTF-8 become "?".
 * Not here: what is worth a finding (plan*.c), how findings are printed (explain/, cmd).
 */
#include "model/finding.h"

#include "base/printable.h"

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
#include "model/findings.def"
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

bool finding_add(struct findings *findings, enum finding_id id, const char *subject,
                 const char *format, ...)
{
    autofree char *name = mem_printf("%s", subject);
    autofree char *text = NULL;
    struct finding *finding;
    va_list ap;

    va_start(ap, format);
    text = mem_vprintf(format, ap);
    va_end(ap);
    finding = name && text ? vec_add(findings) : NULL;
    if (!finding)
        return false;
    printable(name, false);
    /* These carry XML that is ready to paste, made of numbers; others carry others' names. */
    printable(text, id == FINDING_NO_CELLS || id == FINDING_CELLS_UNTIED);
    *finding = (struct finding){
        .id = id, .severity = finding_severity(id), .subject = steal(name), .text = steal(text)};
    return true;
}

bool finding_add_list(struct findings *findings, enum finding_id id, const char *subject,
                      const char *sentence, const char *list)
{
    if (!finding_add(findings, id, subject, "%s: %s", sentence, list))
        return false;
    findings->items[findings->count - 1].list = strlen(sentence) + strlen(": ");
    return true;
}

/* Making a text printable keeps its length. */
bool finding_add_detail(struct findings *findings, enum finding_id id, const char *subject,
                        const char *before, const char *detail, const char *after)
{
    struct finding *finding;

    if (!finding_add(findings, id, subject, "%s%s%s", before, detail, after))
        return false;
    finding = &findings->items[findings->count - 1];
    finding->detail = strlen(before);
    finding->detail_length = strlen(detail);
    return true;
}

size_t finding_subject_count(const struct finding *finding)
{
    return finding->subjects.count ? finding->subjects.count : 1;
}

bool findings_have(const struct findings *findings, enum finding_id id)
{
    for (size_t i = 0; i < findings->count; i++) {
        if (findings->items[i].id == id)
            return true;
    }
    return false;
}

const char *finding_subject_at(const struct finding *finding, size_t at)
{
    return finding->subjects.count ? finding->subjects.items[at] : finding->subject;
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

void finding_clear(struct finding *finding)
{
    for (size_t i = 0; i < finding->subjects.count; i++)
        free(finding->subjects.items[i]);
    free(finding->subjects.items);
    free(finding->subject);
    free(finding->text);
    *finding = (struct finding){0};
}

void findings_clear(struct findings *findings)
{
    for (size_t i = 0; i < findings->count; i++)
        finding_clear(&findings->items[i]);
    free(findings->items);
    *findings = (struct findings){0};
}
