/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * questions.c - the table of questions
 *
 * Takes:  a set of devices and the questions to answer.
 * Gives:  results, in the order of the table.
 * Not here: each question, in check_QUESTION.c.
 */
#include "check/checker.h"

static const struct {
    enum check_question question;
    bool (*answer)(struct checker *);
} table[] = {
    {CHECK_HOOK, check_hook},         {CHECK_GROUPS, check_groups},
    {CHECK_NO_GROUP, check_no_group}, {CHECK_DRIVERS, check_drivers},
    {CHECK_COHERENT, check_coherent}, {CHECK_NODES, check_nodes},
    {CHECK_ACS, check_acs},           {CHECK_ATS, check_ats},
    {CHECK_ORDERING, check_ordering}, {CHECK_LINKS, check_links},
    {CHECK_UNREAD, check_unread}, /* the last: it is about what the others could not read */
};

bool check_host(const struct check_set *set, unsigned questions, struct check_results *results)
{
    autofree bool *unread = calloc(set->host->functions.count + 1, sizeof(*unread));
    struct checker c = {.set = set,
                        .host = set->host,
                        .results = results,
                        .questions = questions,
                        .unread = unread};
    bool done = unread;

    for (size_t i = 0; done && i < sizeof(table) / sizeof(*table); i++) {
        if (questions & table[i].question)
            done = table[i].answer(&c);
    }
    return done;
}
