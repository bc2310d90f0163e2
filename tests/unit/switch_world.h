/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * switch_world.h - the host that suites of what a guest shows otherwise share
 *
 * Two nodes. On the first two GPUs below a switch and a NIC of two ports on a root port, on the
 * second a GPU on a root port; a cell for each node. To be included by a suite, which has the one
 * world.
 */
#ifndef VTOPO_TESTS_SWITCH_WORLD_H
#define VTOPO_TESTS_SWITCH_WORLD_H

#include "build.h"

static struct world w;

static void setup(void)
{
    static const struct row rows[] = {
        {"40:01.0", NULL, PORT_ROOT, 0},
        {"41:00.0", "40:01.0", PORT_UPSTREAM, 0},
        {"42:00.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"42:01.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"43:00.0", "42:00.0", PORT_NONE, 0, GPU},
        {"44:00.0", "42:01.0", PORT_NONE, 0, GPU},
        {"40:02.0", NULL, PORT_ROOT, 0},
        {"50:00.0", "40:02.0", PORT_NONE, 0, NIC},
        {"50:00.1", "40:02.0", PORT_NONE, 0, NIC},
        {"60:01.0", NULL, PORT_ROOT, 1},
        {"61:00.0", "60:01.0", PORT_NONE, 1, GPU},
    };

    world_init(&w);
    add_bound_cells(&w, 2);
    ADD_FUNCTIONS(&w, rows);
}

static void teardown(void)
{
    world_clear(&w);
}

#endif
