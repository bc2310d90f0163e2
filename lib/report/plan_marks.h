/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan_marks.h - what is otherwise in the guest than on the host, frame by frame and card by card
 *
 * Each gives a sentence for a mark, "" where there is no difference, NULL: out of memory.
 */
#ifndef VTOPO_REPORT_PLAN_MARKS_H
#define VTOPO_REPORT_PLAN_MARKS_H

#include "report/plan_scene.h"

/* Frames of the guest, around leaves of an order. */
char *plan_mark_cell(const struct plan_frames *frames, size_t first, size_t end);
char *plan_mark_root(const struct plan_frames *frames, size_t first, size_t end);
/* @depth: how many switches the leaves have in common there. */
char *plan_mark_switch(const struct plan_frames *frames, size_t first, size_t end, size_t depth);
/* A switch of the host. */
char *plan_mark_host_switch(const struct plan_frames *frames, size_t first, size_t end,
                            size_t depth);
/* A card in the guest. */
char *plan_mark_leaf(const struct plan_frames *frames, const struct plan_leaf *leaf);

#endif
