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

static void expect(const char *device, const struct host_function *function, const char *state,
                   const char *cell)
{
    size_t count;
    const struct owner *first;
    char *text;

    owners_sort(&owners);
    first = owners_find(&owners, device, &count);
    text = owners_describe(first, count, function);
    ck_assert_str_eq(owners_state(first, count, function), state);
    ck_assert_str_eq(text, cell);
    free(text);
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
    struct host_function none = {0}, vfio = {.driver = (char[]){"vfio-pci"}};

    expect("0000:50:00.0", &none, "free", "free");
    expect("0000:50:00.0", &vfio, "free", "free");
    expect("c0f1a7d2-6e35-4b89-9d44-1f2e3d4c5b03", NULL, "free", "free");
}
END_TEST

START_TEST(the_host)
{
    struct host_function nic = {.driver = (char[]){"mlx5_core"}, .netdev = (char[]){"eno1"}},
                         disk = {.driver = (char[]){"nvme"}};

    expect("0000:50:00.0", &nic, "host", "host (eno1)");
    expect("0000:50:00.0", &disk, "host", "host");
}
END_TEST

START_TEST(control_characters)
{
    struct owner strange = {"0000:41:00.0", "a\033[2Jb", false, true};
    char *text = owners_describe(&strange, 1, NULL);

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
    tcase_add_test(tcase, control_characters);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
