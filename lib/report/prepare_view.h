/* SPDX-License-Identifier: GPL-2.0-or-later */
/* prepare_view.h - what a host needs before devices are assigned, for those who set it up */
#ifndef VTOPO_REPORT_PREPARE_VIEW_H
#define VTOPO_REPORT_PREPARE_VIEW_H

#include "base/buffer.h"
#include "base/kinds.h"
#include "libpci/device_names.h"
#include "prepare/prepare.h"

struct prepare_view {
    const struct prepare *prepare;
    struct device_names *names;
    const char *node; /* Proxmox's name of the host; NULL: not known */
    struct kinds ids; /* devices by vendor and device id */
};

/* @ret: free with prepare_view_close(), also after a failure.  False: out of memory. */
bool prepare_view_open(const struct prepare *prepare, const char *node, struct prepare_view *ret);
void prepare_view_close(struct prepare_view *view);

/* Each adds to @out; a failure stays in the buffer. */
void prepare_view_text(const struct prepare_view *view, struct buffer *out);
void prepare_view_json(const struct prepare_view *view, struct buffer *out);
/* The arguments that are to be added, in one line. */
void prepare_view_command_line(const struct prepare_view *view, struct buffer *out);
/* A file for /etc/modprobe.d. */
void prepare_view_modprobe(const struct prepare_view *view, struct buffer *out);
/* Commands for those that modprobe.d cannot tell from others. */
/* The driver that gives the function to a guest with all that it has. */
const char *prepare_vfio_driver(const struct host_function *function);
void prepare_view_driverctl(const struct prepare_view *view, struct buffer *out);
void prepare_view_nova(const struct prepare_view *view, struct buffer *out);
void prepare_view_kubevirt(const struct prepare_view *view, struct buffer *out);
void prepare_view_proxmox(const struct prepare_view *view, struct buffer *out);

/* --- what they share --- */

const struct host_function *prepare_function(const struct prepare_view *view, size_t at);
/* "gpu" */
const char *prepare_kind_name(enum prepare_kind kind);
/* What devices of one kind have in common; false: it is of none. */
typedef bool prepare_key(const struct prepare_view *view, size_t at, uint64_t *ret);
/* @ret: free with kinds_clear(), also after a failure.  False: out of memory. */
bool prepare_find_kinds(const struct prepare_view *view, prepare_key *key, struct kinds *ret);
/* Is it the first of the devices with its vendor and device id? */
bool prepare_is_first_of_id(const struct prepare_view *view, size_t at);
/* "# TEXT", wrapped. */
void prepare_add_comment(struct buffer *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/*
 * The device's name as an identifier: letters and digits, what is between them a @joint, cut to
 * @most characters; the ids where the name says nothing.  The caller's to free(); NULL: out of
 * memory.
 */
char *prepare_identifier(const struct prepare_view *view, size_t at, char joint, bool lower,
                         size_t most);

#endif
