/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_deliver.c - what a domain carries for its guest */
#include "plan/deliver.h"

#include "plan/guest_plan.h"

#include "build.h"

#include <check.h>
#include <string.h>

static struct world w;

static void setup(void)
{
    static const struct row rows[] = {
        {"40:01.0", NULL, PORT_ROOT, 0},
        {"43:00.0", "40:01.0", PORT_NONE, 0, GPU, .vendor = 0x10de, .device = 0x2330},
        {"40:02.0", NULL, PORT_ROOT, 0},
        {"44:00.0", "40:02.0", PORT_NONE, 0, NIC, .vendor = 0x15b3, .device = 0x1021},
        {"40:03.0", NULL, PORT_ROOT, 0},
        {"45:00.0", "40:03.0", PORT_NONE, 0, 0x010802, .vendor = 0x144d, .device = 0xa80a},
    };

    world_init(&w);
    add_bound_cells(&w, 1);
    ADD_FUNCTIONS(&w, rows);
    w.policy.deliver = DELIVER_NCCL | DELIVER_PLAN;
}

static void teardown(void)
{
    world_clear(&w);
}

/* The plan's additions, "-fw_cfg" and a value each. */
static const char *value(size_t place, size_t count)
{
    ck_assert_uint_eq(w.plan->additions.count, 2 * count);
    for (size_t i = 0; i < count; i++) {
        ck_assert_int_eq(w.plan->additions.items[2 * i].kind, ADDITION_QEMU_ARG);
        ck_assert_int_eq(w.plan->additions.items[2 * i + 1].kind, ADDITION_QEMU_ARG);
        ck_assert_str_eq(w.plan->additions.items[2 * i].text, "<qemu:arg value='-fw_cfg'/>");
    }
    return w.plan->additions.items[2 * place + 1].text;
}

#define NCCL                                                                                       \
    "<qemu:arg value='name=opt/org.vtopo/nccl-topo.xml,string=&lt;system version=&quot;1&quot;"    \
    "&gt;&lt;cpu "
#define PLAN                                                                                       \
    "<qemu:arg value='name=opt/org.vtopo/plan.json,string={&quot;format&quot;: "                   \
    "&quot;vtopo-guest-plan&quot;,,&quot;version&quot;: 1,,&quot;devices&quot;: ["

/* Each comma ends a value unless there are two; a line feed would be a blank in an attribute. */
START_TEST(each_is_an_argument_of_one_line)
{
    add_hostdev(&w, "43:00.0", NULL);
    add_hostdev(&w, "44:00.0", NULL);
    plan_or_fail(&w);
    ck_assert_ptr_eq(strstr(value(0, 2), NCCL), value(0, 2));
    ck_assert_ptr_nonnull(strstr(value(0, 2), "&lt;/system&gt;'/>"));
    ck_assert_ptr_eq(strstr(value(1, 2), PLAN), value(1, 2));
    ck_assert_ptr_nonnull(strstr(value(1, 2), "]}]}'/>"));
    for (size_t i = 0; i < 2; i++)
        ck_assert_ptr_null(strchr(value(i, 2), '\n'));
    ck_assert_uint_eq(findings_of(&w, FINDING_NOT_DELIVERED), 0);
}
END_TEST

START_TEST(each_for_itself)
{
    add_hostdev(&w, "43:00.0", NULL);
    w.policy.deliver = DELIVER_PLAN;
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(strstr(value(0, 1), PLAN));
    w.policy.deliver = DELIVER_NCCL;
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(strstr(value(0, 1), NCCL));
    w.policy.deliver = DELIVER_NOTHING;
    plan_or_fail(&w);
    ck_assert_uint_eq(w.plan->additions.count, 0);
}
END_TEST

START_TEST(names_that_others_have_are_theirs)
{
    add_hostdev(&w, "43:00.0", NULL);
    w.domain.delivered = true;
    plan_or_fail(&w);
    ck_assert_uint_eq(w.plan->additions.count, 0);
    ck_assert_uint_eq(findings_of(&w, FINDING_NOT_DELIVERED), 1);
}
END_TEST

/* KubeVirt keeps the arguments and loses the record. */
START_TEST(what_is_there_already_is_delivered)
{
    uint64_t digest = 0;

    add_hostdev(&w, "43:00.0", NULL);
    plan_or_fail(&w);
    for (size_t i = 0; i < 2; i++)
        digest += w.plan->additions.items[2 * i + 1].digest;
    w.domain.delivered = true;
    w.domain.delivered_digest = digest;
    plan_or_fail(&w);
    ck_assert_uint_eq(w.plan->additions.count, 0);
    ck_assert_uint_eq(findings_of(&w, FINDING_NOT_DELIVERED), 0);
    w.policy.deliver = DELIVER_PLAN; /* less than is there */
    plan_or_fail(&w);
    ck_assert_uint_eq(findings_of(&w, FINDING_NOT_DELIVERED), 1);
    w.policy.deliver = DELIVER_PLAN | DELIVER_NCCL;
    add_hostdev(&w, "44:00.0", NULL); /* it is stale */
    plan_or_fail(&w);
    ck_assert_uint_eq(w.plan->additions.count, 0);
    ck_assert_uint_eq(findings_of(&w, FINDING_NOT_DELIVERED), 1);
}
END_TEST

START_TEST(where_nothing_is_placed_there_is_nothing_to_say)
{
    add_hostdev(&w, "43:00.0", NULL);
    add_wish(&w, "43:00.0")->keep = 1;
    plan_or_fail(&w);
    ck_assert_uint_eq(w.plan->additions.count, 0);
    ck_assert_uint_eq(findings_of(&w, FINDING_NOT_DELIVERED), 1);
}
END_TEST

/* Its text would be another one when libvirt has chosen. */
START_TEST(what_is_not_known_yet_is_refused)
{
    add_hostdev(&w, "43:00.0", NULL);
    add_hostdev(&w, "44:00.0", NULL);
    add_wish(&w, "44:00.0")->keep = 1;
    ck_assert_int_eq(make_plan(&w), VTOPO_ERR_REFUSED);
    ck_assert_ptr_nonnull(strstr(vtopo_error_message(w.error), "policy deliver: no NCCL topology"));
    ck_assert_ptr_nonnull(strstr(vtopo_error_message(w.error), "define the domain first"));
    w.policy.deliver = DELIVER_PLAN; /* which says nothing of what stays */
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(strstr(value(0, 1), PLAN));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("deliver");
    TCase *tcase = tcase_create("deliver");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, each_is_an_argument_of_one_line);
    tcase_add_test(tcase, each_for_itself);
    tcase_add_test(tcase, names_that_others_have_are_theirs);
    tcase_add_test(tcase, what_is_there_already_is_delivered);
    tcase_add_test(tcase, where_nothing_is_placed_there_is_nothing_to_say);
    tcase_add_test(tcase, what_is_not_known_yet_is_refused);
    return run_suite(suite);
}
