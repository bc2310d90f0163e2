/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_plan.c - a plan is freed with all that it has; the sanitizer sees what is not */
#include "build.h"

#include <check.h>
#include <string.h>

START_TEST(all_that_a_plan_can_have)
{
    struct vtopo_plan *plan = calloc(1, sizeof(*plan));

    ck_assert_ptr_nonnull(plan);
    *(struct plan_controller *)vec_add(&plan->controllers) =
        (struct plan_controller){.alias = strdup("ua-vtopo")};
    *(struct plan_device *)vec_add(&plan->devices) =
        (struct plan_device){.alias = strdup("ua-vtopo-a"), .vgpu_type = strdup("A16-4C")};
    *(struct plan_override *)vec_add(&plan->overrides) =
        (struct plan_override){.value = strdup("1"), .alias = strdup("ua-vtopo-a")};
    ck_assert_ptr_nonnull(vec_add(&plan->cards));
    ck_assert_ptr_nonnull(vec_add(&plan->bus_fixes));
    ck_assert_ptr_nonnull(vec_add(&plan->ports_off));
    ck_assert_ptr_nonnull(vec_add(&plan->budgets));
    ck_assert(finding_add(&plan->findings, FINDING_RUNNING, "domain", "text"));
    plan->difference = strdup("controller 5");
    plan->lack = strdup("no cells");
    plan->source = strdup("<domain/>");
    plan_free(plan);
}
END_TEST

START_TEST(none_and_one_without_anything)
{
    plan_free(NULL);
    plan_free(calloc(1, sizeof(struct vtopo_plan)));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("plan");
    TCase *tcase = tcase_create("plan");

    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, all_that_a_plan_can_have);
    tcase_add_test(tcase, none_and_one_without_anything);
    return run_suite(suite);
}
