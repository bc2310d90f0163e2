/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_libvirt_define.c - what libvirt makes of small domains; each was defined with
 * libvirt 9.0, 11.3 and 12.8 (tests/real/test_libvirt_adds.py does so with many)
 */
#include "build.h"

#include "domxml/domxml.h"
#include "plan/ground/libvirt_define.h"

#include <check.h>

#define PORT(index) "<controller type='pci' index='" index "' model='pcie-root-port'/>"
#define PORT_AT(index, slot)                                                                       \
    "<controller type='pci' index='" index "' model='pcie-root-port'>"                             \
    "<address type='pci' bus='0' slot='" slot "' function='0'/></controller>"
#define VIRTIO_NIC "<interface type='user'><model type='virtio'/></interface>"
#define NOTHING "<controller type='usb' model='none'/><memballoon model='none'/>"

static struct domain defined;
static const char *unknown;

static void forget(void)
{
    domain_clear(&defined);
}

static void define_machine(const char *machine, const char *devices, unsigned version)
{
    const char *arch = strncmp(machine, "virt", 4) ? "x86_64" : "aarch64";
    autofree char *text = mem_printf("<domain type='qemu'><name>x</name><memory>1048576</memory>"
                                     "<vcpu>4</vcpu><os><type arch='%s' machine='%s'>hvm</type>"
                                     "</os><devices>%s</devices></domain>",
                                     arch, machine, devices);
    struct vtopo_domain *domain = NULL;

    ck_assert_int_eq(vtopo_domain_parse(text, strlen(text), "x", &domain, NULL), 0);
    domain_clear(&defined);
    ck_assert_int_eq(libvirt_define(&domain->model, version, &defined, &unknown, NULL), 0);
    vtopo_domain_free(domain);
}

static void define(const char *devices)
{
    define_machine("q35", devices, 0);
    ck_assert_ptr_null(unknown);
}

/* "LABEL BUS:SLOT.FUNCTION" of each device, "INDEX BUS:SLOT.FUNCTION" of each controller but
 * pcie-root. */
static void is_there(const char *line)
{
    bool found = false;

    for (size_t i = 0; i < defined.controllers.count + defined.devices.count; i++) {
        bool controller = i < defined.controllers.count;
        const struct domain_controller *c = &defined.controllers.items[controller ? i : 0];
        const struct domain_device *d =
            controller ? NULL : &defined.devices.items[i - defined.controllers.count];
        autofree char *number = mem_printf("%u", c->index);
        autofree char *text =
            mem_printf("%s %s", controller ? number : d->label,
                       BDF_TEXT(controller ? &c->address.at : &d->address.at) + strlen("0000:"));

        found = found || (strcmp(text, line) == 0 &&
                          (controller ? c->address.kind : d->address.kind) == ADDRESS_PCI);
    }
    ck_assert_msg(found, "not there: %s", line);
}

START_TEST(nothing_is_in_it)
{
    define("");
    ck_assert_uint_eq(defined.controllers.count, 4);
    is_there("1 00:01.0");
    is_there("2 00:01.1");
    is_there("3 00:01.2"); /* to spare */
    is_there("controller usb 0 01:00.0");
    is_there("controller sata 0 00:1f.2");
    is_there("memballoon virtio 02:00.0");
    ck_assert_int_eq(defined.controllers.items[1].address.multifunction, 1);
    ck_assert_int_eq(defined.controllers.items[2].address.multifunction, -1);
    ck_assert_int_eq(defined.controllers.items[2].chassis, 2);
    ck_assert_int_eq(defined.controllers.items[2].port, 9);
    ck_assert_uint_eq(defined.devices.items[0].element, DOMAIN_NO_ELEMENT);
}
END_TEST

START_TEST(a_controller_ends_the_spare_port)
{
    define(PORT_AT("1", "5") VIRTIO_NIC);
    ck_assert_uint_eq(defined.controllers.count, 4);
    is_there("interface 01:00.0");
    is_there("2 00:01.0");
    is_there("3 00:01.1");
}
END_TEST

START_TEST(missing_indexes_become_ports)
{
    define(PORT_AT("4", "5") NOTHING);
    ck_assert_uint_eq(defined.controllers.count, 5);
    is_there("1 00:01.0");
    is_there("2 00:01.1");
    is_there("3 00:01.2");
    ck_assert_int_eq(defined.controllers.items[1].hotplug, -1);
}
END_TEST

START_TEST(the_lowest_ports_are_taken_also_below_expanders)
{
    define(
        "<controller type='pci' index='1' model='pcie-expander-bus'><target busNr='128'/></controller>"
        "<controller type='pci' index='2' model='pcie-root-port'><target hotplug='off'/>"
        "<address type='pci' bus='1' slot='0' function='0'/></controller>" NOTHING VIRTIO_NIC
            VIRTIO_NIC);
    is_there("1 00:01.0");
    is_there("interface 02:00.0");
    is_there("3 00:02.0");
    is_there("interface 03:00.0");
}
END_TEST

START_TEST(conventional_devices_share_a_bridge)
{
    define("<sound model='ac97'/><watchdog model='i6300esb'/>" NOTHING);
    ck_assert_int_eq(defined.controllers.items[1].model, CTRL_ROOT_PORT);
    ck_assert_int_eq(defined.controllers.items[2].model, CTRL_PCIE_TO_PCI);
    is_there("2 01:00.0");
    is_there("sound ac97 02:01.0");
    is_there("watchdog i6300esb 02:02.0");
    is_there("3 00:01.1"); /* to spare */
}
END_TEST

/* No controllers unasked, no places of a chipset; models that are not named are virtio's. */
START_TEST(machine_virt)
{
    define_machine("virt-7.2", "", 0);
    ck_assert_ptr_null(unknown);
    ck_assert_uint_eq(defined.controllers.count, 1);
    ck_assert_uint_eq(defined.devices.count, 0);
    define_machine(
        "virt",
        "<interface type='user'/><graphics type='vnc'/><controller type='usb' index='0'/>"
        "<sound model='ich9'/>",
        0);
    ck_assert_ptr_null(unknown);
    is_there("interface 02:00.0"); /* the bridge is served first */
    is_there("sound ich9 03:01.0");
    is_there("controller usb 0 04:00.0");
    is_there("video 05:00.0");
    is_there("1 00:01.0");
    is_there("6 00:01.4"); /* to spare */
}
END_TEST

START_TEST(unknown_of_machine_virt)
{
    static const char disk[] = "<disk type='file'><source file='/b'/><target dev='sda' bus='scsi'/>"
                               "</disk>",
                      mmio[] = "<disk type='file'><source file='/b'/><target dev='vda' "
                               "bus='virtio'/><address type='virtio-mmio'/></disk>";
    autofree char *with_model =
        mem_printf("<controller type='scsi' index='0' model='virtio-scsi'/>%s", disk);
    autofree char *without = mem_printf("<controller type='scsi' index='0'/>%s", disk);
    autofree char *both = mem_printf("%s<interface type='user'/>", mmio);

    define_machine("virt", with_model, 0);
    ck_assert_ptr_null(unknown);
    define_machine("virt", without, 0);
    ck_assert_str_eq(unknown, "the model of a SCSI controller is left to libvirt");
    define_machine("virt", disk, 0);
    ck_assert_str_eq(unknown, "the model of a SCSI controller is left to libvirt");
    define_machine("virt", mmio, 0);
    ck_assert_ptr_null(unknown);
    define_machine("virt", both, 0);
    ck_assert_str_eq(unknown, "devices are on virtio-mmio");
}
END_TEST

START_TEST(places_of_the_chipset)
{
    define("<sound model='ich9'/><video><model type='vga'/></video>"
           "<controller type='usb' index='0' model='ich9-ehci1'/>"
           "<controller type='usb' index='0' model='ich9-uhci1'/>" NOTHING);
    is_there("sound ich9 00:1b.0");
    is_there("video vga 00:01.0");
    is_there("controller usb 0 00:1d.0");
    is_there("controller usb 0 00:1d.7");
}
END_TEST

#define RNG_AT(slot)                                                                               \
    "<rng model='virtio'><address type='pci' bus='0' slot='" slot "' function='0'/></rng>"

START_TEST(places_of_the_chipset_that_are_taken)
{
    define("<sound model='ich9'/>" RNG_AT("0x1b") NOTHING);
    is_there("sound ich9 02:01.0");
    define("<sound model='ich9'/><sound model='ich9'/>" NOTHING);
    is_there("sound ich9 00:1b.0");
    is_there("sound ich9 02:01.0");
    define("<video><model type='vga'/></video>" RNG_AT("1") NOTHING);
    is_there("video vga 02:01.0");
    is_there("1 00:02.0");
    ck_assert_uint_eq(defined.controllers.count, 4); /* with a port to spare */
}
END_TEST

START_TEST(graphics_get_video)
{
    define("<graphics type='vnc'/>" NOTHING);
    is_there("video 00:01.0");
    ck_assert_uint_eq(defined.controllers.count, 1);
    ck_assert(defined.needs.has_video);
    define("<graphics type='vnc'/><video><model type='none'/></video>" NOTHING);
    ck_assert_uint_eq(defined.devices.count, 1); /* SATA */
}
END_TEST

/* The chipset has slots for two USB 2 controllers; the parts of a third share one on a bridge. */
START_TEST(usb_2_controllers)
{
#define USB2(index)                                                                                \
    "<controller type='usb' index='" index "' model='ich9-uhci1'><master startport='0'/>"          \
    "</controller><controller type='usb' index='" index "' model='ich9-uhci2'>"                    \
    "<master startport='2'/></controller>"                                                         \
    "<controller type='usb' index='" index "' model='ich9-ehci1'/>"
    define(USB2("0") USB2("1") USB2("2") "<memballoon model='none'/>");
    is_there("controller usb 0 00:1d.0");
    is_there("controller usb 0 00:1d.1");
    is_there("controller usb 0 00:1d.7");
    is_there("controller usb 1 00:1a.0");
    is_there("controller usb 1 00:1a.7");
    is_there("controller usb 2 02:01.0");
    is_there("controller usb 2 02:01.1");
    is_there("controller usb 2 02:01.7");
    for (size_t i = 0; i < defined.devices.count; i++) {
        const struct domain_device *d = &defined.devices.items[i];

        if (d->place.usb2)
            ck_assert_int_eq(d->address.multifunction, d->address.at.function ? -1 : 1);
    }
}
END_TEST

START_TEST(expanders_get_numbers)
{
    define("<controller type='pci' index='1' model='pcie-expander-bus'/>"
           "<controller type='pci' index='2' model='pcie-expander-bus'><target busNr='200'/>"
           "</controller>" NOTHING);
    is_there("1 00:01.0");
    is_there("2 00:02.0");
    ck_assert_int_eq(domain_controller_at(&defined, 1)->bus_nr, 198);
    ck_assert_int_eq(domain_controller_at(&defined, 2)->bus_nr, 200);
}
END_TEST

/* The chipset's SATA controller comes before SCSI; only 11.3 keeps its type together. */
START_TEST(controllers_that_disks_and_channels_need)
{
    static const char devices[] =
        "<disk type='file'><source file='/a'/><target dev='sdh' bus='sata'/></disk>"
        "<disk type='file'><source file='/b'/><target dev='sda' bus='scsi'/></disk>"
        "<channel type='unix'><target type='virtio' name='x'/></channel>" NOTHING;

    define_machine("q35", devices, 9000000);
    is_there("controller scsi 0 02:01.0");
    is_there("controller sata 1 02:02.0");
    is_there("controller virtio-serial 0 03:00.0");
    is_there("controller sata 0 00:1f.2");
    define_machine("q35", devices, 11003000);
    is_there("controller sata 1 02:01.0");
    is_there("controller scsi 0 02:02.0");
    is_there("controller virtio-serial 0 03:00.0");
}
END_TEST

START_TEST(disks_by_name_and_interfaces_before_hostdevs)
{
    define(
        "<disk type='file'><source file='/b'/><target dev='vdb'/></disk>"
        "<disk type='file'><source file='/a'/><target dev='vda'/></disk>"
        "<hostdev type='pci'><source><address domain='0' bus='0x41' slot='0' function='0'/></source></hostdev>"
        "<interface type='hostdev'><source><address type='pci' domain='0' bus='0x42' slot='0' function='0'/>"
        "</source></interface>" VIRTIO_NIC NOTHING);
    is_there("interface 01:00.0");
    is_there("disk vda 02:00.0");
    is_there("disk vdb 03:00.0");
    is_there("interface 0000:42:00.0 04:00.0");
    is_there("hostdev 0000:41:00.0 05:00.0");
}
END_TEST

/* Controllers of SCSI hostdevs come first: so the bridge, in the lowest port. */
START_TEST(controllers_of_scsi_hostdevs)
{
    static const char hostdev[] =
        "<hostdev mode='subsystem' type='scsi'><source><adapter name='scsi_host0'/>"
        "<address bus='0' target='0' unit='3'/></source></hostdev>";
    autofree char *beside_virtio =
        mem_printf("<controller type='scsi' index='3' model='virtio-scsi'/>%s" NOTHING, hostdev);

    define(hostdev);
    is_there("controller scsi 0 02:01.0");
    is_there("controller usb 0 03:00.0");
    is_there("memballoon virtio 04:00.0");
    define_machine("q35", beside_virtio, 11003000);
    is_there("controller scsi 0 02:01.0");
    is_there("controller scsi 3 03:00.0");
    define_machine("q35", beside_virtio, 12008000);
    is_there("controller scsi 0 01:00.0");
    is_there("controller scsi 3 02:00.0");
}
END_TEST

#define SCSI_HOSTDEV(controller)                                                                   \
    "<hostdev mode='subsystem' type='scsi'><source><adapter name='scsi_host0'/>"                   \
    "<address bus='0' target='0' unit='3'/></source>"                                              \
    "<address type='drive' controller='" controller "' bus='0' target='0' unit='0'/></hostdev>"

/* Of the model of the one that a hostdev before has: nothing else makes them virtio. */
START_TEST(models_of_controllers_of_scsi_hostdevs)
{
    static const struct {
        const char *hostdevs, *first, *second;
    } rows[] = {
        {SCSI_HOSTDEV("1"), "controller scsi 0 02:00.0", "controller scsi 1 03:01.0"},
        {SCSI_HOSTDEV("0") SCSI_HOSTDEV("1"), "controller scsi 0 01:00.0",
         "controller scsi 1 02:00.0"},
        {SCSI_HOSTDEV("1") SCSI_HOSTDEV("0"), "controller scsi 0 02:00.0",
         "controller scsi 1 03:01.0"},
        {SCSI_HOSTDEV("2") SCSI_HOSTDEV("0"), "controller scsi 1 03:01.0",
         "controller scsi 2 03:02.0"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        autofree char *devices = mem_printf(
            "<controller type='scsi' index='0' model='virtio-scsi'/>%s" NOTHING, rows[i].hostdevs);

        define_machine("q35", devices, 9000000);
        is_there(rows[i].first);
        is_there(rows[i].second);
    }
}
END_TEST

/* A port without an address, and a missing index below it. */
START_TEST(versions_differ)
{
    static const char devices[] = PORT("2") NOTHING;

    define_machine("q35", devices, 0);
    ck_assert_ptr_nonnull(unknown);
    ck_assert_uint_eq(defined.controllers.count, 0);
    define_machine("q35", devices, 9000000);
    is_there("2 00:01.0");
    is_there("1 00:01.1");
    define_machine("q35", devices, 10000000);
    ck_assert_ptr_nonnull(unknown);
    define_machine("q35", devices, 11003000);
    is_there("1 00:01.0");
    is_there("2 00:01.1");
    define_machine("q35", devices, 12008000);
    is_there("1 00:01.0");
}
END_TEST

/* SCSI controllers that are added beside one of virtio. */
START_TEST(scsi_differs)
{
    static const char devices[] =
        "<controller type='scsi' index='0' model='virtio-scsi'/>"
        "<disk type='file'><source file='/b'/><target dev='sdj' bus='scsi'/></disk>" NOTHING;

    define_machine("q35", devices, 11003000);
    is_there("controller scsi 1 03:01.0");
    define_machine("q35", devices, 12008000);
    is_there("controller scsi 1 02:00.0");
    define_machine("q35", devices, 12000000);
    ck_assert_ptr_nonnull(unknown);
}
END_TEST

START_TEST(what_is_not_known)
{
    define_machine("pc", "", 0);
    ck_assert_str_eq(unknown, "the machine is neither q35 nor virt");
    define_machine("q35", "<crypto model='virtio' type='qemu'/>", 0);
    ck_assert_ptr_nonnull(unknown);
    define_machine("q35", "<controller type='pci' index='1' model='of-tomorrow'/>", 0);
    ck_assert_str_eq(unknown, "a controller is of an unknown model");
    /* Two SATA controllers at 1f.2; a device on an expander. */
    define_machine(
        "q35", "<sound model='ac97'><address type='pci' bus='0' slot='0x1f' function='0'/></sound>",
        0);
    ck_assert_str_eq(unknown, "libvirt refuses this domain");
    domain_clear(&defined);
}
END_TEST

/* What was defined has nothing to add. */
START_TEST(a_dump_stays)
{
    struct domain again;

    define("<sound model='ac97'/>" PORT_AT("9", "4") VIRTIO_NIC);
    ck_assert_int_eq(libvirt_define(&defined, 0, &again, &unknown, NULL), 0);
    ck_assert_ptr_null(unknown);
    ck_assert_uint_eq(again.controllers.count, defined.controllers.count);
    ck_assert_uint_eq(again.devices.count, defined.devices.count);
    for (size_t i = 0; i < again.devices.count; i++)
        ck_assert(
            bdf_equal(&again.devices.items[i].address.at, &defined.devices.items[i].address.at));
    domain_clear(&again);
    domain_clear(&defined);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("libvirt_define");
    TCase *tcase = tcase_create("libvirt_define");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, NULL, forget);
    tcase_add_test(tcase, machine_virt);
    tcase_add_test(tcase, unknown_of_machine_virt);
    tcase_add_test(tcase, nothing_is_in_it);
    tcase_add_test(tcase, a_controller_ends_the_spare_port);
    tcase_add_test(tcase, missing_indexes_become_ports);
    tcase_add_test(tcase, the_lowest_ports_are_taken_also_below_expanders);
    tcase_add_test(tcase, conventional_devices_share_a_bridge);
    tcase_add_test(tcase, places_of_the_chipset);
    tcase_add_test(tcase, places_of_the_chipset_that_are_taken);
    tcase_add_test(tcase, graphics_get_video);
    tcase_add_test(tcase, usb_2_controllers);
    tcase_add_test(tcase, expanders_get_numbers);
    tcase_add_test(tcase, controllers_that_disks_and_channels_need);
    tcase_add_test(tcase, disks_by_name_and_interfaces_before_hostdevs);
    tcase_add_test(tcase, controllers_of_scsi_hostdevs);
    tcase_add_test(tcase, models_of_controllers_of_scsi_hostdevs);
    tcase_add_test(tcase, versions_differ);
    tcase_add_test(tcase, scsi_differs);
    tcase_add_test(tcase, what_is_not_known);
    tcase_add_test(tcase, a_dump_stays);
    return run_suite(suite);
}
