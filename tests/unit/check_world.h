/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check_world.h - the host that suites about checks without switches share
 *
 * A GPU of two functions and a NIC with a virtual function, each on a root port of its own; two
 * nodes.
 */
#ifndef VTOPO_TESTS_CHECK_WORLD_H
#define VTOPO_TESTS_CHECK_WORLD_H

#include "build.h"
#include "check/check.h"

static struct world w;
static struct check_results results;

static void setup(void)
{
    static const struct row rows[] = {
        {"40:01.0", NULL, PORT_ROOT, 0},
        {"41:00.0", "40:01.0", PORT_NONE, 0, GPU, NULL, 0x10de, 0x2235},
        {"41:00.1", "40:01.0", PORT_NONE, 0, AUDIO, NULL, 0x10de, 0x1aef},
        {"60:01.0", NULL, PORT_ROOT, 0},
        {"61:00.0", "60:01.0", PORT_NONE, 0, NIC, NULL, 0x15b3, 0x101d},
        {"61:00.2", "60:01.0", PORT_NONE, 0, NIC, "61:00.0", 0x15b3, 0x101e},
    };

    world_init(&w);
    add_nodes(&w, 2, 4);
    ADD_FUNCTIONS(&w, rows);
    results = (struct check_results){0};
}

static void teardown(void)
{
    check_results_clear(&results);
    world_clear(&w);
}

#endif
