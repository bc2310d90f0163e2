/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_owners.c - words for who has a device */
#include "report/owners.h"

#include <check.h>
#include <stdlib.h>

static struct owner items[] = {
    {"0000:41:00.0", "b", false, true},
    {"0000:42:00.0", "runs", true, true},
    {"0000:41:00.0", "a", true, true},
    {"0000:43:00.0", "leaves", true, false},
};
static struct owners owners = {items, sizeof(items) / sizeof(*items)};

static void expect_with(const char *device, const struct vtopo_host *host,
                        const struct hold_reason *held, const char *state, const char *cell)
{
    size_t count;
    const struct owner *first;
    char *text;

    owners_sort(&owners);
    first = owners_find(&owners, device, &count);
    text = owners_describe(host, first, count, held, 0);
    ck_assert_str_eq(owners_state(first, count, held), state);
    ck_assert_str_eq(text, cell);
    free(text);
}

/* @function: of a host that has this one alone, or NULL. */
static void expect(const char *device, const struct host_function *function, const char *state,
                   const char *cell)
{
    struct host_function functions[1] = {0};
    struct vtopo_host host = {.functions = {functions, function ? 1 : 0, 1}};
    struct hold_reason *reasons;

    if (function)
        *functions = *function;
    reasons = holds_of_host(&host);
    ck_assert_ptr_nonnull(reasons);
    expect_with(device, &host, function ? reasons : NULL, state, cell);
    free(reasons);
}

START_TEST(vms)
{
    struct host_function used = {.driver = (char[]){"nvidia"}};

    expect("0000:41:00.0", &used, "conflict", "! a, running and b");
    expect("0000:42:00.0", &used, "running", "runs, running");
    expect("0000:43:00.0", NULL, "running", "leaves, running (for the last time)");
}
END_TEST

START_TEST(nobody)
{
    struct host_function none = {0}, vfio = {.driver = (char[]){"vfio-pci"}},
                         down = {.class_code = 0x020000,
                                 .driver = (char[]){"mlx5_core"},
                                 .netdev = (char[]){"eno1"},
                                 .use = HOST_USE_NONE};

    expect("0000:50:00.0", &none, "free", "free");
    expect("0000:50:00.0", &vfio, "free", "free");
    expect("0000:50:00.0", &down, "free", "free");
    expect("c0f1a7d2-6e35-4b89-9d44-1f2e3d4c5b03", NULL, "free", "free");
}
END_TEST

START_TEST(the_host)
{
    struct host_function nic = {.class_code = 0x020000,
                                .driver = (char[]){"mlx5_core"},
                                .netdev = (char[]){"eno1"}},
                         disk = {.class_code = 0x010802, .driver = (char[]){"nvme"}},
                         other = {.class_code = 0x120000, .driver = (char[]){"idxd"}},
                         screen = {.class_code = 0x030000, .use = HOST_USE_CONSOLE};

    expect("0000:50:00.0", &nic, "host", "host (eno1)");
    nic.use = HOST_USE_ROUTE;
    expect("0000:50:00.0", &nic, "host", "host (eno1, default route)");
    expect("0000:50:00.0", &disk, "host", "host");
    disk.use = HOST_USE_DISK;
    expect("0000:50:00.0", &disk, "host", "host (disk in use)");
    expect("0000:50:00.0", &other, "host", "host");
    expect("0000:50:00.0", &screen, "host", "host (console)");
}
END_TEST

/* vtopo-host place does not give them away either. */
START_TEST(what_goes_with_others)
{
    struct host_function functions[] = {
        {.bdf = {0, 0x41, 0, 0}, .class_code = 0x030200, .iommu_group = 7},
        {.bdf = {0, 0x42, 0, 0},
         .class_code = 0x010802,
         .iommu_group = 7,
         .driver = (char[]){"nvme"}},
        {.bdf = {0, 0x43, 0, 0},
         .class_code = 0x020000,
         .iommu_group = 8,
         .vfs = 1,
         .vfs_total = 8},
        {.bdf = {0, 0x43, 0, 1},
         .class_code = 0x020000,
         .iommu_group = 9,
         .is_vf = true,
         .physfn = {0, 0x43, 0, 0}},
    };
    struct vtopo_host host = {.functions = {functions, 4, 4}};
    struct hold_reason *reasons = holds_of_host(&host);

    ck_assert_ptr_nonnull(reasons);
    expect_with("none", &host, &reasons[0], "host", "host (goes with 0000:42:00.0)");
    ck_assert_int_eq(reasons[2].hold, HOLD_VFS);
    ck_assert_str_eq(owners_state(NULL, 0, &reasons[2]), "host");
    ck_assert_str_eq(owners_state(NULL, 0, &reasons[3]), "free");
    free(reasons);
}
END_TEST

START_TEST(control_characters)
{
    struct owner strange = {"0000:41:00.0", "a\033[2Jb", false, true};
    char *text = owners_describe(NULL, &strange, 1, NULL, 0);

    ck_assert_str_eq(text, "a?[2Jb");
    free(text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("owners");
    TCase *tcase = tcase_create("words");
    SRunner *runner;
    int failed;

    tcase_add_test(tcase, vms);
    tcase_add_test(tcase, nobody);
    tcase_add_test(tcase, the_host);
    tcase_add_test(tcase, what_goes_with_others);
    tcase_add_test(tcase, control_characters);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
