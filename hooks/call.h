/* SPDX-License-Identifier: GPL-2.0-or-later */
/* call.h - what libvirt calls the hook with, and what a person is told */
#ifndef VTOPO_HOOKS_CALL_H
#define VTOPO_HOOKS_CALL_H

#include "../cmd/quote.h"

#include <stdbool.h>

#define HOOK_PROGRAM "vtopo-qemu-hook"
#define QUOTED QUOTED_SIZE(255) /* a name, or a path that is not too long for a line */

struct call {
    const char *name, *operation, *sub_operation;
    const char *host, *config; /* NULL: not given */
};

/* Does a person see stderr?  libvirt gives pipes. */
bool is_person(void);
/* If so: a sentence @why, behind what it is about. */
void tell_person(const char *about, const char *why);
void tell_of_domain(const struct call *call, const char *why);

#endif
