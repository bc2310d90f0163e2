/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_emulators.c - which files of a capability cache are believed
 *
 * In a folder that is made here, with this user in place of root.  The cache of a real libvirt:
 * real/test_capabilities.py.
 */
#include "emulator/cache_file.h"
#include "emulator/default_path.h"

#include "base/error.h"

#include "suite.h"

#include <check.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/vtopo-emulators-XXXXXX";
static char emulator_path[sizeof(folder) + 20], file[sizeof(folder) + 80];
static struct emulator_cache cache;
static struct host_emulator found;
static bool is_found;

/* Made with sha256sum: another program than ours. */
static void name_file(const char *path, char ret[sizeof(file)])
{
    char command[sizeof(emulator_path) + 80], digits[65];
    FILE *pipe;

    snprintf(command, sizeof(command), "printf %%s '%s' | sha256sum", path);
    pipe = popen(command, "r");
    ck_assert_ptr_nonnull(pipe);
    ck_assert_ptr_nonnull(fgets(digits, sizeof(digits), pipe));
    pclose(pipe);
    snprintf(ret, sizeof(file), "%s/%s.xml", folder, digits);
}

static void write_file(const char *name, const char *path, long changed)
{
    FILE *stream = fopen(name, "w");

    ck_assert_ptr_nonnull(stream);
    fprintf(
        stream,
        "<qemuCaps><emulator>%s</emulator><qemuctime>%ld</qemuctime><selfvers>9000000</selfvers>"
        "<version>7002022</version><arch>x86_64</arch>"
        "<machine name='pc-q35-7.2' alias='q35'/></qemuCaps>",
        path, changed);
    ck_assert_int_eq(fclose(stream), 0);
    ck_assert_int_eq(chmod(name, 0600), 0);
}

static long change_of(const char *path)
{
    struct stat status;

    ck_assert_int_eq(stat(path, &status), 0);
    return (long)status.st_ctim.tv_sec;
}

static void setup(void)
{
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(emulator_path, sizeof(emulator_path), "%s/qemu", folder);
    fclose(fopen(emulator_path, "w"));
    name_file(emulator_path, file);
    write_file(file, emulator_path, change_of(emulator_path));
    cache = (struct emulator_cache){folder, getuid()};
}

static void teardown(void)
{
    char command[sizeof(folder) + 20];

    emulator_clear(&found);
    snprintf(command, sizeof(command), "rm -rf %s", folder);
    ck_assert_int_eq(system(command), 0);
}

static enum emulator_state state_of(const char *path)
{
    emulator_clear(&found);
    ck_assert_int_eq(cache_file_find(&cache, path, &found, &is_found, NULL), 0);
    ck_assert(is_found);
    ck_assert_str_eq(found.path, path);
    if (found.state != EMULATOR_KNOWN) {
        ck_assert_uint_eq(found.qemu_version, 0);
        ck_assert_ptr_null(found.arch);
        ck_assert_uint_eq(found.machines.count, 0);
    }
    return found.state;
}

static bool is_absent(const char *path)
{
    emulator_clear(&found);
    ck_assert_int_eq(cache_file_find(&cache, path, &found, &is_found, NULL), 0);
    ck_assert(is_found == (found.path != NULL));
    return !is_found;
}

START_TEST(a_file_that_is_right_is_believed)
{
    ck_assert_int_eq(state_of(emulator_path), EMULATOR_KNOWN);
    ck_assert_uint_eq(found.qemu_version, 7002022);
    ck_assert_uint_eq(found.libvirt_version, 9000000);
    ck_assert_str_eq(emulator_machine(&found, "q35"), "pc-q35-7.2");
}
END_TEST

START_TEST(other_paths_are_other_emulators)
{
    char longer[sizeof(emulator_path) + 2];

    snprintf(longer, sizeof(longer), "/%s", emulator_path);
    ck_assert(is_absent(longer));
    ck_assert(is_absent("/nonexistent"));
    ck_assert(is_absent("qemu"));
    ck_assert(is_absent(""));
    cache.folder = "/nonexistent/folder";
    ck_assert(is_absent(emulator_path));
    cache.folder = emulator_path; /* no folder */
    ck_assert(is_absent(emulator_path));
}
END_TEST

START_TEST(an_emulator_that_has_changed_is_stale)
{
    write_file(file, emulator_path, change_of(emulator_path) - 1);
    ck_assert_int_eq(state_of(emulator_path), EMULATOR_STALE);
    write_file(file, emulator_path, change_of(emulator_path) + 1);
    ck_assert_int_eq(state_of(emulator_path), EMULATOR_STALE);
    write_file(file, emulator_path, change_of(emulator_path));
    ck_assert_int_eq(state_of(emulator_path), EMULATOR_KNOWN);
    ck_assert_int_eq(unlink(emulator_path), 0);
    ck_assert_int_eq(state_of(emulator_path), EMULATOR_STALE);
}
END_TEST

START_TEST(somebody_elses_file_is_not_believed)
{
    cache.owner = getuid() + 1;
    ck_assert_int_eq(state_of(emulator_path), EMULATOR_UNUSABLE);
    cache.owner = getuid();
    ck_assert_int_eq(chmod(file, 0620), 0);
    ck_assert_int_eq(state_of(emulator_path), EMULATOR_UNUSABLE);
    ck_assert_int_eq(chmod(file, 0602), 0);
    ck_assert_int_eq(state_of(emulator_path), EMULATOR_UNUSABLE);
    ck_assert_int_eq(chmod(file, 0644), 0);
    ck_assert_int_eq(state_of(emulator_path), EMULATOR_KNOWN);
}
END_TEST

START_TEST(a_file_about_another_path_is_not_believed)
{
    write_file(file, "/bin/sh", change_of("/bin/sh"));
    ck_assert_int_eq(state_of(emulator_path), EMULATOR_UNUSABLE);
}
END_TEST

START_TEST(what_is_no_file_is_not_read)
{
    char other[sizeof(file)];

    snprintf(other, sizeof(other), "%s/other", folder);
    ck_assert_int_eq(rename(file, other), 0);
    ck_assert_int_eq(symlink(other, file), 0);
    ck_assert_int_eq(state_of(emulator_path), EMULATOR_UNUSABLE);
    ck_assert_int_eq(unlink(file), 0);
    ck_assert_int_eq(mkfifo(file, 0600), 0); /* nobody waits for its other end */
    ck_assert_int_eq(state_of(emulator_path), EMULATOR_UNUSABLE);
    ck_assert_int_eq(unlink(file), 0);
    ck_assert_int_eq(mkdir(file, 0700), 0);
    ck_assert_int_eq(state_of(emulator_path), EMULATOR_UNUSABLE);
}
END_TEST

START_TEST(a_file_that_is_too_large_is_not_read)
{
    ck_assert_int_eq(truncate(file, 4 * 1024 * 1024 + 1), 0);
    ck_assert_int_eq(state_of(emulator_path), EMULATOR_UNUSABLE);
}
END_TEST

START_TEST(what_may_not_be_read_is_said)
{
    if (!getuid())
        return; /* root may: real/test_capabilities.py asks as somebody else */
    ck_assert_int_eq(chmod(file, 0), 0);
    ck_assert_int_eq(state_of(emulator_path), EMULATOR_UNREADABLE);
}
END_TEST

/* --- of a domain, and all --- */

static struct vtopo_host host;

static void clear_host(void)
{
    host_clear(&host);
    teardown();
}

START_TEST(of_a_domain_one_file_is_read)
{
    struct domain domain = {.emulator = emulator_path};

    ck_assert_int_eq(emulators_read(&cache, &domain, &host, NULL), 0);
    ck_assert_uint_eq(host.emulators.count, 1);
    ck_assert_str_eq(host.emulators.items[0].path, emulator_path);
    ck_assert(!host.emulators.items[0].is_default);
    host_clear(&host);
    domain.emulator = (char[]){"/nonexistent"};
    ck_assert_int_eq(emulators_read(&cache, &domain, &host, NULL), 0);
    ck_assert_uint_eq(host.emulators.count, 0);
}
END_TEST

/* The one that libvirt takes on this machine. */
START_TEST(a_domain_that_names_none_has_the_default_one)
{
    struct domain domain = {.arch = (char[]){"x86_64"}};
    char path[PATH_MAX];

    if (!default_path_find("x86_64", path))
        return;
    name_file(path, file);
    write_file(file, path, change_of(path) - 1);
    ck_assert_int_eq(emulators_read(&cache, &domain, &host, NULL), 0);
    ck_assert_uint_eq(host.emulators.count, 1);
    ck_assert_ptr_eq(emulators_find(&host.emulators, NULL, NULL), &host.emulators.items[0]);
    ck_assert_int_eq(host.emulators.items[0].state, EMULATOR_STALE);
    host_clear(&host);
    domain.arch = (char[]){"s390x"};
    ck_assert_int_eq(emulators_read(&cache, &domain, &host, NULL), 0);
    ck_assert_uint_eq(host.emulators.count, 0);
}
END_TEST

START_TEST(without_a_domain_all_that_is_libvirts_is_read)
{
    char other[sizeof(file)], path[PATH_MAX];
    bool has_default = default_path_find("x86_64", path);

    name_file("/nonexistent", other);
    write_file(other, "/nonexistent", 1);
    snprintf(other, sizeof(other), "%s/other.xml", folder);
    write_file(other, emulator_path, 1); /* a name that it does not have with libvirt */
    name_file("/damaged", other);
    fclose(fopen(other, "w"));
    if (has_default) {
        name_file(path, other);
        write_file(other, path, change_of(path));
    }
    ck_assert_int_eq(emulators_read(&cache, NULL, &host, NULL), 0);
    ck_assert_uint_eq(host.emulators.count, 2 + has_default);
    ck_assert_int_eq(emulators_find(&host.emulators, emulator_path, NULL)->state, EMULATOR_KNOWN);
    ck_assert_int_eq(emulators_find(&host.emulators, "/nonexistent", NULL)->state, EMULATOR_STALE);
    if (has_default)
        ck_assert_str_eq(emulators_find(&host.emulators, NULL, NULL)->path, path);
    host_clear(&host);
    cache.folder = "/nonexistent";
    ck_assert_int_eq(emulators_read(&cache, NULL, &host, NULL), 0);
    ck_assert_uint_eq(host.emulators.count, 0);
}
END_TEST

/* In host descriptions a default one has an architecture, whatever else is known of it. */
START_TEST(nobody_is_the_default_of_an_unknown_architecture)
{
    char path[PATH_MAX];

    ck_assert(!default_path_find("riscv64", path));
    ck_assert(!default_path_find("", path));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("emulators");
    TCase *tcase = tcase_create("file"), *all = tcase_create("host");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_file_that_is_right_is_believed);
    tcase_add_test(tcase, other_paths_are_other_emulators);
    tcase_add_test(tcase, an_emulator_that_has_changed_is_stale);
    tcase_add_test(tcase, somebody_elses_file_is_not_believed);
    tcase_add_test(tcase, a_file_about_another_path_is_not_believed);
    tcase_add_test(tcase, what_is_no_file_is_not_read);
    tcase_add_test(tcase, a_file_that_is_too_large_is_not_read);
    tcase_add_test(tcase, what_may_not_be_read_is_said);
    suite_add_tcase(suite, all);
    tcase_add_checked_fixture(all, setup, clear_host);
    tcase_add_test(all, of_a_domain_one_file_is_read);
    tcase_add_test(all, a_domain_that_names_none_has_the_default_one);
    tcase_add_test(all, without_a_domain_all_that_is_libvirts_is_read);
    tcase_add_test(all, nobody_is_the_default_of_an_unknown_architecture);
    return run_suite(suite);
}
