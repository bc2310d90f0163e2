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
/* True if the register says that --strict turns this one into a refusal. */
bool finding_is_strict(enum finding_id id);
enum severity finding_severity(enum finding_id id);
const char *finding_code(enum finding_id id); /* "VTOPO-0010" */
const char *finding_title(enum finding_id id);
const char *severity_name(enum severity severity); /* "info", "warning", "refusal" */
void findings_clear(struct findings *findings);

#endif
