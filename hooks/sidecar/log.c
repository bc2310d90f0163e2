/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log.c - see log.h
 *
 * Takes:  messages, of one line each.
 * Gives:  "vtopo-sidecar: NAMESPACE/NAME: TEXT", or an object of JSON with the names that KubeVirt's
 *         own log has (component, level, msg, kind, namespace, name).
 * Rule:   nobody's call waits for a reader of the log: what finds no room is lost.  There are no
 *         times: whoever collects a container's log has them.
 */
#include "log.h"

#include "base/buffer.h"
#include "base/mem.h"
#include "base/printable.h"

#include <jansson.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#define PROGRAM "vtopo-sidecar"
#define WAIT_MS 50

static bool as_json;

void log_set_json(bool json)
{
    as_json = json;
}

/* In pieces for which a pipe that is ready has room. */
static void write_line(const char *text, size_t length)
{
    struct pollfd writable = {.fd = STDERR_FILENO, .events = POLLOUT};

    while (length && poll(&writable, 1, WAIT_MS) == 1 && writable.revents == POLLOUT) {
        ssize_t n = write(STDERR_FILENO, text, length < PIPE_BUF ? length : PIPE_BUF);

        if (n <= 0)
            return;
        text += n;
        length -= (size_t)n;
    }
}

static void add_text(json_t *line, const char *key, const char *text)
{
    if (line && text && *text)
        json_object_set_new(line, key, json_string(text));
}

static char *json_line(enum log_level level, const struct log_subject *subject, const char *text)
{
    static const char *const levels[] = {"info", "warning", "error"};
    json_t *line =
        json_pack("{s:s,s:s,s:s}", "component", PROGRAM, "level", levels[level], "msg", text);
    char *printed;

    if (subject) {
        add_text(line, "kind", subject->vmi_name ? "VirtualMachineInstance" : NULL);
        add_text(line, "namespace", subject->vmi_namespace);
        add_text(line, "name", subject->vmi_name);
        add_text(line, "finding", subject->finding);
    }
    printed = json_dumps(line, JSON_COMPACT);
    json_decref(line);
    return printed;
}

static char *text_line(enum log_level level, const struct log_subject *subject, const char *text)
{
    static const char *const words[] = {"", "warning: ", "error: "};
    const char *vmi_namespace = subject && subject->vmi_namespace ? subject->vmi_namespace : "";
    const char *vmi_name = subject && subject->vmi_name ? subject->vmi_name : "";
    bool both = *vmi_namespace && *vmi_name, any = *vmi_namespace || *vmi_name;

    return mem_printf("%s: %s%s%s%s%s%s", PROGRAM, vmi_namespace, both ? "/" : "", vmi_name,
                      any ? ": " : "", words[level], text);
}

void log_line(enum log_level level, const struct log_subject *subject, const char *text)
{
    autofree char *line =
        as_json ? json_line(level, subject, text) : text_line(level, subject, text);
    autobuffer struct buffer out = {0};

    buffer_add(&out, line ? line : PROGRAM ": out of memory");
    buffer_add(&out, "\n");
    if (!out.failed)
        write_line(out.text, out.length);
}

void log_printf(enum log_level level, const char *format, ...)
{
    autofree char *text = NULL;
    va_list ap;

    va_start(ap, format);
    text = mem_vprintf(format, ap);
    va_end(ap);
    if (text)
        printable(text, false);
    log_line(level, NULL, text ? text : "out of memory");
}
