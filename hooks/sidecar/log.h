/* SPDX-License-Identifier: GPL-2.0-or-later */
/* log.h - what is told on stderr: a line of text or of JSON for each message */
#ifndef VTOPO_SIDECAR_LOG_H
#define VTOPO_SIDECAR_LOG_H

#include <stdbool.h>

enum log_level { LOG_LEVEL_INFO, LOG_LEVEL_WARNING, LOG_LEVEL_ERROR };

/* Which VMI a message is about, which finding it is; NULL or "": none. */
struct log_subject {
    const char *vmi_namespace, *vmi_name, *finding;
};

/* From now on lines of JSON. */
void log_set_json(bool json);

/* @subject NULL: about none. */
void log_line(enum log_level level, const struct log_subject *subject, const char *text);
void log_printf(enum log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
