/* SPDX-License-Identifier: GPL-2.0-or-later */
/* place_view.h - proposals for people, programs, and libvirt */
#ifndef VTOPO_REPORT_PLACE_VIEW_H
#define VTOPO_REPORT_PLACE_VIEW_H

#include "libpci/device_names.h"
#include "report/place_words.h"

struct place_view {
    const struct place *place;
    const struct place_request *request;
    struct device_names *names;
    size_t most; /* so many proposals are printed */
};

/* Each adds to @out; a failure stays in the buffer. */
void place_view_text(const struct place_view *view, struct buffer *out);
void place_view_json(const struct place_view *view, struct buffer *out);
/* The elements of proposal number @at. */
void place_view_xml(const struct place_view *view, size_t at, struct buffer *out);

/* Calls for each function of a proposal, ascending by address: "gpu", "nic" or "other". */
void place_view_for_each(const struct place_view *view, const struct place_proposal *proposal,
                         void (*call)(const struct place_view *view, size_t function,
                                      const char *kind, void *context),
                         void *context);
/* The topmost switch above a function; HOST_NONE: none. */
size_t place_view_switch(const struct place_view *view, size_t function);

#endif
