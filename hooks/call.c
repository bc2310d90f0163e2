/* SPDX-License-Identifier: GPL-2.0-or-later */
/* call.c - see call.h */
#include "call.h"

#include <stdio.h>
#include <unistd.h>

bool is_person(void)
{
    return isatty(STDERR_FILENO);
}

void tell_person(const char *about, const char *why)
{
    if (is_person())
        fprintf(stderr, HOOK_PROGRAM ": %s%s\n", about, why);
}

void tell_of_domain(const struct call *call, const char *why)
{
    char name[QUOTED], about[QUOTED + 16];

    snprintf(about, sizeof(about), "domain %s", quote(call->name, name, sizeof(name)));
    tell_person(about, why);
}
