/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nccl_world.h - the host and domain that the suites about NCCL share
 *
 * Root complex 40, node 0: a switch 41 with GPU 43 below it, and below a second level 45 NIC 47 and
 * GPU 48; a NIC 50 of two ports below a root port.  Root complex 60, node 1: GPU 61, and NIC 62
 * with a virtual function.
 */
#ifndef VTOPO_TESTS_NCCL_WORLD_H
#define VTOPO_TESTS_NCCL_WORLD_H

#include "build.h"
#include "peer/nccl_path.h"

#include <check.h>
#include <string.h>

#define GEN4_X16 ((struct host_link){160, 16})
#define GEN5_X16 ((struct host_link){320, 16})

static inline struct host_function *function_at(struct world *w, const char *bdf)
{
    struct bdf wanted = bdf_of(bdf);
    size_t at = host_find(&w->host, &wanted);

    ck_assert(at != HOST_NONE);
    return &w->host.functions.items[at];
}

static inline void nccl_world_init(struct world *w)
{
    static const struct row rows[] = {
        {"40:01.0", NULL, PORT_ROOT, 0},
        {"41:00.0", "40:01.0", PORT_UPSTREAM, 0},
        {"42:00.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"42:01.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"43:00.0", "42:00.0", PORT_NONE, 0, GPU},
        {"45:00.0", "42:01.0", PORT_UPSTREAM, 0},
        {"46:00.0", "45:00.0", PORT_DOWNSTREAM, 0},
        {"46:01.0", "45:00.0", PORT_DOWNSTREAM, 0},
        {"47:00.0", "46:00.0", PORT_NONE, 0, NIC},
        {"48:00.0", "46:01.0", PORT_NONE, 0, GPU},
        {"40:02.0", NULL, PORT_ROOT, 0},
        {"50:00.0", "40:02.0", PORT_NONE, 0, NIC},
        {"50:00.1", "40:02.0", PORT_NONE, 0, NIC},
        {"60:01.0", NULL, PORT_ROOT, 1},
        {"61:00.0", "60:01.0", PORT_NONE, 1, GPU},
        {"60:02.0", NULL, PORT_ROOT, 1},
        {"62:00.0", "60:02.0", PORT_NONE, 1, NIC},
        {"62:00.1", "60:02.0", PORT_NONE, 1, NIC, "62:00.0"},
    };

    world_init(w);
    add_bound_cells(w, 2);
    ADD_FUNCTIONS(w, rows);
    for (size_t i = 0; i < w->host.functions.count; i++)
        w->host.functions.items[i].link_max = GEN5_X16;
    function_at(w, "62:00.1")->link_max = (struct host_link){0, 0};
    add_hostdev(w, "43:00.0", NULL);
    add_hostdev(w, "47:00.0", NULL);
    add_hostdev(w, "48:00.0", NULL);
    add_hostdev(w, "50:00.0", NULL);
    add_hostdev(w, "50:00.1", NULL);
    add_hostdev(w, "61:00.0", NULL);
    add_hostdev(w, "62:00.1", NULL);
}

static inline size_t place_of(const struct world *w, const struct nccl_graph *graph,
                              const char *host)
{
    size_t at = nccl_find_device(graph, (size_t)(device_of(w, host) - w->plan->devices.items));

    ck_assert_msg(at != NCCL_NONE, "%s is not in the graph", host);
    return at;
}

#endif
