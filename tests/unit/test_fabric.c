/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_fabric.c - what NVLink between the modules of a guest needs */
#include "build.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#define GPUS 8
#define SWITCHES 6
#define OTHER_BRIDGE 0x068000

static struct world w;
static char names[GPUS + SWITCHES][2][16];

static void setup(void)
{
    struct row rows[2 * (GPUS + SWITCHES)] = {0};

    world_init(&w);
    add_bound_cells(&w, 1);
    for (unsigned i = 0; i < GPUS + SWITCHES; i++) {
        snprintf(names[i][0], sizeof(names[i][0]), "40:%02x.0", i + 1);
        snprintf(names[i][1], sizeof(names[i][1]), "%02x:00.0", 0x41 + i);
        rows[2 * i] = (struct row){names[i][0], NULL, PORT_ROOT, 0};
        rows[2 * i + 1] =
            (struct row){names[i][1],     names[i][0], PORT_NONE, 0, i < GPUS ? GPU : OTHER_BRIDGE,
                         .vendor = 0x10de};
    }
    ADD_FUNCTIONS(&w, rows);
}

static void teardown(void)
{
    world_clear(&w);
}

static void set_device(unsigned at, uint16_t device)
{
    function_of(&w, names[at][1])->device = device;
}

/* So many of each are assigned; "": no finding. */
static const char *finding_with(unsigned gpus, unsigned switches, uint16_t gpu, uint16_t nvswitch)
{
    const char *text;

    teardown();
    setup();
    for (unsigned i = 0; i < GPUS + SWITCHES; i++) {
        set_device(i, i < GPUS ? gpu : nvswitch);
        if (i < GPUS ? i < gpus : i - GPUS < switches)
            add_hostdev(&w, names[i][1], NULL);
    }
    plan_or_fail(&w);
    text = finding_of(&w, FINDING_FABRIC);
    return text ? text : "";
}

START_TEST(modules_without_switches)
{
    ck_assert_ptr_nonnull(strstr(finding_with(8, 0, 0x20b0, 0x1af1), "8 SXM GPUs and no NVSwitch"));
    ck_assert_ptr_nonnull(strstr(finding_with(2, 0, 0x2330, 0x22a3), "2 SXM GPUs and no NVSwitch"));
    ck_assert_ptr_nonnull(strstr(finding_with(8, 0, 0x2901, 0), "are no PCI devices"));
    ck_assert_str_eq(finding_with(1, 0, 0x20b0, 0x1af1), "");
    ck_assert_str_eq(finding_with(8, 0, 0x20b5, 0x1af1), ""); /* cards */
    ck_assert_str_eq(finding_with(8, 0, 0x1db1, 0x1af1), ""); /* wired without switches */
}
END_TEST

START_TEST(modules_with_switches)
{
    ck_assert_str_eq(finding_with(8, 6, 0x20b0, 0x1af1), "");
    ck_assert_str_eq(finding_with(8, 4, 0x2335, 0x22a3), "");
    ck_assert_ptr_nonnull(strstr(finding_with(8, 5, 0x20b0, 0x1af1), "with 5 NVSwitches"));
    ck_assert_ptr_nonnull(strstr(finding_with(7, 4, 0x2335, 0x22a3), "(four)"));
    ck_assert_str_eq(finding_with(8, 3, 0x20b0, 0x1234), ""); /* nobody knows how many there are */
}
END_TEST

START_TEST(what_the_guest_does_not_get)
{
    finding_with(2, 0, 0x20b0, 0x1af1);
    w.domain.devices.items[1].address.kind = ADDRESS_UNASSIGNED;
    plan_or_fail(&w);
    ck_assert_ptr_null(finding_of(&w, FINDING_FABRIC));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fabric");
    TCase *tcase = tcase_create("fabric");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, modules_without_switches);
    tcase_add_test(tcase, modules_with_switches);
    tcase_add_test(tcase, what_the_guest_does_not_get);
    return run_suite(suite);
}
