/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_restore.c - controllers that were taken over come back where that is possible */
#include "build.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static struct world w;

static void remember(unsigned index, enum controller_model model, const char *place)
{
    struct record_controller *entry = vec_add(&w.domain.record.controllers);

    ck_assert_ptr_nonnull(entry);
    w.domain.record.there = true;
    entry->controller = (struct domain_controller){.index = index,
                                                   .index_given = true,
                                                   .model = model,
                                                   .address = {ADDRESS_PCI, {0}, -1},
                                                   .bus_nr = model == CTRL_EXPANDER ? 180 : -1,
                                                   .node = -1,
                                                   .chassis = -1,
                                                   .port = -1,
                                                   .hotplug = -1};
    ck_assert(bdf_parse(place, &entry->controller.address.at));
}

/* An expander of others, index 3, with root port 4; vtopo's, index 10, with root port 11. */
static void setup(void)
{
    struct domain_controller *c;

    world_init(&w);
    remember(3, CTRL_EXPANDER, "00:03.0");
    remember(4, CTRL_ROOT_PORT, "03:00.0");
    c = add_controller(&w, 10, CTRL_EXPANDER, "00:1e.0");
    c->marked = true;
    c->alias = strdup("ua-vtopo-x");
    c = add_controller(&w, 11, CTRL_ROOT_PORT, "0a:00.0");
    c->marked = true;
    c->alias = strdup("ua-vtopo-y");
}

static void teardown(void)
{
    world_clear(&w);
}

/* Those that come back: "3 4". */
static const char *restored(void)
{
    struct undo undo;

    ck_assert(undo_make(&w.domain, &undo));
    free(w.text);
    w.text = strdup("");
    for (size_t i = 0; i < undo.restored.count; i++)
        text_append(&w.text, "%s%u", *w.text ? " " : "",
                    w.domain.record.controllers.items[undo.restored.items[i]].controller.index);
    undo_clear(&undo);
    return w.text;
}

START_TEST(all_come_back_and_are_in_the_view)
{
    struct domain view;
    struct undo undo;

    ck_assert_str_eq(restored(), "3 4");
    ck_assert(undo_make(&w.domain, &undo));
    ck_assert(!undo_changes_nothing(&undo));
    ck_assert(undo_apply(&w.domain, &undo, &view));
    ck_assert_ptr_nonnull(domain_controller_at(&view, 3));
    ck_assert_ptr_nonnull(domain_controller_at(&view, 4));
    ck_assert_ptr_null(domain_controller_at(&view, 10));
    domain_view_clear(&view);
    undo_clear(&undo);
}
END_TEST

START_TEST(an_index_of_vtopos_own_is_free_afterwards)
{
    remember(11, CTRL_ROOT_PORT, "03:01.0");
    ck_assert_str_eq(restored(), "3 4 11");
}
END_TEST

START_TEST(an_index_that_is_taken_is_not_free)
{
    add_controller(&w, 4, CTRL_ROOT_PORT, "00:02.0");
    ck_assert_str_eq(restored(), "3");
}
END_TEST

/* A device on vtopo's port 11: with another controller there it would be on that one. */
START_TEST(an_index_that_somebody_put_a_device_onto_is_not_free)
{
    remember(11, CTRL_UPSTREAM, "04:00.0");
    ck_assert_str_eq(restored(), "3 4 11");
    add_other(&w, "interface", "0b:00.0");
    ck_assert_str_eq(restored(), "3 4");
}
END_TEST

START_TEST(without_what_it_is_on_none_comes_back)
{
    add_controller(&w, 3, CTRL_ROOT_PORT, "00:02.0");
    ck_assert_str_eq(restored(), "");
}
END_TEST

START_TEST(none_comes_back_below_itself)
{
    w.domain.record.controllers.items[0].controller.address.at = (struct bdf){0, 4, 0, 0};
    ck_assert_str_eq(restored(), "");
}
END_TEST

START_TEST(a_slot_that_is_taken_is_not_free)
{
    add_other(&w, "disk vda", "00:03.0");
    ck_assert_str_eq(restored(), "");
}
END_TEST

START_TEST(a_chassis_that_is_taken_is_not_free)
{
    add_controller(&w, 5, CTRL_ROOT_PORT, "00:02.0")->chassis = 4;
    ck_assert_str_eq(restored(), "3");
}
END_TEST

START_TEST(a_bus_number_that_is_taken_is_not_free)
{
    add_controller(&w, 5, CTRL_EXPANDER, "00:02.0")->bus_nr = 180;
    ck_assert_str_eq(restored(), "");
}
END_TEST

START_TEST(a_device_goes_back_to_a_port_that_comes_back)
{
    struct record_device *entry;
    struct undo undo;

    add_hostdev(&w, "41:00.0", "0b:00.0");
    entry = vec_add(&w.domain.record.devices);
    ck_assert_ptr_nonnull(entry);
    entry->address = (struct address){ADDRESS_PCI, {0, 4, 0, 0}, -1};
    ck_assert(undo_make(&w.domain, &undo));
    ck_assert_uint_eq(undo.devices.count, 1);
    ck_assert(undo.devices.items[0].restored);
    ck_assert_uint_eq(undo.devices.items[0].address.at.bus, 4);
    undo_clear(&undo);
    /* Not onto the expander itself. */
    w.domain.record.devices.items[0].address.at.bus = 3;
    ck_assert(undo_make(&w.domain, &undo));
    ck_assert(!undo.devices.items[0].restored);
    undo_clear(&undo);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("restore");
    TCase *tcase = tcase_create("restore");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, all_come_back_and_are_in_the_view);
    tcase_add_test(tcase, an_index_of_vtopos_own_is_free_afterwards);
    tcase_add_test(tcase, an_index_that_is_taken_is_not_free);
    tcase_add_test(tcase, an_index_that_somebody_put_a_device_onto_is_not_free);
    tcase_add_test(tcase, without_what_it_is_on_none_comes_back);
    tcase_add_test(tcase, none_comes_back_below_itself);
    tcase_add_test(tcase, a_slot_that_is_taken_is_not_free);
    tcase_add_test(tcase, a_chassis_that_is_taken_is_not_free);
    tcase_add_test(tcase, a_bus_number_that_is_taken_is_not_free);
    tcase_add_test(tcase, a_device_goes_back_to_a_port_that_comes_back);
    return run_suite(suite);
}
