/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_undo.c - the domain without vtopo */
#include "build.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static struct world w;

static void setup(void)
{
    world_init(&w);
}

static void teardown(void)
{
    world_clear(&w);
}

static struct domain_controller *add_marked(unsigned index, enum controller_model model,
                                            const char *place)
{
    struct domain_controller *c = add_controller(&w, index, model, place);

    c->marked = true;
    c->alias = strdup("ua-vtopo-x");
    return c;
}

/* An expander, index 10, with root ports 11 and 12. */
static void add_ours(void)
{
    add_marked(10, CTRL_EXPANDER, "00:1e.0");
    add_marked(11, CTRL_ROOT_PORT, "0a:00.0");
    add_marked(12, CTRL_ROOT_PORT, "0a:01.0");
}

/* "0 1 10": the indexes that are left. */
static const char *left(void)
{
    free(w.text);
    w.text = strdup("");
    for (size_t i = 0; i < w.domain.controllers.count; i++)
        text_append(&w.text, "%s%u", *w.text ? " " : "", w.domain.controllers.items[i].index);
    return w.text;
}

START_TEST(a_domain_without_marks_stays)
{
    add_controller(&w, 1, CTRL_EXPANDER, "00:05.0");
    add_controller(&w, 2, CTRL_ROOT_PORT, "01:00.0")->alias = strdup("ua-mine");
    add_hostdev(&w, "41:00.0", "02:00.0");
    undo(&w);
    ck_assert_str_eq(left(), "0 1 2");
    ck_assert_str_eq(device_places(&w), "2:00.0");
}
END_TEST

static void add_qemu_device(const char *bus)
{
    struct domain_qemu_device *d = vec_add(&w.domain.qemu_devices);

    *d = (struct domain_qemu_device){.driver = strdup("vfio-pci"),
                                     .bus = strdup(bus),
                                     .slot = -1,
                                     .function = -1,
                                     .bus_nr = -1,
                                     .chassis = -1};
}

START_TEST(a_port_that_the_command_line_uses_is_not_empty)
{
    add_controller(&w, 1, CTRL_ROOT_PORT, "00:02.0");
    add_controller(&w, 2, CTRL_ROOT_PORT, "00:02.1");
    add_ours();
    add_hostdev(&w, "41:00.0", "0b:00.0");
    add_qemu_device("pci.1");
    undo(&w);
    ck_assert_str_eq(left(), "0 1 2");
    ck_assert_str_eq(device_places(&w), "2:00.0");
}
END_TEST

START_TEST(a_port_of_ours_that_the_command_line_names_stays)
{
    add_ours();
    free(w.domain.controllers.items[2].alias);
    w.domain.controllers.items[2].alias = strdup("ua-vtopo-y");
    add_qemu_device("ua-vtopo-y");
    undo(&w);
    ck_assert_str_eq(left(), "0 10 11");
}
END_TEST

START_TEST(marked_controllers_go_and_cards_get_the_lowest_empty_ports)
{
    add_ours();
    add_controller(&w, 3, CTRL_ROOT_PORT, "00:02.2");
    add_controller(&w, 1, CTRL_ROOT_PORT, "00:02.0");
    add_controller(&w, 2, CTRL_ROOT_PORT, "00:02.1");
    add_other(&w, "disk vda", "02:00.0");
    add_hostdev(&w, "42:00.0", "0c:00.0");
    add_hostdev(&w, "41:00.0", "0b:00.0");
    undo(&w);
    ck_assert_str_eq(left(), "0 3 1 2");
    ck_assert_str_eq(device_places(&w), "2:00.0 3:00.0 1:00.0");
}
END_TEST

START_TEST(a_card_moves_as_one_slot)
{
    add_ours();
    add_controller(&w, 1, CTRL_ROOT_PORT, "00:02.0");
    add_hostdev(&w, "41:00.1", "0b:00.1");
    add_hostdev(&w, "41:00.0", "0b:00.0")->address.multifunction = 1;
    undo(&w);
    ck_assert_str_eq(device_places(&w), "1:00.1 1:00.0*");
}
END_TEST

START_TEST(without_an_empty_port_a_card_gets_a_new_one)
{
    add_ours();
    add_controller(&w, 1, CTRL_ROOT_PORT, "00:02.0");
    add_hostdev(&w, "41:00.0", "0b:00.0");
    add_hostdev(&w, "42:00.0", "0c:00.0")->address.multifunction = 1;
    undo(&w);
    ck_assert_str_eq(left(), "0 1 2");
    ck_assert_str_eq(device_places(&w), "1:00.0 2:00.0*");
    undo(&w);
    ck_assert_str_eq(left(), "0 1 2");
    ck_assert_str_eq(device_places(&w), "1:00.0 2:00.0*");
}
END_TEST

START_TEST(another_machine_has_no_such_port)
{
    w.domain.machine_kind = MACHINE_OTHER;
    add_ours();
    add_hostdev(&w, "42:00.0", "0c:00.0")->address.multifunction = 1;
    undo(&w);
    ck_assert_str_eq(left(), "0");
    ck_assert_str_eq(device_places(&w), "-");
    ck_assert_int_eq(w.domain.devices.items[0].address.multifunction, -1);
}
END_TEST

START_TEST(a_port_is_empty_only_if_nothing_is_on_it)
{
    add_ours();
    add_controller(&w, 1, CTRL_ROOT_PORT, "00:02.0");
    add_controller(&w, 2, CTRL_PCIE_TO_PCI, "01:00.0"); /* on port 1, itself no port */
    add_controller(&w, 3, CTRL_EXPANDER, "00:05.0");
    add_controller(&w, 4, CTRL_ROOT_PORT, "03:00.0"); /* not on pcie.0 */
    add_controller(&w, 5, CTRL_ROOT_PORT, "00:02.1");
    add_hostdev(&w, "41:00.0", "0b:00.0");
    undo(&w);
    ck_assert_str_eq(device_places(&w), "5:00.0");
}
END_TEST

START_TEST(what_others_built_on_ours_keeps_what_is_below_it)
{
    add_ours();
    add_controller(&w, 13, CTRL_PCIE_TO_PCI, "0c:00.0");
    add_controller(&w, 1, CTRL_ROOT_PORT, "00:02.0");
    add_hostdev(&w, "41:00.0", "0b:00.0");
    add_hostdev(&w, "42:00.0", "0d:01.0");
    undo(&w);
    ck_assert_str_eq(left(), "0 10 12 13 1");
    ck_assert_str_eq(device_places(&w), "1:00.0 13:01.0");
}
END_TEST

START_TEST(a_loop_of_marked_controllers_goes)
{
    add_marked(10, CTRL_UPSTREAM, "0b:00.0");
    add_marked(11, CTRL_DOWNSTREAM, "0a:00.0");
    add_hostdev(&w, "41:00.0", "0b:00.0");
    undo(&w);
    ck_assert_str_eq(left(), "0 1");
    ck_assert_str_eq(device_places(&w), "1:00.0");
}
END_TEST

/* A NIC that was added later and took a spare port: libvirt makes a port on pcie.0 of the index. */
START_TEST(others_in_a_port_of_ours_keep_their_address)
{
    add_ours();
    add_controller(&w, 1, CTRL_ROOT_PORT, "00:02.0");
    add_hostdev(&w, "41:00.0", "0b:00.0");
    add_other(&w, "interface", "0c:00.0");
    undo(&w);
    ck_assert_str_eq(left(), "0 1");
    ck_assert_str_eq(device_places(&w), "1:00.0 12:00.0");
}
END_TEST

/* "1 3": the ports that are hotplug='off' after undo; 1, 2, 3 and 4 were. */
static const char *still_off(const char *mark)
{
    add_ours();
    for (unsigned i = 1; i <= 4; i++) {
        char place[32];

        snprintf(place, sizeof(place), "00:02.%u", i);
        add_controller(&w, i, i == 4 ? CTRL_DOWNSTREAM : CTRL_ROOT_PORT, place)->hotplug = 0;
    }
    free(w.domain.controllers.items[1].alias);
    w.domain.controllers.items[1].alias = strdup(mark);
    undo(&w);
    free(w.text);
    w.text = strdup("");
    for (size_t i = 0; i < w.domain.controllers.count; i++) {
        const struct domain_controller *c = &w.domain.controllers.items[i];

        if (!c->hotplug)
            text_append(&w.text, "%s%u", *w.text ? " " : "", c->index);
    }
    return w.text;
}

static const struct {
    const char *mark, *off;
} ports_off[] = {
    {"ua-vtopo-pxb-0000-40-cell0-off-2-ports", "1 3 4"},
    {"ua-vtopo-pxb-off-1-3-ports-2", "2 4"},
    {"ua-vtopo-pxb-off-1-2-3-4-200-ports", "4"}, /* 4 is no root port, and 200 is not there */
    {"ua-vtopo-pxb-off-1-2", "1 2 3 4"},
    {"ua-vtopo-pxb-off-ports", "1 2 3 4"},
    {"ua-vtopo-pxb-off-99999999999999999999-1-ports", "1 2 3 4"},
    {"ua-vtopo-pxb-off-2x-1-ports", "1 3 4"},
    {"ua-vtopo-pxb-off--3-ports", "1 2 4"},
};

START_TEST(ports_that_a_mark_names_are_hot_pluggable_again)
{
    ck_assert_str_eq(still_off(ports_off[_i].mark), ports_off[_i].off);
}
END_TEST

START_TEST(undoing_twice_is_undoing_once)
{
    add_ours();
    add_controller(&w, 1, CTRL_ROOT_PORT, "00:02.0");
    add_hostdev(&w, "41:00.0", "0b:00.0");
    add_other(&w, "interface", "0c:00.0");
    undo(&w);
    ck_assert_str_eq(device_places(&w), "1:00.0 12:00.0");
    undo(&w);
    ck_assert_str_eq(device_places(&w), "1:00.0 12:00.0");
}
END_TEST

START_TEST(every_bus_full_of_devices)
{
    for (unsigned i = 1; i < 256; i++)
        add_marked(i, CTRL_ROOT_PORT, NULL);
    for (unsigned i = 1; i < 256; i++) {
        for (unsigned f = 0; f < 8; f++) {
            char place[32];

            snprintf(place, sizeof(place), "%02x:00.%u", i, f);
            add_named(&w, DEVICE_HOSTDEV_MDEV, "x", place);
        }
    }
    undo(&w);
    ck_assert_uint_eq(w.domain.controllers.count, 1 + 26); /* slots that are nobody's */
    ck_assert_uint_eq(w.domain.devices.items[8 * 26 - 1].address.at.bus, 26);
    ck_assert_int_eq(w.domain.devices.items[8 * 26].address.kind, ADDRESS_NONE);
    ck_assert_int_eq(w.domain.devices.items[2039].address.kind, ADDRESS_NONE);
}
END_TEST

/* --- boundaries --- */

START_TEST(the_only_empty_port_may_have_any_index)
{
    static const unsigned indexes[] = {1, 9, 13, 255};

    for (size_t i = 0; i < 4; i++) {
        char want[16];

        teardown();
        setup();
        add_ours();
        add_controller(&w, indexes[i], CTRL_ROOT_PORT, i % 2 ? "00:02.0" : NULL);
        add_hostdev(&w, "41:00.0", "0b:00.0");
        undo(&w);
        snprintf(want, sizeof(want), "%u:00.0", indexes[i]);
        ck_assert_str_eq(device_places(&w), want);
    }
}
END_TEST

/* Two devices in two slots of one bridge of ours, and one more in the first of them. */
START_TEST(slots_of_one_bus_move_apart)
{
    add_ours();
    add_marked(13, CTRL_PCIE_TO_PCI, "0c:00.0");
    for (unsigned i = 1; i <= 3; i++) {
        char place[16];

        snprintf(place, sizeof(place), "00:02.%u", i);
        add_controller(&w, i, CTRL_ROOT_PORT, place);
    }
    add_hostdev(&w, "42:00.0", "0d:02.0");
    add_hostdev(&w, "41:00.1", "0d:01.1");
    add_hostdev(&w, "41:00.0", "0d:01.0");
    undo(&w);
    ck_assert_str_eq(left(), "0 1 2 3");
    ck_assert_str_eq(device_places(&w), "2:00.0 1:00.1 1:00.0");
}
END_TEST

static void add_override_of(const char *alias, bool marked)
{
    struct domain_override *o = vec_add(&w.domain.overrides);

    ck_assert_ptr_nonnull(o);
    *o = (struct domain_override){.alias = strdup(alias),
                                  .name = strdup("x-speed"),
                                  .type = strdup("string"),
                                  .value = strdup("32"),
                                  .marked = marked};
}

/* Expander 10 and port 12 stay because of bridge 13. */
START_TEST(what_stays_keeps_its_overrides)
{
    struct undo what;

    add_ours();
    for (size_t i = 1; i <= 3; i++) {
        free(w.domain.controllers.items[i].alias);
        w.domain.controllers.items[i].alias = mem_printf("ua-vtopo-%zu", i);
    }
    add_controller(&w, 13, CTRL_PCIE_TO_PCI, "0c:00.0");
    add_override_of("ua-vtopo-1", true);
    add_override_of("ua-vtopo-2", true);
    add_override_of("ua-vtopo-3", true);
    add_override_of("ua-vtopo-2", false);
    add_override_of("ua-vtopo-4", true); /* of nothing */
    ck_assert(undo_make(&w.domain, &what));
    ck_assert_uint_eq(what.controllers.count, 1);
    ck_assert_uint_eq(what.overrides.count, 2);
    ck_assert_uint_eq(what.overrides.items[0], 1);
    ck_assert_uint_eq(what.overrides.items[1], 4);
    undo_clear(&what);
    undo(&w);
    ck_assert_uint_eq(w.domain.overrides.count, 3);
    ck_assert_str_eq(w.domain.overrides.items[1].alias, "ua-vtopo-3");
}
END_TEST

START_TEST(when_there_is_nothing_to_do)
{
    struct undo what;

    add_controller(&w, 1, CTRL_ROOT_PORT, "00:02.0");
    ck_assert(undo_make(&w.domain, &what));
    ck_assert(undo_is_empty(&what) && undo_changes_nothing(&what));
    undo_clear(&what);
    add_override_of("ua-x", true);
    ck_assert(undo_make(&w.domain, &what));
    ck_assert(!undo_is_empty(&what) && !undo_changes_nothing(&what));
    undo_clear(&what);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("undo");
    TCase *tcase = tcase_create("undo");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_domain_without_marks_stays);
    tcase_add_test(tcase, marked_controllers_go_and_cards_get_the_lowest_empty_ports);
    tcase_add_test(tcase, a_port_that_the_command_line_uses_is_not_empty);
    tcase_add_test(tcase, a_port_of_ours_that_the_command_line_names_stays);
    tcase_add_test(tcase, a_card_moves_as_one_slot);
    tcase_add_test(tcase, without_an_empty_port_a_card_gets_a_new_one);
    tcase_add_test(tcase, another_machine_has_no_such_port);
    tcase_add_test(tcase, a_port_is_empty_only_if_nothing_is_on_it);
    tcase_add_test(tcase, what_others_built_on_ours_keeps_what_is_below_it);
    tcase_add_test(tcase, a_loop_of_marked_controllers_goes);
    tcase_add_test(tcase, others_in_a_port_of_ours_keep_their_address);
    tcase_add_loop_test(tcase, ports_that_a_mark_names_are_hot_pluggable_again, 0,
                        sizeof(ports_off) / sizeof(*ports_off));
    tcase_add_test(tcase, undoing_twice_is_undoing_once);
    tcase_add_test(tcase, every_bus_full_of_devices);
    tcase_add_test(tcase, the_only_empty_port_may_have_any_index);
    tcase_add_test(tcase, slots_of_one_bus_move_apart);
    tcase_add_test(tcase, what_stays_keeps_its_overrides);
    tcase_add_test(tcase, when_there_is_nothing_to_do);
    return run_suite(suite);
}
