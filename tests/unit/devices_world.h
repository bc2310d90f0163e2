/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * devices_world.h - for suites of assigned devices: one of every kind
 *
 * To be included by a suite, which has the one world.
 */
#ifndef VTOPO_TESTS_DEVICES_WORLD_H
#define VTOPO_TESTS_DEVICES_WORLD_H

#include "build.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static struct world w;

/* Two GPUs of different make, a NIC with a VF, an integrated GPU; all on node 0. */
static void setup(void)
{
    static const struct row rows[] = {
        {"00:02.0", NULL, PORT_NONE, 0, 0x030000, .vendor = 0x8086, .device = 0x4692},
        {"40:01.0", NULL, PORT_ROOT, 0},
        {"40:02.0", NULL, PORT_ROOT, 0},
        {"40:03.0", NULL, PORT_ROOT, 0},
        {"41:00.0", "40:01.0", PORT_NONE, 0, GPU, .vendor = 0x10de, .device = 0x2235},
        {"41:00.1", "40:01.0", PORT_NONE, 0, AUDIO, .vendor = 0x10de, .device = 0x22ba},
        {"42:00.0", "40:02.0", PORT_NONE, 0, GPU, .vendor = 0x10de, .device = 0x2330},
        {"43:00.0", "40:03.0", PORT_NONE, 0, NIC, .vendor = 0x15b3, .device = 0x1021},
        {"43:00.2", "40:03.0", PORT_NONE, 0, NIC, "43:00.0", .vendor = 0x15b3, .device = 0x101e},
        {"40:04.0", NULL, PORT_ROOT, 0},
        {"44:00.0", "40:04.0", PORT_NONE, 0, 0x030000, .vendor = 0x8086, .device = 0x56c0},
    };

    world_init(&w);
    add_bound_cells(&w, 1);
    ADD_FUNCTIONS(&w, rows);
}

static void teardown(void)
{
    world_clear(&w);
}

#endif
