/* SPDX-License-Identifier: GPL-2.0-or-later */
/* blocked_signals.h - signals that end the program wait until it has cleaned up */
#ifndef VTOPO_CMD_BLOCKED_SIGNALS_H
#define VTOPO_CMD_BLOCKED_SIGNALS_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

struct blocked_signals {
    sigset_t before; /* the mask */
    int fd;          /* readable when one has come; -1: nobody is told */
};

/* From now on signals that would end the program wait; those that are ignored stay ignored. */
void block_signals(struct blocked_signals *ret_blocked);
/* Has one come? */
bool signal_has_come(const struct blocked_signals *blocked);
/* Write everything, as write_all() does, but no longer than until a signal comes. */
bool write_until_signal(int fd, const char *text, size_t length,
                        const struct blocked_signals *blocked);
/* What has come takes effect: as a rule this does not return then. */
void unblock_signals(struct blocked_signals *blocked);

#endif
