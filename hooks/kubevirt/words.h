/* SPDX-License-Identifier: GPL-2.0-or-later */
/* words.h - findings and reasons for those who write VMIs */
#ifndef VTOPO_KUBEVIRT_WORDS_H
#define VTOPO_KUBEVIRT_WORDS_H

#include <jansson.h>
#include <vtopo/findings.h>

/* The text of a finding, in one line; the caller's to free(); NULL: out of memory. */
char *words_of_finding(const json_t *vmi, enum vtopo_finding_id id, const char *text);

/* The same for the sentence of an error. */
char *words_of_reason(const char *text);

#endif
