/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * three_gpus_world.h - the host that suites of guest cells share
 *
 * Nodes 0 to 2 of four CPUs. A GPU on node 0 and one on node 2, and one that does not say where it
 * is; a domain of four vCPUs and 8 GiB, without cells. To be included by a suite, which has the one
 * world.
 */
#ifndef VTOPO_TESTS_THREE_GPUS_WORLD_H
#define VTOPO_TESTS_THREE_GPUS_WORLD_H

#include "build.h"

static struct world w;

static void setup_three_gpus(void)
{
    static const struct row rows[] = {
        {"10:00.0", NULL, PORT_NONE, 0, GPU},
        {"20:00.0", NULL, PORT_NONE, 2, GPU},
        {"30:00.0", NULL, PORT_NONE, -1, GPU},
    };

    world_init(&w);
    add_nodes(&w, 3, 4);
    ADD_FUNCTIONS(&w, rows);
    w.domain.vcpus = 4;
    w.domain.memory_kib = 8 << 20;
}

static void teardown(void)
{
    world_clear(&w);
}

#endif
