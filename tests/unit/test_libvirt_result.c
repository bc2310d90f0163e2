/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_libvirt_result.c - what libvirt will make of the rewritten domain */
#include "build.h"

#include "plan/ground/libvirt_result.h"

#include <check.h>

static bool moves[8];
static struct world w;
static struct guest_tree tree;
static struct facts facts;
static struct fates fates;
static struct layout planned;
static struct libvirt_results results;

/* A port of the domain with index 4, an expander of the plan with index 1; nothing moves. */
static void setup(void)
{
    struct plan_controller *expander;

    world_init(&w);
    add_controller(&w, 4, CTRL_ROOT_PORT, "00:02.0");
    facts = (struct facts){.host = &w.host, .input = &w.domain, .base = &w.domain, .tree = &tree};
    facts.policy = &w.policy;
    fates = (struct fates){.moves = moves};
    planned = (struct layout){0};
    expander = vec_add(&planned.controllers);
    ck_assert_ptr_nonnull(expander);
    *expander = (struct plan_controller){
        .model = CTRL_EXPANDER, .index = 1, .parent = PLAN_NONE, .slot = 30, .bus_nr = 240};
}

static void teardown(void)
{
    libvirt_results_clear(&results);
    layout_clear(&planned);
    world_clear(&w);
}

static void make(void)
{
    static const struct assignments none;
    static const struct card_list no_cards;
    const struct layout_input in = {
        .facts = &facts, .assigned = &none, .fates = &fates, .cards = &no_cards};

    libvirt_results_clear(&results);
    guest_tree_make(&w.domain, &tree);
    ck_assert_int_eq(libvirt_results_make(&in, &planned, &results, NULL), 0);
}

START_TEST(what_is_the_plans_is_left_out)
{
    make();
    ck_assert_uint_eq(results.count, LIBVIRT_VERSIONS);
    for (size_t i = 0; i < results.count; i++) {
        const struct guest_tree *defined = &results.items[i].tree;

        ck_assert(!defined->at[1].there);
        ck_assert(defined->at[2].there && defined->at[3].there && defined->at[4].there);
        ck_assert_uint_eq(defined->end, 5);
    }
}
END_TEST

START_TEST(devices_get_the_lowest_ports)
{
    add_other(&w, "disk vda", NULL);
    make();
    ck_assert_uint_eq(results.items[0].domain.devices.items[0].address.at.bus, 2);
    ck_assert_int_eq(w.domain.devices.items[0].address.kind, ADDRESS_NONE);
}
END_TEST

START_TEST(a_filler_is_the_domains)
{
    struct plan_controller *filler = vec_add(&planned.controllers);

    ck_assert_ptr_nonnull(filler);
    *filler = (struct plan_controller){.model = CTRL_ROOT_PORT,
                                       .index = 3,
                                       .parent = PLAN_NONE,
                                       .filler = true,
                                       .slot = 29,
                                       .hotplug_off = true};
    make();
    ck_assert(results.items[0].tree.at[3].placed);
    ck_assert_int_eq(results.items[0].tree.at[3].own->hotplug, 0);
}
END_TEST

static void announce(unsigned index)
{
    unsigned *announced = vec_add(&planned.announced);

    ck_assert_ptr_nonnull(announced);
    *announced = index;
}

/* libvirt 9.0 serves ports of the text first, all of them by their indexes. */
START_TEST(what_is_announced_is_in_the_text)
{
    w.domain.controllers.items[1].address = (struct address){0};
    w.policy.libvirt_version = 9000000;
    make();
    ck_assert_str_eq(BDF_TEXT(&results.items[0].tree.at[4].own->address.at), "0000:00:01.0");
    ck_assert_str_eq(BDF_TEXT(&results.items[0].tree.at[2].own->address.at), "0000:00:01.1");
    announce(2);
    announce(3);
    make();
    ck_assert_str_eq(BDF_TEXT(&results.items[0].tree.at[2].own->address.at), "0000:00:01.0");
    ck_assert_str_eq(BDF_TEXT(&results.items[0].tree.at[3].own->address.at), "0000:00:01.1");
    ck_assert_str_eq(BDF_TEXT(&results.items[0].tree.at[4].own->address.at), "0000:00:01.2");
}
END_TEST

START_TEST(a_known_version_is_one_way)
{
    w.policy.libvirt_version = 11003000;
    make();
    ck_assert_uint_eq(results.count, 1);
    w.policy.libvirt_version = 10000000;
    make();
    ck_assert_uint_eq(results.count, 2);
}
END_TEST

START_TEST(what_cannot_be_known_has_a_reason)
{
    add_other(&w, "panic", NULL)->place.not_in_all = true;
    make();
    ck_assert_uint_eq(results.count, 0);
    ck_assert_ptr_nonnull(results.unknown);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("libvirt_result");
    TCase *tcase = tcase_create("libvirt_result");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, what_is_the_plans_is_left_out);
    tcase_add_test(tcase, devices_get_the_lowest_ports);
    tcase_add_test(tcase, a_filler_is_the_domains);
    tcase_add_test(tcase, what_is_announced_is_in_the_text);
    tcase_add_test(tcase, a_known_version_is_one_way);
    tcase_add_test(tcase, what_cannot_be_known_has_a_reason);
    return run_suite(suite);
}
