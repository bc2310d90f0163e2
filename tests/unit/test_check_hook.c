/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_check_hook.c - may libvirt run vtopo's hook? */
#include "check_world.h"

#include <check.h>
#include <string.h>

static void run(const struct hook_access *hook)
{
    struct check_set set = {.host = &w.host, .hook = hook};

    check_results_clear(&results);
    ck_assert(check_host(&set, CHECK_HOOK, &results));
}

/* The finding, and what is told of it; @advice: a part of what helps. */
static void expect(enum finding_id id, const char *is, const char *advice)
{
    ck_assert_uint_eq(results.count, 1);
    ck_assert(results.items[0].of_host);
    ck_assert_int_eq(results.items[0].id, id);
    ck_assert_str_eq(results.items[0].is, is);
    ck_assert_ptr_nonnull(strstr(results.items[0].how, advice));
}

START_TEST(nothing_to_report)
{
    struct hook_access hook = {.verdict = HOOK_ABSENT};

    run(NULL);
    ck_assert_uint_eq(results.count, 0);
    run(&hook);
    ck_assert_uint_eq(results.count, 0);
    hook = (struct hook_access){.verdict = HOOK_ALLOWED, .module = HOOK_APPARMOR};
    run(&hook);
    ck_assert_uint_eq(results.count, 0);
}
END_TEST

START_TEST(denied)
{
    struct hook_access hook = {.verdict = HOOK_DENIED,
                               .module = HOOK_APPARMOR,
                               .daemon = "libvirtd",
                               .label = (char *)"libvirtd (enforce)",
                               .permission = "execute",
                               .source = (char *)"libvirtd",
                               .target = (char *)"/a"};

    run(&hook);
    expect(FINDING_HOOK_DENIED,
           "AppArmor does not let libvirtd, which runs as libvirtd (enforce), run libvirt's hook: "
           "libvirtd lacks execute on /a",
           "apparmor.d/local");
    hook.is_link = true;
    run(&hook);
    ck_assert_ptr_nonnull(strstr(results.items[0].how, "put a copy"));
    hook.module = HOOK_SELINUX;
    hook.target_label = (char *)"u:r:t";
    run(&hook);
    expect(FINDING_HOOK_DENIED,
           "SELinux does not let libvirtd, which runs as libvirtd (enforce), run libvirt's hook: "
           "libvirtd lacks execute on /a (u:r:t)",
           "restorecon");
}
END_TEST

START_TEST(no_program)
{
    struct hook_access hook = {.verdict = HOOK_NO_PROGRAM,
                               .module = HOOK_APPARMOR,
                               .daemon = "virtqemud",
                               .label = (char *)"l",
                               .permission = "execute",
                               .source = (char *)"s",
                               .target = (char *)"/b"};
    const char *is = "AppArmor does not let virtqemud, which runs as l, run vtopo's program in its "
                     "hook: s lacks execute on /b";

    run(&hook);
    expect(FINDING_HOOK_NO_PROGRAM, is, "PUx");
    hook.module = HOOK_SELINUX;
    run(&hook);
    ck_assert_ptr_nonnull(strstr(results.items[0].how, "restorecon"));
}
END_TEST

START_TEST(unknown)
{
    struct hook_access hook = {.verdict = HOOK_UNKNOWN, .module = HOOK_SELINUX};

    run(&hook);
    expect(
        FINDING_HOOK_UNKNOWN,
        "SELinux may stop libvirt's hook, and no daemon of libvirt runs that could be asked about",
        "as root");
    hook.daemon = "virtqemud";
    run(&hook);
    ck_assert_ptr_nonnull(strstr(results.items[0].is, "virtqemud (label unknown) may execute"));
    hook.label = (char *)"u:r:t";
    run(&hook);
    ck_assert_ptr_nonnull(strstr(results.items[0].is, "virtqemud (u:r:t) may execute"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("check_hook");
    TCase *tcase = tcase_create("check_hook");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, nothing_to_report);
    tcase_add_test(tcase, denied);
    tcase_add_test(tcase, no_program);
    tcase_add_test(tcase, unknown);
    return run_suite(suite);
}
