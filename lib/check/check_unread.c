/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check_unread.c - of which functions is something unknown, because their config space could not be
 * read far enough?
 *
 * Rule:   one result for all of them, so that nobody takes silence for a good sign.
 */
#include "check/checker.h"

static const struct check_advice advice = {
    FINDING_CONFIG_UNREAD,
    "nothing is said of what it holds: ACS, ATS, relaxed ordering",
    "all 4096 bytes readable",
    "run vtopo as root, or let root save the host (vtopo-host save FILE) and look at the file; a "
    "device in D3cold must "
    "be woken up first (power/control: on)",
    {0},
};

bool check_unread(struct checker *c)
{
    struct check_list list = {0};
    autofree char *text = NULL;

    for (size_t i = 0; i < c->host->functions.count; i++) {
        if (c->unread[i])
            check_list_add(&list, BDF_TEXT(&c->host->functions.items[i].bdf));
    }
    if (!list.count)
        return true;
    text = check_list_steal(&list);
    return text && check_add(c, HOST_NONE, &advice, NULL,
                             mem_printf("the configuration space of %s could not be read as far as "
                                        "needed",
                                        text));
}
