/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check.h - the domain that libvirt is about to start, restore or take over from another host */
#ifndef VTOPO_HOOKS_CHECK_H
#define VTOPO_HOOKS_CHECK_H

#include "call.h"

/* Statuses of a process that nothing else ends with. */
enum check_result {
    CHECK_PASSES = 0,
    CHECK_REFUSES = 101, /* the start is stopped, policy on_start "refuse" */
    CHECK_REPAIRS = 102, /* the same with "repair" */
};

/* Of the domain on stdin; what is found goes to the journal. */
enum check_result check_start(const struct call *call);
/* Of the domain on stdin, which is restored or comes from another host. */
void check_arrival(const struct call *call);
/* A line that says that it was not checked, and why. */
void log_unchecked(const struct call *call, const char *why);

#endif
