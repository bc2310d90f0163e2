/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_undo_places.c - devices go back to the places that the domain remembers */
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

static void add_marked(unsigned index, enum controller_model model, const char *place)
{
    struct domain_controller *c = add_controller(&w, index, model, place);

    c->marked = true;
    c->alias = strdup("ua-vtopo-x");
}

/* An expander, index 10, with root ports 11 and 12. */
static void add_ours(void)
{
    add_marked(10, CTRL_EXPANDER, "00:1e.0");
    add_marked(11, CTRL_ROOT_PORT, "0a:00.0");
    add_marked(12, CTRL_ROOT_PORT, "0a:01.0");
}

/* The last device was at @place; NULL: it had no address. */
static void remember(const char *place, int multifunction)
{
    struct record_device *entry = vec_add(&w.domain.record.devices);

    ck_assert_ptr_nonnull(entry);
    w.domain.record.there = true;
    entry->device = w.domain.devices.count - 1;
    entry->address.multifunction = multifunction;
    entry->made = !place;
    if (place) {
        entry->address.kind = ADDRESS_PCI;
        ck_assert(bdf_parse(place, &entry->address.at));
    }
}

/* "1:00.0 -": where the devices are after an undo, - without an address. */
static const char *where(void)
{
    undo(&w);
    return device_places(&w);
}

static void add_ports(unsigned count)
{
    for (unsigned i = 1; i <= count; i++) {
        char place[32];

        snprintf(place, sizeof(place), "00:02.%u", i - 1);
        add_controller(&w, i, CTRL_ROOT_PORT, place);
    }
}

START_TEST(devices_go_where_they_were_and_not_to_the_lowest_port)
{
    add_ours();
    add_ports(4);
    add_hostdev(&w, "41:00.0", "0b:00.0");
    remember("04:00.0", -1);
    add_hostdev(&w, "42:00.0", "0c:00.0");
    remember("00:05.0", -1);
    ck_assert_str_eq(where(), "4:00.0 0:05.0");
}
END_TEST

START_TEST(one_that_had_no_address_has_none)
{
    add_ours();
    add_ports(1);
    add_hostdev(&w, "41:00.0", "0b:00.0");
    remember(NULL, -1);
    ck_assert_str_eq(where(), "-");
}
END_TEST

START_TEST(a_place_that_is_taken_is_not_free)
{
    add_ours();
    add_ports(3);
    add_other(&w, "disk vda", "03:00.0");
    add_hostdev(&w, "41:00.0", "0b:00.0");
    remember("03:00.0", -1);
    add_hostdev(&w, "42:00.0", "0c:00.0");
    remember("01:00.0", -1);
    ck_assert_str_eq(where(), "3:00.0 2:00.0 1:00.0");
}
END_TEST

START_TEST(a_place_can_be_remembered_for_one_device_only)
{
    add_ours();
    add_ports(3);
    add_hostdev(&w, "41:00.0", "0b:00.0");
    remember("03:00.0", -1);
    add_hostdev(&w, "42:00.0", "0c:00.0");
    remember("03:00.0", -1);
    ck_assert_str_eq(where(), "1:00.0 3:00.0");
}
END_TEST

/* As many as a counter of one byte would take for none; the others get ports as long as there are
 * slots. */
START_TEST(a_place_can_be_remembered_for_any_number)
{
    char host[16], place[16];
    size_t back = 0, in_ports = 0;

    for (unsigned i = 0; i < 256; i++) {
        unsigned bus = 20 + i / 32, slot = i % 32;

        if (!slot)
            add_marked(bus, CTRL_PCIE_TO_PCI, "0b:00.0");
        snprintf(host, sizeof(host), "%02x:%02x.0", bus, slot);
        snprintf(place, sizeof(place), "%02x:%02x.0", bus, slot);
        add_hostdev(&w, host, place);
        remember("00:05.0", -1);
    }
    undo(&w);
    for (size_t i = 0; i < w.domain.devices.count; i++) {
        const struct address *address = &w.domain.devices.items[i].address;

        back += address->kind == ADDRESS_PCI && !address->at.bus;
        in_ports += address->kind == ADDRESS_PCI && address->at.bus;
    }
    ck_assert_uint_eq(back, 1);
    ck_assert_uint_eq(in_ports, 25);
}
END_TEST

static const struct {
    const char *place, *after;
} odd[] = {
    {"00:1f.0", "1:00.0"},  /* the machine's own */
    {"01:01.0", "1:00.0"},  /* not in a port: libvirt refuses such a domain */
    {"02:00.0", "1:00.0"},  /* an expander takes no device */
    {"03:02.0", "3:02.0"},  /* a bridge */
    {"03:00.0", "1:00.0"},  /* not slot 0 of one */
    {"14:00.0", "20:00.0"}, /* no controller: libvirt makes a root port */
    {"14:01.0", "1:00.0"},  {"0b:00.0", "11:00.0"}, /* the same, of an index that was vtopo's */
    {"00:03.1", "1:00.0"}, /* beside a device that does not share its slot */
    {"00:04.1", "0:04.1"}, /* one that does */
};

START_TEST(places_are_legal)
{
    add_ours();
    add_controller(&w, 1, CTRL_ROOT_PORT, "00:05.0");
    add_controller(&w, 2, CTRL_EXPANDER, "00:06.0");
    add_controller(&w, 3, CTRL_PCIE_TO_PCI, "04:00.0");
    add_controller(&w, 4, CTRL_ROOT_PORT, "00:07.0");
    add_hostdev(&w, "41:00.0", "0b:00.0");
    remember(odd[_i].place, -1);
    add_other(&w, "a", "00:03.0");
    add_other(&w, "b", "00:04.0")->address.multifunction = 1;
    where();
    ck_assert_uint_eq(strcspn(w.text, " "), strlen(odd[_i].after));
    ck_assert_int_eq(strncmp(w.text, odd[_i].after, strlen(odd[_i].after)), 0);
}
END_TEST

START_TEST(functions_go_back_to_the_slots_that_they_were_in)
{
    add_ours();
    add_ports(3);
    add_hostdev(&w, "41:00.0", "0b:00.0")->address.multifunction = 1;
    remember("02:00.0", -1);
    add_hostdev(&w, "41:00.1", "0b:00.1");
    remember("03:00.0", -1);
    ck_assert_str_eq(where(), "2:00.0 3:00.0");
}
END_TEST

/* Of two functions one cannot: both go to one port. */
START_TEST(a_slot_goes_back_whole_or_not_at_all)
{
    add_ours();
    add_ports(3);
    add_other(&w, "disk vda", "03:00.0");
    add_hostdev(&w, "41:00.0", "0b:00.0")->address.multifunction = 1;
    remember("02:00.0", -1);
    add_hostdev(&w, "41:00.1", "0b:00.1");
    remember("03:00.0", -1);
    ck_assert_str_eq(where(), "3:00.0 1:00.0* 1:00.1");
}
END_TEST

/* Two slots here, one before: without function 0 the other one cannot go there. */
START_TEST(no_function_goes_back_without_function_0)
{
    add_ours();
    add_ports(3);
    add_other(&w, "disk vda", "00:05.0");
    add_hostdev(&w, "41:00.0", "0b:00.0");
    remember("00:05.0", 1);
    add_hostdev(&w, "41:00.1", "0c:00.0");
    remember("00:05.1", -1);
    ck_assert_str_eq(where(), "0:05.0 1:00.0 2:00.0");
}
END_TEST

START_TEST(a_device_that_nobody_remembers_gets_a_port)
{
    add_ours();
    add_ports(2);
    add_hostdev(&w, "42:00.0", "0c:00.0");
    add_hostdev(&w, "41:00.0", "0b:00.0");
    remember("01:00.0", -1);
    ck_assert_str_eq(where(), "2:00.0 1:00.0");
}
END_TEST

/* --- ports that are added --- */

/* The port with this index, "2:03.0 off". */
static const char *port_at(unsigned index)
{
    static char text[64];

    for (size_t i = 0; i < w.domain.controllers.count; i++) {
        const struct domain_controller *c = &w.domain.controllers.items[i];

        if (c->index != index)
            continue;
        snprintf(text, sizeof(text), "%u:%02x.%u chassis %d port %d%s %s", c->address.at.bus,
                 c->address.at.slot, c->address.at.function, c->chassis, c->port,
                 c->hotplug == 0 ? " off" : "", c->alias ? c->alias : "");
        return text;
    }
    return "none";
}

START_TEST(a_new_port_takes_what_nobody_has)
{
    add_ours();
    add_controller(&w, 1, CTRL_ROOT_PORT, "00:02.0")->chassis = 3;
    add_other(&w, "disk vda", "01:00.0");
    add_other(&w, "disk vdb", "00:03.0");
    add_other(&w, "disk vdc", "02:00.0"); /* libvirt makes a root port of index 2 */
    add_hostdev(&w, "41:00.0", "0b:00.0");
    remember("00:04.0", -1);
    add_hostdev(&w, "42:00.0", "0c:00.0");
    add_hostdev(&w, "43:00.0", "0c:01.0");
    ck_assert_str_eq(where(), "1:00.0 0:03.0 2:00.0 0:04.0 3:00.0 4:00.0");
    ck_assert_str_eq(port_at(3), "0:05.0 chassis 255 port 40 ua-vtopo-back-3");
    ck_assert_str_eq(port_at(4), "0:06.0 chassis 4 port 48 ua-vtopo-back-4");
    ck_assert_str_eq(where(), "1:00.0 0:03.0 2:00.0 0:04.0 3:00.0 4:00.0");
    ck_assert_str_eq(port_at(5), "none");
}
END_TEST

START_TEST(the_lowest_slots_are_those_of_devices_that_name_none)
{
    struct domain_qemu_device *d = vec_add(&w.domain.qemu_devices);

    *d = (struct domain_qemu_device){
        .driver = strdup("edu"), .bus = strdup("pcie.0"), .slot = -1, .bus_nr = -1, .chassis = -1};
    d = vec_add(&w.domain.qemu_devices);
    *d = (struct domain_qemu_device){
        .driver = strdup("edu"), .bus = strdup("pcie.0"), .slot = -1, .bus_nr = -1, .chassis = -1};
    add_ours();
    add_hostdev(&w, "41:00.0", "0b:00.0");
    ck_assert_str_eq(where(), "1:00.0");
    ck_assert_str_eq(port_at(1), "0:03.0 chassis 1 port 24 ua-vtopo-back-1"); /* 01, 02: QEMU */
}
END_TEST

START_TEST(a_new_port_is_off_if_the_last_one_was)
{
    add_ours(); /* world_init() has made pcie-root */
    free(w.domain.controllers.items[3].alias);
    w.domain.controllers.items[3].alias = strdup("ua-vtopo-x-off");
    add_hostdev(&w, "41:00.0", "0b:00.0");
    add_hostdev(&w, "42:00.0", "0c:00.0");
    ck_assert_str_eq(where(), "1:00.0 2:00.0");
    ck_assert_str_eq(port_at(1), "0:02.0 chassis 1 port 16 ua-vtopo-back-1");
    ck_assert_str_eq(port_at(2), "0:03.0 chassis 2 port 24 off ua-vtopo-back-2");
}
END_TEST

START_TEST(the_alias_of_a_new_port_is_its_own)
{
    add_ours();
    add_controller(&w, 9, CTRL_ROOT_PORT, "00:02.0")->alias = strdup("ua-vtopo-back-1");
    add_other(&w, "disk vda", "09:00.0");
    add_hostdev(&w, "41:00.0", "0b:00.0");
    ck_assert_str_eq(where(), "9:00.0 1:00.0");
    ck_assert_str_eq(port_at(1), "0:03.0 chassis 1 port 24 ua-vtopo-back-1-2");
}
END_TEST

/* vtopo puts no device into a port that only takes an index: whatever is there came by itself. */
START_TEST(a_device_in_a_port_for_a_gap_stays)
{
    struct domain_controller *gap;

    add_ours();
    add_ports(1);
    gap = add_controller(&w, 5, CTRL_ROOT_PORT, "00:1e.1");
    gap->marked = true;
    gap->alias = strdup("ua-vtopo-gap-5");
    add_hostdev(&w, "41:00.0", "05:00.0");
    ck_assert_str_eq(where(), "5:00.0");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("undo_places");
    TCase *tcase = tcase_create("undo_places");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, devices_go_where_they_were_and_not_to_the_lowest_port);
    tcase_add_test(tcase, one_that_had_no_address_has_none);
    tcase_add_test(tcase, a_place_that_is_taken_is_not_free);
    tcase_add_test(tcase, a_place_can_be_remembered_for_one_device_only);
    tcase_add_test(tcase, a_place_can_be_remembered_for_any_number);
    tcase_add_loop_test(tcase, places_are_legal, 0, sizeof(odd) / sizeof(*odd));
    tcase_add_test(tcase, functions_go_back_to_the_slots_that_they_were_in);
    tcase_add_test(tcase, a_slot_goes_back_whole_or_not_at_all);
    tcase_add_test(tcase, no_function_goes_back_without_function_0);
    tcase_add_test(tcase, a_device_that_nobody_remembers_gets_a_port);
    tcase_add_test(tcase, a_device_in_a_port_for_a_gap_stays);
    tcase_add_test(tcase, a_new_port_takes_what_nobody_has);
    tcase_add_test(tcase, the_lowest_slots_are_those_of_devices_that_name_none);
    tcase_add_test(tcase, a_new_port_is_off_if_the_last_one_was);
    tcase_add_test(tcase, the_alias_of_a_new_port_is_its_own);
    return run_suite(suite);
}
