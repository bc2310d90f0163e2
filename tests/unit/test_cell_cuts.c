/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_cell_cuts.c - cells that cut a guest core or socket */
#include "build.h"

#include <check.h>
#include <string.h>

static struct world w;

/* Two cells of four vCPUs each. */
static void setup(void)
{
    static const struct row rows[] = {{"10:00.0", NULL, PORT_NONE, 0, GPU}};

    world_init(&w);
    add_nodes(&w, 2, 4);
    add_cells(&w, 2, 4);
    bind_memory(&w, 0, "0");
    bind_memory(&w, 1, "1");
    ADD_FUNCTIONS(&w, rows);
    add_hostdev(&w, "10:00.0", NULL);
}

static void teardown(void)
{
    world_clear(&w);
}

static const char *cut(unsigned sockets, unsigned dies, unsigned threads)
{
    w.domain.sockets = sockets;
    w.domain.dies = dies;
    w.domain.threads = threads;
    plan_or_fail(&w);
    return finding_of(&w, FINDING_CELL_CUTS);
}

START_TEST(whole_sockets_and_dies)
{
    ck_assert_ptr_null(cut(0, 1, 0)); /* no <topology> */
    ck_assert_ptr_null(cut(2, 1, 2));
    ck_assert_ptr_null(cut(8, 1, 1));
    ck_assert_ptr_null(cut(1, 2, 2));
    ck_assert_ptr_null(cut(3, 1, 1)); /* libvirt refuses it */
}
END_TEST

START_TEST(sockets_and_cores_in_two_cells)
{
    ck_assert_ptr_nonnull(strstr(cut(1, 1, 2), "vCPUs 0-7 are one socket"));
    ck_assert_ptr_nonnull(strstr(cut(1, 1, 2), "cells 0 and 1"));
    idset_remove(&w.domain.cells.items[0].vcpus, 3);
    ck_assert(idset_add(&w.domain.cells.items[1].vcpus, 3));
    ck_assert_ptr_nonnull(strstr(cut(4, 1, 2), "vCPUs 2-3 are one core"));
    ck_assert_ptr_nonnull(strstr(cut(1, 4, 1), "vCPUs 2-3 are one die"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cell_cuts");
    TCase *tcase = tcase_create("cell_cuts");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, whole_sockets_and_dies);
    tcase_add_test(tcase, sockets_and_cores_in_two_cells);
    return run_suite(suite);
}
