/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_host_emulator.c - which emulator is meant, and what its machine types stand for */
#include "model/host_emulator.h"

#include "base/error.h"

#include "suite.h"

#include <check.h>
#include <string.h>

static struct host_emulators list;

static void teardown(void)
{
    emulators_clear(&list);
    ck_assert_ptr_null(list.items);
}

static struct host_emulator *add(const char *path, const char *default_of)
{
    struct host_emulator *added = vec_add(&list);

    ck_assert_ptr_nonnull(added);
    added->path = strdup(path);
    added->arch = default_of ? strdup(default_of) : NULL;
    added->is_default = default_of;
    return added;
}

static const char *found(const char *path, const char *arch)
{
    const struct host_emulator *emulator = emulators_find(&list, path, arch);

    return emulator ? emulator->path : "none";
}

START_TEST(paths)
{
    char longest[EMULATOR_PATH_MAX + 2];

    ck_assert(emulator_is_path("/usr/bin/qemu-system-x86_64"));
    ck_assert(emulator_is_path("//a/../b c\xc3\xa4"));
    ck_assert(!emulator_is_path(""));
    ck_assert(!emulator_is_path("qemu-system-x86_64"));
    ck_assert(!emulator_is_path(" /usr/bin/qemu"));
    ck_assert(!emulator_is_path("/usr\n/bin"));
    ck_assert(!emulator_is_path("/usr\xe2\x80\xae/bin"));
    ck_assert(!emulator_is_path("/usr\xff"));
    memset(longest, '/', sizeof(longest));
    longest[EMULATOR_PATH_MAX + 1] = '\0';
    ck_assert(!emulator_is_path(longest));
    longest[EMULATOR_PATH_MAX] = '\0';
    ck_assert(emulator_is_path(longest));
}
END_TEST

START_TEST(names)
{
    char longest[EMULATOR_NAME_MAX + 2];

    ck_assert(emulator_is_name("pc-q35-9.2+pve1"));
    ck_assert(emulator_is_name("x86_64"));
    ck_assert(!emulator_is_name(""));
    ck_assert(!emulator_is_name("pc q35"));
    ck_assert(!emulator_is_name("pc\"q35"));
    memset(longest, 'a', sizeof(longest));
    longest[EMULATOR_NAME_MAX + 1] = '\0';
    ck_assert(!emulator_is_name(longest));
    longest[EMULATOR_NAME_MAX] = '\0';
    ck_assert(emulator_is_name(longest));
}
END_TEST

START_TEST(states_have_names)
{
    enum emulator_state state;

    for (enum emulator_state i = EMULATOR_KNOWN; i <= EMULATOR_UNUSABLE; i++) {
        ck_assert(emulator_state_parse(emulator_state_name(i), &state));
        ck_assert_int_eq(state, i);
    }
    ck_assert(!emulator_state_parse("", &state));
    ck_assert(!emulator_state_parse("absent", &state));
}
END_TEST

/* libvirt keeps them by what the domain says, links and double slashes included. */
START_TEST(they_are_found_by_their_path_as_it_is_written)
{
    ck_assert_str_eq(found("/b", NULL), "none");
    add("/c", NULL);
    add("/a", NULL);
    add("/b", NULL);
    ck_assert_int_eq(emulators_finish(&list, NULL), 0);
    ck_assert_str_eq(list.items[0].path, "/a");
    ck_assert_str_eq(list.items[2].path, "/c");
    ck_assert_str_eq(found("/b", NULL), "/b");
    ck_assert_str_eq(found("/b", "aarch64"), "/b");
    ck_assert_str_eq(found("//b", NULL), "none");
    ck_assert_str_eq(found(NULL, NULL), "none");
}
END_TEST

START_TEST(without_a_path_it_is_the_architectures)
{
    add("/i", "i686");
    add("/x", "x86_64");
    add("/a", NULL)->arch = strdup("aarch64");
    ck_assert_int_eq(emulators_finish(&list, NULL), 0);
    ck_assert_str_eq(found(NULL, NULL), "/x");
    ck_assert_str_eq(found(NULL, "x86_64"), "/x");
    ck_assert_str_eq(found(NULL, "i686"), "/i");
    ck_assert_str_eq(found(NULL, "aarch64"), "none");
}
END_TEST

static void expect_error(const char *message)
{
    struct vtopo_error *error = NULL;

    ck_assert_int_eq(emulators_finish(&list, &error), VTOPO_ERR_HOST);
    ck_assert_str_eq(vtopo_error_message(error), message);
    vtopo_error_free(error);
}

START_TEST(each_is_there_once)
{
    add("/b", NULL);
    add("/a", NULL);
    add("/b", NULL);
    expect_error("emulator /b is there twice");
}
END_TEST

START_TEST(an_architecture_has_one_default)
{
    add("/b", "x86_64");
    add("/c", "i686");
    add("/a", "x86_64");
    expect_error("emulators /a and /b are both the default one of x86_64");
}
END_TEST

START_TEST(machine_types_stand_for_others)
{
    struct host_emulator *emulator = add("/a", NULL);

    ck_assert_str_eq(emulator_machine(NULL, "q35"), "q35");
    ck_assert_str_eq(emulator_machine(emulator, "q35"), "q35");
    ck_assert(emulator_add_machine(emulator, "q35", "pc-q35-7.2"));
    ck_assert(emulator_add_machine(emulator, "ubuntu", "pc-i440fx-noble"));
    ck_assert(emulator_add_machine(emulator, "pc", "pc-i440fx-7.2"));
    ck_assert(emulator_add_machine(emulator, "q35", "pc-q35-8.0")); /* the first one stays */
    ck_assert_uint_eq(emulator->machines.count, 3);
    ck_assert_str_eq(emulator->machines.items[0].alias, "pc");
    ck_assert_str_eq(emulator->machines.items[2].alias, "ubuntu");
    ck_assert_str_eq(emulator_machine(emulator, "q35"), "pc-q35-7.2");
    ck_assert_str_eq(emulator_machine(emulator, "pc"), "pc-i440fx-7.2");
    ck_assert_str_eq(emulator_machine(emulator, "pc-q35-7.2"), "pc-q35-7.2");
    ck_assert_ptr_null(emulator_machine(emulator, NULL));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("host_emulator");
    TCase *tcase = tcase_create("host_emulator");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, NULL, teardown);
    tcase_add_test(tcase, paths);
    tcase_add_test(tcase, names);
    tcase_add_test(tcase, states_have_names);
    tcase_add_test(tcase, they_are_found_by_their_path_as_it_is_written);
    tcase_add_test(tcase, without_a_path_it_is_the_architectures);
    tcase_add_test(tcase, each_is_there_once);
    tcase_add_test(tcase, an_architecture_has_one_default);
    tcase_add_test(tcase, machine_types_stand_for_others);
    return run_suite(suite);
}
