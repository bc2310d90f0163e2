/* SPDX-License-Identifier: GPL-2.0-or-later */
/* matrix_parts.h - what the files share that print a matrix (matrix.h) */
#ifndef VTOPO_REPORT_MATRIX_PARTS_H
#define VTOPO_REPORT_MATRIX_PARTS_H

#include "base/buffer.h"
#include "peer/nvidia_path.h"

enum matrix_side { MATRIX_HOST, MATRIX_GUEST, MATRIX_SIDES };

struct matrix_row {
    size_t device;            /* place in plan.devices */
    char name[16];            /* "GPU0" */
    int node[MATRIX_SIDES];   /* -1: none, or not known */
    char *cpus[MATRIX_SIDES]; /* of the node; "" where it has none, or none is known */
    bool node_differs;        /* the cell is not the one that stands for the node */
};

struct matrix {
    const struct vtopo_plan *plan;
    struct guest_tree tree;
    struct matrix_row *rows;
    size_t count, gpus;        /* GPUs come first */
    bool fabric_unsure;        /* whether the guest gets what NVLink needs */
    unsigned words;            /* bits of enum nvidia_path: those that were printed */
    bool nvlink, maybe_nvlink; /* was printed; there may be some that was not */
    struct buffer *out;
    bool colour;
};

/* matrix_rows.c: fills tree and rows.  False: out of memory; to be cleared in any case. */
bool matrix_make(struct matrix *matrix);
void matrix_clear(struct matrix *matrix);
/* Between the devices of two rows. */
enum nvidia_path matrix_path(const struct matrix *matrix, enum matrix_side side, size_t row,
                             size_t column);
/* Is it known to be another word in the guest than on the host? */
bool matrix_differs(const struct matrix *matrix, size_t row, size_t column);

/*
 * matrix_table.c: the first @count rows for the host and for the guest.
 *
 * @nvlink  a pair that NVLink is known to join has the word for that
 */
void matrix_add_tables(struct matrix *matrix, const char *host_title, const char *guest_title,
                       bool nvlink, size_t count);

#endif
