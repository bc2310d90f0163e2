/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_qemu_device.c - where devices are that only QEMU knows, and what a plan makes of them */
#include "model/qemu_device.h"

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

/* @bus NULL: none is named. */
static struct domain_qemu_device *add(const char *driver, const char *id, const char *bus, int slot)
{
    struct domain_qemu_device *d = vec_add(&w.domain.qemu_devices);

    ck_assert_ptr_nonnull(d);
    *d = (struct domain_qemu_device){.driver = strdup(driver),
                                     .id = id ? strdup(id) : NULL,
                                     .bus = bus ? strdup(bus) : NULL,
                                     .slot = slot,
                                     .function = slot < 0 ? -1 : 0,
                                     .bus_nr = -1,
                                     .chassis = -1};
    return d;
}

START_TEST(devices_without_a_bus)
{
    static const struct {
        const char *driver;
        bool anywhere;
    } cases[] = {
        {"ivshmem-plain", true},
        {"vfio-pci", true},
        {"virtio-net-pci", true},
        {"virtio-net", true},
        {"nvme", true},
        {"qemu-xhci", true},
        {"ich9-usb-ehci1", true},
        {"usb-ehci", true},
        {"VGA", true},
        {"virtio-vga-gl", true},
        {"ioh3420", true},
        {"pxb-pcie", true},
        {"ne2k_pci", true},
        {"pvpanic-pci", true},
        {"i82559er", true},
        {"igb", true},
        {"usb-tablet", false},
        {"isa-serial", false},
        {"isa-vga", false},
        {"scsi-hd", false},
        {"ide-cd", false},
        {"virtio-net-device", false},
        {"virtserialport", false},
        {"tpm-tis", false},
        {"intel-iommu", false},
        {"hda-duplex", false},
        {"host-x86_64-cpu", false},
        {"pvpanic", false},
        {"nvme-ns", false},
        {"what-nobody-knows", false},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct domain_qemu_device d = {.driver = (char *)cases[i].driver};

        ck_assert_msg(qemu_device_is_anywhere(&d) == cases[i].anywhere, "%s", cases[i].driver);
        d.bus = (char *)"pcie.0";
        ck_assert(!qemu_device_is_anywhere(&d));
    }
}
END_TEST

START_TEST(names_of_buses)
{
    add_controller(&w, 3, CTRL_ROOT_PORT, "0:2.0")->alias = strdup("ua-mine");
    add_controller(&w, 4, CTRL_ROOT_PORT, "0:3.0");
    add_controller(&w, 5, CTRL_ROOT_PORT, "0:4.0")->alias = strdup("pci.5");
    ck_assert_int_eq(qemu_bus_index(&w.domain, "pcie.0"), 0);
    ck_assert_int_eq(qemu_bus_index(&w.domain, "ua-mine"), 3);
    ck_assert_int_eq(qemu_bus_index(&w.domain, "pci.3"), -1); /* it has another name */
    ck_assert_int_eq(qemu_bus_index(&w.domain, "pci.4"), 4);
    ck_assert_int_eq(qemu_bus_index(&w.domain, "pci.5"), 5);
    ck_assert_int_eq(qemu_bus_index(&w.domain, "pci.9"), 9); /* libvirt fills it */
    ck_assert_int_eq(qemu_bus_index(&w.domain, "pci.0"), -1);
    ck_assert_int_eq(qemu_bus_index(&w.domain, "pci.256"), -1);
    ck_assert_int_eq(qemu_bus_index(&w.domain, "pci.99999999999"), -1);
    ck_assert_int_eq(qemu_bus_index(&w.domain, "pci."), -1);
    ck_assert_int_eq(qemu_bus_index(&w.domain, "pci.4x"), -1);
    ck_assert_int_eq(qemu_bus_index(&w.domain, "usb.0"), -1);
    ck_assert_int_eq(qemu_bus_index(&w.domain, "pci.0"), -1);
    w.domain.machine_kind = MACHINE_PC; /* which has a bus of that name, and none of the other */
    ck_assert_int_eq(qemu_bus_index(&w.domain, "pci.0"), 0);
    ck_assert_int_eq(qemu_bus_index(&w.domain, "pcie.0"), -1);
}
END_TEST

/* Also those of the generic switch, which QEMU gets. */
START_TEST(kinds_of_ports)
{
    static const struct {
        const char *driver;
        bool port, bridge;
    } rows[] = {
        {"pcie-root-port", true, true},      {"pcie-downstream-port", true, true},
        {"pcie-upstream-port", false, true}, {"x3130-upstream", false, true},
        {"pcie-pci-bridge", false, true},    {"pxb", false, false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char driver[32];
        struct domain_qemu_device device = {.driver = driver};

        snprintf(driver, sizeof(driver), "%s", rows[i].driver);
        ck_assert_int_eq(qemu_device_is_port(&device), rows[i].port);
        ck_assert_int_eq(qemu_device_is_bridge(&device), rows[i].bridge);
    }
}
END_TEST

START_TEST(what_is_above)
{
    struct guest_tree tree;
    struct qemu_device_places places;
    struct qemu_place place;

    add_controller(&w, 1, CTRL_EXPANDER, "0:1e.0");
    add_controller(&w, 2, CTRL_ROOT_PORT, "1:0.0");
    add("pcie-root-port", "root", "pcie.0", 4);
    add("x3130-upstream", "up", "root", -1);
    add("xio3130-downstream", "down", "up", 0);
    add("pxb-pcie", "mine", "pcie.0", 5)->bus_nr = 100;
    add("pcie-root-port", "below", "mine", 0);
    add("x3130-upstream", "up2", "pci.2", 0);
    add("pcie-root-port", "lost", "nowhere", 0);
    add("pcie-root-port", "loop", "loop", 0);
    add("usb-tablet", NULL, "usb.0", -1);
    guest_tree_make(&w.domain, &tree);
    qemu_device_places_find(&w.domain, &tree, &places);
    place = places.of[2];
    ck_assert(place.top == QEMU_TOP_ROOT);
    place = places.of[4];
    ck_assert(place.top == QEMU_TOP_DEVICE && place.at == 3);
    place = places.of[5];
    ck_assert(place.top == QEMU_TOP_CONTROLLER && place.at == 1);
    for (size_t i = 6; i < 9; i++) {
        place = places.of[i];
        ck_assert(place.top == QEMU_TOP_UNKNOWN);
    }
    ck_assert_uint_eq(qemu_bridges_below(&w.domain, &places, (struct qemu_place){QEMU_TOP_ROOT, 0}),
                      3);
    ck_assert_uint_eq(
        qemu_bridges_below(&w.domain, &places, (struct qemu_place){QEMU_TOP_DEVICE, 3}), 1);
    ck_assert_uint_eq(
        qemu_bridges_below(&w.domain, &places, (struct qemu_place){QEMU_TOP_CONTROLLER, 1}), 1);
}
END_TEST

/* As many as are read: a chain that is deeper than any that starts, and an expander for each. */
START_TEST(as_many_as_there_can_be)
{
    static const size_t half = DOMAIN_QEMU_DEVICES / 2;
    struct guest_tree tree;
    struct qemu_device_places places;
    char id[16], bus[16];
    size_t below = 0;

    for (unsigned i = 0; i < half; i++) {
        snprintf(id, sizeof(id), "x%u", i);
        add("pxb-pcie", id, "pcie.0", -1);
    }
    for (unsigned i = 0; i < half; i++) {
        snprintf(bus, sizeof(bus), "%s%u", i ? "p" : "x", i ? i - 1 : 0);
        snprintf(id, sizeof(id), "p%u", i);
        add("pcie-root-port", id, bus, 0);
    }
    guest_tree_make(&w.domain, &tree);
    qemu_device_places_find(&w.domain, &tree, &places);
    for (size_t i = 0; i < half; i++)
        below += qemu_bridges_below(&w.domain, &places, (struct qemu_place){QEMU_TOP_DEVICE, i});
    ck_assert_uint_eq(below, 32);
    ck_assert(places.of[half + 31].top == QEMU_TOP_DEVICE && !places.of[half + 31].at);
    ck_assert(places.of[half + 32].top == QEMU_TOP_UNKNOWN);
}
END_TEST

static const struct row rows[] = {
    {"40:01.0", NULL, PORT_ROOT, 0},
    {"41:00.0", "40:01.0", 0, 0, GPU},
};

/* A GPU in a root port of a domain with one cell. */
static void setup_plan(void)
{
    world_init(&w);
    add_nodes(&w, 1, 4);
    ADD_FUNCTIONS(&w, rows);
    add_bound_cells(&w, 1);
    add_controller(&w, 1, CTRL_ROOT_PORT, "0:2.0");
    add_controller(&w, 2, CTRL_ROOT_PORT, "0:2.1");
    add_hostdev(&w, "41:00.0", "1:0.0");
}

START_TEST(slots_are_taken)
{
    plan_or_fail(&w);
    ck_assert_uint_eq(expander(&w, 0)->slot, 0x1e);
    add("edu", NULL, "pcie.0", 0x1e);
    add("edu", NULL, "pcie.0", 0x1c);
    add("edu", NULL, "pci.2", 0x19); /* elsewhere */
    plan_or_fail(&w);
    ck_assert_uint_eq(expander(&w, 0)->slot, 0x19);
}
END_TEST

START_TEST(slots_that_qemu_chooses_are_left)
{
    uint64_t used;

    plan_or_fail(&w);
    used = budget_of(&w, "slots on pcie.0")->used;
    for (unsigned slot = 3; slot < 0x1e; slot++) {
        if (slot != 7 && slot != 9)
            add("edu", NULL, "pcie.0", (int)slot);
    }
    plan_or_fail(&w);
    add("edu", NULL, "pcie.0", -1);
    add("edu", NULL, "pcie.0", -1);
    plan_or_fail(&w); /* 7 and 9 are left for them */
    ck_assert_uint_eq(expander(&w, 0)->slot, 0x1e);
    ck_assert_uint_eq(budget_of(&w, "slots on pcie.0")->used, 32);
    ck_assert_uint_lt(used, 32);
    add("edu", NULL, "pcie.0", -1);
    ck_assert_int_ne(make_plan(&w), 0);
}
END_TEST

START_TEST(chassis_and_buses_are_taken)
{
    struct domain_qemu_device *port = add("ioh3420", "own", "pcie.0", 5);
    unsigned before;

    plan_or_fail(&w);
    before = port_of(&w, "41:00.0")->chassis;
    port = &w.domain.qemu_devices.items[0];
    port->chassis = (int)before;
    plan_or_fail(&w);
    ck_assert_uint_ne(port_of(&w, "41:00.0")->chassis, before);
    ck_assert_uint_eq(expander(&w, 0)->bus_nr, 240);
    add("pxb-pcie", "mine", "pcie.0", 6)->bus_nr = 241;
    add("pcie-root-port", "mine.1", "mine", 0);
    plan_or_fail(&w);
    ck_assert_uint_eq(expander(&w, 0)->bus_nr, 224);
    w.domain.qemu_devices.items[1].bus_nr = 243;
    plan_or_fail(&w);
    ck_assert_uint_eq(expander(&w, 0)->bus_nr, 240);
}
END_TEST

START_TEST(ids_are_taken)
{
    add("edu", "ua-vtopo-rp-0000-41-00-0", "pcie.0", 5);
    plan_or_fail(&w);
    ck_assert_str_eq(port_of(&w, "41:00.0")->alias, "ua-vtopo-rp-0000-41-00-0-2");
}
END_TEST

START_TEST(bus_numbers_that_are_not_known_are_not_said)
{
    add_other(&w, "disk vda", "2:0.0");
    plan_or_fail(&w);
    ck_assert(device_of(&w, "41:00.0")->before_known);
    add("ioh3420", "own", "pcie.0", 1);
    plan_or_fail(&w);
    ck_assert(!device_of(&w, "41:00.0")->before_known);
    ck_assert(device_of(&w, "41:00.0")->after_known); /* below our expander */
}
END_TEST

START_TEST(an_expander_takes_what_names_no_bus)
{
    add("ivshmem-plain", "shmem0", NULL, -1);
    plan_or_fail(&w);
    ck_assert(w.plan->outcome == PLAN_UNCHANGED);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_WITHOUT_BUS), "ivshmem-plain (id shmem0)"));
    ck_assert_str_eq(w.plan->lack, "a device of QEMU's command line names no bus");
    w.domain.qemu_devices.items[0].bus = strdup("pcie.0");
    plan_or_fail(&w);
    ck_assert_uint_eq(findings_of(&w, FINDING_WITHOUT_BUS), 0);
    ck_assert_str_eq(layout(&w), "cell0{rp(41:00.0)}");
}
END_TEST

START_TEST(controllers_that_qemu_may_be_unable_to_make)
{
    w.domain.qemu_global_unfit = strdup("pxb-pcie.addr");
    plan_or_fail(&w);
    ck_assert(w.plan->outcome == PLAN_UNCHANGED);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_GLOBAL_UNFIT), "-global pxb-pcie.addr"));
    add_controller(&w, 9, CTRL_EXPANDER, "00:07.0"); /* with one the guest starts, so it is fit */
    plan_or_fail(&w);
    ck_assert_ptr_null(finding_of(&w, FINDING_GLOBAL_UNFIT));
}
END_TEST

/* QEMU's choice is the lowest free slot: one that a moved device leaves changes it. */
START_TEST(a_slot_that_becomes_free_is_told)
{
    struct address *own = &w.domain.devices.items[0].address;

    add_controller(&w, 0, CTRL_PCIE_ROOT, NULL);
    w.domain.needs.has_usb = w.domain.needs.has_balloon = true;
    add("edu", "e", "pcie.0", -1);
    *own = (struct address){ADDRESS_PCI, {0, 0, 1, 0}, -1};
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_GUEST_BDF_CHANGES),
                                 "from 0000:00:03.0 to 0000:00:01.0; addr=03 in the argument"));
    own->at.slot = 4;
    plan_or_fail(&w);
    ck_assert_ptr_null(finding_of(&w, FINDING_GUEST_BDF_CHANGES));
    own->at.slot = 1;
    w.domain.qemu_devices.items[0].slot = 9;
    plan_or_fail(&w);
    ck_assert_ptr_null(finding_of(&w, FINDING_GUEST_BDF_CHANGES));
}
END_TEST

START_TEST(what_stays_needs_no_expander)
{
    add("ivshmem-plain", "shmem0", NULL, -1);
    add_wish(&w, "41:00.0")->keep = 1;
    plan_or_fail(&w);
    ck_assert_uint_eq(findings_of(&w, FINDING_WITHOUT_BUS), 0);
}
END_TEST

START_TEST(what_a_property_places_stays)
{
    w.domain.devices.items[0].placed_by_qemu = true;
    plan_or_fail(&w);
    ck_assert(device_of(&w, "41:00.0")->fate == FATE_STAYS);
}
END_TEST

START_TEST(what_is_assigned_past_libvirt_is_named)
{
    for (unsigned i = 0; i < 10; i++)
        add("vfio-pci", NULL, "pci.2", 0)->host = mem_printf("0000:02:00.%u", i);
    plan_or_fail(&w);
    ck_assert_uint_eq(findings_of(&w, FINDING_PAST_LIBVIRT), 1);
    ck_assert_ptr_nonnull(
        strstr(finding_of(&w, FINDING_PAST_LIBVIRT), "0000:02:00.6, 0000:02:00.7 and 2 more"));
    ck_assert_str_eq(layout(&w), "cell0{rp(41:00.0)}");
    w.domain.devices.count = 0; /* the hostdev */
    plan_or_fail(&w);
    ck_assert_uint_eq(findings_of(&w, FINDING_PAST_LIBVIRT), 1);
    ck_assert_uint_eq(findings_of(&w, FINDING_NOTHING_ASSIGNED), 0);
    ck_assert_str_eq(w.plan->lack, "host devices are assigned past libvirt");
    w.domain.devices.count = 1;
}
END_TEST

START_TEST(who_may_use_a_place)
{
    static const struct {
        const char *place;
        bool used;
    } cases[] = {{"01:00.0", true}, {"01:00.1", false}, {"01:01.0", false}, {"02:00.0", true},
                 {"02:00.1", true}, {"03:00.0", false}, {"00:05.0", true},  {"00:05.1", false}};
    struct bdf at;

    add("vfio-pci", NULL, "pci.1", 0);
    add("vfio-pci", NULL, "pci.2", -1);
    add("virtio-rng-pci", NULL, "pcie.0", 5);
    add("virtio-rng-pci", NULL, "pcie.0", -1); /* finds another slot */
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        ck_assert(bdf_parse(cases[i].place, &at));
        ck_assert_msg(qemu_may_use_place(&w.domain, &at) == cases[i].used, "%s", cases[i].place);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("qemu_device");
    TCase *tcase = tcase_create("places"), *plans = tcase_create("plans");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, devices_without_a_bus);
    tcase_add_test(tcase, names_of_buses);
    tcase_add_test(tcase, kinds_of_ports);
    tcase_add_test(tcase, what_is_above);
    tcase_add_test(tcase, who_may_use_a_place);
    tcase_add_test(tcase, as_many_as_there_can_be);
    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(plans, setup_plan, teardown);
    tcase_add_test(plans, slots_are_taken);
    tcase_add_test(plans, slots_that_qemu_chooses_are_left);
    tcase_add_test(plans, chassis_and_buses_are_taken);
    tcase_add_test(plans, ids_are_taken);
    tcase_add_test(plans, bus_numbers_that_are_not_known_are_not_said);
    tcase_add_test(plans, an_expander_takes_what_names_no_bus);
    tcase_add_test(plans, controllers_that_qemu_may_be_unable_to_make);
    tcase_add_test(plans, a_slot_that_becomes_free_is_told);
    tcase_add_test(plans, what_stays_needs_no_expander);
    tcase_add_test(plans, what_a_property_places_stays);
    tcase_add_test(plans, what_is_assigned_past_libvirt_is_named);
    suite_add_tcase(suite, plans);
    return run_suite(suite);
}
