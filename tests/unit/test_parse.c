/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_parse.c - what a domain XML means, and what is refused with which words */
#include "domxml/domxml.h"

#include "base/error.h"

#include "parsed.h"
#include "suite.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static struct vtopo_domain *parse(const char *text)
{
    struct vtopo_domain *domain = parsed_domain(text);

    ck_assert_str_eq(vtopo_domain_text(domain, NULL), text);
    return domain;
}

static struct vtopo_domain *parse_devices(const char *devices)
{
    autofree char *text = mem_printf("<domain><devices>%s</devices></domain>", devices);

    return parse(text);
}

#define PCI(number) "<controller type='pci' index='" number "' model='pcie-root-port'/>"
#define SOURCE "<source><address domain='0x0001' bus='0x41' slot='0x02' function='0x3'/></source>"

#define D(inside) "<domain><devices>" inside "</devices></domain>"
#define NUMA(inside) "<domain><vcpu>4</vcpu><cpu><numa>" inside "</numa></cpu></domain>"

START_TEST(machine)
{
    static const struct {
        const char *os;
        enum machine_kind kind;
        enum firmware_kind firmware;
        enum firmware_choice choice;
    } cases[] = {
        {"<os><type arch='x86_64' machine='q35'>hvm</type></os>", MACHINE_Q35, FIRMWARE_SEABIOS,
         FIRMWARE_BY_QEMU},
        {"<os><type arch='i686' machine='pc-q35-7.2'>hvm</type></os>", MACHINE_Q35,
         FIRMWARE_SEABIOS, FIRMWARE_BY_QEMU},
        {"<os firmware='efi'><type machine='pc-q35-rhel9.6.0'>hvm</type></os>", MACHINE_Q35,
         FIRMWARE_OVMF, FIRMWARE_BY_LIBVIRT},
        {"<os firmware='bios'><type machine='q35'/></os>", MACHINE_Q35, FIRMWARE_SEABIOS,
         FIRMWARE_UNCLEAR},
        {"<os><type machine='ubuntu-q35'/><loader type='pflash'>x</loader></os>", MACHINE_OTHER,
         FIRMWARE_OVMF, FIRMWARE_BY_LOADER},
        {"<os><type machine='pc-q35'/><loader type='rom'>/x/bios-256k.bin</loader></os>",
         MACHINE_OTHER, FIRMWARE_SEABIOS, FIRMWARE_BY_LOADER},
        {"<os><type machine='q35'/><loader>/usr/share/seabios/bios.bin</loader></os>", MACHINE_Q35,
         FIRMWARE_SEABIOS, FIRMWARE_BY_LOADER},
        {"<os><type machine='q35'/><loader type='rom'>/bios/OVMF.fd</loader></os>", MACHINE_Q35,
         FIRMWARE_OVMF, FIRMWARE_BY_LOADER},
        {"<os><type machine='q35'/><loader type='rom' stateless='yes'/></os>", MACHINE_Q35,
         FIRMWARE_OVMF, FIRMWARE_UNCLEAR},
        {"<os firmware='efi'><type machine='q35'/><loader secure='yes'/></os>", MACHINE_Q35,
         FIRMWARE_OVMF, FIRMWARE_BY_LIBVIRT},
        {"<os firmware='efi'><type machine='q35'/><loader>/x/OVMF.fd</loader></os>", MACHINE_Q35,
         FIRMWARE_OVMF, FIRMWARE_BY_LOADER},
        {"<os><type machine='q35'/><loader/></os>", MACHINE_Q35, FIRMWARE_SEABIOS,
         FIRMWARE_UNCLEAR},
        {"<os><type arch='aarch64' machine='q35'/></os>", MACHINE_OTHER, FIRMWARE_SEABIOS,
         FIRMWARE_BY_QEMU},
        {"<os><type arch='x86_64' machine='pc-i440fx-7.2'/></os>", MACHINE_PC, FIRMWARE_SEABIOS,
         FIRMWARE_BY_QEMU},
        {"<os firmware='efi'><type arch='aarch64' machine='virt-9.2'/></os>", MACHINE_VIRT,
         FIRMWARE_OVMF, FIRMWARE_BY_LIBVIRT},
        {"<os><type arch='x86_64'/></os>", MACHINE_OTHER, FIRMWARE_SEABIOS, FIRMWARE_BY_QEMU},
        {"", MACHINE_OTHER, FIRMWARE_SEABIOS, FIRMWARE_BY_QEMU},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        autofree char *text = mem_printf("<domain>%s</domain>", cases[i].os);
        struct vtopo_domain *domain = parse(text);

        ck_assert_msg(domain->model.machine_kind == cases[i].kind, "%s", cases[i].os);
        ck_assert_msg(domain->model.firmware == cases[i].firmware, "%s", cases[i].os);
        ck_assert_msg(domain->model.firmware_choice == cases[i].choice, "%s", cases[i].os);
        ck_assert_int_eq(domain->model.loader != NULL, cases[i].choice == FIRMWARE_BY_LOADER);
        vtopo_domain_free(domain);
    }
}
END_TEST

/* As it is written; libvirt asks XPath for the first one. */
START_TEST(emulator)
{
    static const struct {
        const char *devices, *path;
    } cases[] = {
        {"", NULL},
        {"<devices/>", NULL},
        {"<devices><emulator/></devices>", NULL},
        {"<devices><emulator>//usr/bin/../qemu</emulator></devices>", "//usr/bin/../qemu"},
        {"<devices><emulator> qemu </emulator></devices>", " qemu "},
        {"<devices><emulator>/a&amp;<!-- x -->b</emulator></devices>", "/a&b"},
        {"<devices><emulator>/a</emulator><emulator>/b</emulator></devices>", "/a"},
        {"<devices/><devices><emulator>/b</emulator></devices>", "/b"},
        {"<emulator>/c</emulator>", NULL},
        {"<devices><disk><emulator>/d</emulator></disk></devices>", NULL},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        autofree char *text = mem_printf("<domain>%s</domain>", cases[i].devices);
        struct vtopo_domain *domain = parse(text);
        struct domain copy;

        ck_assert(domain_copy(&domain->model, &copy));
        ck_assert_pstr_eq(domain->model.emulator, cases[i].path);
        ck_assert_pstr_eq(copy.emulator, cases[i].path);
        ck_assert(!copy.emulator || copy.emulator != domain->model.emulator);
        domain_clear(&copy);
        vtopo_domain_free(domain);
    }
}
END_TEST

/* Unless <cpu> says more: 0, the host's; -1, QEMU's default. */
START_TEST(machines_of_distributions_have_the_host_width)
{
    static const struct {
        const char *machine;
        int bits;
    } cases[] = {
        {"pc-q35-rhel9.6.0", 0},
        {"pc-q35-noble-hpb", 0},
        {"pc-q35-noble", -1},
        {"pc-q35-7.2", -1},
        {"q35", -1},
        {"-hpb", -1},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        autofree char *text =
            mem_printf("<domain><os><type machine='%s'/></os><cpu mode='host-model'/></domain>",
                       cases[i].machine);
        struct vtopo_domain *domain = parse(text);

        ck_assert_msg(domain->model.phys_bits == cases[i].bits, "%s: %d", cases[i].machine,
                      domain->model.phys_bits);
        vtopo_domain_free(domain);
    }
}
END_TEST

START_TEST(what_decides_p2p)
{
    static const struct {
        const char *text;
        bool hidden, iommufd, iommu;
    } cases[] = {
        {"<features><kvm><hidden state='on'/></kvm></features>", true, false, false},
        {"<features><kvm><hidden state='off'/></kvm></features>", false, false, false},
        {"<iommufd enabled='yes'/>", false, true, false},
        {"<iommufd enabled='no'/>", false, false, false},
        {"<devices><hostdev type='pci'><driver iommufd='yes'/><source><address bus='1'/></source></hostdev></devices>",
         false, true, false},
        {"<devices><iommu model='intel'/></devices>", false, false, true},
        {"<devices><disk type='file'><iommu/></disk></devices>", false, false, false},
        {"", false, false, false},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        autofree char *text = mem_printf("<domain>%s</domain>", cases[i].text);
        struct vtopo_domain *domain = parse(text);

        ck_assert_msg(domain->model.kvm_hidden == cases[i].hidden, "%s", cases[i].text);
        ck_assert_msg(domain->model.iommufd == cases[i].iommufd, "%s", cases[i].text);
        ck_assert_msg(domain->model.guest_iommu == cases[i].iommu, "%s", cases[i].text);
        vtopo_domain_free(domain);
    }
}
END_TEST

START_TEST(what_shows_the_hypervisor)
{
    static const struct {
        const char *features;
        bool shown, vendor, host;
    } cases[] = {
        {"", false, false, false},
        {"<kvm/><hyperv/>", false, false, false},
        {"<kvm><hidden state='on'/></kvm>", false, false, false},
        {"<kvm><hidden state='off'/></kvm>", true, false, false},
        {"<kvm><hidden/></kvm>", true, false, false},
        {"<hyperv><vendor_id state='off'/></hyperv>", false, true, false},
        {"<hyperv mode='passthrough'/>", false, false, true},
        {"<hyperv mode='custom'><relaxed state='on'/></hyperv>", false, false, false},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        autofree char *text =
            mem_printf("<domain><features>%s</features></domain>", cases[i].features);
        struct vtopo_domain *domain = parse(text);

        ck_assert_msg(domain->model.kvm_shown == cases[i].shown, "%s", text);
        ck_assert_msg(domain->model.hyperv_vendor == cases[i].vendor, "%s", text);
        ck_assert_msg(domain->model.hyperv_host == cases[i].host, "%s", text);
        vtopo_domain_free(domain);
    }
}
END_TEST

START_TEST(plain_members)
{
    struct vtopo_domain *domain =
        parse("\xef\xbb\xbf<?xml version='1.0' encoding='utf-8'?>\r\n"
              "<domain type='kvm' id='7'><name>\xc3\xbc&amp;<!-- x --><![CDATA[<]]></name>\r\n"
              "<memory unit='GiB'>3</memory><vcpu cpuset='0-3,^2'>6</vcpu>"
              "<cpu><topology sockets='1' cores='3' threads='2'/></cpu>"
              "<os><type arch='x86_64' machine='q35'/></os></domain>\r\n");

    ck_assert_uint_eq(domain->model.threads, 2);
    ck_assert_str_eq(domain->model.name, "\xc3\xbc&<");
    ck_assert(domain->model.running && domain->model.kvm);
    ck_assert_uint_eq(domain->model.memory_kib, 3u << 20);
    ck_assert_uint_eq(domain->model.vcpus, 6);
    ck_assert_uint_eq(idset_size(&domain->model.vcpu_cpuset), 3);
    ck_assert_str_eq(domain->model.arch, "x86_64");
    ck_assert_str_eq(domain->model.machine, "q35");
    ck_assert_uint_eq(domain->devices, SCAN_NONE);
    vtopo_domain_free(domain);
    domain = parse("<domain type='qemu'><vcpu placement='auto' cpuset='1'>1</vcpu></domain>");
    ck_assert(!domain->model.running && !domain->model.kvm && !domain->model.name);
    ck_assert(idset_empty(&domain->model.vcpu_cpuset));
    vtopo_domain_free(domain);
}
END_TEST

START_TEST(sizes)
{
    static const struct {
        const char *attributes, *text;
        uint64_t kib;
    } cases[] = {
        {"", "1024", 1024},
        {" unit=''", "5", 5},
        {" unit='b'", "68719476736", 67108864},
        {" unit='bytes'", "1025", 2},
        {" unit='Byte'", "1", 1},
        {" unit='KB'", "1024", 1000},
        {" unit='k'", "7", 7},
        {" unit='KiB'", " 7", 7},
        {" unit='M'", "2", 2048},
        {" unit='MB'", "1", 977},
        {" unit='MiB'", "1", 1024},
        {" unit='g'", "1", 1048576},
        {" unit='GB'", "1", 976563},
        {" unit='TiB'", "1", 1u << 30},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        autofree char *text = mem_printf("<domain><memory%s>%s</memory></domain>",
                                         cases[i].attributes, cases[i].text);
        struct vtopo_domain *domain = parse(text);

        ck_assert_msg(domain->model.memory_kib == cases[i].kib, "%s: %llu", text,
                      (unsigned long long)domain->model.memory_kib);
        vtopo_domain_free(domain);
    }
}
END_TEST

START_TEST(address_bits)
{
    static const struct {
        const char *cpu;
        int bits;
    } cases[] = {
        {"", -1},
        {"<cpu mode='host-passthrough'/>", 0},
        {"<cpu mode='host-model'/>", -1},
        {"<cpu mode='maximum'><maxphysaddr mode='passthrough'/></cpu>", 0},
        {"<cpu mode='host-passthrough'><maxphysaddr mode='emulate' bits='46'/></cpu>", 46},
        {"<cpu mode='host-passthrough'><maxphysaddr mode='passthrough' limit='42'/></cpu>", 42},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        autofree char *text = mem_printf("<domain>%s</domain>", cases[i].cpu);
        struct vtopo_domain *domain = parse(text);

        ck_assert_msg(domain->model.phys_bits == cases[i].bits, "%s: %d", text,
                      domain->model.phys_bits);
        vtopo_domain_free(domain);
    }
}
END_TEST

START_TEST(numa)
{
    struct vtopo_domain *domain =
        parse("<domain><vcpu>8</vcpu>"
              "<numatune><memory mode='strict' nodeset='0,2'/><memnode cellid='1' nodeset='2'/>"
              "<memnode cellid='9' nodeset='5'/></numatune>"
              "<cputune><vcpupin vcpu='3' cpuset='1-2'/><vcpupin vcpu='8' cpuset='0'/></cputune>"
              "<cpu><numa><cell id='1' cpus='4-7' memory='2' unit='GiB'/>"
              "<cell id='0' cpus='0-3' memory='512'/><cell memory='1'/></numa></cpu></domain>");
    const struct domain *model = &domain->model;

    ck_assert_uint_eq(model->cells.count, 3);
    for (unsigned i = 0; i < 3; i++)
        ck_assert_uint_eq(model->cells.items[i].id, i);
    ck_assert(idset_has(&model->cells.items[1].vcpus, 7));
    ck_assert(idset_empty(&model->cells.items[2].vcpus));
    ck_assert(idset_has(&model->memory_nodes, 2) && !idset_has(&model->memory_nodes, 1));
    ck_assert_uint_eq(model->memnodes.count, 1);
    ck_assert_uint_eq(model->memnodes.items[0].cell, 1);
    ck_assert_uint_eq(model->pins.count, 1);
    ck_assert_uint_eq(model->pins.items[0].vcpu, 3);
    vtopo_domain_free(domain);
    domain = parse("<domain><numatune><memory placement='auto' nodeset='0'/></numatune></domain>");
    ck_assert(idset_empty(&domain->model.memory_nodes));
    vtopo_domain_free(domain);
}
END_TEST

/* Those that are in no cell, the sizes of cells and pages. */
START_TEST(what_libvirt_completes_of_cells)
{
    struct vtopo_domain *domain =
        parse("<domain><vcpu>6</vcpu><memoryBacking><hugepages>"
              "<page size='1' unit='G' nodeset='0,2'/><page size='2048'/><page/></hugepages>"
              "</memoryBacking><cpu><numa><cell cpus='1' memory='2' unit='MiB'/>"
              "<cell cpus='2-3' memory='x'/></numa></cpu></domain>");
    const struct domain *model = &domain->model;

    ck_assert_uint_eq(idset_size(&model->cells.items[0].vcpus), 4);
    ck_assert(idset_has(&model->cells.items[0].vcpus, 0));
    ck_assert(idset_has(&model->cells.items[0].vcpus, 5));
    ck_assert_uint_eq(idset_size(&model->cells.items[1].vcpus), 2);
    ck_assert_uint_eq(model->cells.items[0].memory_kib, 2048);
    ck_assert_uint_eq(model->cells.items[1].memory_kib, 0);
    ck_assert_uint_eq(model->pages.count, 2);
    ck_assert_uint_eq(model->pages.items[0].size_kib, 1 << 20);
    ck_assert(idset_has(&model->pages.items[0].cells, 2));
    ck_assert(idset_empty(&model->pages.items[1].cells));
    vtopo_domain_free(domain);
}
END_TEST

START_TEST(what_memory_devices_take_of_the_host)
{
    static const struct {
        const char *device;
        uint64_t taken_kib;
    } rows[] = {
        {"model='dimm'><target><size>2048</size></target>", 2048},
        {"model='dimm'><source><pagesize>4</pagesize></source><target><size>2048</size></target>",
         2048},
        {"model='dimm'><source><nodemask>1</nodemask></source><target><size>2048</size></target>",
         0},
        {"model='nvdimm'><source><path>/a</path></source><target><size>2048</size></target>", 0},
        {"model='virtio-pmem'><source><path>/a</path></source><target><size>2048</size></target>",
         0},
        {"model='virtio-mem'><target><size>2048</size><requested unit='MiB'>1</requested></target>",
         1024},
        {"model='virtio-mem'><target><size>2048</size></target>", 0},
        {"model='virtio-mem'><source><nodemask>1</nodemask></source><target><size>2048</size>"
         "<requested>1024</requested></target>",
         0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        autofree char *text =
            mem_printf("<domain><devices><memory %s</memory></devices></domain>", rows[i].device);
        struct vtopo_domain *domain = parse(text);

        ck_assert_uint_eq(domain->model.memory_devices.count, 1);
        ck_assert_uint_eq(domain->model.memory_devices.items[0].size_kib, 2048);
        ck_assert_uint_eq(domain->model.memory_devices.items[0].taken_kib, rows[i].taken_kib);
        vtopo_domain_free(domain);
    }
}
END_TEST

START_TEST(what_is_plugged_in_later)
{
    struct vtopo_domain *domain =
        parse("<domain><vcpu placement='auto' current='3'>5</vcpu><memoryBacking><hugepages/>"
              "</memoryBacking><devices><memory model='dimm'><target><size unit='MiB'>512</size>"
              "<node>1</node></target></memory><memory model='virtio-mem'><target><size unit='GiB'>"
              "2</size></target></memory></devices></domain>");
    const struct domain *model = &domain->model;

    ck_assert(model->placement_auto && model->huge_pages);
    ck_assert_uint_eq(idset_size(&model->vcpus_off), 2);
    ck_assert(idset_has(&model->vcpus_off, 3) && idset_has(&model->vcpus_off, 4));
    ck_assert_uint_eq(model->memory_devices.count, 2);
    ck_assert_uint_eq(model->memory_devices.items[0].size_kib, 512 << 10);
    ck_assert_int_eq(model->memory_devices.items[0].node, 1);
    ck_assert_uint_eq(model->memory_devices.items[1].size_kib, 2 << 20);
    ck_assert_int_eq(model->memory_devices.items[1].node, -1);
    vtopo_domain_free(domain);
    domain = parse("<domain><vcpu current='1'>3</vcpu><vcpus><vcpu id='0' enabled='yes'/>"
                   "<vcpu id='1' enabled='no'/><vcpu id='2' enabled='yes'/></vcpus>"
                   "<numatune><memory mode='strict' placement='auto'/></numatune></domain>");
    ck_assert(domain->model.placement_auto && !domain->model.huge_pages);
    ck_assert_uint_eq(idset_size(&domain->model.vcpus_off), 1);
    ck_assert(idset_has(&domain->model.vcpus_off, 1));
    vtopo_domain_free(domain);
}
END_TEST

START_TEST(cpus_of_other_threads)
{
    struct vtopo_domain *domain =
        parse("<domain><vcpu>2</vcpu><iothreads>2</iothreads><cputune><vcpupin vcpu='0' "
              "cpuset='7'/><emulatorpin cpuset='1-3,^2'/><iothreadpin iothread='1' cpuset='3'/>"
              "<iothreadpin iothread='2' cpuset='5'/></cputune></domain>");
    autofree char *cpus = idset_format(&domain->model.helper_cpus);

    ck_assert_str_eq(cpus, "1,3,5");
    vtopo_domain_free(domain);
}
END_TEST

START_TEST(controllers)
{
    struct vtopo_domain *domain = parse_devices(
        "<controller type='pci' model='pcie-root-port'/>"
        "<controller type='pci' index='0' model='pcie-root'>"
        "<pcihole64 unit='GiB'>2</pcihole64></controller>\n"
        "<controller type='pci' index='2' model='pcie-expander-bus'><model name='pxb-pcie'/>"
        "<target busNr='0x40'><node>1</node></target><alias name='ua-vtopo-2'/>"
        "<address type='pci' slot='5'/></controller>"
        "<controller type='pci' index=' 5' model='pcie-switch-downstream-port'>"
        "<target chassis='012' port='0x1f' hotplug='off'/><alias name='ua-mine'/></controller>"
        "<controller type='pci' model='new-thing'><target></target></controller>"
        "<controller type='usb' index='5'/><metadata><controller type='pci' index='2'/></metadata>"
        "<x:controller xmlns:x='urn:x' type='pci' index='2'/>");
    const struct domain *model = &domain->model;
    const struct domain_controller *c = model->controllers.items;

    ck_assert_uint_eq(model->controllers.count, 5);
    ck_assert(c[0].index == 1 && !c[0].index_given && c[0].model == CTRL_ROOT_PORT);
    ck_assert(c[1].index == 0 && c[1].index_given && c[1].model == CTRL_PCIE_ROOT);
    ck_assert(c[2].model == CTRL_EXPANDER && c[2].bus_nr == 0x40 && c[2].node == 1 && c[2].marked);
    ck_assert(c[2].chassis == -1 && c[2].hotplug == -1 && c[2].line == 2);
    ck_assert_str_eq(c[2].model_name, "pxb-pcie");
    ck_assert(c[2].address.kind == ADDRESS_PCI && c[2].address.at.slot == 5);
    ck_assert(c[3].index == 5 && c[3].chassis == 10 && c[3].port == 31 && c[3].hotplug == 0);
    ck_assert(!c[3].marked && c[3].node == -1 && c[3].bus_nr == -1);
    ck_assert_str_eq(c[3].alias, "ua-mine");
    ck_assert(c[4].index == 3 && c[4].model == CTRL_OTHER);
    ck_assert_ptr_eq(domain_controller_at(model, 5), &c[3]);
    ck_assert_ptr_null(domain_controller_at(model, 4));
    vtopo_domain_free(domain);
}
END_TEST

#define ANNOUNCED "<!-- vtopo: libvirt would add this -->"

/* Only exactly what a rewrite writes, and only if the list of controllers is right with it. */
START_TEST(announced_controllers)
{
    struct vtopo_domain *domain = parse_devices(
        "<controller type='pci' index='0' model='pcie-root'>" ANNOUNCED "</controller>\n"
        "<controller type='pci' model='pcie-root-port'>" ANNOUNCED "</controller>"
        "<controller model=\"pcie-root-port\" index='3' type='pci'>" ANNOUNCED "</controller>"
        "<controller type='pci' index='4' model='pcie-root-port'>" ANNOUNCED " </controller>"
        "<controller type='pci' index='5' model='pcie-root-port' x=''>" ANNOUNCED "</controller>"
        "<controller type='pci' index='6' model='pcie-to-pci-bridge'>" ANNOUNCED "</controller>"
        "<controller type='pci' index='7' model='pcie-root-port'>" ANNOUNCED "<a/></controller>"
        "<controller type='pci' index='8' model='pcie-root-port'/>" ANNOUNCED);
    const struct domain *model = &domain->model;

    ck_assert_uint_eq(model->announced.count, 2);
    ck_assert_uint_eq(model->announced.items[0].index, 0);
    ck_assert_uint_eq(model->announced.items[1].index, 3);
    ck_assert_uint_eq(model->controllers.count, 6);
    ck_assert_uint_eq(model->controllers.items[0].index, 1);
    ck_assert_uint_eq(model->controllers.items[5].index, 8);
    vtopo_domain_free(domain);
}
END_TEST

static void check_address(const char *address, enum address_kind kind, const char *at,
                          int multifunction)
{
    autofree char *device = mem_printf("<rng model='virtio'>%s</rng>", address);
    struct vtopo_domain *domain = parse_devices(device);
    const struct address *found = &domain->model.devices.items[0].address;

    ck_assert_msg(found->kind == kind, "%s: kind %d", address, found->kind);
    ck_assert_str_eq(BDF_TEXT(&found->at), at);
    ck_assert_msg(found->multifunction == multifunction, "%s", address);
    vtopo_domain_free(domain);
}

START_TEST(addresses)
{
    const char *zero = "0000:00:00.0";

    check_address("", ADDRESS_NONE, zero, -1);
    check_address("<address type='pci'/>", ADDRESS_NONE, zero, -1);
    check_address("<address type='pci' domain='0x0' bus='0' slot='00' function='0x7'/>",
                  ADDRESS_NONE, zero, -1);
    check_address("<address type='pci' function='99' multifunction='on'/>", ADDRESS_NONE, zero, 1);
    check_address("<address type='pci' bus='0x1f' slot=' 017' function='+3'/>", ADDRESS_PCI,
                  "0000:1f:0f.3", -1);
    check_address("<address type='pci' bus='1' multifunction='off'/><address type='pci' bus='2'/>",
                  ADDRESS_PCI, "0000:01:00.0", 0);
    check_address("<x xmlns='urn:x'><address type='pci' bus='1'/></x>"
                  "<address xmlns='urn:x' bus='900'/><address type='pci' bus='255'/>",
                  ADDRESS_PCI, "0000:ff:00.0", -1);
    check_address("<address type='unassigned'/>", ADDRESS_UNASSIGNED, zero, -1);
    check_address("<address type='virtio-mmio'/>", ADDRESS_OTHER, zero, -1);
}
END_TEST

START_TEST(assigned_devices)
{
    struct vtopo_domain *domain = parse_devices(
        "<hostdev type='pci' mode='subsystem'>" SOURCE
        "<alias name='ua-x'/><teaming type='transient' persistent='ua-y'/></hostdev>"
        "<hostdev type='pci'><source><address type='pci' domain='0x10000' bus='1'/></source>"
        "<address type='unassigned'/></hostdev>"
        "<hostdev mode='subsystem' type='mdev' model='vfio-pci'><source>"
        "<address uuid=' C2177883f1bb47f0914d32a22e3a8804 '/></source></hostdev>"
        "<interface type='hostdev'><mac address='52:54:00:00:00:01'/>"
        "<source><address type='pci' bus='0x51' slot='2'/></source></interface>"
        "<interface type='vdpa'><source dev='/dev/vhost-vdpa-0'/></interface>"
        "<interface type='network'><source network='pool'/><mac address='52:54:00:00:00:02'/>"
        "</interface>"
        "<disk type='nvme'><source type='pci' namespace='1'><address bus='0x61'/></source>"
        "<target dev='vda'/></disk>"
        "<disk type='nvme'><source type='pci' namespace='2'><address bus='0x61'/></source>"
        "<target dev='vdb' bus='virtio'/></disk>");
    const struct domain_device *d = domain->model.devices.items;
    static const struct {
        enum device_kind kind;
        const char *label;
    } expected[] = {
        {DEVICE_HOSTDEV_PCI, "hostdev 0001:41:02.3"},
        {DEVICE_HOSTDEV_PCI, "hostdev 10000:01:00.0"},
        {DEVICE_HOSTDEV_MDEV, "hostdev c2177883-f1bb-47f0-914d-32a22e3a8804"},
        {DEVICE_INTERFACE_HOSTDEV, "interface 0000:51:02.0"},
        {DEVICE_INTERFACE_VDPA, "interface"},
        {DEVICE_INTERFACE_NETWORK, "interface 52:54:00:00:00:02"},
        {DEVICE_DISK_NVME, "disk vda"},
        {DEVICE_DISK_NVME, "disk vdb"},
    };

    ck_assert_uint_eq(domain->model.devices.count, sizeof(expected) / sizeof(*expected));
    for (size_t i = 0; i < domain->model.devices.count; i++) {
        ck_assert_int_eq(d[i].kind, expected[i].kind);
        ck_assert_str_eq(d[i].label, expected[i].label);
        ck_assert(d[i].maybe_pci && !d[i].io_bar == (i != 5));
        ck_assert_int_eq(device_is_assigned(&d[i]), i != 5);
    }
    ck_assert_str_eq(d[0].alias, "ua-x");
    ck_assert(d[0].teaming_transient && !d[1].teaming_transient);
    ck_assert_int_eq(d[1].address.kind, ADDRESS_UNASSIGNED);
    ck_assert_str_eq(d[2].source_id, "c2177883-f1bb-47f0-914d-32a22e3a8804");
    ck_assert_str_eq(d[4].source_id, "/dev/vhost-vdpa-0");
    ck_assert_str_eq(d[5].source_id, "pool");
    ck_assert(d[6].source.bus == 0x61 && d[7].nvme_namespace == 2);
    vtopo_domain_free(domain);
}
END_TEST

/* What may need a port: one device, with a mark where QEMU gives it an I/O BAR below a port. */
START_TEST(other_devices)
{
    static const struct {
        const char *xml;
        bool pci, io;
    } cases[] = {
        {"<disk><target dev='vda' bus='virtio'/></disk>", true, false},
        {"<disk model='virtio-transitional'><target dev='vda'/></disk>", true, true},
        {"<disk><target dev='sda' bus='scsi'/></disk>", false, false},
        {"<disk type='nvme'><source type='pci'/><target bus='sata'/></disk>", false, false},
        {"<interface type='bridge'/>", true, true},
        {"<interface type='bridge'><model type='e1000e'/></interface>", true, true},
        {"<interface type='bridge'><model type='virtio'/></interface>", true, false},
        {"<interface type='bridge'><model type='e100'/></interface>", true, false},
        {"<interface type='bridge'><model type='usb-net'/></interface>", false, false},
        {"<interface type='hostdev'><source><address type='usb'/></source><model "
         "type='usb-net'/></interface>",
         false, false},
        {"<controller type='usb' model='none'/>", false, false},
        {"<controller type='usb' model='qemu-xhci'/>", true, false},
        {"<controller type='usb' model='ich9-uhci1'/>", true, true},
        {"<controller type='scsi' model='lsilogic'/>", true, true},
        {"<controller type='scsi' model='virtio-scsi'/>", true, false},
        {"<controller type='sata'/>", true, true},
        {"<controller type='virtio-serial'/>", true, false},
        {"<controller type='ccid'/>", false, false},
        {"<controller/>", false, false},
        {"<filesystem/>", true, false},
        {"<sound model='ac97'/>", true, true},
        {"<sound model='sb16'/>", false, false},
        {"<hostdev mode='subsystem' type='scsi_host'/>", true, false},
        {"<hostdev mode='subsystem' type='usb'/>", false, false},
        {"<hostdev mode='capabilities' type='pci'/>", false, false},
        {"<hostdev type='mdev' model='vfio-ap'/>", false, false},
        {"<memballoon model='none'/>", false, false},
        {"<memballoon model='virtio'/>", true, false},
        {"<rng/>", true, false},
        {"<watchdog model='i6300esb'/>", true, false},
        {"<watchdog model='itco'/>", false, false},
        {"<video><model type='qxl'/></video>", true, true},
        {"<video><model type='none'/></video>", false, false},
        {"<shmem name='x'/>", true, false},
        {"<input bus='virtio'/>", true, false},
        {"<input bus='usb'/>", false, false},
        {"<serial><target type='pci-serial'/></serial>", true, true},
        {"<serial><target type='isa-serial'/></serial>", false, false},
        {"<iommu model='virtio'/>", true, false},
        {"<iommu model='intel'/>", false, false},
        {"<vsock/>", true, false},
        {"<memory model='virtio-mem'/>", true, false},
        {"<memory model='dimm'><address type='dimm'/></memory>", false, false},
        {"<crypto/>", true, false},
        {"<tpm/>", false, false},
        {"<emulator>x</emulator>", false, false},
        {"<thing><address type='pci' bus='1'/></thing>", true, false},
        {"<x:rng xmlns:x='urn:x'/>", false, false},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct vtopo_domain *domain = parse_devices(cases[i].xml);
        const struct domain_device *device = domain->model.devices.items;

        ck_assert_msg(domain->model.devices.count == cases[i].pci, "%s", cases[i].xml);
        if (cases[i].pci) {
            ck_assert_msg(device->io_bar == cases[i].io, "%s", cases[i].xml);
            ck_assert_msg(device->maybe_pci || device->address.kind == ADDRESS_PCI, "%s",
                          cases[i].xml);
        }
        vtopo_domain_free(domain);
    }
}
END_TEST

/* virtio is a transitional device only where the bus is conventional. */
START_TEST(virtio_behind_a_bridge)
{
    struct vtopo_domain *domain = parse_devices(
        "<rng><address type='pci' bus='1' slot='1'/></rng>"
        "<rng model='virtio-non-transitional'><address type='pci' bus='1' slot='2'/></rng>"
        "<rng><address type='pci' bus='2'/></rng>"
        "<filesystem><driver type='virtiofs'/><address type='pci' bus='1' slot='3'/></filesystem>"
        "<controller type='pci' index='1' model='pcie-to-pci-bridge'/>" PCI("2"));
    const struct domain_device *d = domain->model.devices.items;

    ck_assert_uint_eq(domain->model.devices.count, 4);
    ck_assert(d[0].io_bar && !d[1].io_bar && !d[2].io_bar && !d[3].io_bar);
    vtopo_domain_free(domain);
}
END_TEST

START_TEST(labels)
{
    struct vtopo_domain *domain = parse_devices(
        "<disk><target dev='vd&#10;a'/></disk><controller type='scsi' index='3'/><vsock/>"
        "<video><model type='qxl'/></video><filesystem><target dir='"
        "0123456789012345678901234567890123456789012345678901234567890123456\xc3\xbc'/>"
        "</filesystem><shmem name='"
        "012345678901234567890123456789012345678901234567890123456789012\xc3\xbc'/>");
    const struct domain_device *d = domain->model.devices.items;

    ck_assert_str_eq(d[0].label, "disk vd?a");
    ck_assert_str_eq(d[1].label, "controller scsi 3");
    ck_assert_str_eq(d[2].label, "vsock");
    ck_assert_str_eq(d[3].label, "video qxl");
    ck_assert_str_eq(d[4].label,
                     "filesystem "
                     "0123456789012345678901234567890123456789012345678901234567890123");
    ck_assert_str_eq(d[5].label,
                     "shmem 012345678901234567890123456789012345678901234567890123456789012");
    vtopo_domain_free(domain);
}
END_TEST

/* libvirt ignores what it has no namespace for. */
START_TEST(unknown_namespace)
{
    struct vtopo_domain *domain = parse_devices("<x:rng/><rng y:model='virtio-transitional'/>");

    ck_assert_uint_eq(domain->model.devices.count, 1);
    ck_assert(!domain->model.devices.items[0].io_bar);
    vtopo_domain_free(domain);
}
END_TEST

/* What nothing is made of is libvirt's to judge. */
START_TEST(values_that_nobody_reads)
{
    static const char *const texts[] = {
        D("<controller type='pci' index='0' model='pcie-root'><pcihole64>x</pcihole64>"
          "</controller>"),
        NUMA("<cell id='0'/>"),
        NUMA("<cell memory='lots'/>"),
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        vtopo_domain_free(parse(texts[i]));
}
END_TEST

START_TEST(several_lists_of_devices)
{
    struct vtopo_domain *domain =
        parse("<domain><devices><rng/></devices><x/><devices><vsock/></devices></domain>");

    ck_assert_uint_eq(domain->model.devices.count, 2);
    ck_assert_str_eq(domain->model.devices.items[1].label, "vsock");
    vtopo_domain_free(domain);
}
END_TEST

START_TEST(copies_what_qemu_is_told_of_all_ports)
{
    struct vtopo_domain *domain =
        parse("<domain xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0'><devices/>"
              "<q:commandline><q:arg value='-global'/>"
              "<q:arg value='pcie-root-port.io-reserve=0'/><q:arg value='-global'/>"
              "<q:arg value='pxb-pcie.addr=3'/></q:commandline></domain>");
    struct domain copy;

    ck_assert(domain_copy(&domain->model, &copy));
    vtopo_domain_free(domain);
    ck_assert_str_eq(copy.qemu_global, "pcie-root-port.io-reserve");
    ck_assert_str_eq(copy.qemu_global_unfit, "pxb-pcie.addr");
    domain_clear(&copy);
}
END_TEST

START_TEST(copies)
{
    struct vtopo_domain *domain = parse(
        "<domain><name>n</name><cputune><vcpupin vcpu='0' cpuset='1'/></cputune>"
        "<cpu><numa><cell cpus='0' memory='1'/></numa></cpu>"
        "<numatune><memnode cellid='0' nodeset='3'/></numatune><devices>" PCI(
            "1") "<hostdev type='pci'>" SOURCE "<alias name='ua-x'/></hostdev></devices></domain>");
    struct domain copy;

    ck_assert(domain_copy(&domain->model, &copy));
    vtopo_domain_free(domain);
    ck_assert_str_eq(copy.name, "n");
    ck_assert_str_eq(copy.devices.items[0].alias, "ua-x");
    ck_assert_str_eq(copy.devices.items[0].label, "hostdev 0001:41:02.3");
    ck_assert_uint_eq(copy.controllers.items[0].index, 1);
    ck_assert(idset_has(&copy.memnodes.items[0].nodes, 3) &&
              idset_has(&copy.pins.items[0].cpus, 1));
    ck_assert(idset_has(&copy.cells.items[0].vcpus, 0));
    domain_clear(&copy);
}
END_TEST

#define Q35(inside) "<domain><os><type machine='q35'/></os><devices>" inside "</devices></domain>"
#define HOSTDEV "<hostdev type='pci'>" SOURCE "</hostdev>"
#define GUEST(address) "<rng>" address "</rng>"

#define LONG "0123456789012345678901234567890123456789012345678901234567890123456789012345678"

static const struct {
    const char *text, *message;
} refused[] = {
    /* the text */
    {"", "test: is empty"},
    {"x", "test:1: cannot be read as XML: "},
    {"<domain>\n<a></domain>", "test:2: cannot be read as XML: Opening and ending tag mismatch"},
    {"<domain/><domain/>", "test:1: cannot be read as XML: Extra content"},
    {"<domain a='1' a='2'/>", "test:1: cannot be read as XML: Attribute a redefined"},
    {"<domain>&lol;</domain>", "test:1: cannot be read as XML: Entity 'lol' not defined"},
    {"<domain xmlns::a='1'/>", "test:1: cannot be read as XML: Failed to parse QName"},
    {"<domain><a::b/></domain>", "test:1: cannot be read as XML: Failed to parse QName"},
    {"<!DOCTYPE domain><domain/>", "test: <!DOCTYPE>: a domain with a document type"},
    {"<!DOCTYPE domain [<!ENTITY a 'aa'><!ENTITY b '&a;&a;'>]><domain>&b;</domain>",
     "test: <!DOCTYPE>:"},
    {"<!DOCTYPE domain SYSTEM 'file:///etc/passwd'><domain/>", "test: <!DOCTYPE>:"},
    {"<?xml version='1.0' encoding='ISO-8859-1'?><domain/>",
     "test: encoding 'ISO-8859-1' is not UTF-8"},
    {"<domain>\n\xff</domain>", "test:2: not UTF-8 at byte 9"},
    {"<domain>\xc0\x80</domain>", "test:1: not UTF-8 at byte 8"},
    {"<domain>\xe0\x80\x80</domain>", "test:1: not UTF-8 at byte 8"},
    {"<domain>\xed\xa0\x80</domain>", "test:1: not UTF-8 at byte 8"},
    {"<domain>\xf4\x90\x80\x80</domain>", "test:1: not UTF-8 at byte 8"},
    {"<domain>\xe2\x82", "test:1: not UTF-8 at byte 8"},
    {"\xff\xfe<", "test:1: not UTF-8 at byte 0"},
    {"<network/>", "test:1: <network>: is not a libvirt <domain>"},
    {"<x:domain xmlns:x='urn:x'/>", "test:1: <domain>: is not a libvirt <domain>"},
    {"<domain xmlns='urn:x'/>", "test:1: <domain>: is not a libvirt <domain>"},
    /* memory, vCPUs, cells */
    {"<domain><memory>x</memory></domain>", "test:1: <memory>: 'x' with this unit is not a size"},
    {"<domain><memory>" LONG "\xc3\xbc</memory></domain>",
     "test:1: <memory>: '" LONG "' with this unit is not a size"},
    {"<domain><memory unit='KG'>1</memory></domain>", "test:1: <memory>: '1' with this unit"},
    {"<domain><memory unit='E'>99</memory></domain>", "test:1: <memory>: '99' with this unit"},
    {"<domain><memory>-1</memory></domain>", "test:1: <memory>: '-1' with this unit"},
    {"<domain><vcpu>four</vcpu></domain>", "test:1: <vcpu>: 'four' is not a number of vCPUs"},
    {"<domain><vcpu>99999</vcpu></domain>", "test:1: <vcpu>: '99999' is not a number of vCPUs"},
    {"<domain><vcpu cpuset='a'>1</vcpu></domain>", "test:1: <vcpu>: cpuset='a' is not a list of"},
    {"<domain><vcpu cpuset='1,^1'>1</vcpu></domain>", "test:1: <vcpu>: cpuset='1,^1' is empty"},
    {"<domain><cputune><vcpupin vcpu='0' cpuset='1-'/></cputune></domain>",
     "test:1: <vcpupin>: cpuset='1-' is not a list of numbers"},
    {"<domain><cputune><vcpupin vcpu='0' cpuset='1'/><vcpupin vcpu='0' cpuset='2'/>"
     "</cputune></domain>",
     "test:1: <vcpupin>: is the second one of vCPU 0"},
    {"<domain><numatune><memory nodeset='99999'/></numatune></domain>",
     "test:1: <memory>: nodeset='99999' is not a list of numbers below 16384"},
    {"<domain><numatune/><numatune/></domain>", "test:1: <numatune>: is the second one"},
    {NUMA(""), "test:1: <numa>: has no cells"},
    {NUMA("<cell id='0' memory='1'/><cell id='0' memory='1'/>"),
     "test:1: <cell>: cell id 0 is there twice"},
    {NUMA("<cell id='1' memory='1'/>"),
     "test:1: <cell>: id='1' is out of range: the last cell is 0"},
    {NUMA("<cell id='-1' memory='1'/>"), "test:1: <cell>: id='-1' is not a number"},
    {NUMA("<cell cpus='0-2' memory='1'/><cell cpus='2' memory='1'/>"),
     "test:1: <cell>: cell 1 shares vCPUs with another"},
    /* controllers */
    {D(PCI("1") "\n" PCI("1")),
     "test:2: <controller>: PCI controller index 1 is there twice, first in line 1"},
    {D(PCI("256")), "test:1: <controller>: index='256' is out of range (at most 255)"},
    {D(PCI("-1")), "test:1: <controller>: index='-1' is not a number"},
    {D(PCI("0x1")), "test:1: <controller>: index='0x1' is not a number"},
    {Q35("<controller type='pci' model='pcie-root-port'/>"),
     "test:1: <controller>: PCI controller 0: index 0 is pcie-root, and only that"},
    {Q35("<controller type='pci' index='1' model='pcie-root'/>"),
     "test:1: <controller>: PCI controller 1: index 0 is pcie-root, and only that"},
    {D("<controller type='pci' index='1'><target/><target/></controller>"),
     "test:1: <target>: is the second of controller 1"},
    {D("<controller type='pci' index='1' model='pcie-root-port'/>"
       "<controller type='pci' index='1' model='pcie-root-port'>" ANNOUNCED "</controller>"),
     "test:1: <controller>: PCI controller index 1 is there twice"},
    {D("<controller type='pci' index='1'><target busNr='255'/></controller>"),
     "test:1: <target>: busNr='255' is out of range (at most 254)"},
    {D("<controller type='pci' index='1'><target busNr='0'/></controller>"),
     "test:1: <target>: busNr='0' is out of range (at least 1)"},
    {D("<controller type='pci' index='1'><target chassis='256'/></controller>"),
     "test:1: <target>: chassis='256' is out of range"},
    {D("<controller type='pci' index='1'><target port='x'/></controller>"),
     "test:1: <target>: port='x' is not a number"},
    {D("<controller type='pci' index='1'><target hotplug='maybe'/></controller>"),
     "test:1: <target>: hotplug='maybe' is neither on nor off"},
    {D("<controller type='pci' index='1'><target><node>-1</node></target></controller>"),
     "test:1: <node>: '-1' is not a cell"},
    {D("<controller type='pci' index='1'><address type='pci' bus='1'/></controller>"),
     "test:1: <controller>: PCI controller 1 is in a loop of controllers"},
    {D("<controller type='pci' index='3'><address type='pci' bus='1'/></controller>\n"
       "<controller type='pci' index='1'><address type='pci' bus='2'/></controller>"
       "<controller type='pci' index='2'><address type='pci' bus='1' slot='1'/></controller>"),
     "test:1: <controller>: PCI controller 3 is in a loop of controllers, or below one"},
    /* addresses */
    {D(GUEST("<address type='pci' bus='256'/>")), "test:1: <address>: bus 0x100 is out of range"},
    {D(GUEST("<address type='pci' slot='0x20'/>")), "test:1: <address>: slot 0x20 is out of range"},
    {D(GUEST("<address type='pci' slot='1' function='8'/>")),
     "test:1: <address>: function 0x8 is out of range (at most 0x7)"},
    {D(GUEST("<address type='pci' domain='1'/>")), "test:1: <address>: domain 0x1: a guest has"},
    {D(GUEST("<address type='pci' bus='-1'/>")), "test:1: <address>: bus='-1' is not a number"},
    {D(GUEST("<address type='pci' bus='08'/>")), "test:1: <address>: bus='08' is not a number"},
    {D(GUEST("<address type='pci' bus=''/>")), "test:1: <address>: bus='' is not a number"},
    {D(GUEST("<address type='pci' bus='1 '/>")), "test:1: <address>: bus='1 ' is not a number"},
    {D(GUEST("<address type='pci' bus='0x100000000'/>")),
     "test:1: <address>: bus='0x100000000' is out of range"},
    {D(GUEST("<address type='pci' multifunction='yes'/>")),
     "test:1: <address>: multifunction='yes' is neither on nor off"},
    {D(GUEST("<address bus='1'/>")), "test:1: <address>: in <rng> has no type"},
    {D(GUEST("<address type='pci' slot='4'/>") "\n" GUEST("<address type='pci' slot='04'/>")),
     "test:2: rng: its address 0000:00:04.0 is that of rng in line 1"},
    {D("<controller type='pci' index='1'><address type='pci' slot='4'/></controller>\n" GUEST(
         "<address type='pci' slot='4'/>")),
     "test:2: rng: its address 0000:00:04.0 is that of controller pci in line 1"},
    /* host devices */
    {D("<hostdev type='pci'/>"), "test:1: <hostdev>: has no <source> with an <address>"},
    {D("<hostdev type='pci'><source/>" SOURCE "</hostdev>"), "test:1: <hostdev>: has no <source>"},
    {D("<hostdev type='pci'><source/></hostdev>"), "test:1: <hostdev>: has no <source> with"},
    {D("<hostdev type='pci'><source><address domain='0x100000000'/></source></hostdev>"),
     "test:1: <address>: domain='0x100000000' is out of range"},
    {D("<hostdev type='pci'><source><address slot='32'/></source></hostdev>"),
     "test:1: <address>: slot 0x20 is out of range"},
    {D("<hostdev type='mdev' model='vfio-pci'/>"), "test:1: <hostdev>: has no <source> with an "
                                                   "<address uuid=...>"},
    {D("<hostdev type='mdev' model='vfio-pci'><source><address uuid='12'/></source></hostdev>"),
     "test:1: <address>: uuid='12' is not a UUID"},
    {D("<interface type='hostdev'/>"), "test:1: <interface>: has no <source> with an <address>"},
    {D("<interface type='hostdev'><source><address bus='1'/></source></interface>"),
     "test:1: <address>: has no type: that of a host device"},
    {D("<interface type='vdpa'/>"), "test:1: <interface>: has no <source dev=...>"},
    {D("<interface type='network'/>"), "test:1: <interface>: has no <source network=...>"},
    {D("<disk type='nvme'><target dev='vda'/></disk>"), "test:1: <disk>: has no <source>"},
    {D("<disk type='nvme'><target dev='vda'/><source type='pci'/></disk>"),
     "test:1: <source>: has no namespace"},
    {D("<disk type='nvme'><target dev='vda'/><source type='pci' namespace='1'/></disk>"),
     "test:1: <disk>: has no <source> with an <address> of a host device"},
    {D(HOSTDEV "\n" HOSTDEV),
     "test:2: hostdev 0001:41:02.3: this host device is assigned twice, first in line 1"},
    {D(HOSTDEV "\n<interface type='hostdev'><source><address type='pci' domain='1' bus='65' "
               "slot='2' function='3'/></source></interface>"),
     "test:2: interface 0001:41:02.3: this host device is assigned twice, first in line 1"},
    {D("<disk type='nvme'><target dev='vda'/><source type='pci' namespace='1'><address "
       "bus='1'/></source></disk>\n<hostdev type='pci'><source><address bus='1'/></source>"
       "</hostdev>"),
     "test:1: disk vda: this host device is assigned twice, first in line 2"},
    {D("<interface type='vdpa'><source dev='/dev/v'/></interface>\n<interface type='vdpa'>"
       "<source dev='/dev/v'/></interface>"),
     "test:2: interface: this host device is assigned twice, first in line 1"},
};

static void check_message(const char *text, const char *message)
{
    struct vtopo_domain *domain = NULL;
    struct vtopo_error *error = NULL;
    int r = vtopo_domain_parse(text, strlen(text), "test", &domain, &error);

    ck_assert_msg(r == VTOPO_ERR_DOMAIN, "status %d: %s", r, text);
    ck_assert_ptr_null(domain);
    ck_assert_msg(strncmp(vtopo_error_message(error), message, strlen(message)) == 0,
                  "\n     got: %s\nexpected: %s", vtopo_error_message(error), message);
    ck_assert_ptr_null(strchr(vtopo_error_message(error), '\n'));
    vtopo_error_free(error);
    ck_assert_int_eq(vtopo_domain_parse(text, strlen(text), "test", &domain, NULL),
                     VTOPO_ERR_DOMAIN);
}

START_TEST(bad_input)
{
    for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
        check_message(refused[i].text, refused[i].message);
}
END_TEST

/* libxml2's words differ from one release to another. */
static void check_refused_either(const char *text, size_t length, const char *message,
                                 const char *other)
{
    struct vtopo_domain *domain = NULL;
    struct vtopo_error *error = NULL;

    ck_assert_int_eq(vtopo_domain_parse(text, length, "test", &domain, &error), VTOPO_ERR_DOMAIN);
    ck_assert_msg(strstr(vtopo_error_message(error), message) != NULL ||
                      strstr(vtopo_error_message(error), other) != NULL,
                  "%s", vtopo_error_message(error));
    vtopo_error_free(error);
}

static void check_refused(const char *text, size_t length, const char *message)
{
    check_refused_either(text, length, message, message);
}

START_TEST(nul_bytes)
{
    static const char text[] = "<domain>\0</domain>";

    check_refused(text, sizeof(text) - 1, "test:1: a NUL at byte 8");
}
END_TEST

static char *nested(size_t levels)
{
    char *text = malloc(levels * 7 + 64), *at = text;

    at = stpcpy(at, "<domain>");
    for (size_t i = 1; i < levels; i++)
        at = stpcpy(at, "<a>");
    for (size_t i = 1; i < levels; i++)
        at = stpcpy(at, "</a>");
    strcpy(at, "</domain>");
    return text;
}

START_TEST(depth_and_size)
{
    autofree char *deep = nested(257), *deeper = nested(100000), *fine = nested(256);
    size_t length = VTOPO_DOMAIN_MAX + 1;
    autofree char *large = malloc(length);

    vtopo_domain_free(parse(fine));
    check_refused(deep, strlen(deep), "too deep");
    check_refused(deeper, strlen(deeper), "too deep");
    memset(large, ' ', length);
    memcpy(large, "<domain>", 8);
    for (size_t at = 8; at + 64 < length; at += 64)
        memcpy(large + at, "<a/>", 4);
    memcpy(large + length - 10, "</domain>", 9);
    check_refused(large, length, "test: is larger than 16 MiB");
    large[length - 1] = '\0';
    vtopo_domain_free(parse(large));
}
END_TEST

/* libxml2's own limits: it calls what comes behind them "out of memory". */
START_TEST(too_long_for_libxml2)
{
    static const struct {
        const char *before, *after, *message;
    } rows[] = {
        {"<!--", "-->", "test:2: cannot be read as XML: Comment too big"},
        {"<a x='", "'/>", "test:2: cannot be read as XML: AttValue length too long"},
        {"<", "/>", "test:2: cannot be read as XML: Name too long"},
    };
    size_t length = 11 * 1000 * 1000;
    autofree char *text = malloc(length + 64);

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char *at = stpcpy(stpcpy(text, "<domain>\n"), rows[i].before);

        memset(at, 'a', length);
        at = stpcpy(stpcpy(at + length, rows[i].after), "\n</domain>\n");
        check_refused_either(text, (size_t)(at - text), rows[i].message,
                             "test:2: cannot be read as XML: Resource limit exceeded");
    }
}
END_TEST

/* What makes libxml2 slow is refused before it is asked, also where the text is malformed further
 * on. */
START_TEST(too_many)
{
    autofree char *text = malloc(VTOPO_DOMAIN_MAX + 1);
    char *at = stpcpy(text, "<domain");

    for (int i = 0; i < 1001; i++)
        at += sprintf(at, " a%d=''", i);
    strcpy(at, "><");
    check_refused(text, strlen(text), "test:1: too many elements, or attributes in one element");
    at = stpcpy(text, "<domain>");
    for (int i = 0; i < 200; i++)
        at += sprintf(at, "<a xmlns:a='1' xmlns:b='1' xmlns:c='1' xmlns:d='1' xmlns:e='1' x='1'>");
    check_refused(text, strlen(text), "test:1: cannot be read as XML");
    strcpy(at, "<a xmlns='2'>");
    check_refused(text, strlen(text), "test:1: too many elements");
    at = stpcpy(text, "<domain>\n");
    for (int i = 0; i < 1000000; i++)
        at = stpcpy(at, "<a/>");
    check_refused(text, strlen(text), "test:2: too many elements");
}
END_TEST

/* 256 controllers without index fit, 257 do not. */
START_TEST(too_many_controllers)
{
    const char *one = "<controller type='pci' model='pcie-root-port'/>";
    autofree char *text = malloc(257 * strlen(one) + 64);
    char *at = stpcpy(text, "<domain><devices>"), *last = NULL;

    for (int i = 0; i < 257; i++)
        at = stpcpy(last = at, one);
    strcpy(at, "</devices></domain>");
    check_refused(text, strlen(text), "<controller>: more than 256 PCI controllers");
    strcpy(last, "</devices></domain>");
    vtopo_domain_free(parse(text));
}
END_TEST

/* Not that they are all right: libxml2 skips some, and that is not for lack of memory. */
START_TEST(odd_namespaces)
{
    static const char *const texts[] = {
        "<domain xmlns:a='urn:a' xmlns:b='urn:a'><a:x xmlns='' xmlns:a='urn:a'/></domain>",
        "<domain xmlns:xml='http://www.w3.org/XML/1998/namespace'/>",
        "<domain><x xmlns='urn:&#97;'><y xmlns='urn:a' xmlns:z='&amp;'/></x></domain>",
        "<domain xmlns:a=''/>",
        "<domain xmlns:a='http://www.w3.org/XML/1998/namespace'/>",
        "<domain xmlns:a='http://www.w3.org/2000/xmlns/'/>",
        "<domain><x xmlns='http://www.w3.org/XML/1998/namespace'/></domain>",
        "<domain xmlns:xmlns='urn:a'/>",
        "<domain xmlns:a=' not a uri'/>",
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct vtopo_domain *domain = NULL;
        int r = vtopo_domain_parse(texts[i], strlen(texts[i]), "test", &domain, NULL);

        ck_assert_msg(!r || r == VTOPO_ERR_DOMAIN, "%s: %d", texts[i], r);
        vtopo_domain_free(domain);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        machine,
        machines_of_distributions_have_the_host_width,
        what_decides_p2p,
        what_shows_the_hypervisor,
        plain_members,
        sizes,
        address_bits,
        numa,
        controllers,
        announced_controllers,
        addresses,
        assigned_devices,
        other_devices,
        labels,
        nul_bytes,
        virtio_behind_a_bridge,
        copies,
        copies_what_qemu_is_told_of_all_ports,
        depth_and_size,
        too_long_for_libxml2,
        too_many_controllers,
        several_lists_of_devices,
        values_that_nobody_reads,
        too_many,
        unknown_namespace,
        bad_input,
    };
    Suite *suite = suite_create("parse");
    TCase *tcase = tcase_create("parse");

    for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++)
        tcase_add_test(tcase, tests[i]);
    tcase_add_test(tcase, emulator);
    tcase_add_test(tcase, what_libvirt_completes_of_cells);
    tcase_add_test(tcase, what_memory_devices_take_of_the_host);
    tcase_add_test(tcase, what_is_plugged_in_later);
    tcase_add_test(tcase, cpus_of_other_threads);
    tcase_add_test(tcase, odd_namespaces);
    tcase_set_timeout(tcase, 60);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
