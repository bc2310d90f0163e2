/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_vgpu_type.c - which names of vGPU types are those of MIG slices */
#include "build.h"

#include "model/vgpu_type.h"

#include <check.h>

START_TEST(names)
{
    static const struct {
        const char *name;
        bool mig;
    } rows[] = {
        {"NVIDIA A100-3-20C", true},
        {"GRID A100-7-40C", true},
        {"NVIDIA A100-1-5CME", true},
        {"NVIDIA H100XM-1-10CME", true},
        {"NVIDIA A100D-4-40C", true},
        {"NVIDIA A100-20C", false},
        {"GRID T4-4Q", false},
        {"GRID T4-1B", false},
        {"NVIDIA A40-8Q", false},
        {"Quadro RTX6000-3Q", false},
        {"NVIDIA A16-16Q", false},
        {"nvidia-222", false},
        {"A100-3-20", false},
        {"-3-20C", false},
        {"A100--20C", false},
        {"A100-x3-20C", false},
        {"", false},
        {"-", false},
        {"-20C", false},
        {"3-20C", false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        ck_assert_msg(vgpu_type_is_mig(rows[i].name) == rows[i].mig, "%s", rows[i].name);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("vgpu_type");
    TCase *tcase = tcase_create("vgpu_type");

    tcase_add_test(tcase, names);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
