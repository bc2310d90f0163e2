/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_policy_of.c - entries of the policy that are for no device */
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
        {"42:00.0", "40:02.0", PORT_NONE, 0, NIC, .vendor = 0x15b3, .device = 0x1018},
    };

    world_init(&w);
    add_bound_cells(&w, 1);
    ADD_FUNCTIONS(&w, rows);
    add_hostdev(&w, "41:00.0", NULL);
}

static void teardown(void)
{
    world_clear(&w);
}

static void add_entry(bool of_domain, const char *bdf, uint16_t vendor, uint16_t device)
{
    struct policy_device *entry =
        of_domain ? vec_add(&w.policy.domain_devices) : vec_add(&w.policy.devices);

    ck_assert_ptr_nonnull(entry);
    *entry = policy_device_unset;
    entry->keep = 0;
    entry->by_bdf = bdf;
    if (bdf)
        entry->bdf = bdf_of(bdf);
    entry->vendor = vendor;
    entry->device = device;
}

START_TEST(entries_that_are_for_a_device)
{
    add_entry(true, "41:00.0", 0, 0);
    add_entry(true, NULL, 0x10de, 0x20b0);
    add_entry(false, "41:00.0", 0, 0);
    add_entry(false, NULL, 0x10de, 0x20b0);
    plan_or_fail(&w);
    ck_assert_ptr_null(finding_of(&w, FINDING_POLICY_OF_DOMAIN));
    ck_assert_ptr_null(finding_of(&w, FINDING_POLICY_OF_FILE));
}
END_TEST

/* The host has the NIC, and the domain does not get it. */
START_TEST(entries_of_the_domain_for_none)
{
    add_entry(true, "42:00.0", 0, 0);
    add_entry(true, "14:00.0", 0, 0);
    add_entry(true, NULL, 0x15b3, 0x1018);
    add_entry(true, NULL, 0x10de, 0x20b1);
    add_entry(true, NULL, 0x10df, 0x20b0);
    plan_or_fail(&w);
    ck_assert_uint_eq(findings_of(&w, FINDING_POLICY_OF_DOMAIN), 5);
    ck_assert_ptr_null(finding_of(&w, FINDING_POLICY_OF_FILE));
}
END_TEST

START_TEST(entries_of_the_file_for_none)
{
    add_entry(false, "41:00.0", 0, 0);
    add_entry(false, "42:00.0", 0, 0);
    add_entry(false, NULL, 0x15b3, 0x1018);
    plan_or_fail(&w);
    ck_assert_ptr_null(finding_of(&w, FINDING_POLICY_OF_DOMAIN));
    ck_assert_str_eq(
        finding_of(&w, FINDING_POLICY_OF_FILE),
        "the policy has entries for devices that the domain does not assign: 0000:42:00.0 and 15b3:1018");
}
END_TEST

/* Its address is of type unassigned, and the host may lack it. */
START_TEST(a_device_that_the_guest_does_not_get)
{
    add_hostdev(&w, "43:00.0", NULL)->address.kind = ADDRESS_UNASSIGNED;
    add_entry(true, "43:00.0", 0, 0);
    plan_or_fail(&w);
    ck_assert_ptr_null(finding_of(&w, FINDING_POLICY_OF_DOMAIN));
}
END_TEST

static void add_alias(const char *alias, int keep)
{
    struct policy_alias *entry = vec_add(&w.policy.aliases);

    ck_assert_ptr_nonnull(entry);
    entry->alias = strdup(alias);
    entry->keys = policy_device_unset;
    entry->keys.keep = keep;
}

/* It goes before the BDF, whoever says that. */
START_TEST(an_entry_by_alias)
{
    w.domain.devices.items[0].alias = strdup("ua-gpu");
    add_entry(true, "41:00.0", 0, 0);
    add_alias("ua-gpu", 1);
    plan_or_fail(&w);
    ck_assert_int_eq(device_of(&w, "41:00.0")->fate, FATE_STAYS);
    ck_assert_ptr_null(finding_of(&w, FINDING_POLICY_OF_FILE));
}
END_TEST

START_TEST(an_entry_by_alias_for_none)
{
    add_alias("ua-gpu", 1);
    plan_or_fail(&w);
    ck_assert_int_eq(device_of(&w, "41:00.0")->fate, FATE_MOVED);
    ck_assert_str_eq(finding_of(&w, FINDING_POLICY_OF_FILE),
                     "the policy has an entry for a device of this alias, and the domain assigns "
                     "none");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("policy_of");
    TCase *tcase = tcase_create("policy_of");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, entries_that_are_for_a_device);
    tcase_add_test(tcase, entries_of_the_domain_for_none);
    tcase_add_test(tcase, entries_of_the_file_for_none);
    tcase_add_test(tcase, a_device_that_the_guest_does_not_get);
    tcase_add_test(tcase, an_entry_by_alias);
    tcase_add_test(tcase, an_entry_by_alias_for_none);
    return run_suite(suite);
}
