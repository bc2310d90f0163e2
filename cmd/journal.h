/* SPDX-License-Identifier: GPL-2.0-or-later */
/* journal.h - what a daemon says, and to whom */
#ifndef VTOPO_CMD_JOURNAL_H
#define VTOPO_CMD_JOURNAL_H

/*
 * A line on stderr.  Where that is the journal it gets its priority, else the program's name.
 *
 * @priority  LOG_WARNING and the like (syslog(3))
 */
void journal(const char *program, int priority, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * To who started the daemon (sd_notify(3)): "READY=1", "STATUS=...", lines of their own.  Nobody
 * there, or nobody who listens: nothing is done.
 */
void notify_manager(const char *state);

#endif
