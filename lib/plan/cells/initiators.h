/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * initiators.h - cells for the memory of GPUs that processors reach coherently
 *
 * Such a GPU is the initiator of nodes that have neither processors nor memory of their own
 * (model/coherent_gpu.h); a guest has them as cells behind all others.
 */
#ifndef VTOPO_PLAN_CELLS_INITIATORS_H
#define VTOPO_PLAN_CELLS_INITIATORS_H

#include "model/additions.h"
#include "plan/ground/assignment.h"
#include "plan/ground/reporter.h"

/* The cells of one GPU. */
struct initiator {
    size_t device; /* place in domain.devices */
    struct bdf host;
    unsigned first, count; /* cells */
};

struct initiators {
    VEC(struct initiator) items; /* ascending by host address, and so are the cells */
    size_t before;               /* so many cells are there without them, */
    size_t total;                /* and with them */
    unsigned *distances; /* total * total: of each cell to each; 0: it is not known; NULL: no cells
                            are made */
    char *left_out;      /* the same as "why", of GPUs that get none while others do */
    enum finding_id id;  /* of what is in the way, */
    char *why;           /* a sentence without a full stop, whose "domain" is the subject; NULL:
                            nothing */
};

/*
 * @nodes  of each cell that is there, as cell_nodes_of() gives them
 *
 * False: out of memory.
 */
bool initiators_find(const struct facts *facts, const struct assignments *assigned,
                     const size_t *nodes, size_t cells, struct initiators *ret);
void initiators_clear(struct initiators *initiators);

struct buffer;
/* The <distances> of a cell, and the <cell> that has them, as libvirt prints them: lines that
 * begin with @indent, without the last line end. */
void initiators_write_distances(const struct initiators *initiators, size_t cell,
                                const char *indent, struct buffer *text);
bool initiators_know_distances(const struct initiators *initiators, size_t cell);
void initiators_write_cell(const struct initiators *initiators, size_t cell, const char *indent,
                           struct buffer *text);

/* <acpi nodeset> of each GPU; false: out of memory. */
bool initiators_add_to_devices(const struct initiators *initiators, struct additions *additions);
/* And the cells, in a domain that has cells of its own. */
bool initiators_add_cells(const struct facts *facts, const struct initiators *initiators,
                          struct additions *additions);

int initiators_report(const struct initiators *initiators, const struct reporter *reporter);

#endif
