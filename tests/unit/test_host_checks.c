/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_host_checks.c - which checks of the host a plan tells, and how often */
#include "build.h"

#include "check/check.h"
#include "model/pcicap.h"

#include <check.h>
#include <string.h>

static struct world w;

/* Two GPUs and a NIC below one switch. */
static void setup(void)
{
    static const struct row rows[] = {
        {"40:01.0", NULL, PORT_ROOT, 0},
        {"41:00.0", "40:01.0", PORT_UPSTREAM, 0},
        {"42:00.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"42:01.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"42:02.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"43:00.0", "42:00.0", PORT_NONE, 0, GPU},
        {"44:00.0", "42:01.0", PORT_NONE, 0, GPU},
        {"45:00.0", "42:02.0", PORT_NONE, 0, NIC},
    };

    world_init(&w);
    add_bound_cells(&w, 1);
    ADD_FUNCTIONS(&w, rows);
    for (size_t i = 0; i < w.host.functions.count; i++)
        w.host.functions.items[i].iommu_group = (int)i;
}

static void set_acs(const char *port, uint16_t control)
{
    add_config_space(&w, port, 0x10);
    add_extended_capability(&w, port, PCICAP_EXT_ACS, 0x5f, control);
}

static void teardown(void)
{
    world_clear(&w);
}

START_TEST(groups_are_always_reported)
{
    add_hostdev(&w, "43:00.0", NULL);
    function_of(&w, "44:00.0")->iommu_group = function_of(&w, "43:00.0")->iommu_group;
    function_of(&w, "44:00.0")->driver = strdup("nouveau");
    plan_or_fail(&w);
    ck_assert_uint_eq(findings_of(&w, FINDING_GROUP_PARTLY), 1);
    ck_assert_ptr_nonnull(
        strstr(finding_of(&w, FINDING_GROUP_PARTLY), "with 0000:44:00.0: VFIO starts"));
}
END_TEST

START_TEST(a_device_that_is_kept_apart_is_no_stranger)
{
    add_hostdev(&w, "43:00.0", NULL);
    add_hostdev(&w, "44:00.0", NULL)->address.kind = ADDRESS_UNASSIGNED;
    function_of(&w, "44:00.0")->iommu_group = function_of(&w, "43:00.0")->iommu_group;
    function_of(&w, "44:00.0")->driver = strdup("nouveau");
    plan_or_fail(&w);
    ck_assert_ptr_null(finding_of(&w, FINDING_GROUP_PARTLY));
}
END_TEST

START_TEST(acs_is_always_reported_and_once)
{
    add_hostdev(&w, "43:00.0", NULL);
    add_hostdev(&w, "44:00.0", NULL);
    add_hostdev(&w, "45:00.0", NULL);
    set_acs("42:00.0", 0x1d);
    set_acs("42:01.0", 0x1d);
    set_acs("42:02.0", 0x1d);
    plan_or_fail(&w);
    ck_assert_uint_eq(findings_of(&w, FINDING_ACS_INDIRECT), 3);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_ACS_INDIRECT),
                                 "; the same for 2 others: 0000:42:01.0, 0000:42:02.0"));
}
END_TEST

/* What the guest does not get is no partner. */
START_TEST(an_unassigned_device_is_no_partner)
{
    add_hostdev(&w, "43:00.0", NULL);
    add_hostdev(&w, "44:00.0", NULL)->address.kind = ADDRESS_UNASSIGNED;
    set_acs("42:00.0", 0);
    plan_or_fail(&w);
    ck_assert_ptr_null(finding_of(&w, FINDING_ACS_OPEN));
}
END_TEST

START_TEST(the_rest_only_on_request)
{
    static const enum finding_id on_request[] = {
        FINDING_NO_GROUP, FINDING_CONFIG_UNREAD, FINDING_ATS_OFF,
        FINDING_ORDERING, FINDING_LINK_LOW,      FINDING_DRIVER,
    };

    add_hostdev(&w, "43:00.0", NULL);
    add_hostdev(&w, "44:00.0", NULL);
    function_of(&w, "43:00.0")->iommu_group = -1;
    add_config_space(&w, "43:00.0", 0);
    add_extended_capability(&w, "43:00.0", PCICAP_EXT_ATS, 0x20, 0);
    function_of(&w, "43:00.0")->link_max = (struct host_link){160, 16};
    function_of(&w, "43:00.0")->link_now = (struct host_link){160, 8};
    for (int asked = 0; asked < 2; asked++) {
        w.policy.checks = asked;
        plan_or_fail(&w);
        for (size_t i = 0; i < sizeof(on_request) / sizeof(*on_request); i++)
            ck_assert_msg(!finding_of(&w, on_request[i]) == !asked, "%s",
                          finding_code(on_request[i]));
        plan_free(w.plan);
        w.plan = NULL;
    }
}
END_TEST

START_TEST(mediated_devices)
{
    add_mdev(&w, "4b20d080-1b54-4048-85b3-a6a62d165c01", "43:00.0");
    add_named(&w, DEVICE_HOSTDEV_MDEV, "4b20d080-1b54-4048-85b3-a6a62d165c01", NULL);
    function_of(&w, "43:00.0")->iommu_group = -1;
    w.policy.checks = true;
    plan_or_fail(&w);
    ck_assert_ptr_null(finding_of(&w, FINDING_NO_GROUP));
    ck_assert_ptr_null(finding_of(&w, FINDING_DRIVER));
}
END_TEST

START_TEST(a_domain_that_is_left_alone_is_reported_too)
{
    w.domain.cells.count = 0;
    idset_free(&w.domain.cells.items[0].vcpus);
    add_hostdev(&w, "43:00.0", NULL);
    function_of(&w, "44:00.0")->iommu_group = function_of(&w, "43:00.0")->iommu_group;
    function_of(&w, "44:00.0")->driver = strdup("nouveau");
    plan_or_fail(&w);
    ck_assert_int_eq(w.plan->outcome, PLAN_UNCHANGED);
    ck_assert_ptr_nonnull(finding_of(&w, FINDING_GROUP_PARTLY));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("host_checks");
    TCase *tcase = tcase_create("host_checks");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, groups_are_always_reported);
    tcase_add_test(tcase, a_device_that_is_kept_apart_is_no_stranger);
    tcase_add_test(tcase, acs_is_always_reported_and_once);
    tcase_add_test(tcase, an_unassigned_device_is_no_partner);
    tcase_add_test(tcase, the_rest_only_on_request);
    tcase_add_test(tcase, mediated_devices);
    tcase_add_test(tcase, a_domain_that_is_left_alone_is_reported_too);
    return run_suite(suite);
}
