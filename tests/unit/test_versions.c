/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_versions.c - how new QEMU and libvirt are known to be */
#include "build.h"

#include "plan/ground/versions.h"

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

static struct facts facts_of(void)
{
    return (struct facts){.host = &w.host, .base = &w.domain, .policy = &w.policy};
}

static bool qemu_is(const char *machine, unsigned policy, unsigned version)
{
    struct facts facts = facts_of();

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

/* Every QEMU has machine types of older ones, too. */
START_TEST(a_machine_type_does_not_say_that_qemu_is_old)
{
    struct facts facts = facts_of();

    qemu_is("pc-q35-7.2", 0, 0);
    ck_assert_int_eq(qemu_version_verdict(&facts, 8001000), VERSION_UNKNOWN);
    qemu_is("pc-q35-7.2", 8000000, 0);
    ck_assert_int_eq(qemu_version_verdict(&facts, 8001000), VERSION_OLD);
    qemu_is("pc-q35-8.1", 0, 0);
    ck_assert_int_eq(qemu_version_verdict(&facts, 8001000), VERSION_NEW);
}
END_TEST

/* The cache is of the domain's emulator, or of the one that libvirt takes. */
START_TEST(libvirts_cache_says_how_new_qemu_is)
{
    struct facts facts = facts_of();

    add_emulator(&w, "/usr/bin/qemu-system-x86_64", 8000003, 9000000, NULL);
    ck_assert_ptr_nonnull(emulator_of(&facts));
    ck_assert(!qemu_is("pc-q35-7.2", 0, 8001000));
    ck_assert(qemu_is("pc-q35-7.2", 0, 8000003));
    ck_assert_int_eq(qemu_version_verdict(&facts, 8001000), VERSION_OLD);
    ck_assert(qemu_looks_older(&facts, 8001000));
    w.domain.emulator = strdup("/opt/qemu");
    ck_assert_ptr_null(emulator_of(&facts));
    ck_assert_int_eq(qemu_version_verdict(&facts, 8001000), VERSION_UNKNOWN);
    ck_assert_uint_eq(libvirt_version_of(&facts), 0);
}
END_TEST

START_TEST(policy_and_machine_type_go_before_it)
{
    struct facts facts = facts_of();

    add_emulator(&w, "/usr/bin/qemu-system-x86_64", 8000003, 9000000, NULL);
    ck_assert(qemu_is("pc-q35-8.1", 0, 8001000)); /* it is for another QEMU */
    ck_assert(!qemu_is("pc-q35-7.2", 7002000, 8000000));
    ck_assert(qemu_is("pc-q35-7.2", 9000000, 8001000));
    ck_assert_uint_eq(libvirt_version_of(&facts), 9000000);
    w.policy.libvirt_version = 8000000;
    ck_assert_uint_eq(libvirt_version_of(&facts), 8000000);
}
END_TEST

/* Libvirt stores the versioned one, so that a definition says more than what was defined; here both
 * say the same. */
START_TEST(q35_stands_for_a_version)
{
    struct facts facts = facts_of();

    add_emulator(&w, "/usr/bin/qemu-system-x86_64", 10000000, 11003000, "pc-q35-10.0");
    ck_assert(qemu_is("q35", 7002000, 10000000));
    ck_assert_str_eq(machine_of(&facts), "pc-q35-10.0");
    ck_assert(qemu_is("pc-q35-10.0", 7002000, 10000000));
    ck_assert(!qemu_is("pc-q35-9.2", 7002000, 10000000));
    ck_assert(!qemu_is(NULL, 7002000, 10000000));
}
END_TEST

START_TEST(what_is_stale_says_nothing)
{
    struct facts facts = facts_of();

    add_unknown_emulator(&w, "/usr/bin/qemu-system-x86_64", EMULATOR_STALE);
    qemu_is("q35", 0, 0);
    ck_assert_int_eq(qemu_version_verdict(&facts, 8001000), VERSION_UNKNOWN);
    ck_assert(!qemu_looks_older(&facts, 8001000));
    ck_assert_uint_eq(libvirt_version_of(&facts), 0);
}
END_TEST

START_TEST(who_said_it_is_named)
{
    struct facts facts = facts_of();
    char *text;

    add_emulator(&w, "/usr/bin/qemu-system-x86_64", 7002022, 8000001, NULL);
    text = qemu_name_witness(&facts);
    ck_assert_str_eq(text, "libvirt's capability cache says that QEMU is 7.2.22 "
                           "(/usr/bin/qemu-system-x86_64)");
    free(text);
    text = libvirt_name_witness(&facts);
    ck_assert_str_eq(text, "libvirt's capability cache says that libvirt is 8.0.1 "
                           "(/usr/bin/qemu-system-x86_64)");
    free(text);
    w.policy.qemu_version = w.policy.libvirt_version = 7000000;
    text = qemu_name_witness(&facts);
    ck_assert_str_eq(text, "policy qemu_version says that QEMU is older");
    free(text);
    text = libvirt_name_witness(&facts);
    ck_assert_str_eq(text, "policy libvirt_version says that libvirt is older");
    free(text);
    w.policy.qemu_learned = w.policy.libvirt_learned = true;
    text = qemu_name_witness(&facts);
    ck_assert_str_eq(text, "libvirt says that QEMU is 7.0.0");
    free(text);
    text = libvirt_name_witness(&facts);
    ck_assert_str_eq(text, "libvirt says that libvirt is 7.0.0");
    free(text);
}
END_TEST

START_TEST(firmware)
{
    static const struct {
        enum firmware_kind kind;
        enum firmware_choice choice;
        const char *loader, *emulator;
        unsigned version;
    } rows[] = {
        {FIRMWARE_SEABIOS, FIRMWARE_BY_QEMU, NULL, "/usr/bin/qemu-system-x86_64", 1016002},
        {FIRMWARE_SEABIOS, FIRMWARE_BY_QEMU, NULL, "/usr/libexec/qemu-kvm", 1016002},
        {FIRMWARE_SEABIOS, FIRMWARE_BY_QEMU, NULL, "/usr/local/bin/qemu-system-x86_64", 0},
        {FIRMWARE_SEABIOS, FIRMWARE_BY_QEMU, NULL, NULL, 0},
        {FIRMWARE_SEABIOS, FIRMWARE_BY_LOADER, "/bios", NULL, 1016002},
        {FIRMWARE_OVMF, FIRMWARE_BY_LOADER, "/bios", NULL, 0},
        {FIRMWARE_OVMF, FIRMWARE_BY_LOADER, "/old", NULL, 2020011000},
        {FIRMWARE_OVMF, FIRMWARE_BY_LOADER, "/other", NULL, 0},
        {FIRMWARE_OVMF, FIRMWARE_BY_LIBVIRT, NULL, NULL, 2025002000},
        {FIRMWARE_OVMF, FIRMWARE_UNCLEAR, NULL, "/usr/bin/qemu-system-x86_64", 0},
    };
    struct facts facts = facts_of();

    ck_assert(firmwares_add(&w.host.firmwares, "/bios", false, false, 1016002) &&
              firmwares_add(&w.host.firmwares, "/new", true, true, 2025002000) &&
              firmwares_add(&w.host.firmwares, "/old", true, false, 2020011000) &&
              !firmwares_finish(&w.host.firmwares, NULL));
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        w.domain.firmware = rows[i].kind;
        w.domain.firmware_choice = rows[i].choice;
        free(w.domain.loader);
        free(w.domain.emulator);
        w.domain.loader = rows[i].loader ? strdup(rows[i].loader) : NULL;
        w.domain.emulator = rows[i].emulator ? strdup(rows[i].emulator) : NULL;
        ck_assert_msg(firmware_version_of(&facts) == rows[i].version, "row %zu", i);
        w.policy.ovmf_version = 2024005000;
        w.policy.seabios_version = 1017000;
        ck_assert_uint_eq(firmware_version_of(&facts),
                          rows[i].kind == FIRMWARE_OVMF ? 2024005000 : 1017000);
        w.policy.ovmf_version = w.policy.seabios_version = 0;
    }
    /* of a domain that names no emulator it is that which libvirt takes */
    free(w.domain.emulator);
    w.domain.emulator = NULL;
    add_emulator(&w, "/usr/bin/qemu-system-x86_64", 7002022, 9000000, NULL);
    w.host.emulators.items[0].is_default = true;
    w.domain.firmware = FIRMWARE_SEABIOS;
    w.domain.firmware_choice = FIRMWARE_BY_QEMU;
    ck_assert_uint_eq(firmware_version_of(&facts), 1016002);
}
END_TEST

START_TEST(kernels)
{
    static const struct {
        const char *release;
        enum version_verdict verdict;
    } rows[] = {
        {"", VERSION_UNKNOWN},          {"6.19.0-rc1", VERSION_NEW}, {"6.19", VERSION_NEW},
        {"6.18.99-amd64", VERSION_OLD}, {"6.2.0", VERSION_OLD},      {"10.0.1", VERSION_NEW},
        {"generic", VERSION_UNKNOWN},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        strcpy(w.host.kernel, rows[i].release);
        ck_assert_int_eq(kernel_version_verdict(&w.host, 6019000), rows[i].verdict);
    }
}
END_TEST

START_TEST(libvirt_is_new_unless_known)
{
    static const struct {
        unsigned version;
        bool old;
    } rows[] = {{0, false}, {8004999, true}, {8005000, false}};
    struct facts facts = facts_of();

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        w.policy.libvirt_version = rows[i].version;
        ck_assert_int_eq(libvirt_lacks_overrides(&facts), rows[i].old);
        ck_assert_int_eq(libvirt_is_at_least(&facts, 8005000), rows[i].version >= 8005000);
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
    tcase_add_test(tcase, a_machine_type_does_not_say_that_qemu_is_old);
    tcase_add_test(tcase, libvirts_cache_says_how_new_qemu_is);
    tcase_add_test(tcase, policy_and_machine_type_go_before_it);
    tcase_add_test(tcase, q35_stands_for_a_version);
    tcase_add_test(tcase, what_is_stale_says_nothing);
    tcase_add_test(tcase, who_said_it_is_named);
    tcase_add_test(tcase, firmware);
    tcase_add_test(tcase, kernels);
    tcase_add_test(tcase, libvirt_is_new_unless_known);
    return run_suite(suite);
}
