/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_parse_commandline.c - what the arguments of <qemu:commandline> say */
#include "domxml/domxml.h"

#include "base/error.h"
#include "build.h"

#include <check.h>
#include <string.h>

#define ARG(value) "<q:arg value='" value "'/>"
#define TWO(option, value) ARG(option) ARG(value)
#define LINE(args) "<q:commandline>" args "</q:commandline>"
#define LOADER "<os><loader type='pflash'>x</loader></os>"

static struct vtopo_domain *parsed;

/* The domain stays until the next one. */
static const struct domain *parse(const char *inside)
{
    autofree char *text = mem_printf(
        "<domain xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0'>%s</domain>", inside);
    struct vtopo_error *error = NULL;

    vtopo_domain_free(parsed);
    parsed = NULL;
    if (vtopo_domain_parse(text, strlen(text), "test", &parsed, &error) != 0)
        ck_abort_msg("%s", vtopo_error_message(error));
    return &parsed->model;
}

static void teardown(void)
{
    vtopo_domain_free(parsed);
    parsed = NULL;
}

START_TEST(firmware)
{
    static const struct {
        const char *inside;
        enum firmware_kind firmware;
        enum firmware_choice choice;
    } cases[] = {
        {"", FIRMWARE_SEABIOS, FIRMWARE_BY_QEMU},
        {LINE(TWO("-bios", "/usr/share/ovmf/OVMF.fd")), FIRMWARE_OVMF, FIRMWARE_UNCLEAR},
        {LINE(TWO("--bios", "OVMF_CODE.fd")), FIRMWARE_OVMF, FIRMWARE_UNCLEAR},
        {LINE(TWO("-bios", "/usr/share/seabios/bios-256k.bin")), FIRMWARE_SEABIOS,
         FIRMWARE_UNCLEAR},
        {LOADER LINE(TWO("-bios", "/usr/share/seabios/bios.bin")), FIRMWARE_OVMF, FIRMWARE_UNCLEAR},
        {LINE(TWO("-drive", "if=pflash,format=raw,readonly=on,file=/x/OVMF_CODE.fd")),
         FIRMWARE_OVMF, FIRMWARE_UNCLEAR},
        {LINE(TWO("-drive", "file=/a,,if=pflash,if=none")), FIRMWARE_SEABIOS, FIRMWARE_BY_QEMU},
        {LINE(TWO("-pflash", "/x/OVMF.fd")), FIRMWARE_OVMF, FIRMWARE_UNCLEAR},
        {LINE(TWO("-machine", "pflash0=code")), FIRMWARE_OVMF, FIRMWARE_UNCLEAR},
        {LINE(TWO("-M", "q35,smm=on")), FIRMWARE_SEABIOS, FIRMWARE_BY_QEMU},
        {LINE(TWO("-machine", "firmware=/x/OVMF.fd")), FIRMWARE_OVMF, FIRMWARE_UNCLEAR},
        {LINE(TWO("-machine", "firmware=/x/bios.bin")), FIRMWARE_SEABIOS, FIRMWARE_UNCLEAR},
        {LINE(TWO("-name", "-bios") ARG("x")), FIRMWARE_OVMF,
         FIRMWARE_UNCLEAR}, /* not known whose value it is */
        {LINE(TWO("-L", "/opt/firmware")), FIRMWARE_SEABIOS, FIRMWARE_UNCLEAR},
        {LINE(TWO("-readconfig", "/x")), FIRMWARE_SEABIOS, FIRMWARE_UNCLEAR},
        {LOADER, FIRMWARE_OVMF, FIRMWARE_BY_LOADER},
        {LINE(ARG("-bios")), FIRMWARE_SEABIOS, FIRMWARE_BY_QEMU},
        {LINE(ARG("-bios")) LINE(ARG("x.fd")), FIRMWARE_OVMF,
         FIRMWARE_UNCLEAR}, /* libvirt joins them */
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const struct domain *domain = parse(cases[i].inside);

        ck_assert_msg(domain->firmware == cases[i].firmware, "%s", cases[i].inside);
        ck_assert_msg(domain->firmware_choice == cases[i].choice, "%s", cases[i].inside);
    }
}
END_TEST

START_TEST(memory_window_of_ovmf)
{
    static const struct {
        const char *value;
        uint64_t mib;
        bool no_number;
    } cases[] = {
        {"name=opt/ovmf/X-PciMmio64Mb,string=65536", 65536},
        {"opt/ovmf/X-PciMmio64Mb,string=65536", 65536},
        {"string=65536,name=opt/ovmf/X-PciMmio64Mb", 65536},
        {"name=opt/ovmf/X-PciMmio64Mb,string= 00262144", 262144},
        {"name=opt/ovmf/X-PciMmio64Mb,string=1,string=2", 2},
        {"name=opt/ovmf/X-PciMmio64Mb,string=0x10000", 0, true},
        {"name=opt/ovmf/X-PciMmio64Mb,string=64G", 0, true},
        {"name=opt/ovmf/X-PciMmio64Mb,string=", 0, true},
        {"name=opt/ovmf/X-PciMmio64Mb,string=0", 0},
        {"name=opt/ovmf/X-PciMmio64,string=65536", 0},
        {"name=opt/ovmf/x-pcimmio64mb,string=65536", 0},
        {"string=65536", 0},
        {"name=opt/ovmf/X-PciMmio64Mb,string=99999999999999999999999999", 0, true},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        autofree char *line = mem_printf(LINE(TWO("-fw_cfg", "%s")), cases[i].value);
        const struct domain *domain = parse(line);

        ck_assert_msg(domain->ovmf_mmio64_mib == cases[i].mib, "%s", cases[i].value);
        ck_assert_msg(domain->ovmf_mmio64_no_number == cases[i].no_number, "%s", cases[i].value);
        ck_assert(!domain->ovmf_mmio64_in_file);
    }
    ck_assert(parse(LINE(TWO("-fw_cfg", "opt/ovmf/X-PciMmio64Mb,file=/x")))->ovmf_mmio64_in_file);
}
END_TEST

#define WINDOW "opt/ovmf/X-PciMmio64Mb"

/* Where the number is that may be raised. */
START_TEST(number_of_the_memory_window)
{
    static const struct {
        const char *value;
        size_t at;
    } cases[] = {
        {WINDOW ",string=65536", 30},
        {"string=65536,name=" WINDOW, 7},
        {"id=a,,b,string=  00262144,name=" WINDOW, 17},
        {WINDOW ",string=1,string=2", 39},
        {WINDOW ",string=0", 30},
        {WINDOW ",string=64G", 0},
        {WINDOW ",file=/x", 0},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        autofree char *line = mem_printf(LINE(TWO("-fw_cfg", "%s")), cases[i].value);
        const struct domain *domain = parse(line);

        ck_assert_uint_eq(domain->ovmf_mmio64_at, cases[i].at);
        ck_assert(!domain->ovmf_mmio64_twice);
        if (cases[i].at)
            ck_assert_str_eq(domain->ovmf_mmio64_text, cases[i].value);
        else
            ck_assert_ptr_null(domain->ovmf_mmio64_text);
    }
}
END_TEST

/* QEMU does not start then. */
START_TEST(two_memory_windows)
{
    static const char *const seconds[] = {"string=131072", "string=64G", "file=/x"};

    for (size_t i = 0; i < 3; i++) {
        autofree char *line = mem_printf(
            LINE(TWO("-fw_cfg", WINDOW ",string=65536") TWO("-fw_cfg", WINDOW ",%s")), seconds[i]);
        autofree char *other =
            mem_printf(LINE(TWO("-fw_cfg", WINDOW ",%s") TWO("-fw_cfg", WINDOW ",string=65536")
                                TWO("-fw_cfg", "opt/x,string=1")),
                       seconds[i]);
        const struct domain *domain = parse(line);

        ck_assert(domain->ovmf_mmio64_twice);
        ck_assert(!domain->ovmf_mmio64_text == (i > 0));
        domain = parse(other);
        ck_assert(domain->ovmf_mmio64_twice);
        ck_assert_str_eq(domain->ovmf_mmio64_text, WINDOW ",string=65536");
    }
}
END_TEST

START_TEST(processor)
{
    static const struct {
        const char *value;
        int bits;
        bool host;
    } cases[] = {
        {"host,kvm=off", 0, true},
        {"max", 0, true},
        {"qemu64", -1, false},
        {"EPYC,host-phys-bits=on", 0, false},
        {"EPYC,host-phys-bits", 0, false},
        {"EPYC,host-phys-bits=on,host-phys-bits-limit=42", 42, false},
        {"EPYC,phys-bits=46", 46, false},
        {"host,host-phys-bits=off,phys-bits=40", 40, true},
        {"EPYC,+avx,-x2apic", -1, false},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        autofree char *line = mem_printf(LINE(TWO("-cpu", "%s")), cases[i].value);
        const struct domain *domain = parse(line);

        ck_assert_msg(domain->phys_bits == cases[i].bits, "%s: %d", cases[i].value,
                      domain->phys_bits);
        ck_assert(domain->cpu_is_host == cases[i].host);
    }
}
END_TEST

static const struct domain_qemu_device *device(const char *value)
{
    autofree char *line = mem_printf(LINE("<q:arg value='-device'/><q:arg value='%s'/>"), value);
    const struct domain *domain = parse(line);

    ck_assert_uint_eq(domain->qemu_devices.count, 1);
    return &domain->qemu_devices.items[0];
}

START_TEST(places_of_devices)
{
    static const struct {
        const char *value;
        int slot, function;
    } cases[] = {
        {"edu", -1, -1},
        {"edu,addr=1c", 28, 0},
        {"edu,addr=0x1c", 28, 0},
        {"edu,addr=1c.3", 28, 3},
        {"edu,addr=0x2.0x1", 2, 1},
        {"edu,addr=20", -1, -1},
        {"edu,addr=1.8", -1, -1},
        {"edu,addr=x", -1, -1},
        {"edu,addr=1c.", -1, -1},
        {"{&quot;driver&quot;:&quot;edu&quot;,&quot;addr&quot;:&quot;0x1e&quot;}", 30, 0},
        {"{&quot;driver&quot;:&quot;edu&quot;,&quot;addr&quot;:233}", 29, 1},
        {"{&quot;driver&quot;:&quot;edu&quot;,&quot;addr&quot;:256}", -1, -1},
        {"{&quot;driver&quot;:&quot;edu&quot;,&quot;addr&quot;:-1}", -1, -1},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        ck_assert_msg(device(cases[i].value)->slot == cases[i].slot, "%s", cases[i].value);
        ck_assert_msg(device(cases[i].value)->function == cases[i].function, "%s", cases[i].value);
    }
}
END_TEST

START_TEST(numbers_and_names_of_devices)
{
    const struct domain_qemu_device *d = device("pxb-pcie,id=mine,bus_nr=0xf0,bus=pcie.0,addr=10");

    ck_assert_str_eq(d->driver, "pxb-pcie");
    ck_assert_str_eq(d->id, "mine");
    ck_assert_str_eq(d->bus, "pcie.0");
    ck_assert_int_eq(d->bus_nr, 240);
    ck_assert_int_eq(d->chassis, -1);
    ck_assert(!d->hotplug_off && !d->host);
    d = device("ioh3420,chassis=60,hotplug=off");
    ck_assert_int_eq(d->chassis, 60);
    ck_assert(d->hotplug_off && !d->id && !d->bus);
}
END_TEST

START_TEST(hosts_of_devices)
{
    static const struct {
        const char *value, *host;
    } cases[] = {
        {"vfio-pci,host=02:00.0", "0000:02:00.0"},
        {"vfio-pci,host=0001:02:00.0,id=a", "0001:02:00.0"},
        {"vfio-pci,sysfsdev=/sys/bus/pci/devices/0000:02:00.1", "0000:02:00.1"},
        {"vfio-pci,sysfsdev=/sys/bus/mdev/devices/83b8f4f2", "83b8f4f2"},
        {"vfio-pci-nohotplug,host=0000:02:00.0", "0000:02:00.0"},
        {"{&quot;driver&quot;:&quot;vfio-pci&quot;,&quot;host&quot;:&quot;02:00.0&quot;}",
         "0000:02:00.0"},
        {"vfio-pci,fd=5", "a device without a name"},
        {"vfio-pci,host=odd", "odd"},
        {"vfio-pci-igd-lpc-bridge", NULL},
        {"edu,host=02:00.0", NULL},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const char *host = device(cases[i].value)->host;

        ck_assert_pstr_eq(host, cases[i].host);
    }
}
END_TEST

START_TEST(devices_of_other_options)
{
    const struct domain *domain =
        parse(LINE(TWO("-virtfs", "local,path=/x") TWO("-watchdog", "i6300esb")
                       TWO("-watchdog", "ib700") TWO("-drive", "if=virtio,file=x")
                           TWO("-device", "") TWO("-set", "device.video0.addr=1e")));

    ck_assert_uint_eq(domain->qemu_devices.count, 3);
    ck_assert_str_eq(domain->qemu_devices.items[0].driver, "virtio-9p-pci");
    ck_assert_str_eq(domain->qemu_devices.items[1].driver, "i6300esb");
    ck_assert_str_eq(domain->qemu_devices.items[2].driver, "virtio-blk-pci");
    ck_assert_uint_eq(domain->overrides.count, 1);
    ck_assert_str_eq(domain->overrides.items[0].alias, "video0");
    ck_assert_str_eq(domain->overrides.items[0].name, "addr");
}
END_TEST

/* Without a value; the next argument is an option again. */
START_TEST(an_option_without_a_value)
{
    const struct domain *domain = parse(LINE(ARG("-virtfs_synth") TWO("-device", "edu")));

    ck_assert_uint_eq(domain->qemu_devices.count, 2);
    ck_assert_str_eq(domain->qemu_devices.items[0].driver, "virtio-9p-pci");
    ck_assert_str_eq(domain->qemu_devices.items[1].driver, "edu");
}
END_TEST

START_TEST(machine)
{
    const struct domain *domain =
        parse("<os><type arch='x86_64' machine='pc-q35-7.2'/></os>" LINE(TWO("-M", "pc-q35-9.1")));

    ck_assert_str_eq(domain->machine, "pc-q35-9.1");
    ck_assert_int_eq(domain->machine_kind, MACHINE_Q35);
    domain = parse("<os><type arch='x86_64' machine='q35'/></os>" LINE(
        TWO("-machine", "usb=on,vmport=off") TWO("-machine", "type=pc,accel=kvm")));
    ck_assert_str_eq(domain->machine, "pc");
    ck_assert_int_eq(domain->machine_kind, MACHINE_OTHER); /* libvirt has a q35 */
    domain =
        parse("<os><type arch='x86_64' machine='pc'/></os>" LINE(TWO("-machine", "pc-i440fx-9.1")));
    ck_assert_int_eq(domain->machine_kind, MACHINE_PC);
    domain = parse("<os><type machine='q35'/></os>" LINE(TWO("-machine", "usb=on,sata=off")));
    ck_assert_str_eq(domain->machine, "q35");
}
END_TEST

START_TEST(memory)
{
    static const struct {
        const char *value;
        uint64_t kib;
    } cases[] = {
        {"4096", 4096 << 10},
        {"8G", UINT64_C(8) << 20},
        {"size=8g,slots=4,maxmem=64G", UINT64_C(8) << 20},
        {"slots=4,size=512M", 512 << 10},
        {"1t", UINT64_C(1) << 30},
        {"2097152K", 2097152},
        {"4194304B", 4096},
        {"1.5G", 7},
        {"8GiB", 7},
        {"8x", 7},
        {"", 7},
        {"maxmem=8G", 7},
        {"0", 7},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        autofree char *line =
            mem_printf("<memory>7</memory>" LINE(TWO("-m", "%s")), cases[i].value);

        ck_assert_msg(parse(line)->memory_kib == cases[i].kib, "%s", cases[i].value);
    }
}
END_TEST

START_TEST(cells_and_files)
{
    const struct domain *domain =
        parse(LINE(TWO("-numa", "dist,src=0,dst=1,val=20") TWO("-netdev", "user,id=-readconfig")));

    ck_assert(!domain->qemu_cells && !domain->qemu_reads_file);
    domain = parse(LINE(TWO("-numa", "node,memdev=a") TWO("-readconfig", "/x")));
    ck_assert(domain->qemu_cells && domain->qemu_reads_file);
}
END_TEST

START_TEST(properties_that_place_a_device)
{
    static const char devices[] =
        "<devices><hostdev type='usb'/>"
        "<hostdev type='pci'><source><address bus='0x41' slot='0' function='0'/></source></hostdev>"
        "<hostdev type='pci'><source><address bus='0x42' slot='0' function='0'/></source>"
        "<alias name='ua-mine'/></hostdev>"
        "<hostdev type='pci'><source><address bus='0x43' slot='0' function='0'/></source></hostdev>"
        "<interface type='hostdev'><source><address type='pci' bus='0x44' slot='0' function='0'/>"
        "</source></interface></devices>";
    static const struct {
        const char *property;
        unsigned bus; /* of the device that it places; 0: none */
    } cases[] = {
        {"device.hostdev0.addr=8", 0x44},    {"device.hostdev1.addr=8", 0}, /* USB */
        {"device.hostdev2.bus=own.1", 0x41}, {"device.hostdev3.addr=8.1", 0x43},
        {"device.ua-mine.addr=8", 0x42},     {"device.hostdev4.addr=8", 0},
        {"device.hostdev2.x-vga=on", 0},     {"device.hostdevx.addr=8", 0},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        autofree char *line = mem_printf("%s" LINE("<q:arg value='-set'/><q:arg value='%s'/>"),
                                         devices, cases[i].property);
        const struct domain *domain = parse(line);

        for (size_t d = 0; d < domain->devices.count; d++) {
            const struct domain_device *device = &domain->devices.items[d];

            ck_assert_msg(device->placed_by_qemu ==
                              (cases[i].bus && device->source.bus == cases[i].bus),
                          "%s: %s", cases[i].property, device->label);
        }
    }
}
END_TEST

START_TEST(devices_are_bounded)
{
    autofree char *args = NULL;
    autofree char *line = NULL;

    for (unsigned i = 0; i < DOMAIN_QEMU_DEVICES + 10; i++)
        text_append(&args, TWO("-device", "edu"));
    line = mem_printf(LINE("%s"), args);
    ck_assert_uint_eq(parse(line)->qemu_devices.count, DOMAIN_QEMU_DEVICES);
}
END_TEST

START_TEST(what_all_ports_are_given)
{
    static const char *const rows[][2] = {
        {"pcie-root-port.io-reserve=0", "pcie-root-port.io-reserve"},
        {"driver=ioh3420,property=hotplug,value=off", "ioh3420.hotplug"},
        {"value=4G,property=pref64-reserve,driver=pcie-root-port", "pcie-root-port.pref64-reserve"},
        {"q35-pcihost.pci-hole64-size=1T", NULL},
        {"pcie-root-port.x-speed=8", NULL},
        {"io-reserve=0", NULL},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        autofree char *text = mem_printf(LINE(TWO("-global", "%s")), rows[i][0]);
        const struct domain *domain = parse(text);

        ck_assert_pstr_eq(domain->qemu_global, rows[i][1]);
    }
}
END_TEST

START_TEST(what_controllers_that_are_not_there_are_given)
{
    static const char *const rows[][2] = {
        {"pxb-pcie.addr=0x10", "pxb-pcie.addr"},
        {"driver=pxb-pcie,property=no-such,value=1", "pxb-pcie.no-such"},
        {"pxb-pcie.numa_node=7", "pxb-pcie.numa_node"},
        {"x3130-upstream.addr=3", "x3130-upstream.addr"},
        {"xio3130-downstream.x-speed=8", "xio3130-downstream.x-speed"},
        {"pxb-pcie.bus_nr=200", NULL},
        {"xio3130-downstream.hotplug=off", NULL},
        {"x3130-upstream.multifunction=on", NULL},
        {"pcie-root-port.x-speed=8", NULL},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        autofree char *text = mem_printf(LINE(TWO("-global", "%s")), rows[i][0]);

        ck_assert_pstr_eq(parse(text)->qemu_global_unfit, rows[i][1]);
    }
}
END_TEST

START_TEST(what_conventional_controllers_are_given)
{
    static const char *const rows[][2] = {
        {"pxb.addr=0x10", "pxb.addr"},
        {"pci-bridge.addr=3", "pci-bridge.addr"},
        {"pci-bridge.no-such=1", "pci-bridge.no-such"},
        {"pci-bridge.shpc=off", NULL},
        {"pxb.bus_nr=200", NULL},
        {"pxb-pcie.addr=3", NULL},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        autofree char *text = mem_printf(
            "<os><type arch='x86_64' machine='pc'/></os>" LINE(TWO("-global", "%s")), rows[i][0]);

        ck_assert_pstr_eq(parse(text)->qemu_global_unfit, rows[i][1]);
    }
}
END_TEST

START_TEST(numbers_that_a_device_is_given_otherwise)
{
    static const struct {
        const char *args;
        int chassis, bus_nr;
    } rows[] = {
        {TWO("-device", "pcie-root-port,id=a,chassis=3") TWO("-set", "device.a.chassis=0x10"), 16,
         -1},
        {TWO("-set", "device.a.chassis=4") TWO("-device", "pcie-root-port,id=a"), -1, -1},
        {TWO("-device", "pxb-pcie,id=a,bus_nr=9") TWO("-set", "device.a.bus_nr=200"), -1, 200},
        {TWO("-device", "pxb-pcie,id=a,bus_nr=9") TWO("-set", "device.b.bus_nr=200"), -1, 9},
        {TWO("-device", "pxb-pcie,id=a,bus_nr=9") TWO("-set", "device.a.bus_nr=x"), -1, 9},
        {TWO("-global", "pcie-root-port.chassis=7") TWO("-device", "pcie-root-port,id=a"), 7, -1},
        {TWO("-device", "pcie-root-port,id=a") TWO("-global", "pcie-slot.chassis=7"), 7, -1},
        {TWO("-device", "pcie-root-port,id=a") TWO("-global", "ioh3420.chassis=7"), -1, -1},
        {TWO("-device", "pcie-root-port,chassis=2") TWO("-global", "pcie-root-port.chassis=7"), 2,
         -1},
        {TWO("-device", "pxb-pcie") TWO("-global", "driver=pxb-pcie,property=bus_nr,value=64")
             TWO("-global", "pxb-pcie.bus_nr=65"),
         -1, 65},
        {TWO("-global", "pcie-root-port.io-reserve=0") TWO("-global", "pxb-pcie.bus_nr=64")
             TWO("-device", "pxb-pcie"),
         -1, 64},
        {TWO("-device", "pxb-pcie") TWO("-global", "pxb-pcie.bus_nr=256"), -1, -1},
        {TWO("-device", "edu") TWO("-global", "pcie-slot.chassis=7"), -1, -1},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        autofree char *line = mem_printf(LINE("%s"), rows[i].args);
        const struct domain_qemu_device *d = &parse(line)->qemu_devices.items[0];

        ck_assert_msg(d->chassis == rows[i].chassis && d->bus_nr == rows[i].bus_nr, "%s: %d, %d",
                      rows[i].args, d->chassis, d->bus_nr);
    }
}
END_TEST

START_TEST(places_that_a_device_is_given_otherwise)
{
    const struct domain *domain =
        parse(LINE(TWO("-device", "edu,id=a") TWO("-set", "device.a.bus=pcie.0")
                       TWO("-set", "device.a.addr=1c.1") TWO("-set", "device.a.multifunction=on")
                           TWO("-device", "pcie-root-port,id=b,bus=pcie.0")
                               TWO("-set", "device.b.hotplug=off")));
    const struct domain_qemu_device *d = domain->qemu_devices.items;

    ck_assert_str_eq(d[0].bus, "pcie.0");
    ck_assert(d[0].slot == 0x1c && d[0].function == 1 && d[0].multifunction);
    ck_assert(d[1].hotplug_off && !d[0].hotplug_off);
}
END_TEST

#define OVERRIDE(alias, name, value)                                                               \
    "<q:override><q:device alias='" alias "'><q:frontend><q:property name='" name                  \
    "' type='unsigned' value='" value "'/></q:frontend></q:device></q:override>"

START_TEST(numbers_that_a_controller_is_given_otherwise)
{
    static const char devices[] =
        "<devices><controller type='pci' index='3' model='pcie-root-port'/>"
        "<controller type='pci' index='4' model='pcie-expander-bus'><alias name='ua-x'/>"
        "</controller></devices>";
    static const struct {
        const char *said;
        unsigned chassis, bus_nr; /* of 3 and of 4 */
    } rows[] = {
        {OVERRIDE("pci.3", "chassis", "11"), 11, 0},
        {OVERRIDE("ua-x", "bus_nr", "224"), 0, 224},
        {OVERRIDE("pci.4", "bus_nr", "224"), 0, 0}, /* that is not its name */
        {OVERRIDE("ua-x", "bus_nr", "1000"), 0, 0},
        {OVERRIDE("pci.3", "slot", "11"), 0, 0},
        {LINE(TWO("-set", "device.ua-x.bus_nr=9")), 0, 9},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        autofree char *text = mem_printf("%s%s", devices, rows[i].said);
        const struct domain *domain = parse(text);

        ck_assert_uint_eq(domain_controller_at(domain, 3)->told_chassis, rows[i].chassis);
        ck_assert_uint_eq(domain_controller_at(domain, 4)->told_bus_nr, rows[i].bus_nr);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("parse_commandline");
    TCase *tcase = tcase_create("all");

    tcase_add_checked_fixture(tcase, NULL, teardown);
    tcase_add_test(tcase, what_all_ports_are_given);
    tcase_add_test(tcase, what_controllers_that_are_not_there_are_given);
    tcase_add_test(tcase, what_conventional_controllers_are_given);
    tcase_add_test(tcase, firmware);
    tcase_add_test(tcase, memory_window_of_ovmf);
    tcase_add_test(tcase, number_of_the_memory_window);
    tcase_add_test(tcase, two_memory_windows);
    tcase_add_test(tcase, processor);
    tcase_add_test(tcase, places_of_devices);
    tcase_add_test(tcase, numbers_and_names_of_devices);
    tcase_add_test(tcase, hosts_of_devices);
    tcase_add_test(tcase, devices_of_other_options);
    tcase_add_test(tcase, an_option_without_a_value);
    tcase_add_test(tcase, machine);
    tcase_add_test(tcase, memory);
    tcase_add_test(tcase, cells_and_files);
    tcase_add_test(tcase, properties_that_place_a_device);
    tcase_add_test(tcase, devices_are_bounded);
    tcase_add_test(tcase, numbers_that_a_device_is_given_otherwise);
    tcase_add_test(tcase, places_that_a_device_is_given_otherwise);
    tcase_add_test(tcase, numbers_that_a_controller_is_given_otherwise);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
