/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * answer.c - see answer.h
 *
 * Takes:  sentences and errors.
 * Gives:  the answer that has them.
 * Rule:   a message is one line and fit for a terminal, whatever names are in it.
 */
#include "answer.h"

#include "base/printable.h"

#include <string.h>

/* Blanks in place of line feeds, and of the blanks that indent the lines. */
static char *one_line(const char *text)
{
    char *line = strdup(text);
    size_t used = 0;

    for (const char *c = line; c && *c; c++) {
        if (*c != '\n' && (*c != ' ' || !used || line[used - 1] != ' '))
            line[used++] = *c;
        else if (*c == '\n' && used && line[used - 1] != ' ')
            line[used++] = ' ';
    }
    if (line) {
        line[used] = '\0';
        printable(line, false);
    }
    return line;
}

int kubevirt_answer_add(struct kubevirt_answer *answer, enum kubevirt_severity severity,
                        const char *text)
{
    char *line = one_line(text);
    struct kubevirt_message *message = line ? vec_add(&answer->messages) : NULL;

    if (!message) {
        free(line);
        return VTOPO_ERR_NOMEM;
    }
    *message = (struct kubevirt_message){.severity = severity, .text = line};
    return 0;
}

int kubevirt_answer_fail(struct kubevirt_answer *answer, struct vtopo_error *error)
{
    int code = vtopo_error_code(error);

    free(steal(answer->domain));
    answer->domain_length = 0;
    answer->reason = one_line(vtopo_error_message(error));
    vtopo_error_free(error);
    return answer->reason ? code : VTOPO_ERR_NOMEM;
}

const char *kubevirt_answer_reason(const struct kubevirt_answer *answer)
{
    return answer->reason ? answer->reason : vtopo_strerror(VTOPO_ERR_NOMEM);
}

void kubevirt_answer_cut_messages(struct kubevirt_answer *answer, size_t count)
{
    while (answer->messages.count > count)
        free(answer->messages.items[--answer->messages.count].text);
}

void kubevirt_answer_keep_finding(struct kubevirt_answer *answer, const char *finding)
{
    size_t kept = 0;

    for (size_t i = 0; i < answer->messages.count; i++) {
        struct kubevirt_message *message = &answer->messages.items[i];

        if (strcmp(message->finding, finding) == 0)
            answer->messages.items[kept++] = *message;
        else
            free(message->text);
    }
    answer->messages.count = kept;
}

void kubevirt_answer_clear(struct kubevirt_answer *answer)
{
    kubevirt_answer_cut_messages(answer, 0);
    free(answer->messages.items);
    free(answer->domain);
    free(answer->reason);
    free(answer->vmi_namespace);
    free(answer->vmi_name);
    *answer = (struct kubevirt_answer){0};
}
