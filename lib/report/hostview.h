/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hostview.h - a host as people and scripts want to see it
 *
 * The same knowledge printed in four ways: the tree and the list of assignable devices, as text and
 * as JSON.
 */
#ifndef VTOPO_REPORT_HOSTVIEW_H
#define VTOPO_REPORT_HOSTVIEW_H

#include "base/buffer.h"
#include "libpci/device_names.h"
#include "model/assignable.h"
#include "report/owners.h"

/* A host, and what is needed again and again to print it. */
struct view {
    const struct vtopo_host *host;
    struct device_names *names;
    size_t *below;             /* first function below each function, HOST_NONE: none */
    size_t *next;              /* next function below the same bridge, or on the same root bus */
    size_t *by_group;          /* all functions, by IOMMU group and then by address */
    bool *shared;              /* per function: its IOMMU group has others that are no ports */
    int *clique;               /* per function: the P2P clique that --clique auto finds, -1: none */
    struct hold_reason *holds; /* per function: what the host itself does with it */
    unsigned width;            /* of a line, to which names are cut; 0: they are whole */
    const struct owners *owners; /* of its devices; NULL: nobody asked */
    VEC(size_t) roots; /* first function of each root bus, in the order of root complexes */
};

/* False: out of memory. */
bool view_open(const struct vtopo_host *host, struct view *ret_view);
void view_close(struct view *view);

/* Each adds to @out; a failure stays in the buffer. */
void view_draw_text(const struct view *view, struct buffer *out);
void view_draw_json(const struct view *view, struct buffer *out);
void view_draw_svg(const struct view *view, struct buffer *out);
void view_list_text(const struct view *view, struct buffer *out);
void view_list_json(const struct view *view, struct buffer *out);

/* What is known of a device that is no port, in a line. */
void view_draw_device(const struct view *view, size_t at, struct buffer *out);
/* A port or bridge, with its link and what it does with requests between cards. */
void view_draw_port(const struct view *view, size_t at, struct buffer *out);

/* The functions in view->by_group, from @first on, that share a group: how many. */
size_t group_size(const struct view *view, size_t first);
/*
 * True if a group of @size functions, from @first on, is one to tell about: several, one
 * assignable.
 */
bool is_group_shared(const struct view *view, size_t first, size_t size);

/* "root port", "upstream port", "device"... */
const char *port_word(enum port_kind port);

#endif
