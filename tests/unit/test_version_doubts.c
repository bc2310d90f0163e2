/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_version_doubts.c - why QEMU's version is not known, where that matters */
#include "build.h"

#include <check.h>
#include <string.h>

static struct world w;

static void setup(void)
{
    static const struct row rows[] = {
        {"40:01.0", NULL, PORT_ROOT, 0},
        {"41:00.0", "40:01.0", PORT_NONE, 0, GPU, .vendor = 0x10de, .device = 0x20b0},
        {"40:02.0", NULL, PORT_ROOT, 0},
        {"42:00.0", "40:02.0", PORT_NONE, 0, GPU, .vendor = 0x10de, .device = 0x20b0},
    };

    world_init(&w);
    add_bound_cells(&w, 1);
    ADD_FUNCTIONS(&w, rows);
    add_hostdev(&w, "41:00.0", NULL);
    add_hostdev(&w, "42:00.0", NULL);
    w.domain.emulator = strdup("/opt/qemu");
}

static void teardown(void)
{
    world_clear(&w);
}

/* How many of the three findings there are, and that it is this one. */
static size_t doubts(enum finding_id id)
{
    size_t count;

    plan_or_fail(&w);
    count = findings_of(&w, FINDING_EMULATOR_UNREADABLE) + findings_of(&w, FINDING_EMULATOR_STALE) +
            findings_of(&w, FINDING_EMULATOR_UNUSABLE);
    ck_assert_uint_eq(findings_of(&w, id), count);
    return count;
}

static const struct {
    enum emulator_state state;
    enum finding_id id;
    const char *says;
} rows[] = {
    {EMULATOR_UNREADABLE, FINDING_EMULATOR_UNREADABLE, "how new /opt/qemu is may be in"},
    {EMULATOR_STALE, FINDING_EMULATOR_STALE,
     "\"virsh domcapabilities --emulatorbin /opt/qemu\" makes libvirt ask again"},
    {EMULATOR_UNUSABLE, FINDING_EMULATOR_UNUSABLE, "for /opt/qemu is not root's"},
};

START_TEST(only_what_a_version_decides_asks_for_it)
{
    add_unknown_emulator(&w, "/opt/qemu", rows[_i].state);
    ck_assert_uint_eq(doubts(rows[_i].id), 0);
    w.policy.links = LINKS_HOST;
    ck_assert_uint_eq(doubts(rows[_i].id), 1);
    ck_assert_msg(strstr(finding_of(&w, rows[_i].id), rows[_i].says), "%s",
                  finding_of(&w, rows[_i].id));
    w.policy.links = LINKS_STOCK;
    w.domain.iommufd = true;
    ck_assert_uint_eq(doubts(rows[_i].id), 1);
    w.policy.qemu_version = 10000000; /* it is known then that it does not suffice */
    ck_assert_uint_eq(doubts(rows[_i].id), 0);
}
END_TEST

START_TEST(what_is_known_is_no_doubt)
{
    w.policy.links = LINKS_HOST;
    ck_assert_uint_eq(doubts(FINDING_EMULATOR_STALE), 0); /* nothing is there at all */
    add_emulator(&w, "/opt/qemu", 7002022, 9000000, NULL);
    ck_assert_uint_eq(doubts(FINDING_EMULATOR_STALE), 0);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_LINKS_UNPROVEN),
                                 "the host's need QEMU 10.0 or later, and libvirt's capability "
                                 "cache says that QEMU is 7.2.22 (/opt/qemu)"));
}
END_TEST

/* That QEMU is new enough is no doubt, however old the kernel may be. */
START_TEST(a_machine_type_that_proves_it_suffices)
{
    add_unknown_emulator(&w, "/opt/qemu", EMULATOR_STALE);
    free(w.domain.machine);
    w.domain.machine = strdup("pc-q35-11.0");
    w.domain.iommufd = true;
    ck_assert_uint_eq(doubts(FINDING_EMULATOR_STALE), 0);
    ck_assert_uint_eq(findings_of(&w, FINDING_P2P_IOMMUFD), 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("version_doubts");
    TCase *tcase = tcase_create("version_doubts");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, only_what_a_version_decides_asks_for_it, 0,
                        sizeof(rows) / sizeof(*rows));
    tcase_add_test(tcase, what_is_known_is_no_doubt);
    tcase_add_test(tcase, a_machine_type_that_proves_it_suffices);
    return run_suite(suite);
}
