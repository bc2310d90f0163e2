/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_libvirt_buses.c - the choice of an address among buses, as libvirt 9.0, 11.3 and 12.8 made
 * it */
#include "build.h"

#include "plan/ground/libvirt_buses.h"

#include <check.h>

#define EXPRESS (CONNECT_EXPRESS | CONNECT_AUTOMATIC)
#define CONVENTIONAL (CONNECT_CONVENTIONAL | CONNECT_AUTOMATIC)

static struct libvirt_buses buses;

/* pcie.0 and then the models given. */
static void setup(const enum controller_model *models, size_t count, bool dry_run)
{
    memset(&buses, 0, sizeof(buses));
    buses.dry_run = dry_run;
    buses.count = count + 1;
    libvirt_bus_set_model(&buses.at[0], CTRL_PCIE_ROOT);
    for (size_t i = 0; i < count; i++)
        libvirt_bus_set_model(&buses.at[i + 1], models[i]);
}

static void chosen_is(unsigned wants, int function, const char *expected)
{
    struct bdf at;

    ck_assert(libvirt_buses_choose(&buses, wants, function, &at));
    ck_assert_str_eq(BDF_TEXT(&at), expected);
}

static bool reserve(unsigned bus, unsigned slot, unsigned function, unsigned wants)
{
    struct bdf at = {0, (uint8_t)bus, (uint8_t)slot, (uint8_t)function};

    return libvirt_buses_reserve(&buses, &at, wants);
}

START_TEST(the_lowest_free_port)
{
    setup((enum controller_model[]){CTRL_EXPANDER, CTRL_ROOT_PORT, CTRL_DOWNSTREAM}, 3, false);
    chosen_is(EXPRESS, -1, "0000:02:00.0");
    chosen_is(EXPRESS, -1, "0000:03:00.0");
    ck_assert(!libvirt_buses_choose(&buses, EXPRESS, -1, &(struct bdf){0}));
}
END_TEST

START_TEST(ports_share_slots_eight_each)
{
    setup(NULL, 0, false);
    ck_assert(reserve(0, 1, 0, EXPRESS));
    for (unsigned i = 0; i < 8; i++) {
        struct bdf expected = {0, 0, 2, (uint8_t)i};

        chosen_is(libvirt_wants_of(CTRL_ROOT_PORT), -1, BDF_TEXT(&expected));
    }
    chosen_is(libvirt_wants_of(CTRL_ROOT_PORT), -1, "0000:00:03.0");
}
END_TEST

/* No port joins an endpoint, also where a port was given a function there. */
START_TEST(the_first_in_a_slot_decides)
{
    setup(NULL, 0, false);
    ck_assert(reserve(0, 1, 0, EXPRESS));
    ck_assert(reserve(0, 1, 1, libvirt_wants_of(CTRL_ROOT_PORT)));
    chosen_is(libvirt_wants_of(CTRL_ROOT_PORT), -1, "0000:00:02.0");
    ck_assert(reserve(0, 2, 2, EXPRESS));
    chosen_is(libvirt_wants_of(CTRL_ROOT_PORT), -1, "0000:00:02.1");
    chosen_is(libvirt_wants_of(CTRL_ROOT_PORT), -1, "0000:00:02.3");
}
END_TEST

START_TEST(a_dry_run_adds_ports_and_bridges)
{
    setup(NULL, 0, true);
    chosen_is(EXPRESS, -1, "0000:01:00.0");
    chosen_is(CONVENTIONAL, -1, "0000:03:01.0");
    ck_assert_uint_eq(buses.count, 4);
    ck_assert_int_eq(buses.at[1].model, CTRL_ROOT_PORT);
    ck_assert_int_eq(buses.at[2].model, CTRL_ROOT_PORT);
    ck_assert_int_eq(buses.at[3].model, CTRL_PCIE_TO_PCI);
    /* The bridge's port is for the bridge. */
    chosen_is(EXPRESS, -1, "0000:04:00.0");
    chosen_is(libvirt_wants_of(CTRL_PCIE_TO_PCI), -1, "0000:02:00.0");
    chosen_is(CONVENTIONAL, -1, "0000:03:02.0");
}
END_TEST

START_TEST(an_address_beyond_all_adds_all_before_it)
{
    setup(NULL, 0, true);
    ck_assert(reserve(3, 0, 0, EXPRESS));
    ck_assert_uint_eq(buses.count, 4);
    chosen_is(EXPRESS, -1, "0000:01:00.0");
    setup(NULL, 0, false);
    ck_assert(!reserve(3, 0, 0, EXPRESS));
}
END_TEST

START_TEST(no_more_than_256)
{
    setup(NULL, 0, true);
    ck_assert(reserve(255, 0, 0, EXPRESS));
    for (unsigned i = 1; i < 255; i++)
        ck_assert(libvirt_buses_choose(&buses, EXPRESS, -1, &(struct bdf){0}));
    ck_assert(!libvirt_buses_choose(&buses, EXPRESS, -1, &(struct bdf){0}));
    ck_assert(!libvirt_buses_choose(&buses, CONVENTIONAL, -1, &(struct bdf){0}));
}
END_TEST

/* What a bus takes when the domain says so: table, tried with define. */
static const struct {
    enum controller_model bus;
    unsigned wants, slot;
    bool taken;
} given[] = {
    {CTRL_ROOT_PORT, EXPRESS, 0, true},
    {CTRL_ROOT_PORT, CONVENTIONAL, 0, true},
    {CTRL_ROOT_PORT, EXPRESS, 1, false},
    {CTRL_DOWNSTREAM, CONNECT_UPSTREAM, 0, true},
    {CTRL_ROOT_PORT, CONNECT_DOWNSTREAM, 0, false},
    {CTRL_EXPANDER, EXPRESS, 0, false},
    {CTRL_EXPANDER, CONNECT_ROOT_PORT, 31, true},
    {CTRL_UPSTREAM, CONNECT_DOWNSTREAM, 31, true},
    {CTRL_UPSTREAM, EXPRESS, 0, false},
    {CTRL_PCIE_TO_PCI, EXPRESS, 1, true},
    {CTRL_PCIE_TO_PCI, EXPRESS, 0, false},
    {CTRL_PCIE_TO_PCI, CONNECT_BRIDGE, 31, true},
    {CTRL_ROOT_PORT, CONNECT_BRIDGE, 0, true},
    {CTRL_DMI_TO_PCI, CONVENTIONAL, 0, true},
    {CTRL_ROOT_PORT, EXPRESS | CONNECT_INTEGRATED, 0, false},
};

START_TEST(what_a_bus_takes)
{
    setup(&given[_i].bus, 1, false);
    ck_assert_int_eq(reserve(1, given[_i].slot, 0, given[_i].wants), given[_i].taken);
    /* And nothing twice. */
    ck_assert(!reserve(1, given[_i].slot, 0, given[_i].wants));
}
END_TEST

START_TEST(integrated_devices_are_on_pcie_0)
{
    setup((enum controller_model[]){CTRL_ROOT_PORT}, 1, false);
    chosen_is(EXPRESS | CONNECT_INTEGRATED, -1, "0000:00:01.0");
    ck_assert(libvirt_slot_in_use(&buses, 1));
    ck_assert(!libvirt_slot_in_use(&buses, 2));
}
END_TEST

START_TEST(a_function_that_is_asked_for)
{
    setup((enum controller_model[]){CTRL_PCIE_TO_PCI}, 1, false);
    chosen_is(CONVENTIONAL, 7, "0000:01:01.7");
    chosen_is(CONVENTIONAL, 0, "0000:01:02.0");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("libvirt_buses");
    TCase *tcase = tcase_create("libvirt_buses");

    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, the_lowest_free_port);
    tcase_add_test(tcase, ports_share_slots_eight_each);
    tcase_add_test(tcase, the_first_in_a_slot_decides);
    tcase_add_test(tcase, a_dry_run_adds_ports_and_bridges);
    tcase_add_test(tcase, an_address_beyond_all_adds_all_before_it);
    tcase_add_test(tcase, no_more_than_256);
    tcase_add_loop_test(tcase, what_a_bus_takes, 0, sizeof(given) / sizeof(*given));
    tcase_add_test(tcase, integrated_devices_are_on_pcie_0);
    tcase_add_test(tcase, a_function_that_is_asked_for);
    return run_suite(suite);
}
