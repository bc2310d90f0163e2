/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_atomics_price.c - for which devices PCIe atomics cost something, and for which they are lost
 */
#include "build.h"
#include "plan/advice/advice.h"

#include <check.h>
#include <string.h>
#include <time.h>

static struct world w;
static struct facts facts;

/* GPUs 43 and 44 below a switch, 43 with audio; GPU 61 on a root port, with audio. */
static void setup(void)
{
    static const struct row rows[] = {
        {"40:01.0", NULL, PORT_ROOT, 0},
        {"41:00.0", "40:01.0", PORT_UPSTREAM, 0},
        {"42:00.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"42:01.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"43:00.0", "42:00.0", PORT_NONE, 0, GPU, .vendor = 0x1002},
        {"43:00.1", "42:00.0", PORT_NONE, 0, AUDIO, .vendor = 0x1002},
        {"44:00.0", "42:01.0", PORT_NONE, 0, GPU, .vendor = 0x1002},
        {"60:01.0", NULL, PORT_ROOT, 0},
        {"61:00.0", "60:01.0", PORT_NONE, 0, GPU, .vendor = 0x1002},
        {"61:00.1", "60:01.0", PORT_NONE, 0, AUDIO, .vendor = 0x1002},
        {"44:00.1", "42:01.0", PORT_NONE, 0, GPU, .vendor = 0x10de},
    };

    world_init(&w);
    ADD_FUNCTIONS(&w, rows);
    add_express_port(&w, "40:01.0", 0x80, 0);
    add_express_port(&w, "41:00.0", 0x40, 0);
    add_express_port(&w, "42:00.0", 0x40, 0);
    add_express_port(&w, "42:01.0", 0x40, 0);
    add_express_port(&w, "60:01.0", 0x80, 0);
    w.policy.mirror = MIRROR_SWITCH;
    facts =
        (struct facts){.host = &w.host, .input = &w.domain, .base = &w.domain, .policy = &w.policy};
    w.plan = calloc(1, sizeof(*w.plan));
    ck_assert_ptr_nonnull(w.plan);
}

static void teardown(void)
{
    world_clear(&w);
}

static struct plan_device *add_planned(const char *host, enum atomics_wish atomics)
{
    struct plan_device *device = vec_add(&w.plan->devices);

    ck_assert_ptr_nonnull(device);
    *device = (struct plan_device){
        .function = (size_t)(function_of(&w, host) - w.host.functions.items),
        .host = bdf_of(host),
        .fate = FATE_MOVED,
        .atomics = atomics,
        .card = PLAN_NONE,
    };
    return device;
}

static void report(void)
{
    struct reporter reporter = {.findings = &w.plan->findings, .reterr = &w.error};

    findings_clear(&w.plan->findings);
    ck_assert_int_eq(atomics_report(&facts, w.plan, &reporter), 0);
}

START_TEST(a_card_that_is_divided)
{
    add_planned("61:00.0", ATOMICS_WANTED);
    report();
    ck_assert_ptr_null(finding_of(&w, FINDING_ATOMICS_APART)); /* alone in any case */
    add_planned("61:00.1", ATOMICS_UNASKED);
    report();
    ck_assert_str_eq(w.plan->findings.items[0].subject, "0000:61:00.0");
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_ATOMICS_APART), "other functions of its"));
    w.plan->devices.items[1].fate = FATE_STAYS; /* it is elsewhere anyway */
    report();
    ck_assert_ptr_null(finding_of(&w, FINDING_ATOMICS_APART));
}
END_TEST

START_TEST(a_switch_that_is_left)
{
    add_planned("44:00.0", ATOMICS_WANTED);
    add_planned("43:00.0", ATOMICS_WANTED);
    report();
    ck_assert_uint_eq(findings_of(&w, FINDING_ATOMICS_APART), 2);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_ATOMICS_APART), "in no guest switch"));
    w.policy.mirror = MIRROR_ROOT; /* there are no switches in any case */
    report();
    ck_assert_ptr_null(finding_of(&w, FINDING_ATOMICS_APART));
}
END_TEST

START_TEST(what_could_not_be_seen_is_named)
{
    add_planned("61:00.0", ATOMICS_WANTED);
    add_planned("61:00.1", ATOMICS_UNASKED);
    add_planned("43:00.0", ATOMICS_WANTED);
    add_planned("43:00.1", ATOMICS_UNASKED);
    cut_config(&w, "60:01.0", 64);
    report();
    ck_assert_uint_eq(findings_of(&w, FINDING_ATOMICS_APART), 2);
    ck_assert_ptr_nonnull(strstr(w.plan->findings.items[0].text, "could not be seen"));
    ck_assert_ptr_null(strstr(w.plan->findings.items[1].text, "could not be seen"));
}
END_TEST

START_TEST(what_is_given_up_is_lost_and_costs_nothing)
{
    add_planned("43:00.0", ATOMICS_GIVEN_UP);
    add_planned("44:00.0", ATOMICS_UNASKED);
    report();
    ck_assert_ptr_null(finding_of(&w, FINDING_ATOMICS_APART));
    ck_assert_uint_eq(findings_of(&w, FINDING_ATOMICS_LOST), 1);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_ATOMICS_LOST), "some ROCm software"));
    w.plan->devices.items[0].fate = FATE_STAYS;
    report();
    ck_assert_ptr_null(finding_of(&w, FINDING_ATOMICS_LOST));
}
END_TEST

START_TEST(of_other_vendors_nothing_is_said_of_rocm)
{
    const char *text;

    add_planned("44:00.1", ATOMICS_GIVEN_UP);
    report();
    text = finding_of(&w, FINDING_ATOMICS_LOST);
    ck_assert_ptr_nonnull(text);
    ck_assert_ptr_null(strstr(text, "ROCm"));
    ck_assert_ptr_nonnull(strstr(text, "policy atomics says \"keep\" for it"));
}
END_TEST

START_TEST(a_card_alone_below_its_switch_leaves_nobody)
{
    add_planned("43:00.1", ATOMICS_UNASKED);
    add_planned("43:00.0", ATOMICS_WANTED);
    report();
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_ATOMICS_APART), "other functions of its"));
    add_planned("44:00.0", ATOMICS_UNASKED);
    report();
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_ATOMICS_APART), "in no guest switch"));
}
END_TEST

/* Processor time for so many GPUs in slots of their own, the best of three. */
static double time_of(size_t count)
{
    double best = 1e9;

    w.plan->devices.count = 0;
    for (size_t i = 0; i < count; i++) {
        struct plan_device *device = add_planned(i % 2 ? "43:00.0" : "44:00.0", ATOMICS_WANTED);

        device->host.bus = (uint8_t)(i / 32);
        device->host.slot = i % 32;
        device->host.domain = (uint32_t)(i / 8192);
    }
    for (int i = 0; i < 3; i++) {
        clock_t start = clock();
        double seconds;

        report();
        seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
        best = seconds < best ? seconds : best;
    }
    ck_assert_uint_eq(findings_of(&w, FINDING_ATOMICS_APART), count);
    return best;
}

/* Eight times as many: some ten times as long, and 64 times where each looks at all others. */
START_TEST(many_gpus_cost_little_more_than_few)
{
    double few = time_of(2000), many = time_of(16000);

    ck_assert_msg(many < 30 * few + 0.01, "%.4f s for 2000, %.4f s for 16000", few, many);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("atomics_price");
    TCase *tcase = tcase_create("atomics_price");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_card_that_is_divided);
    tcase_add_test(tcase, a_switch_that_is_left);
    tcase_add_test(tcase, what_could_not_be_seen_is_named);
    tcase_add_test(tcase, what_is_given_up_is_lost_and_costs_nothing);
    tcase_add_test(tcase, of_other_vendors_nothing_is_said_of_rocm);
    tcase_add_test(tcase, a_card_alone_below_its_switch_leaves_nobody);
    tcase_add_test(tcase, many_gpus_cost_little_more_than_few);
    return run_suite(suite);
}
