/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_pairs_table.c - tables of pairs: who gets one, and from how many devices on there is none */
#include "build.h"

#include "report/explain.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#define DEVICES 49

static struct world w;
static uint16_t vendor, device; /* of the GPUs */

static void setup(void)
{
    world_init(&w);
}

static void teardown(void)
{
    world_clear(&w);
}

/* So many devices, each below a root port of its own; the first @gpus of them are GPUs. */
static char *print(size_t count, size_t gpus)
{
    static struct row rows[2 * DEVICES];
    static char names[2 * DEVICES][48];
    struct buffer out = {0};

    add_bound_cells(&w, 1);
    for (size_t i = 0; i < count; i++) {
        snprintf(names[2 * i], sizeof(names[0]), "40:%02zx.%zu", 1 + i / 8, i % 8);
        snprintf(names[2 * i + 1], sizeof(names[0]), "%02zx:00.0", 0x41 + i);
        rows[2 * i] = (struct row){names[2 * i], NULL, PORT_ROOT, 0};
        rows[2 * i + 1] = (struct row){names[2 * i + 1],     names[2 * i],     PORT_NONE,       0,
                                       i < gpus ? GPU : NIC, .vendor = vendor, .device = device};
    }
    add_functions(&w, rows, 2 * count);
    for (size_t i = 0; i < count; i++)
        add_hostdev(&w, names[2 * i + 1], NULL);
    plan_or_fail(&w);
    ck_assert(explain_pairs(w.plan, false, &out));
    return buffer_steal(&out);
}

START_TEST(two_gpus_have_tables)
{
    char *text = print(2, 2);

    ck_assert_ptr_nonnull(strstr(text, "\n  NCCL SEES"));
    ck_assert_ptr_nonnull(strstr(text, "\n  GPUDIRECT"));
    free(text);
}
END_TEST

/* Each pair has the letter of its reasons, and what the table is not about is said. */
START_TEST(letters_and_other_links)
{
    char *text;

    for (size_t i = 0; i < 3; i++) {
        static const uint16_t vendors[] = {0x10de, 0x10de, 0x1002},
                              ids[] = {0x20b5, 0x20b0, 0x74a1};
        static const char *const notes[] = {"whether GPUs have bridges", "modules (SXM)",
                                            "XGMI between GPUs of AMD"};

        teardown();
        setup();
        vendor = vendors[i];
        device = ids[i];
        text = print(2, 2);
        ck_assert_ptr_nonnull(strstr(text, "P!a"));
        ck_assert_ptr_nonnull(strstr(text, "\n  a  no common switch on the host"));
        ck_assert_ptr_nonnull(strstr(text, notes[i]));
        free(text);
    }
    vendor = device = 0;
}
END_TEST

START_TEST(nics_alone_have_none)
{
    char *text = print(2, 0);

    ck_assert_str_eq(text, "");
    free(text);
}
END_TEST

START_TEST(a_gpu_alone_has_none)
{
    char *text = print(1, 1);

    ck_assert_str_eq(text, "");
    free(text);
}
END_TEST

START_TEST(many_are_only_counted)
{
    char *text = print(DEVICES, 1);

    ck_assert_str_eq(text, "\n  49 GPUs and NICs: --explain=json says what each pair can do\n");
    free(text);
}
END_TEST

START_TEST(many_nics_alone_are_not)
{
    char *text = print(DEVICES, 0);

    ck_assert_str_eq(text, "");
    free(text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pairs_table");
    TCase *tcase = tcase_create("pairs_table");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, two_gpus_have_tables);
    tcase_add_test(tcase, letters_and_other_links);
    tcase_add_test(tcase, nics_alone_have_none);
    tcase_add_test(tcase, a_gpu_alone_has_none);
    tcase_add_test(tcase, many_are_only_counted);
    tcase_add_test(tcase, many_nics_alone_are_not);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
