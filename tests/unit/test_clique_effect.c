/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_clique_effect.c - cliques that are held back, or that the host's ACS speaks against */
#include "clique_world.h"
#include "model/pcicap.h"

/* Theirs is another place in config space, which QEMU has known since 8.1. */
START_TEST(gpus_since_turing_need_a_new_qemu)
{
    static const struct {
        uint16_t device;
        const char *machine;
        unsigned qemu;
        size_t held_back, unknown;
    } rows[] = {
        {0x1df6, "pc-q35-7.2", 0, 0}, {0x1e02, "pc-q35-7.2", 0, 1},
        {0x20b0, "pc-q35-8.0", 0, 1}, {0x20b0, "pc-q35-8.1", 0, 0},
        {0x20b0, "q35", 8001000, 0},  {0x20b0, "q35", 7002000, 1},
        {0x20b0, "q35", 0, 0, 1},     {0x20b0, "pc-q35-7.2", 8001000, 0},
        {0x1df6, "q35", 0, 0, 0},     {0x20b0, "pc-q35-rhel9.4.0", 0, 0, 1},
    };
    struct bdf at = bdf_of("43:00.0");

    add_hostdev(&w, "43:00.0", NULL);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        w.host.functions.items[host_find(&w.host, &at)].device = rows[i].device;
        free(w.domain.machine);
        w.domain.machine = strdup(rows[i].machine);
        w.policy.qemu_version = rows[i].qemu;
        w.policy.devices.count = 0;
        plan_or_fail(&w);
        ck_assert_uint_eq(findings_of(&w, FINDING_CLIQUE_QEMU), 0);
        add_wish(&w, "43:00.0")->clique = 0;
        plan_or_fail(&w);
        ck_assert_uint_eq(findings_of(&w, FINDING_CLIQUE_QEMU), rows[i].held_back);
        ck_assert_uint_eq(findings_of(&w, FINDING_CLIQUE_QEMU_UNKNOWN), rows[i].unknown);
        ck_assert_str_eq(written(), rows[i].held_back ? "" : "ua-vtopo-dev-0000-43-00-0=0");
    }
}
END_TEST

/* What would not start is not written, and what starts is not doubted. */
START_TEST(libvirts_cache_decides)
{
    struct bdf at = bdf_of("43:00.0");

    w.host.functions.items[host_find(&w.host, &at)].device = 0x20b0;
    free(w.domain.machine);
    w.domain.machine = strdup("q35");
    add_hostdev(&w, "43:00.0", NULL);
    add_wish(&w, "43:00.0")->clique = 0;
    add_emulator(&w, "/usr/bin/qemu-system-x86_64", 8000005, 9000000, "pc-q35-8.0");
    plan_or_fail(&w);
    ck_assert_uint_eq(findings_of(&w, FINDING_CLIQUE_QEMU_UNKNOWN), 0);
    ck_assert_str_eq(
        finding_of(&w, FINDING_CLIQUE_QEMU),
        "P2P cliques of 0000:43:00.0 are not written: these GPUs need QEMU 8.1 or later for them, and libvirt's capability cache says that QEMU is 8.0.5 (/usr/bin/qemu-system-x86_64)");
    ck_assert_str_eq(written(), "");
    w.host.emulators.items[0].qemu_version = 8001000;
    plan_or_fail(&w);
    ck_assert_uint_eq(findings_of(&w, FINDING_CLIQUE_QEMU_UNKNOWN), 0);
    ck_assert_uint_eq(findings_of(&w, FINDING_CLIQUE_QEMU), 0);
    ck_assert_str_eq(written(), "ua-vtopo-dev-0000-43-00-0=0");
    ck_assert(!w.plan->overrides.items[0].command_line);
    w.host.emulators.items[0].libvirt_version = 8004000;
    plan_or_fail(&w);
    ck_assert(w.plan->overrides.items[0].command_line);
}
END_TEST

/* Whoever wrote it knows whether QEMU starts with it. */
START_TEST(the_domains_own_stays)
{
    struct bdf at = bdf_of("43:00.0");

    w.host.functions.items[host_find(&w.host, &at)].device = 0x20b0;
    add_hostdev(&w, "43:00.0", NULL)->alias = strdup("ua-gpu");
    add_override("ua-gpu", "x-nv-gpudirect-clique", "5");
    plan_or_fail(&w);
    ck_assert_uint_eq(findings_of(&w, FINDING_CLIQUE_QEMU), 0);
    ck_assert(device_of(&w, "43:00.0")->clique_given);
}
END_TEST

static void add_two(int first, int second)
{
    add_hostdev(&w, "43:00.0", NULL);
    add_hostdev(&w, "44:00.0", NULL);
    add_wish(&w, "43:00.0")->clique = first;
    add_wish(&w, "44:00.0")->clique = second;
}

static size_t against(uint16_t control)
{
    add_config_space(&w, "42:00.0", 0);
    add_extended_capability(&w, "42:00.0", PCICAP_EXT_ACS, 0x7f, control);
    add_config_space(&w, "42:01.0", 0);
    add_extended_capability(&w, "42:01.0", PCICAP_EXT_ACS, 0x7f, 0x5d);
    plan_or_fail(&w);
    return findings_of(&w, FINDING_CLIQUE_AGAINST_ACS);
}

START_TEST(what_the_host_speaks_against_is_written_and_reported)
{
    add_two(4, 4);
    ck_assert_uint_eq(against(0x5d), 0);
    ck_assert_uint_eq(against(0x1d), 0); /* a detour, but it arrives */
    ck_assert_uint_eq(against(0x00), 1);
    ck_assert_ptr_nonnull(strstr(
        finding_of(&w, FINDING_CLIQUE_AGAINST_ACS),
        "is in P2P clique 4 by the policy, but has no safe way to 0000:44:00.0 because of port"));
    ck_assert_str_eq(written(), "ua-vtopo-dev-0000-43-00-0=4 ua-vtopo-dev-0000-44-00-0=4");
    ck_assert_uint_eq(against(0x5f), 1);
    w.domain.kvm_hidden = true; /* the driver does not heed it */
    ck_assert_uint_eq(against(0x5f), 0);
    ck_assert_uint_eq(findings_of(&w, FINDING_CLIQUE_HIDDEN), 1);
}
END_TEST

START_TEST(two_cliques_are_no_pair)
{
    add_two(4, 5);
    ck_assert_uint_eq(against(0x00), 0);
}
END_TEST

START_TEST(what_cannot_be_read_is_no_evidence)
{
    add_two(4, 4);
    plan_or_fail(&w);
    ck_assert_uint_eq(findings_of(&w, FINDING_CLIQUE_AGAINST_ACS), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("clique_effect");
    TCase *tcase = tcase_create("clique_effect");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, gpus_since_turing_need_a_new_qemu);
    tcase_add_test(tcase, libvirts_cache_decides);
    tcase_add_test(tcase, the_domains_own_stays);
    tcase_add_test(tcase, what_the_host_speaks_against_is_written_and_reported);
    tcase_add_test(tcase, two_cliques_are_no_pair);
    tcase_add_test(tcase, what_cannot_be_read_is_no_evidence);
    return run_suite(suite);
}
