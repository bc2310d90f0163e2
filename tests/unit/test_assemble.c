/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_assemble.c - the values of the steps become the plan, each once */
#include "build.h"
#include "plan/assemble.h"

#include <check.h>
#include <string.h>

static struct world w;
static struct vtopo_plan plan;
static struct domain base;

/* The devices 1 and 2 are assigned; before a former rewrite the first was in another place. */
static struct assignment items[2];
static const struct assignments assigned = {.items = items, .count = 2};
static struct fate fate_items[] = {{FATE_MOVED, STAY_OTHER}, {FATE_STAYS, STAY_KEPT}};
static bool moves[] = {false, true, false};
static const struct fates fates = {.items = fate_items, .count = 2, .moves = moves};

static void setup(void)
{
    struct facts facts = {.input = &w.domain, .base = &base};

    world_init(&w);
    add_other(&w, "disk vda", "00:05.0");
    add_hostdev(&w, "41:00.0", "09:00.0");
    add_hostdev(&w, "42:00.0", "00:07.0");
    ck_assert(domain_copy(&w.domain, &base));
    base.devices.items[1].address.at = bdf_of("0000:00:06.0");
    items[0] = (struct assignment){.device = 1,
                                   .kind = DEVICE_HOSTDEV_PCI,
                                   .function = 7,
                                   .host = bdf_of("41:00.0"),
                                   .single = true,
                                   .atomics = ATOMICS_WANTED};
    items[1] = (struct assignment){
        .device = 2, .kind = DEVICE_HOSTDEV_PCI, .function = HOST_NONE, .host = bdf_of("42:00.0")};
    plan = (struct vtopo_plan){0};
    ck_assert(plan_list_devices(&facts, &assigned, &fates, &plan));
}

static void teardown(void)
{
    free(plan.devices.items);
    free(plan.cards.items);
    free(plan.controllers.items);
    findings_clear(&plan.findings);
    domain_clear(&base);
    world_clear(&w);
}

START_TEST(devices_as_they_are_without_a_layout)
{
    const struct plan_device *d = plan.devices.items;

    ck_assert_uint_eq(plan.devices.count, 2);
    ck_assert_uint_eq(d[0].device, 1);
    ck_assert_uint_eq(d[0].function, 7);
    ck_assert(d[0].single && d[0].atomics == ATOMICS_WANTED);
    ck_assert_int_eq(d[0].fate, FATE_MOVED);
    ck_assert_uint_eq(d[0].before.at.bus, 9);
    ck_assert_uint_eq(d[0].after.at.slot, 6); /* where it was before a former rewrite */
    ck_assert_uint_eq(d[0].card, PLAN_NONE);
    ck_assert_int_eq(d[0].clique, -1);
    ck_assert_int_eq(d[1].fate, FATE_STAYS);
    ck_assert_int_eq(d[1].reason, STAY_KEPT);
    ck_assert_uint_eq(d[1].after.at.slot, 7);
}
END_TEST

START_TEST(fates_may_change_in_the_end)
{
    struct fate changed[] = {{FATE_STAYS, STAY_PLACED}, {FATE_STAYS, STAY_KEPT}};
    struct fates others = {.items = changed, .count = 2, .moves = moves};

    plan_set_fates(&others, &plan);
    ck_assert_int_eq(plan.devices.items[0].fate, FATE_STAYS);
    ck_assert_int_eq(plan.devices.items[0].reason, STAY_PLACED);
}
END_TEST

START_TEST(places_are_of_those_that_move)
{
    const struct device_cell cells[] = {{.node = 1, .cell = 0, .nearest = 0},
                                        {.node = -1, .cell = -1, .nearest = -1}};
    struct card_function functions[] = {{0, 3, true}, {PLAN_NONE, 0, false}};
    struct plan_controller controllers[] = {{.index = 4}, {.index = 12}};
    struct card_port port = {.port = 1, .slot = 2};
    struct layout layout = {.controllers = {.items = controllers, .count = 2}, .ports = &port};
    struct card_list cards = {.functions = functions};
    struct plan_card *card = vec_add(&cards.cards);

    ck_assert_ptr_nonnull(card);
    plan_set_places(cells, &cards, &layout, &plan);
    ck_assert_uint_eq(plan.cards.count, 1);
    ck_assert_ptr_null(cards.cards.items); /* the plan's now */
    ck_assert_uint_eq(plan.cards.items[0].port, 1);
    ck_assert_uint_eq(plan.cards.items[0].slot, 2);
    ck_assert_uint_eq(plan.devices.items[0].after.at.bus, 12); /* the index, not the place */
    ck_assert_uint_eq(plan.devices.items[0].after.at.slot, 2);
    ck_assert_uint_eq(plan.devices.items[0].after.at.function, 3);
    ck_assert_int_eq(plan.devices.items[0].after.multifunction, 1);
    ck_assert_int_eq(plan.devices.items[0].node, 1);
    ck_assert_uint_eq(plan.devices.items[1].after.at.slot, 7); /* it stays */
    ck_assert_int_eq(plan.devices.items[1].cell, -1);
    functions[0].multifunction = false;
    cards.cards = plan.cards;
    plan_set_places(cells, &cards, &layout, &plan);
    ck_assert_int_eq(plan.devices.items[0].after.multifunction, -1);
}
END_TEST

START_TEST(a_layout_moves_into_the_plan_once)
{
    struct layout layout = {0};
    struct plan_controller *c = vec_add(&layout.controllers);
    struct finding *before = vec_add(&plan.findings), *finding = vec_add(&layout.findings);

    ck_assert(c && before && finding);
    c->index = 5;
    *before = (struct finding){.id = FINDING_RUNNING, .text = strdup("before")};
    *finding = (struct finding){.id = FINDING_RANGES, .text = strdup("ranges")};
    ck_assert(plan_set_layout(&layout, &plan));
    ck_assert_uint_eq(plan.controllers.count, 1);
    ck_assert_uint_eq(plan.controllers.items[0].index, 5);
    ck_assert_uint_eq(plan.findings.count, 2); /* behind those that are there */
    ck_assert_str_eq(plan.findings.items[0].text, "before");
    ck_assert_str_eq(plan.findings.items[1].text, "ranges");
    layout_clear(&layout); /* frees nothing of the plan */
    ck_assert_str_eq(plan.findings.items[1].text, "ranges");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("assemble");
    TCase *tcase = tcase_create("assemble");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, devices_as_they_are_without_a_layout);
    tcase_add_test(tcase, fates_may_change_in_the_end);
    tcase_add_test(tcase, places_are_of_those_that_move);
    tcase_add_test(tcase, a_layout_moves_into_the_plan_once);
    return run_suite(suite);
}
