/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * roots_world.h - for suites of what is numbered: many root complexes with a few GPUs each
 *
 * To be included by a suite, which has the one world.
 */
#ifndef VTOPO_TESTS_ROOTS_WORLD_H
#define VTOPO_TESTS_ROOTS_WORLD_H

#include "build.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static struct world w;

/* So many root complexes, each with so many GPUs below root ports of their own; all on node 0. */
#define ROOTS 60
#define GPUS 4

static void setup(void)
{
    static struct row rows[ROOTS * GPUS * 2];
    static char bdfs[ROOTS * GPUS * 2][32];
    size_t n = 0;

    for (unsigned root = 0; root < ROOTS; root++) {
        for (unsigned gpu = 0; gpu < GPUS; gpu++, n += 2) {
            snprintf(bdfs[n], sizeof(bdfs[n]), "%04x:40:%02x.0", root, gpu + 1);
            snprintf(bdfs[n + 1], sizeof(bdfs[n]), "%04x:%02x:00.0", root, 0x41 + gpu);
            rows[n] = (struct row){bdfs[n], NULL, PORT_ROOT, 0};
            rows[n + 1] = (struct row){bdfs[n + 1], bdfs[n], PORT_NONE, 0, GPU};
        }
    }
    world_init(&w);
    add_bound_cells(&w, 1);
    ADD_FUNCTIONS(&w, rows);
}

static void teardown(void)
{
    world_clear(&w);
}

/* @gpus GPUs of each of the first @roots root complexes. */
static __attribute__((unused)) void assign(unsigned roots, unsigned gpus)
{
    for (unsigned root = 0; root < roots; root++) {
        for (unsigned gpu = 0; gpu < gpus; gpu++) {
            char host[32];

            snprintf(host, sizeof(host), "%04x:%02x:00.0", root, 0x41 + gpu);
            add_hostdev(&w, host, NULL);
        }
    }
}

static __attribute__((unused)) void refused(const char *what)
{
    ck_assert_int_eq(make_plan(&w), VTOPO_ERR_REFUSED);
    ck_assert_msg(strstr(vtopo_error_message(w.error), what), "%s", vtopo_error_message(w.error));
}

#endif
