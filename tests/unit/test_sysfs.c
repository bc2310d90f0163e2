/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_sysfs.c - reading a host from a sysfs tree, in whole and for a domain
 *
 * Here: what is read and what is not.  Values and malformed trees: tests/host.
 */
#include "base/mem.h"
#include "model/host.h"
#include "sysfs/sysfs.h"

#include "suite.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NODE "devices/system/node/node0"
#define UUID "4b20d080-1b54-4048-85b3-a6a62d165c01"

#define PORT_PATH "devices/pci0000:3a/0000:3a:00.0"
#define NIC_PATH PORT_PATH "/0000:3b:00.0"
#define VF_PATH PORT_PATH "/0000:3b:00.1"
#define OTHER_PATH "devices/pci0000:5d/0000:5d:00.0"

static char root[64];

static void in_root(const char *path, char *ret_path, size_t size)
{
    ck_assert_int_lt(snprintf(ret_path, size, "%s/%s", root, path), (int)size);
}

static void make_directory(const char *path)
{
    char full[512];

    in_root(path, full, sizeof(full));
    for (char *slash = full + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        mkdir(full, 0755);
        *slash = '/';
    }
    mkdir(full, 0755);
}

static void make_file(const char *directory, const char *name, const char *content)
{
    char path[512];
    FILE *file;

    make_directory(directory);
    in_root(directory, path, sizeof(path));
    strcat(path, "/");
    strcat(path, name);
    file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(content, file);
    fclose(file);
}

static void make_link(const char *directory, const char *name, const char *target)
{
    char path[512];

    make_directory(directory);
    in_root(directory, path, sizeof(path));
    strcat(path, "/");
    strcat(path, name);
    ck_assert_int_eq(symlink(target, path), 0);
}

static void make_function(const char *path, const char *class)
{
    const char *bdf = strrchr(path, '/') + 1;
    char target[512];

    make_file(path, "class", class);
    make_file(path, "vendor", "0x15b3\n");
    make_file(path, "device", "0x101d\n");
    make_file(path, "numa_node", "0\n");
    snprintf(target, sizeof(target), "../../../%s", path);
    make_link("bus/pci/devices", bdf, target);
}

/* A root port with a NIC and its VF, and a device elsewhere in the NIC's IOMMU group. */
static void make_tree(void)
{
    strcpy(root, "/tmp/vtopo-sysfs-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(root));
    make_file(NODE, "cpulist", "0\n");
    make_file(NODE, "meminfo", "Node 0 MemTotal: 4096 kB\nNode 0 MemFree: 1024 kB\n");
    make_file(NODE "/hugepages/hugepages-2048kB", "nr_hugepages", "20\n");
    make_file(NODE "/hugepages/hugepages-2048kB", "free_hugepages", "3\n");
    make_directory(NODE "/hugepages/hugepages-1048576kB");
    make_directory(NODE "/hugepages/another");
    make_file("devices/system/cpu", "isolated", "6-7\n");
    make_file("devices/system/cpu", "online", "0\n");
    make_file("devices/system/cpu/cpu0/topology", "core_id", "0\n");
    make_function(PORT_PATH, "0x060400\n");
    make_function(NIC_PATH, "0x020000\n");
    make_function(VF_PATH, "0x020000\n");
    make_function(OTHER_PATH, "0x030200\n");
    make_link(VF_PATH, "physfn", "../0000:3b:00.0");
    make_link(NIC_PATH, "iommu_group", "../../../../kernel/iommu_groups/7");
    make_link("kernel/iommu_groups/7/devices", "0000:3b:00.0", "../../../../" NIC_PATH);
    make_link("kernel/iommu_groups/7/devices", "0000:5d:00.0", "../../../../" OTHER_PATH);
    make_link("kernel/iommu_groups/7/devices", UUID, "../../../../" NIC_PATH "/" UUID);
    make_directory(VF_PATH "/" UUID);
    make_link("bus/mdev/devices", UUID, "../../../" VF_PATH "/" UUID);
    make_directory(NIC_PATH "/mlx5_core.sf.4/vdpa2/vhost-vdpa-1");
    make_link("bus/vdpa/devices", "vdpa2", "../../../" NIC_PATH "/mlx5_core.sf.4/vdpa2");
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
    (void)status;
    (void)type;
    (void)ftw;
    return remove(path);
}

static void remove_tree(void)
{
    ck_assert_int_eq(nftw(root, remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static void read_details(const struct domain *domain, unsigned details, struct vtopo_host *host)
{
    struct vtopo_error *error = NULL;
    int code = sysfs_read(root, domain, details, host, &error);

    ck_assert_msg(!code, "%s", code ? vtopo_error_message(error) : "");
}

static void read_tree(const struct domain *domain, struct vtopo_host *host)
{
    read_details(domain, HOST_PLACES, host);
}

/* Reads what a domain with this one device needs; @cells: it has a guest NUMA cell that is tied to
 * a node. */
static void read_for(struct domain_device device, bool cells, struct vtopo_host *host)
{
    struct domain_cell cell = {0};
    struct domain_memnode memnode = {0};
    struct domain domain = {
        .cells = {&cell, cells, 1},
        .memnodes = {&memnode, cells, 1},
        .devices = {&device, 1, 1},
    };

    read_tree(&domain, host);
}

static void expect_functions(const struct vtopo_host *host, const char *expected)
{
    char found[512] = "";

    for (size_t i = 0; i < host->functions.count; i++) {
        strcat(found, i ? " " : "");
        strcat(found, BDF_TEXT(&host->functions.items[i].bdf));
    }
    ck_assert_str_eq(found, expected);
}

static const struct domain_device nic = {.kind = DEVICE_HOSTDEV_PCI, .source = {0, 0x3b, 0, 0}};
static const struct domain_device vf = {.kind = DEVICE_INTERFACE_HOSTDEV,
                                        .source = {0, 0x3b, 0, 1}};

START_TEST(the_whole_host)
{
    struct vtopo_host host = {0};

    read_tree(NULL, &host);
    expect_functions(&host, "0000:3a:00.0 0000:3b:00.0 0000:3b:00.1 0000:5d:00.0");
    ck_assert_int_eq(host.functions.items[0].port, PORT_ROOT);
    ck_assert_uint_eq(host.functions.items[2].parent, 0);
    ck_assert(host.functions.items[2].is_vf);
    ck_assert_uint_eq(host.functions.items[3].root.bus, 0x5d);
    ck_assert_uint_eq(host.cpus.count, 1);
    ck_assert_str_eq(host.mdevs.items[0].uuid, UUID);
    ck_assert_uint_eq(host.mdevs.items[0].parent.function, 1);
    ck_assert_str_eq(host.vdpas.items[0].name, "vdpa2");
    ck_assert_str_eq(host.vdpas.items[0].device, "vhost-vdpa-1");
    ck_assert_uint_eq(host.vdpas.items[0].parent.bus, 0x3b);
    host_clear(&host);
}
END_TEST

START_TEST(nodes_of_devices_and_smmus)
{
    struct vtopo_host host = {0};

    read_tree(NULL, &host);
    ck_assert(!host.nodes.items[0].initiator);
    ck_assert_ptr_null(host.functions.items[1].smmu);
    host_clear(&host);
    make_file("devices/system/node", "has_generic_initiator", "0,3-4\n");
    make_link(NIC_PATH, "iommu", "../../../platform/arm-smmu-v3.0.auto/iommu/smmu3.0x11000000");
    make_link(OTHER_PATH, "iommu", "../../virtual/iommu/dmar0");
    read_tree(NULL, &host);
    ck_assert(host.nodes.items[0].initiator);
    ck_assert_str_eq(host.functions.items[1].smmu, "smmu3.0x11000000");
    ck_assert_ptr_null(host.functions.items[3].smmu);
    host_clear(&host);
    read_for(nic, true, &host);
    ck_assert(host.nodes.items[0].initiator); /* a plan needs it */
    host_clear(&host);
}
END_TEST

START_TEST(a_function_brings_its_bridges_and_its_group)
{
    struct vtopo_host host = {0};

    read_for(nic, true, &host);
    expect_functions(&host, "0000:3a:00.0 0000:3b:00.0 0000:5d:00.0");
    ck_assert_uint_eq(host.nodes.count, 1);
    ck_assert_uint_eq(host.cpus.count, 0);
    host_clear(&host);
}
END_TEST

START_TEST(a_virtual_function_brings_its_physical_one)
{
    struct vtopo_host host = {0};

    read_for(vf, true, &host);
    expect_functions(&host, "0000:3a:00.0 0000:3b:00.0 0000:3b:00.1");
    host_clear(&host);
}
END_TEST

START_TEST(cpus_are_read_for_a_domain_without_cells)
{
    struct vtopo_host host = {0};

    read_for(nic, false, &host);
    ck_assert_uint_eq(host.cpus.count, 1);
    ck_assert(idset_size(&host.isolated) == 2 && idset_has(&host.isolated, 7));
    ck_assert_uint_eq(host.nodes.count, 1);
    ck_assert_uint_eq(host.nodes.items[0].memory_kib, 4096);
    ck_assert_uint_eq(host.nodes.items[0].memory_free_kib, 1024);
    ck_assert_uint_eq(host.nodes.items[0].pages.count, 2);
    ck_assert_uint_eq(host.nodes.items[0].pages.items[0].size_kib, 2048);
    ck_assert_uint_eq(host.nodes.items[0].pages.items[0].total, 20);
    ck_assert_uint_eq(host.nodes.items[0].pages.items[0].free, 3);
    ck_assert_uint_eq(host.nodes.items[0].pages.items[1].size_kib, 1048576);
    host_clear(&host);
    read_for(nic, true, &host); /* of no use where cells are tied */
    ck_assert(idset_empty(&host.isolated) && !host.nodes.items[0].pages.count);
    host_clear(&host);
}
END_TEST

/* What ties its cells to nodes is proposed, and that hands out whole cores. */
START_TEST(cpus_are_read_for_a_domain_whose_cells_no_memnode_ties)
{
    struct domain_cell cell = {0};
    struct domain_device device = nic;
    struct domain domain = {.cells = {&cell, 1, 1}, .devices = {&device, 1, 1}};
    struct vtopo_host host = {0};

    ck_assert_int_eq(sysfs_read(root, &domain, HOST_PLACES, &host, NULL), 0);
    ck_assert_uint_eq(host.cpus.count, 1);
    host_clear(&host);
}
END_TEST

START_TEST(mdevs_and_vdpas_bring_their_function)
{
    struct vtopo_host host = {0};
    char upper[] = "4B20D080-1B54-4048-85B3-A6A62D165C01", path[] = "/dev/vhost-vdpa-1";

    read_for((struct domain_device){.kind = DEVICE_HOSTDEV_MDEV, .source_id = upper}, true, &host);
    expect_functions(&host, "0000:3a:00.0 0000:3b:00.0 0000:3b:00.1");
    ck_assert_uint_eq(host.mdevs.count, 1);
    host_clear(&host);
    read_for((struct domain_device){.kind = DEVICE_INTERFACE_VDPA, .source_id = path}, true, &host);
    expect_functions(&host, "0000:3a:00.0 0000:3b:00.0 0000:5d:00.0");
    ck_assert_uint_eq(host.vdpas.count, 1);
    ck_assert_uint_eq(host.mdevs.count, 0);
    host_clear(&host);
}
END_TEST

START_TEST(what_the_host_lacks_is_left_out)
{
    struct vtopo_host host = {0};
    const char *const ids[] = {"c0f1a7d2-6e35-4b89-9d44-1f2e3d4c5b03",
                               "../../../" NIC_PATH,
                               "",
                               "vdpa2",
                               "/dev/vhost-vdpa-2",
                               "/dev/../vhost-vdpa-1"};

    read_for((struct domain_device){.kind = DEVICE_HOSTDEV_PCI, .source = {0, 0x99, 0, 0}}, true,
             &host);
    expect_functions(&host, "");
    host_clear(&host);
    for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++) {
        read_for((struct domain_device){.kind = DEVICE_HOSTDEV_MDEV, .source_id = (char *)ids[i]},
                 true, &host);
        expect_functions(&host, "");
        host_clear(&host);
        read_for((struct domain_device){.kind = DEVICE_INTERFACE_VDPA, .source_id = (char *)ids[i]},
                 true, &host);
        expect_functions(&host, "");
        host_clear(&host);
    }
}
END_TEST

/* Had it listed the functions or the CPUs, or opened another function, it would have failed. */
START_TEST(for_a_domain_nothing_else_is_looked_at)
{
    struct vtopo_host host = {0};
    struct vtopo_error *error = NULL;

    make_function("devices/pci0000:99/0000:99:00.0", "broken");
    make_link("bus/pci/devices", "no-address", "nowhere");
    make_file("devices/system/cpu", "online", "broken");
    make_link("bus/mdev/devices", "no-uuid", "nowhere");
    make_link("bus/vdpa/devices", "vdpa9", "/nowhere");
    read_for(vf, true, &host);
    expect_functions(&host, "0000:3a:00.0 0000:3b:00.0 0000:3b:00.1");
    host_clear(&host);
    ck_assert_int_eq(sysfs_read(root, NULL, HOST_PLACES, &host, &error), VTOPO_ERR_HOST);
    vtopo_error_free(error);
    host_clear(&host);
}
END_TEST

/* From here on openat2() fails as it does where it is not known. */
static void forbid_openat2(unsigned error)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof(filter) / sizeof(*filter), filter};

    ck_assert_int_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
    ck_assert_int_eq(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

static const unsigned openat2_errors[] = {0, ENOSYS, EPERM};

START_TEST(openat2_is_not_needed)
{
    struct vtopo_host host = {0};

    forbid_openat2(openat2_errors[_i]);
    read_tree(NULL, &host);
    ck_assert_uint_gt(host.functions.count, 2);
    host_clear(&host);
}
END_TEST

START_TEST(no_directory_is_a_link)
{
    struct vtopo_host host = {0};
    char from[512], to[512];

    in_root(PORT_PATH, from, sizeof(from));
    in_root("elsewhere", to, sizeof(to));
    ck_assert_int_eq(rename(from, to), 0);
    make_link("devices/pci0000:3a", "0000:3a:00.0", "../../elsewhere");
    if (openat2_errors[_i])
        forbid_openat2(openat2_errors[_i]);
    ck_assert_int_eq(sysfs_read(root, NULL, HOST_PLACES, &host, NULL), VTOPO_ERR_HOST);
    host_clear(&host);
}
END_TEST

START_TEST(no_file_stays_open)
{
    struct vtopo_host host = {0};
    int before = open("/dev/null", O_RDONLY), after;

    close(before);
    read_tree(NULL, &host);
    host_clear(&host);
    ck_assert_int_eq(sysfs_read("/dev", NULL, HOST_PLACES, &host, NULL), VTOPO_ERR_HOST);
    host_clear(&host);
    after = open("/dev/null", O_RDONLY);
    close(after);
    ck_assert_int_eq(before, after);
}
END_TEST

START_TEST(links_are_read_when_asked_for)
{
    struct domain_cell cell = {0};
    struct domain_memnode memnode = {0};
    struct domain_device device = nic;
    struct domain domain = {
        .cells = {&cell, 1, 1}, .memnodes = {&memnode, 1, 1}, .devices = {&device, 1, 1}};

    make_file(PORT_PATH, "max_link_speed", "16.0 GT/s PCIe\n");
    make_file(PORT_PATH, "max_link_width", "8\n");
    make_file(NIC_PATH, "subsystem_device", "0x1234\n");
    make_file("devices/system/cpu", "modalias",
              "cpu:type:x86,ven0002fam0019mod0011:feature:,0000\n");
    for (unsigned details = HOST_PLACES; details <= HOST_LINKS; details++) {
        struct vtopo_host host = {0};

        read_details(&domain, details, &host);
        ck_assert_uint_eq(host.functions.items[0].link_max.speed, details ? 160 : 0);
        ck_assert_uint_eq(host.functions.items[0].link_max.width, details ? 8 : 0);
        ck_assert_uint_eq(host.functions.items[1].subsystem_device, details ? 0x1234 : 0);
        ck_assert_str_eq(host.processor.vendor, details ? "AuthenticAMD" : "");
        ck_assert_uint_eq(host.processor.family, details ? 25 : 0);
        ck_assert_uint_eq(host.cpus.count, 0);
        host_clear(&host);
    }
}
END_TEST

START_TEST(what_checks_look_at_is_read_when_asked_for)
{
    struct domain_cell cell = {0};
    struct domain_memnode memnode = {0};
    struct domain_device device = nic;
    struct domain domain = {
        .cells = {&cell, 1, 1}, .memnodes = {&memnode, 1, 1}, .devices = {&device, 1, 1}};

    make_file(NIC_PATH, "config", "0123456789abcdef");
    make_file(NIC_PATH, "max_link_speed", "16.0 GT/s PCIe\n");
    make_file(NIC_PATH, "current_link_speed", "8.0 GT/s PCIe\n");
    make_file(NIC_PATH, "current_link_width", "4\n");
    make_link(NIC_PATH, "driver", "../../../../bus/pci/drivers/mlx5_core");
    for (unsigned details = HOST_PLACES; details <= (HOST_LINKS | HOST_CHECKS); details++) {
        struct vtopo_host host = {0};
        const struct host_function *f;
        bool asked = details & HOST_CHECKS;

        read_details(&domain, details, &host);
        f = &host.functions.items[1];
        ck_assert_uint_eq(f->config_size, asked ? 16 : 0);
        ck_assert_uint_eq(f->link_now.speed, asked ? 80 : 0);
        ck_assert_uint_eq(f->link_now.width, asked ? 4 : 0);
        ck_assert_uint_eq(f->link_max.speed, details ? 160 : 0);
        ck_assert_str_eq(f->driver, "mlx5_core"); /* who holds a device is always read */
        host_clear(&host);
    }
}
END_TEST

/* One file in place of three, where it has all that they say. */
START_TEST(uevent_says_class_vendor_and_device)
{
    static const struct {
        const char *uevent;
        unsigned class_code, vendor, device;
    } rows[] = {
        {"DRIVER=mlx5_core\nPCI_CLASS=20700\nPCI_ID=10DE:1021\nPCI_SUBSYS_ID=15B3:0001\n", 0x020700,
         0x10de, 0x1021},
        {"PCI_CLASS=0207\nPCI_ID=1:2\n", 0x000207, 1, 2},
        {"PCI_CLASS=20700\n", 0x020000, 0x15b3, 0x101d},
        {"PCI_ID=10DE:1021\n", 0x020000, 0x15b3, 0x101d},
        {"PCI_CLASS=1020700\nPCI_ID=10DE:1021\n", 0x020000, 0x15b3, 0x101d},
        {"PCI_CLASS=20700\nPCI_ID=10DE1021\n", 0x020000, 0x15b3, 0x101d},
        {"PCI_CLASS=20700\nPCI_ID=10DE:1021", 0x020000, 0x15b3, 0x101d},
        {"XPCI_CLASS=20700\nPCI_ID=10DE:1021\n", 0x020000, 0x15b3, 0x101d},
        {"", 0x020000, 0x15b3, 0x101d},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct vtopo_host host = {0};

        make_file(NIC_PATH, "uevent", rows[i].uevent);
        read_for(nic, true, &host);
        ck_assert_uint_eq(host.functions.items[1].class_code, rows[i].class_code);
        ck_assert_uint_eq(host.functions.items[1].vendor, rows[i].vendor);
        ck_assert_uint_eq(host.functions.items[1].device, rows[i].device);
        host_clear(&host);
    }
}
END_TEST

/* Its config space is a directory, which cannot be read without an error. */
START_TEST(a_root_port_with_its_driver_needs_no_config_space)
{
    static const char *const drivers[] = {"pcieport", "vfio-pci"};

    make_directory(PORT_PATH "/config");
    for (size_t i = 0; i < sizeof(drivers) / sizeof(*drivers); i++) {
        struct domain_cell cell = {0};
        struct domain_memnode memnode = {0};
        struct domain_device device = nic;
        struct domain domain = {
            .cells = {&cell, 1, 1}, .memnodes = {&memnode, 1, 1}, .devices = {&device, 1, 1}};
        struct vtopo_host host = {0};
        char uevent[64];
        int code;

        snprintf(uevent, sizeof(uevent), "DRIVER=%s\nPCI_CLASS=60400\nPCI_ID=8086:347A\n",
                 drivers[i]);
        make_file(PORT_PATH, "uevent", uevent);
        code = sysfs_read(root, &domain, HOST_PLACES, &host, NULL);
        ck_assert_int_eq(code, i ? VTOPO_ERR_HOST : 0);
        if (!code)
            ck_assert_int_eq(host.functions.items[0].port, PORT_ROOT);
        host_clear(&host);
        /* Of the whole host, and for checks, all of it is read. */
        ck_assert_int_eq(sysfs_read(root, NULL, HOST_PLACES, &host, NULL), VTOPO_ERR_HOST);
        host_clear(&host);
        ck_assert_int_eq(sysfs_read(root, &domain, HOST_CHECKS, &host, NULL), VTOPO_ERR_HOST);
        host_clear(&host);
    }
}
END_TEST

START_TEST(of_a_bridge_above_others_less_is_read)
{
    static const struct domain_device port = {.kind = DEVICE_HOSTDEV_PCI,
                                              .source = {0, 0x3a, 0, 0}};
    struct vtopo_host host = {0};

    make_link(PORT_PATH, "iommu_group", "../../../kernel/iommu_groups/3");
    read_for(nic, true, &host);
    ck_assert_int_eq(host.functions.items[0].node, -1);
    ck_assert_int_eq(host.functions.items[0].iommu_group, -1);
    ck_assert_int_eq(host.functions.items[1].node, 0);
    ck_assert_int_eq(host.functions.items[1].iommu_group, 7);
    host_clear(&host);
    read_for(port, true, &host);
    ck_assert_int_eq(host.functions.items[0].node, 0);
    ck_assert_int_eq(host.functions.items[0].iommu_group, 3);
    host_clear(&host);
}
END_TEST

START_TEST(long_lists_are_read_whole)
{
    static char types[3 * 4096];
    struct vtopo_host host = {0};

    for (size_t i = 0; i < sizeof(types) - 32; i++)
        types[i] = i % 16 == 15 ? '\n' : ' ';
    strcat(types, "\n558   : NVIDIA A40-2B\n");
    make_file(VF_PATH "/nvidia", "current_vgpu_type", "558\n");
    make_file(VF_PATH "/nvidia", "creatable_vgpu_types", types);
    read_tree(NULL, &host);
    ck_assert_str_eq(host.functions.items[2].vgpu_type, "NVIDIA A40-2B");
    host_clear(&host);
}
END_TEST

START_TEST(a_virtual_function_says_its_vgpu_type)
{
    static const struct {
        const char *current, *list, *type;
    } rows[] = {
        {"558\n", "ID    : vGPU Name\n557   : NVIDIA A40-1B\n558   : NVIDIA A40-2B\n",
         "NVIDIA A40-2B"},
        {"558\n", "ID    : vGPU Name\n5580  : NVIDIA A40-1B\n", NULL},
        {"558\n", "558   : \001\n", NULL},
        {"558\n", "", NULL},
        {"0\n", "0 : NVIDIA A40-1B\n", NULL},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct vtopo_host host = {0};

        make_file(VF_PATH "/nvidia", "current_vgpu_type", rows[i].current);
        make_file(VF_PATH "/nvidia", "creatable_vgpu_types", rows[i].list);
        read_tree(NULL, &host);
        if (rows[i].type)
            ck_assert_str_eq(host.functions.items[2].vgpu_type, rows[i].type);
        else
            ck_assert_ptr_null(host.functions.items[2].vgpu_type);
        host_clear(&host);
    }
}
END_TEST

/* A card that is used up makes no more, and its own list may be the first to be empty. */
START_TEST(a_vgpu_type_is_known_to_others_of_the_card)
{
    static const char *const lists[] = {"ID    : vGPU Name\n", ""};

    make_link(NIC_PATH, "virtfn0", "../0000:3b:00.1");
    make_link(NIC_PATH, "virtfn1", "../0000:3b:00.2");
    make_file(VF_PATH "/nvidia", "current_vgpu_type", "558\n");
    make_file(PORT_PATH "/0000:3b:00.2/nvidia", "creatable_vgpu_types",
              "558   : NVIDIA A100-3-20C\n");
    for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
        struct vtopo_host host = {0};

        make_file(VF_PATH "/nvidia", "creatable_vgpu_types", lists[i]);
        read_tree(NULL, &host);
        ck_assert_str_eq(host.functions.items[2].vgpu_type, "NVIDIA A100-3-20C");
        host_clear(&host);
    }
}
END_TEST

START_TEST(only_known_processors_count)
{
    static const struct {
        const char *modalias, *vendor;
        unsigned family, model;
    } rows[] = {
        {"cpu:type:x86,ven0000fam0006mod008F:feature:", "GenuineIntel", 6, 0x8f},
        {"cpu:type:x86,ven000Afam0007mod005B:feature:", "  Shanghai  ", 7, 0x5b},
        {"cpu:type:x86,ven0001fam0006mod008F:feature:", "", 0, 0},
        {"cpu:type:x86,ven00FFfam0006mod008F:feature:", "", 0, 0},
        {"cpu:type:x86,ven0000fam0006mod008f:feature:", "", 0, 0},
        {"cpu:type:x86,ven0000fam0006mod", "", 0, 0},
        {"cpu:type:aarch64:feature:,0000", "", 0, 0},
        {"", "", 0, 0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct vtopo_host host = {0};

        make_file("devices/system/cpu", "modalias", rows[i].modalias);
        read_tree(NULL, &host);
        ck_assert_str_eq(host.processor.vendor, rows[i].vendor);
        ck_assert_uint_eq(host.processor.family, rows[i].family);
        ck_assert_uint_eq(host.processor.model, rows[i].model);
        host_clear(&host);
    }
}
END_TEST

/* --- /proc/cpuinfo --- */

/* What is read of a cpuinfo of this content, beside a tree that is called "sys". */
static struct host_processor read_cpuinfo(const char *content, size_t size)
{
    char top[sizeof(root)], path[sizeof(root) + 32];
    struct vtopo_host host = {0};
    struct host_processor processor;
    FILE *file;

    strcpy(top, root);
    snprintf(path, sizeof(path), "%s/proc", top);
    mkdir(path, 0755);
    strcat(path, "/cpuinfo");
    file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(content, 1, size, file), size);
    fclose(file);
    strcat(root, "/sys");
    mkdir(root, 0755);
    make_directory("devices/system/node");
    make_directory("bus/pci/devices");
    make_file("devices/system/cpu", "modalias", "cpu:type:x86,ven0000fam0006mod008F:feature:");
    read_details(NULL, HOST_PLACES | HOST_ADDRESSES, &host);
    strcpy(root, top);
    processor = host.processor;
    host_clear(&host);
    return processor;
}

#define SIZES "address sizes\t: 52 bits physical, 57 bits virtual\n"
#define BEFORE                                                                                     \
    "processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t\t: fpu vme pdpe1gb rdtscp la57 lm\n"
#define VMX "vmx flags\t: vnmi ept_5level ple\n"

START_TEST(addresses_of_the_first_processor)
{
    static const struct {
        const char *text;
        unsigned bits, guest_bits;
        bool pages_1g, la57;
    } rows[] = {
        {BEFORE VMX SIZES "\n", 52, 52, true, true},
        {BEFORE "vmx flags\t: vnmi ple\n" SIZES, 52, 48, true, true}, /* EPT of four levels */
        {BEFORE SIZES, 52, 52, true, true},                           /* AMD's: as the host */
        {"flags\t\t: fpu lm\n" SIZES, 52, 48, false, false},
        {"flags\t\t: fpu\naddress sizes\t: 46 bits physical, 48 bits virtual\n", 46, 46, false,
         false},
        /* one that is like it is none */
        {"flags\t\t: xpdpe1gb pdpe1gbx la570 nola57\n" SIZES, 52, 48, false, false},
        {"flagsx\t\t: pdpe1gb\nmy flags\t: la57\n" SIZES, 52, 48, false, false},
        {"flags\t\t: fpu\npower management: pdpe1gb la57\n" SIZES, 52, 48, false, false},
        /* the next processor is another one */
        {"flags\t\t: fpu\n" SIZES "\nprocessor\t: 1\nflags\t\t: pdpe1gb la57\n", 52, 48, false,
         false},
        {"flags\t\t: fpu\n\nprocessor\t: 1\n" SIZES, 0, 0, false, false},
        /* what is no width */
        {"", 0, 0, false, false},
        {"\n\n" BEFORE SIZES, 0, 0, false, false},
        {BEFORE, 0, 0, false, false},
        {BEFORE "address sizes", 0, 0, false, false},
        {BEFORE "address sizes\t:", 0, 0, false, false},
        {BEFORE "address sizes\t: \n", 0, 0, false, false},
        {BEFORE "address sizes\t: many bits physical\n", 0, 0, false, false},
        {BEFORE "address sizes\t: 31 bits physical\n", 0, 0, false, false},
        {BEFORE "address sizes\t: 64 bits physical\n", 0, 0, false, false},
        {BEFORE "address sizes\t: 99999999999999999999999 bits physical\n", 0, 0, false, false},
        {BEFORE "address sizes\t: -18446744073709551570 bits physical\n", 0, 0, false, false},
        {BEFORE "address sizes\t: 46\n", 0, 0, false, false},
        {BEFORE "address sizes\t: 46 bits virtual\n", 0, 0, false, false},
        {BEFORE "address sizes\t:\n46 bits physical\n", 0, 0, false, false},
        {BEFORE "address sizes 46 bits physical\n", 0, 0, false, false},
        /* other architectures */
        {"processor\t: 0\nFeatures\t: fp asimd\nCPU implementer\t: 0x41\n", 0, 0, false, false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct host_processor found = read_cpuinfo(rows[i].text, strlen(rows[i].text));

        ck_assert_msg(found.bits == rows[i].bits && found.guest_bits == rows[i].guest_bits &&
                          found.pages_1g == rows[i].pages_1g && found.la57 == rows[i].la57,
                      "row %zu: %u %u %d %d", i, found.bits, found.guest_bits, found.pages_1g,
                      found.la57);
    }
}
END_TEST

/* A long one is cut, and what is then no line of the first processor counts nothing. */
START_TEST(long_and_binary_cpuinfo)
{
    static const char text[] = BEFORE VMX SIZES;
    const size_t size = 1 << 20;
    autofree char *all = malloc(size);
    struct host_processor found;

    ck_assert_ptr_nonnull(all);
    memset(all, 'x', size);
    memcpy(all, text, strlen(text));
    found = read_cpuinfo(all, size);
    ck_assert_uint_eq(found.bits, 52);
    memset(all, 'x', size);
    memcpy(all + size - strlen(text), text, strlen(text));
    all[size - strlen(text) - 1] = '\n';
    found = read_cpuinfo(all, size);
    ck_assert_uint_eq(found.bits, 0);
    memset(all, '\n', size);
    found = read_cpuinfo(all, size);
    ck_assert_uint_eq(found.bits, 0);
    found = read_cpuinfo(text, sizeof(text)); /* with its NUL */
    ck_assert_uint_eq(found.bits, 0);
    ck_assert(!found.pages_1g && !found.la57);
    /* a flag is cut where reading ends: "la57" of "la57x" */
    memset(all, ' ', size);
    memcpy(all, SIZES "flags\t\t:", strlen(SIZES "flags\t\t:"));
    memcpy(all + 16384 - 5, " la57x ", 7);
    found = read_cpuinfo(all, size);
    ck_assert_uint_eq(found.bits, 52);
    ck_assert(!found.la57);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sysfs");
    TCase *tests = tcase_create("sysfs");

    suite_add_tcase(suite, tests);
    tcase_add_checked_fixture(tests, make_tree, remove_tree);
    tcase_add_test(tests, the_whole_host);
    tcase_add_test(tests, nodes_of_devices_and_smmus);
    tcase_add_test(tests, a_function_brings_its_bridges_and_its_group);
    tcase_add_test(tests, a_virtual_function_brings_its_physical_one);
    tcase_add_test(tests, cpus_are_read_for_a_domain_without_cells);
    tcase_add_test(tests, cpus_are_read_for_a_domain_whose_cells_no_memnode_ties);
    tcase_add_test(tests, mdevs_and_vdpas_bring_their_function);
    tcase_add_test(tests, what_the_host_lacks_is_left_out);
    tcase_add_test(tests, for_a_domain_nothing_else_is_looked_at);
    tcase_add_test(tests, links_are_read_when_asked_for);
    tcase_add_test(tests, what_checks_look_at_is_read_when_asked_for);
    tcase_add_test(tests, only_known_processors_count);
    tcase_add_test(tests, addresses_of_the_first_processor);
    tcase_add_test(tests, long_and_binary_cpuinfo);
    tcase_add_test(tests, uevent_says_class_vendor_and_device);
    tcase_add_test(tests, a_root_port_with_its_driver_needs_no_config_space);
    tcase_add_test(tests, of_a_bridge_above_others_less_is_read);
    tcase_add_test(tests, long_lists_are_read_whole);
    tcase_add_test(tests, a_virtual_function_says_its_vgpu_type);
    tcase_add_test(tests, a_vgpu_type_is_known_to_others_of_the_card);
    tcase_add_test(tests, no_file_stays_open);
    tcase_add_loop_test(tests, openat2_is_not_needed, 1, 3);
    tcase_add_loop_test(tests, no_directory_is_a_link, 0, 3);
    return run_suite(suite);
}
