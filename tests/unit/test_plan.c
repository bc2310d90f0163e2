/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_plan.c - a plan's devices by their place in the domain */
#include "build.h"

#include <check.h>

/* Of seven devices of a domain the plan has three. */
static struct vtopo_plan *make(void)
{
    static const struct plan_device devices[] = {
        {.device = 0, .fate = FATE_MOVED},
        {.device = 3, .fate = FATE_STAYS},
        {.device = 6, .fate = FATE_MOVED},
    };
    struct vtopo_plan *plan = calloc(1, sizeof(*plan));

    ck_assert_ptr_nonnull(plan);
    for (size_t i = 0; i < 3; i++) {
        struct plan_device *device = vec_add(&plan->devices);

        ck_assert_ptr_nonnull(device);
        *device = devices[i];
    }
    return plan;
}

START_TEST(only_the_plans_devices_are_found)
{
    struct vtopo_plan *plan = make();

    for (size_t device = 0; device < 8; device++) {
        const struct plan_device *found = plan_device_at(plan, device);

        if (device % 3)
            ck_assert_ptr_null(found);
        else
            ck_assert_ptr_eq(found, &plan->devices.items[device / 3]);
    }
    plan_free(plan);
}
END_TEST

START_TEST(others_and_those_that_stay_do_not_move)
{
    struct vtopo_plan *plan = make();

    ck_assert(plan_moves(plan, 0));
    ck_assert(!plan_moves(plan, 1));
    ck_assert(!plan_moves(plan, 3));
    ck_assert(plan_moves(plan, 6));
    ck_assert(!plan_moves(plan, 7));
    plan_free(plan);
}
END_TEST

/* The sanitizer sees what is not freed. */
START_TEST(a_plan_without_anything_and_none_are_freed)
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
    tcase_add_test(tcase, only_the_plans_devices_are_found);
    tcase_add_test(tcase, others_and_those_that_stay_do_not_move);
    tcase_add_test(tcase, a_plan_without_anything_and_none_are_freed);
    return run_suite(suite);
}
