/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_pairs.c - GPUDirect modes of kinds, and what keeps them from happening */
#include "nccl_world.h"

#include "peer/pairs.h"

#include <stdio.h>

#define UUID_1 "4b20d080-1b54-4048-85b3-a6a62d165c01"
#define UUID_2 "4b20d080-1b54-4048-85b3-a6a62d165c02"

static struct world w;
static struct pairs pairs;

static void setup(void)
{
    nccl_world_init(&w);
    for (size_t i = 0; i < w.host.functions.count; i++)
        w.host.functions.items[i].vendor =
            w.host.functions.items[i].class_code == GPU ? 0x10de : 0x15b3;
}

static void teardown(void)
{
    pairs_clear(&pairs);
    world_clear(&w);
}

static void make_pairs(void)
{
    plan_or_fail(&w);
    ck_assert(pairs_make(w.plan, SIZE_MAX, &pairs));
}

static const struct pair *pair_of_devices(size_t one, size_t other)
{
    for (size_t i = 0; i < pairs.items.count; i++) {
        const struct pair *p = &pairs.items.items[i];

        if ((p->one == one && p->other == other) || (p->one == other && p->other == one))
            return p;
    }
    return NULL;
}

static const char *text_of(const struct pair *pair)
{
    static char text[128];

    if (!pair)
        return "no pair";
    snprintf(text, sizeof(text), "%s", pair_mode_name(pair->mode));
    if (pair->mode == PAIR_P2P || pair->mode == PAIR_RDMA)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), " %s",
                 pair_verdict_name(pair->verdict));
    for (unsigned i = 0; i < OBSTACLES; i++) {
        if (pair->obstacles & 1U << i)
            snprintf(text + strlen(text), sizeof(text) - strlen(text), " %s",
                     pair_obstacle_name((enum pair_obstacle)(1U << i)));
    }
    return text;
}

static const char *pair(const char *one, const char *other)
{
    return text_of(pair_of_devices((size_t)(device_of(&w, one) - w.plan->devices.items),
                                   (size_t)(device_of(&w, other) - w.plan->devices.items)));
}

/* The device that was added last, and an earlier one. */
static const char *last_with(size_t back, const char *other)
{
    return text_of(pair_of_devices(w.plan->devices.count - 1 - back,
                                   (size_t)(device_of(&w, other) - w.plan->devices.items)));
}

/*
 * Config space of a function: an empty list of capabilities but PCI Express, and one extended
 * capability.
 * @id 0: none.
 */
static void set_config(const char *bdf, uint16_t id, uint16_t able, uint16_t control)
{
    struct host_function *f = function_at(&w, bdf);
    unsigned char *c = calloc(4096, 1);

    ck_assert_ptr_nonnull(c);
    free(f->config);
    f->config = c;
    f->config_size = 4096;
    c[0] = 0xde;
    c[6] = 0x10;
    c[0x34] = 0x40;
    c[0x40] = 0x10;
    c[0x42] = 0x02;
    if (!id)
        return;
    c[0x100] = (unsigned char)id;
    c[0x102] = 1;
    c[0x104] = (unsigned char)able;
    c[0x106] = (unsigned char)control;
    c[0x107] = (unsigned char)(control >> 8);
}

#define ACS 0x0d
#define ATS 0x0f

/* All as it should be. */
static void set_good(void)
{
    for (size_t i = 0; i < w.host.functions.count; i++) {
        const char *bdf = BDF_TEXT(&w.host.functions.items[i].bdf);

        if (w.host.functions.items[i].port == PORT_DOWNSTREAM)
            set_config(bdf, ACS, 0x7f, 0x5d);
        else
            set_config(bdf, ATS, 0, 0x8000);
    }
}

START_TEST(whole_devices)
{
    set_good();
    make_pairs();
    ck_assert_str_eq(pair("43:00.0", "47:00.0"), "rdma yes");
    ck_assert_str_eq(pair("43:00.0", "48:00.0"), "p2p no clique");
    ck_assert_str_eq(pair("43:00.0", "50:00.0"), "rdma no host");
    ck_assert_str_eq(pair("61:00.0", "62:00.1"), "rdma no host");
    ck_assert_str_eq(pair("47:00.0", "50:00.0"), "no pair");
    ck_assert_str_eq(pair("43:00.0", "50:00.1"), "no pair");
    ck_assert_uint_eq(pairs.peers.count, 6);
    ck_assert_uint_eq(pairs.items.count, 3 + 3 * 3);
}
END_TEST

START_TEST(what_cannot_be_read_is_not_claimed)
{
    make_pairs();
    ck_assert_str_eq(pair("43:00.0", "47:00.0"), "rdma unknown unread");
}
END_TEST

START_TEST(registers_stand_in_the_way)
{
    static const struct {
        const char *bdf;
        uint16_t id, control;
        const char *expected;
    } rows[] = {
        {"42:00.0", ACS, 0x5d, "rdma yes"},
        {"42:00.0", ACS, 0x1d, "rdma detour acs-detour"},
        {"42:00.0", ACS, 0x00, "rdma no acs"},
        {"42:00.0", ACS, 0x7d, "rdma no acs"},
        {"42:00.0", 0, 0, "rdma no acs"},
        {"47:00.0", ATS, 0, "rdma not yet ats-later"},
        {"47:00.0", 0, 0, "rdma detour ats"},
        {"50:00.0", ATS, 0, "rdma yes"},
        /* Below the port where the ways part there is nothing to send across. */
        {"46:00.0", ACS, 0x1d, "rdma yes"},
        {"46:00.0", ACS, 0x00, "rdma no acs"},
        {"46:00.0", 0, 0, "rdma yes"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        set_good();
        set_config(rows[i].bdf, rows[i].id, 0x7f, rows[i].control);
        pairs_clear(&pairs);
        make_pairs();
        ck_assert_str_eq(pair("43:00.0", "47:00.0"), rows[i].expected);
    }
}
END_TEST

/* What Linux turns on at the start is not on if it is off now. */
START_TEST(ats_of_a_running_guest)
{
    set_good();
    set_config("47:00.0", ATS, 0, 0);
    w.domain.running = true;
    make_pairs();
    ck_assert_str_eq(pair("43:00.0", "47:00.0"), "rdma detour ats-later");
}
END_TEST

/* Both sides of both limits: one that is older goes before one that is not known. */
START_TEST(iommufd_maps_by_versions)
{
    static const struct {
        unsigned qemu;
        const char *kernel, *verdict;
    } rows[] = {
        {0, "", "rdma unknown iommufd"},           {11000000, "", "rdma unknown iommufd"},
        {0, "6.19.0-rc1", "rdma unknown iommufd"}, {10002099, "", "rdma no iommufd"},
        {10002099, "6.19.0", "rdma no iommufd"},   {0, "6.18.3-200.fc43.x86_64", "rdma no iommufd"},
        {11000000, "6.18.99", "rdma no iommufd"},  {11000000, "6.19.0-rc1", "rdma yes"},
        {11001000, "7.0.1-amd64", "rdma yes"},
    };

    set_good();
    w.domain.iommufd = true;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        w.policy.qemu_version = rows[i].qemu;
        strcpy(w.host.kernel, rows[i].kernel);
        pairs_clear(&pairs);
        make_pairs();
        ck_assert_msg(!strcmp(pair("43:00.0", "47:00.0"), rows[i].verdict), "%u %s: %s",
                      rows[i].qemu, rows[i].kernel, pair("43:00.0", "47:00.0"));
        ck_assert_int_eq(!finding_of(&w, FINDING_P2P_IOMMUFD), !strstr(rows[i].verdict, "iommufd"));
    }
}
END_TEST

START_TEST(the_domain_stands_in_the_way)
{
    set_good();
    w.domain.guest_iommu = true;
    make_pairs();
    ck_assert_str_eq(pair("43:00.0", "47:00.0"), "rdma unknown guest-iommu");
    ck_assert_str_eq(pair("43:00.0", "48:00.0"), "p2p no clique guest-iommu");
}
END_TEST

START_TEST(the_guest_may_lack_the_switch)
{
    set_good();
    w.policy.mirror = MIRROR_ROOT;
    make_pairs();
    ck_assert_str_eq(pair("43:00.0", "47:00.0"), "rdma no placement");
    ck_assert_int_eq(pair_of_devices(0, 1)->guest.type, NCCL_PHB);
    ck_assert_int_eq(pair_of_devices(0, 1)->with_file.type, NCCL_PXB);
}
END_TEST

static void add_type(const char *uuid, const char *parent, const char *type)
{
    add_mdev(&w, uuid, parent);
    for (size_t i = 0; i < w.host.mdevs.count; i++) {
        if (!strcmp(w.host.mdevs.items[i].uuid, uuid))
            w.host.mdevs.items[i].type_name = type ? strdup(type) : NULL;
    }
    add_named(&w, DEVICE_HOSTDEV_MDEV, uuid, NULL);
}

/* NVIDIA's table: rows of time-sliced and of MIG-backed vGPUs. */
START_TEST(virtual_gpus)
{
    static const struct {
        const char *one, *other, *pair, *with_gpu;
    } rows[] = {
        {"GRID T4-4Q", "GRID T4-4Q", "nvlink", "none"},
        {"NVIDIA A100-3-20C", "NVIDIA A100-3-20C", "none", "none"},
        {"GRID T4-4Q", "NVIDIA A100-3-20C", "none", "none"},
        {NULL, NULL, "nvlink", "none"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        teardown();
        setup();
        set_good();
        add_type(UUID_1, "48:00.0", rows[i].one);
        add_type(UUID_2, "48:00.0", rows[i].other);
        make_pairs();
        ck_assert_str_eq(
            text_of(pair_of_devices(w.plan->devices.count - 1, w.plan->devices.count - 2)),
            rows[i].pair);
        ck_assert_str_eq(last_with(0, "61:00.0"), rows[i].with_gpu);
        ck_assert_str_eq(last_with(0, "47:00.0"), "rdma yes");
    }
}
END_TEST

static const char *kind_of(const struct host_function *function, const char *host)
{
    return peer_kind_name(peer_kind_of(&w.host, (size_t)(function - w.host.functions.items),
                                       &w.domain.devices.items[device_of(&w, host)->device]));
}

START_TEST(a_virtual_function_is_what_its_type_says)
{
    struct host_function *vf = function_at(&w, "62:00.1");

    vf->class_code = GPU;
    vf->vendor = 0x10de;
    vf->vgpu_type = strdup("NVIDIA A100-3-20C");
    make_pairs();
    ck_assert_str_eq(pair("61:00.0", "62:00.1"), "none");
    ck_assert_str_eq(kind_of(vf, "62:00.1"), "mig");
    ck_assert_int_eq(device_of(&w, "62:00.1")->peer, PEER_MIG);
    ck_assert_str_eq(device_of(&w, "62:00.1")->vgpu_type, "NVIDIA A100-3-20C");
    free(vf->vgpu_type);
    vf->vgpu_type = NULL;
    ck_assert_str_eq(kind_of(vf, "62:00.1"), "vgpu");
    vf->vendor = 0x1002;
    ck_assert_str_eq(kind_of(vf, "62:00.1"), "gpu");
}
END_TEST

START_TEST(gpus_of_two_makers_are_no_peers)
{
    function_at(&w, "48:00.0")->vendor = 0x1002;
    make_pairs();
    ck_assert_str_eq(pair("43:00.0", "48:00.0"), "none");
}
END_TEST

/* The verdict is of PCIe; what the board does besides is said apart from it. */
START_TEST(modules_have_nvlink)
{
    set_good();
    function_at(&w, "43:00.0")->device = 0x20b0;
    make_pairs();
    ck_assert_str_eq(pair_nvlink_name(pair_of_devices(0, 2)->nvlink), "unknown");
    ck_assert_ptr_null(pair_nvlink_name(pair_of_devices(0, 1)->nvlink));
    pairs_clear(&pairs);
    function_at(&w, "48:00.0")->device = 0x20b2;
    make_pairs();
    ck_assert_str_eq(pair_nvlink_name(pair_of_devices(0, 2)->nvlink), "board");
    ck_assert_str_eq(pair("43:00.0", "48:00.0"), "p2p no clique");
}
END_TEST

START_TEST(others_need_no_clique)
{
    set_good();
    function_at(&w, "43:00.0")->vendor = function_at(&w, "48:00.0")->vendor = 0x1002;
    make_pairs();
    ck_assert_str_eq(pair("43:00.0", "48:00.0"), "p2p yes");
}
END_TEST

/* Without asking for it: what NCCL would see if ports said the host's links. */
START_TEST(links_of_the_host_are_tried_out)
{
    const struct pair *p;

    make_pairs();
    p = pair_of_devices(0, 5); /* 43:00.0 and 61:00.0: from a switch to another node */
    ck_assert_int_eq(p->guest.type, NCCL_SYS);
    ck_assert_uint_eq(p->guest.bandwidth, 15);
    ck_assert_int_eq(p->links.type, NCCL_SYS);
    ck_assert_uint_eq(p->links.bandwidth, 48 * NCCL_PER_GB);
    for (size_t i = 0; i < w.plan->controllers.count; i++)
        ck_assert_uint_eq(w.plan->controllers.items[i].link.speed, 0);
    pairs_clear(&pairs);
    w.policy.links = LINKS_HOST;
    w.policy.qemu_version = 10000000;
    make_pairs();
    p = pair_of_devices(0, 5);
    ck_assert_uint_eq(p->guest.bandwidth, 48 * NCCL_PER_GB);
    ck_assert_uint_eq(p->links.bandwidth, 48 * NCCL_PER_GB);
}
END_TEST

/* NCCL tries on any path, and that goes through the root complex. */
START_TEST(two_gpus_of_an_amd_host_need_no_switch)
{
    set_good();
    w.host.processor = (struct host_processor){"AuthenticAMD", 25, 1};
    make_pairs();
    ck_assert_str_eq(pair("43:00.0", "61:00.0"), "p2p no host clique");
    pairs_clear(&pairs);
    function_at(&w, "48:00.0")->class_code = NIC;
    make_pairs();
    ck_assert_str_eq(pair("43:00.0", "61:00.0"), "p2p no host clique");
    ck_assert_str_eq(pair("43:00.0", "50:00.0"), "rdma no host");
    pairs_clear(&pairs);
    function_at(&w, "43:00.0")->vendor = function_at(&w, "61:00.0")->vendor = 0x1002;
    make_pairs();
    ck_assert_str_eq(pair("43:00.0", "61:00.0"), "p2p detour host");
}
END_TEST

START_TEST(two_gpus_of_an_amd_host_may_be_placed_apart)
{
    set_good();
    w.host.processor = (struct host_processor){"AuthenticAMD", 25, 1};
    w.policy.mirror = MIRROR_ROOT;
    function_at(&w, "61:00.0")->class_code = NIC;
    make_pairs();
    ck_assert_str_eq(pair("43:00.0", "48:00.0"), "p2p no clique");
    ck_assert_str_eq(pair("43:00.0", "47:00.0"), "rdma no placement");
}
END_TEST

START_TEST(vdpa_is_a_virtio_nic)
{
    add_vdpa(&w, "vdpa0", "62:00.0");
    add_named(&w, DEVICE_INTERFACE_VDPA, "/dev/vhost-vdpa0", NULL);
    make_pairs();
    ck_assert_str_eq(last_with(0, "61:00.0"), "none");
}
END_TEST

START_TEST(an_unchanged_domain_has_no_pairs)
{
    w.domain.machine_kind = MACHINE_OTHER;
    make_pairs();
    ck_assert_uint_eq(pairs.items.count, 0);
}
END_TEST

/* Without host-passthrough nobody knows what CPUID says in the guest; the file says what the host
 * is. */
START_TEST(sockets_of_the_guest_may_be_unknown)
{
    w.host.processor = (struct host_processor){"GenuineIntel", 6, 143};
    w.policy.mirror = MIRROR_ROOT;
    make_pairs();
    ck_assert(pair_of_devices(0, 5)->guest.at_most && !pair_of_devices(0, 5)->with_file.at_most);
    w.domain.cpu_is_host = true;
    pairs_clear(&pairs);
    make_pairs();
    ck_assert(!pair_of_devices(0, 5)->guest.at_most);
    ck_assert_uint_eq(pair_of_devices(0, 5)->guest.bandwidth, 22 * NCCL_PER_GB);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pairs");
    TCase *tcase = tcase_create("pairs");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, whole_devices);
    tcase_add_test(tcase, what_cannot_be_read_is_not_claimed);
    tcase_add_test(tcase, registers_stand_in_the_way);
    tcase_add_test(tcase, ats_of_a_running_guest);
    tcase_add_test(tcase, iommufd_maps_by_versions);
    tcase_add_test(tcase, the_domain_stands_in_the_way);
    tcase_add_test(tcase, the_guest_may_lack_the_switch);
    tcase_add_test(tcase, virtual_gpus);
    tcase_add_test(tcase, a_virtual_function_is_what_its_type_says);
    tcase_add_test(tcase, gpus_of_two_makers_are_no_peers);
    tcase_add_test(tcase, modules_have_nvlink);
    tcase_add_test(tcase, others_need_no_clique);
    tcase_add_test(tcase, links_of_the_host_are_tried_out);
    tcase_add_test(tcase, two_gpus_of_an_amd_host_need_no_switch);
    tcase_add_test(tcase, two_gpus_of_an_amd_host_may_be_placed_apart);
    tcase_add_test(tcase, vdpa_is_a_virtio_nic);
    tcase_add_test(tcase, an_unchanged_domain_has_no_pairs);
    tcase_add_test(tcase, sockets_of_the_guest_may_be_unknown);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
