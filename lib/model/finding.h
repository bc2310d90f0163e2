/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * finding.h - something worth telling about this host and domain
 *
 * Ids are permanent: findings.def is the register; vtopo-xml(1) lists them.
 */
#ifndef VTOPO_MODEL_FINDING_H
#define VTOPO_MODEL_FINDING_H

#include "base/mem.h"

enum severity { SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_REFUSAL };

/* clang-format off */
enum finding_id {
#define FINDING(number, name, severity, strict, title) FINDING_##name = (number),
#include "model/findings.def"
#undef FINDING
};
/* clang-format on */

struct finding {
    enum finding_id id;
    enum severity severity;
    char *subject; /* a BDF, "controller 5", "cell 1", "domain" */
    char *text;  /* one sentence (more lines only for XML that is ready to paste): what was decided,
                    what would change it */
    size_t list; /* where in text a list begins that messages leave to --explain; 0: none */
    size_t detail, detail_length; /* what in text is of this subject alone, though the cause is that
                                     of others; length 0: nothing */
    struct finding_subjects {
        char *
            *items; /* all that the finding is about, the subject first; none: the subject alone */
        size_t count, cap;
    } subjects;
};

struct findings {
    struct finding *items;
    size_t count, cap;
};

/* Adds one with the register's severity; false: out of memory. */
bool finding_add(struct findings *findings, enum finding_id id, const char *subject,
                 const char *format, ...) __attribute__((format(printf, 4, 5)));
/* The same, with a list behind the sentence: "SENTENCE: LIST". */
bool finding_add_list(struct findings *findings, enum finding_id id, const char *subject,
                      const char *sentence, const char *list);
/* The same, of three parts: "BEFOREDETAILAFTER". */
bool finding_add_detail(struct findings *findings, enum finding_id id, const char *subject,
                        const char *before, const char *detail, const char *after);
bool findings_have(const struct findings *findings, enum finding_id id);
/* How many things it is about, and which. */
size_t finding_subject_count(const struct finding *finding);
const char *finding_subject_at(const struct finding *finding, size_t at);
/* True if the register says that --strict turns this one into a refusal. */
bool finding_is_strict(enum finding_id id);
enum severity finding_severity(enum finding_id id);
const char *finding_code(enum finding_id id); /* "VTOPO-0010" */
const char *finding_title(enum finding_id id);
const char *severity_name(enum severity severity); /* "info", "warning", "refusal" */
void finding_clear(struct finding *finding);
void findings_clear(struct findings *findings);

#endif
