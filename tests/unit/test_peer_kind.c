/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_peer_kind.c - what assigned devices are to each other */
#include "nccl_world.h"

#include "plan/ground/peer_kind.h"

static struct world w;

static void setup(void)
{
    nccl_world_init(&w);
}

static void teardown(void)
{
    world_clear(&w);
}

static enum peer_kind kind(const char *host, enum device_kind device)
{
    struct domain_device named = {.kind = device};
    struct bdf bdf = bdf_of(host);

    return peer_kind_of(&w.host, host_find(&w.host, &bdf), &named);
}

START_TEST(kinds)
{
    ck_assert_int_eq(kind("43:00.0", DEVICE_HOSTDEV_PCI), PEER_GPU);
    ck_assert_int_eq(kind("47:00.0", DEVICE_HOSTDEV_PCI), PEER_NIC);
    ck_assert_int_eq(kind("62:00.1", DEVICE_INTERFACE_HOSTDEV), PEER_NIC);
    ck_assert_int_eq(kind("62:00.0", DEVICE_INTERFACE_VDPA), PEER_VDPA);
    ck_assert_int_eq(kind("47:00.0", DEVICE_DISK_NVME), PEER_NONE);
    ck_assert_int_eq(kind("40:01.0", DEVICE_HOSTDEV_PCI), PEER_NONE);
    /* Nobody knows what it is a part of. */
    ck_assert_int_eq(kind("43:00.0", DEVICE_HOSTDEV_MDEV), PEER_VGPU);
    ck_assert_int_eq(peer_kind_of(&w.host, HOST_NONE, &(struct domain_device){0}), PEER_NONE);
    ck_assert_ptr_null(peer_vgpu_type(&w.host, HOST_NONE, &(struct domain_device){0}));
}
END_TEST

START_TEST(names)
{
    ck_assert_ptr_null(peer_kind_name(PEER_NONE));
    ck_assert_str_eq(peer_kind_name(PEER_VDPA), "vdpa");
    ck_assert(peer_is_gpu(PEER_GPU) && peer_is_gpu(PEER_VGPU) && peer_is_gpu(PEER_MIG));
    ck_assert(!peer_is_gpu(PEER_NONE) && !peer_is_gpu(PEER_NIC) && !peer_is_gpu(PEER_VDPA));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("peer_kind");
    TCase *tcase = tcase_create("peer_kind");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, kinds);
    tcase_add_test(tcase, names);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
