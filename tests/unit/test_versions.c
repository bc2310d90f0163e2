/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_versions.c - how new QEMU and libvirt are known to be */
#include "build.h"

#include "plan/extra/versions.h"

#include <check.h>
#include <string.h>

static struct world w;

static void setup(void)
{
    world_init(&w);
}

static void teardown(void)
{
    world_clear(&w);
}

static bool qemu_is(const char *machine, unsigned policy, unsigned version)
{
    struct facts facts = {.base = &w.domain, .policy = &w.policy};

    free(w.domain.machine);
    w.domain.machine = machine ? strdup(machine) : NULL;
    w.policy.qemu_version = policy;
    return qemu_is_at_least(&facts, version);
}

START_TEST(machine_types)
{
    static const struct {
        const char *machine;
        bool is_8_1;
    } rows[] = {
        {"pc-q35-8.1", true},
        {"pc-q35-8.2", true},
        {"pc-q35-10.0", true},
        {"pc-q35-9.2+pve1", true},
        {"pc-q35-8.0", false},
        {"pc-q35-7.2", false},
        {"pc-q35-2.11", false},
        {"pc-q35-8", false},
        {"q35", false},
        {NULL, false},
        {"pc-i440fx-9.0", false},
        {"pc-q35-noble", false},
        {"pc-q35-", false},
        {"pc-q35--9.0", false},
        {"pc-q35-rhel9.4.0", false},
        {"pc-q35-99999999999999999999.0", false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        ck_assert_msg(qemu_is(rows[i].machine, 0, 8001000) == rows[i].is_8_1, "%s",
                      rows[i].machine);
}
END_TEST

START_TEST(the_policy_can_set_it_too)
{
    ck_assert(qemu_is("q35", 8001000, 8001000));
    ck_assert(!qemu_is("q35", 8000999, 8001000));
    ck_assert(qemu_is("pc-q35-8.1", 7002000, 8001000));
}
END_TEST

START_TEST(libvirt_is_new_unless_known)
{
    static const struct {
        unsigned version;
        bool old;
    } rows[] = {{0, false}, {8004999, true}, {8005000, false}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        w.policy.libvirt_version = rows[i].version;
        ck_assert_int_eq(libvirt_lacks_overrides(&w.policy), rows[i].old);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("versions");
    TCase *tcase = tcase_create("versions");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, machine_types);
    tcase_add_test(tcase, the_policy_can_set_it_too);
    tcase_add_test(tcase, libvirt_is_new_unless_known);
    return run_suite(suite);
}
