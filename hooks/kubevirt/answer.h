/* SPDX-License-Identifier: GPL-2.0-or-later */
/* answer.h - what comes of a call: a domain or a reason, and what the log is told */
#ifndef VTOPO_KUBEVIRT_ANSWER_H
#define VTOPO_KUBEVIRT_ANSWER_H

#include "base/mem.h"

#include <stddef.h>
#include <vtopo/error.h>

enum kubevirt_severity { KUBEVIRT_INFO, KUBEVIRT_WARNING };

/* One line; UTF-8 without control characters. */
struct kubevirt_message {
    enum kubevirt_severity severity;
    char finding[16]; /* "VTOPO-0010"; "": none */
    char *text;       /* with the finding and what it is about */
};

struct kubevirt_answer {
    char *domain; /* NUL-terminated; NULL: the call failed */
    size_t domain_length;
    char *reason; /* kubevirt_answer_reason() */
    /* Of the VMI, fit for a terminal; NULL: it does not say. */
    char *vmi_namespace, *vmi_name;
    VEC(struct kubevirt_message) messages; /* in order; also of a call that failed */
};

/* Why the call failed: a sentence in one line; lives as long as the answer. */
const char *kubevirt_answer_reason(const struct kubevirt_answer *answer);

/* @text is copied; 0, or VTOPO_ERR_NOMEM. */
int kubevirt_answer_add(struct kubevirt_answer *answer, enum kubevirt_severity severity,
                        const char *text);

/* All but the first @count are taken back. */
void kubevirt_answer_cut_messages(struct kubevirt_answer *answer, size_t count);

/* Only those of this finding stay.  @finding: its name. */
void kubevirt_answer_keep_finding(struct kubevirt_answer *answer, const char *finding);

/* @error's sentence becomes the reason; frees @error, and the domain.  Its code, or
 * VTOPO_ERR_NOMEM. */
int kubevirt_answer_fail(struct kubevirt_answer *answer, struct vtopo_error *error);

/* Frees what is in it; it is as if it was new. */
void kubevirt_answer_clear(struct kubevirt_answer *answer);

#endif
