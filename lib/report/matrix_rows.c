/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * matrix_rows.c - the devices of a matrix
 *
 * Takes:  a plan.
 * Gives:  a row for each GPU, then for each NIC: its name, its NUMA nodes and their CPUs.
 * Rule:   numbers are those of the guest, where all of these devices are and no others.
 * Not here: how rows look (matrix_table.c).
 */
#include "report/matrix_parts.h"

#include "peer/pairs.h"
#include "plan/ground/planned_tree.h"

#include <stdio.h>
#include <string.h>

static char *host_cpus(const struct vtopo_plan *plan, int node)
{
    size_t at = node < 0 ? HOST_NONE : host_find_node(&plan->extract.host, node);

    return at == HOST_NONE ? strdup("") : idset_format(&plan->extract.host.nodes.items[at].cpus);
}

static char *guest_cpus(const struct vtopo_plan *plan, int cell)
{
    const struct domain *domain = &plan->extract.domain;

    for (size_t i = 0; i < domain->cells.count; i++) {
        if ((int)domain->cells.items[i].id == cell)
            return idset_format(&domain->cells.items[i].vcpus);
    }
    return strdup("");
}

static bool set_row(const struct matrix *m, size_t device, const char *kind, size_t number,
                    struct matrix_row *ret)
{
    const struct plan_device *d = &m->plan->devices.items[device];

    *ret = (struct matrix_row){.device = device};
    snprintf(ret->name, sizeof(ret->name), "%s%zu", kind, number);
    ret->node[MATRIX_HOST] = d->node;
    ret->node[MATRIX_GUEST] = nvidia_guest_node(m->plan, &m->tree, device);
    ret->node_differs = m->plan->extract.domain.cells.count && d->node >= 0 &&
                        (ret->node[MATRIX_GUEST] < 0 || ret->node[MATRIX_GUEST] != d->cell);
    ret->cpus[MATRIX_HOST] = host_cpus(m->plan, ret->node[MATRIX_HOST]);
    ret->cpus[MATRIX_GUEST] = guest_cpus(m->plan, ret->node[MATRIX_GUEST]);
    return ret->cpus[MATRIX_HOST] && ret->cpus[MATRIX_GUEST];
}

static bool make_rows(struct matrix *m, const struct pairs *pairs)
{
    size_t gpus = 0, nics = 0;
    bool done;

    m->gpus = pairs->gpus;
    m->rows = calloc(pairs->peers.count + 1, sizeof(*m->rows));
    done = m->rows;
    m->count = done ? pairs->peers.count : 0;
    for (size_t i = 0; done && i < m->count; i++) {
        size_t device = pairs->peers.items[i];
        bool is_gpu = peer_is_gpu(m->plan->devices.items[device].peer);
        size_t number = is_gpu ? gpus++ : nics++;

        done = set_row(m, device, is_gpu ? "GPU" : "NIC", number,
                       &m->rows[is_gpu ? number : m->gpus + number]);
    }
    return done;
}

bool matrix_make(struct matrix *matrix)
{
    struct pairs pairs;
    bool done;

    if (!pairs_make(matrix->plan, 0, &pairs))
        return false;
    planned_tree_make(matrix->plan, &matrix->plan->extract.domain, &matrix->tree);
    done = make_rows(matrix, &pairs);
    pairs_clear(&pairs);
    return done;
}

void matrix_clear(struct matrix *matrix)
{
    for (size_t i = 0; i < matrix->count; i++) {
        free(matrix->rows[i].cpus[MATRIX_HOST]);
        free(matrix->rows[i].cpus[MATRIX_GUEST]);
    }
    free(matrix->rows);
}

enum nvidia_path matrix_path(const struct matrix *matrix, enum matrix_side side, size_t row,
                             size_t column)
{
    size_t one = matrix->rows[row].device, other = matrix->rows[column].device;

    return side == MATRIX_HOST ? nvidia_path_on_host(matrix->plan, one, other)
                               : nvidia_path_in_guest(matrix->plan, &matrix->tree, one, other);
}

bool matrix_differs(const struct matrix *matrix, size_t row, size_t column)
{
    enum nvidia_path host = matrix_path(matrix, MATRIX_HOST, row, column);
    enum nvidia_path guest = matrix_path(matrix, MATRIX_GUEST, row, column);

    return host != NVIDIA_UNKNOWN && guest != NVIDIA_UNKNOWN && host != guest;
}
