/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_clique.c - who is in which P2P clique, and which devices QEMU is told */
#include "clique_world.h"

#include "base/error.h"
#include "model/mark.h"

START_TEST(the_policy_goes_before_cdi)
{
    add_hostdev(&w, "44:00.0", NULL);
    add_hostdev(&w, "43:00.0", NULL);
    add_wish(&w, "43:00.0")->clique = 4;
    add_cdi_clique("43:00.0", 5, "a.yaml");
    add_cdi_clique("44:00.0", 6, "a.yaml");
    plan_or_fail(&w);
    ck_assert_str_eq(written(), "ua-vtopo-dev-0000-44-00-0=6 ua-vtopo-dev-0000-43-00-0=4");
    ck_assert_int_eq(device_of(&w, "43:00.0")->clique_source, CLIQUE_POLICY);
    ck_assert_int_eq(device_of(&w, "44:00.0")->clique_source, CLIQUE_CDI_SPEC);
}
END_TEST

START_TEST(the_domain_goes_before_the_policy)
{
    add_hostdev(&w, "43:00.0", NULL)->alias = strdup("ua-gpu");
    add_wish(&w, "43:00.0")->clique = 4;
    add_override("ua-gpu", PROPERTY_CLIQUE, "9");
    plan_or_fail(&w);
    ck_assert_str_eq(written(), "");
    ck_assert_int_eq(device_of(&w, "43:00.0")->clique, 9);
    ck_assert_ptr_nonnull(finding_of(&w, FINDING_CLIQUE_OTHERS));
}
END_TEST

START_TEST(the_same_word_twice_is_no_finding)
{
    add_hostdev(&w, "43:00.0", NULL)->alias = strdup("ua-gpu");
    add_wish(&w, "43:00.0")->clique = 9;
    add_override("ua-gpu", PROPERTY_CLIQUE, "9");
    plan_or_fail(&w);
    ck_assert_ptr_null(finding_of(&w, FINDING_CLIQUE_OTHERS));
}
END_TEST

START_TEST(two_specs_that_differ_are_an_error)
{
    add_hostdev(&w, "43:00.0", NULL);
    add_cdi_clique("43:00.0", 5, "a.yaml");
    add_cdi_clique("43:00.0", 5, "b.yaml");
    add_cdi_clique("43:00.0", 6, "c.yaml");
    ck_assert_int_eq(make_plan(&w), VTOPO_ERR_FILE);
    ck_assert_str_eq(vtopo_error_message(w.error),
                     "a.yaml:7 puts 0000:43:00.0 into clique 5, and c.yaml:7 into clique 6");
}
END_TEST

START_TEST(of_devices_that_the_guest_does_not_get_nothing_matters)
{
    add_hostdev(&w, "44:00.0", NULL);
    add_cdi_clique("43:00.0", 5, "a.yaml");
    add_cdi_clique("43:00.0", 6, "c.yaml");
    plan_or_fail(&w);
    ck_assert_str_eq(written(), "");
}
END_TEST

START_TEST(only_whole_gpus_of_nvidia_are_reported)
{
    static const char *const others[] = {"45:00.0", "46:00.0", "47:00.4"};

    for (size_t i = 0; i < 3; i++) {
        add_hostdev(&w, others[i], NULL);
        add_cdi_clique(others[i], 0, "a.yaml");
    }
    add_mdev(&w, "c0ffee00-0000-4000-8000-000000000001", "47:00.0");
    add_named(&w, DEVICE_HOSTDEV_MDEV, "c0ffee00-0000-4000-8000-000000000001", NULL);
    add_wish(&w, "47:00.0")->clique = 0;
    plan_or_fail(&w);
    ck_assert_str_eq(written(), "");
    ck_assert_uint_eq(findings_of(&w, FINDING_CLIQUE_UNUSED), 4);
    ck_assert_int_eq(device_of(&w, "45:00.0")->clique, 0);
}
END_TEST

START_TEST(a_spec_that_was_passed_over_is_a_finding)
{
    struct policy_problem *problem = vec_add(&w.policy.problems);

    ck_assert_ptr_nonnull(problem);
    problem->text = strdup("/etc/cdi/a.yaml:3: is nothing");
    add_hostdev(&w, "43:00.0", NULL);
    plan_or_fail(&w);
    ck_assert_str_eq(finding_of(&w, FINDING_CDI_BROKEN),
                     "a CDI spec is passed over: /etc/cdi/a.yaml:3: is nothing");
}
END_TEST

START_TEST(off_is_off)
{
    add_hostdev(&w, "43:00.0", NULL);
    add_wish(&w, "43:00.0")->clique = 4;
    w.policy.clique = CLIQUE_OFF;
    plan_or_fail(&w);
    ck_assert_str_eq(written(), "");
    ck_assert_int_eq(device_of(&w, "43:00.0")->clique, -1);
}
END_TEST

START_TEST(a_neighbour_without_one_is_reported)
{
    add_hostdev(&w, "43:00.0", NULL);
    add_hostdev(&w, "44:00.0", NULL);
    add_hostdev(&w, "47:00.0", NULL); /* below another port: no neighbour */
    add_wish(&w, "43:00.0")->clique = 4;
    plan_or_fail(&w);
    ck_assert_uint_eq(findings_of(&w, FINDING_CLIQUE_PARTIAL), 1);
}
END_TEST

START_TEST(obstacles_are_reported_only_where_there_is_a_clique)
{
    add_hostdev(&w, "43:00.0", NULL);
    w.domain.kvm_hidden = true;
    plan_or_fail(&w);
    ck_assert_ptr_null(finding_of(&w, FINDING_CLIQUE_HIDDEN));
    add_wish(&w, "43:00.0")->clique = 0;
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(finding_of(&w, FINDING_CLIQUE_HIDDEN));
}
END_TEST

START_TEST(a_gpu_that_stays_is_reported_too)
{
    add_controller(&w, 1, CTRL_EXPANDER, "0:03.0");
    add_controller(&w, 2, CTRL_ROOT_PORT, "1:00.0");
    add_hostdev(&w, "43:00.0", "2:00.0");
    add_wish(&w, "43:00.0")->clique = 1;
    plan_or_fail(&w);
    ck_assert_str_eq(written(), "ua-vtopo-dev-0000-43-00-0=1");
    ck_assert(!w.plan->realised);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("clique");
    TCase *tcase = tcase_create("clique");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, the_policy_goes_before_cdi);
    tcase_add_test(tcase, the_domain_goes_before_the_policy);
    tcase_add_test(tcase, the_same_word_twice_is_no_finding);
    tcase_add_test(tcase, two_specs_that_differ_are_an_error);
    tcase_add_test(tcase, of_devices_that_the_guest_does_not_get_nothing_matters);
    tcase_add_test(tcase, only_whole_gpus_of_nvidia_are_reported);
    tcase_add_test(tcase, a_spec_that_was_passed_over_is_a_finding);
    tcase_add_test(tcase, off_is_off);
    tcase_add_test(tcase, a_neighbour_without_one_is_reported);
    tcase_add_test(tcase, obstacles_are_reported_only_where_there_is_a_clique);
    tcase_add_test(tcase, a_gpu_that_stays_is_reported_too);
    return run_suite(suite);
}
