/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_mmio_need.c - what firmware makes of ports and BARs; real/mmio boots the same */
#include "mmio_tree_text.h"
#include "suite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define KIB (UINT64_C(1) << 10)
#define GIB (UINT64_C(1) << 30)
#define G 1024 /* MiB */

static struct mmio_tree tree;
static struct mmio_space space;
static struct mmio_verdict verdict;

static void setup(void)
{
    space = (struct mmio_space){
        .bits = 40, .vendor = MMIO_AMD, .ram_end = 6 * GIB, .ram_above = 2 * GIB, .pci64 = -1};
}

static void teardown(void)
{
    mmio_tree_clear(&tree);
}

static void judge(enum mmio_firmware firmware)
{
    ck_assert(mmio_judge(firmware, &space, UINT64_C(1) << space.bits, &tree, &verdict));
}

/* MiB needed in a window of 128 GiB, or with 32 GiB. */
static const struct {
    const char *tree;
    enum mmio_vendor vendor;
    uint64_t need;
    bool fits;
} rows[] = {
    {"", MMIO_AMD, 0, true},
    {"/", MMIO_AMD, 0, true},
    {",", MMIO_AMD, 0, true},
    {"65536", MMIO_AMD, 64 * G, true},
    {"131072", MMIO_AMD, 128 * G, true},
    {"131072,1", MMIO_AMD, 128 * G + 1, false},
    {"32768", MMIO_INTEL, 32 * G, true},
    {"32768,1", MMIO_INTEL, 32 * G + 1, false},
    /* The first host bridge is at the start, so that the next one begins at the next multiple. */
    {"1/65536", MMIO_AMD, 128 * G, true},
    {"1/65536/65536", MMIO_AMD, 192 * G, false},
    {"/65536/65536", MMIO_AMD, 128 * G, true},
    {"1/32768/65536/1", MMIO_AMD, 128 * G, true}, /* the last one is between the first two */
    /* What is below a port is not rounded to its alignment, unless something follows. */
    {"/32768:32", MMIO_AMD, 32 * G + 32, true},
    {"/32768:32/32768:32/32768:32", MMIO_AMD, 160 * G + 32, false},
    {"/32768:32,32768:32/16384:32", MMIO_AMD, 128 * G + 32, false},
    {"/32768:32,32768,32768:32", MMIO_AMD, 128 * G + 32, false},
    {"/65536/1/1", MMIO_AMD, 64 * G + 2, true},
    /* Hot-pluggable ports keep 512 MiB of 128 GiB, and none of 32 GiB. */
    {"+,+,+,+/65536", MMIO_AMD, 128 * G, true},
    {"+,+,+,+,65536,32768,16384,8192,4096,2048", MMIO_AMD, 128 * G, true},
    {"+,+,+,+,+,65536,32768,16384,8192,4096,2048", MMIO_AMD, 128 * G + 512, false},
    {"+,+,+,+,16384,8192,4096,2048,1024,512,256", MMIO_INTEL, 32512, true},
    {"+1,+1024", MMIO_AMD, 1536, true},
    {"+[+,+]", MMIO_AMD, 1024, true},
    {"[32768:1,32768:1,16384],1", MMIO_AMD, 128 * G + 1, false},
};

START_TEST(needs_of_ovmf)
{
    space.vendor = rows[_i].vendor;
    mmio_tree_read(&tree, rows[_i].tree);
    judge(OVMF_202211);
    ck_assert_msg(verdict.need == rows[_i].need * MIB && verdict.fits == rows[_i].fits,
                  "%s: %llu MiB", rows[_i].tree, (unsigned long long)(verdict.need / MIB));
    ck_assert_uint_eq(verdict.size, (rows[_i].vendor == MMIO_AMD ? 128 : 32) * GIB);
}
END_TEST

START_TEST(old_ovmf_keeps_nothing_for_hot_plug)
{
    space.asked = 128 * GIB;
    mmio_tree_read(&tree, "+,+1");
    judge(OVMF_OLD);
    ck_assert_uint_eq(verdict.need, MIB);
    judge(OVMF_202211);
    ck_assert_uint_eq(verdict.need, GIB);
}
END_TEST

START_TEST(addresses_have_an_end)
{
    space.asked = 1024 * GIB;
    mmio_tree_read(&tree, "524288");
    judge(OVMF_202211);
    ck_assert_uint_eq(verdict.base, 1024 * GIB);
    ck_assert(!verdict.fits);
    space.bits = 41;
    judge(OVMF_202211);
    ck_assert(verdict.fits);
    mmio_tree_read(&tree, ""); /* nothing is out of reach */
    space.bits = 40;
    judge(OVMF_202211);
    ck_assert(verdict.fits);
}
END_TEST

START_TEST(a_host_bridge_has_one_list)
{
    size_t bridge;

    mmio_tree_clear(&tree);
    bridge = mmio_text_add(&tree, MMIO_HOST_BRIDGE, 0, 0, false);
    ck_assert_uint_ne(mmio_tree_add(&tree, &(struct mmio_node){.kind = MMIO_BAR,
                                                               .above = bridge,
                                                               .size = 16 * KIB,
                                                               .plain = true}),
                      SIZE_MAX);
    mmio_text_add(&tree, MMIO_BAR, bridge, 1, false);
    judge(OVMF_202211);
    ck_assert_uint_eq(verdict.need, 2 * MIB);
    judge(SEABIOS_1_17); /* each kind begins at a GiB */
    ck_assert_uint_eq(verdict.need, GIB + MIB);
}
END_TEST

/* MiB; 128 GiB of 1 TiB are the step of its window, 512 MiB what a port keeps. */
static const struct {
    const char *tree;
    uint64_t ram_above; /* GiB */
    enum mmio_firmware firmware;
    uint64_t base, need;
    bool fits;
} seabios[] = {
    {"524288", 2, SEABIOS_OLD, 512 * G, 512 * G, true},
    {"524288,1", 2, SEABIOS_OLD, 512 * G, 512 * G + 2, false},
    {"262144,65536:32", 2, SEABIOS_OLD, 256 * G, 384 * G, true},
    {"1/65536/65536:1,1", 2, SEABIOS_OLD, 64 * G, 192 * G + 4, true},
    {"524288", 2, SEABIOS_1_16_3, 512 * G, 512 * G, true},
    {"524288,1", 2, SEABIOS_1_16_3, 384 * G, 512 * G + 512, false},
    {"65536:32,65536:32", 2, SEABIOS_1_16_3, 768 * G, 129 * G, false}, /* 64.5 GiB each */
    {"65536:32", 2, SEABIOS_1_16_3, 896 * G, 65024 + 1024, true},
    {"65536:32,65536:32", 2, SEABIOS_1_17, 768 * G, 256 * G, true},
    {",,,65536", 2, SEABIOS_1_17, 896 * G, 64 * G + 1536, true},
    {"[,65536:1]", 2, SEABIOS_1_17, 768 * G, 192 * G, true},
    {"1048576", 2, SEABIOS_1_17, 1024 * G, 1024 * G, false},
    /* Without RAM above 4 GiB only what does not fit below goes there. */
    {"256,256:1", 0, SEABIOS_1_17, 0, 0, true},
    {"1024,256:1", 0, SEABIOS_1_17, 1022 * G, 1536, true},
};

START_TEST(needs_of_seabios)
{
    space.ram_above = seabios[_i].ram_above * GIB;
    space.ram_end = 4 * GIB + space.ram_above;
    space.low_room = 900 * MIB;
    mmio_tree_read(&tree, seabios[_i].tree);
    judge(seabios[_i].firmware);
    ck_assert_msg(verdict.base == seabios[_i].base * MIB &&
                      verdict.need == seabios[_i].need * MIB && verdict.fits == seabios[_i].fits,
                  "%s: %llu MiB at %llu", seabios[_i].tree,
                  (unsigned long long)(verdict.need / MIB),
                  (unsigned long long)(verdict.base / MIB));
}
END_TEST

START_TEST(seabios_gives_way_to_amds_range)
{
    space.amd_hole = true;
    mmio_tree_read(&tree, "65536");
    judge(SEABIOS_1_17);
    ck_assert_uint_eq(verdict.base, 768 * GIB);
    space.ram_end = 768 * GIB;
    judge(SEABIOS_1_17);
    ck_assert(verdict.fits);
    space.ram_end++;
    judge(SEABIOS_1_17);
    ck_assert(!verdict.fits);
}
END_TEST

START_TEST(absurd_sizes_fit_nowhere)
{
    static const enum mmio_firmware all[] = {OVMF_202211, SEABIOS_OLD, SEABIOS_1_16_3,
                                             SEABIOS_1_17};

    mmio_tree_clear(&tree);
    mmio_text_add(&tree, MMIO_HOST_BRIDGE, 0, 0, false);
    mmio_text_add(&tree, MMIO_PORT, 0, 0, true);
    for (size_t i = 0; i < 3; i++)
        ck_assert_uint_ne(
            mmio_tree_add(
                &tree, &(struct mmio_node){.kind = MMIO_BAR, .above = 1, .size = UINT64_MAX >> i}),
            SIZE_MAX);
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
        judge(all[i]);
        ck_assert(!verdict.fits);
    }
    mmio_tree_clear(&tree); /* not even a host bridge */
    judge(SEABIOS_1_17);
    ck_assert(verdict.fits);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("mmio_need");
    TCase *tcase = tcase_create("mmio_need");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, needs_of_ovmf, 0, (int)(sizeof(rows) / sizeof(*rows)));
    tcase_add_test(tcase, old_ovmf_keeps_nothing_for_hot_plug);
    tcase_add_test(tcase, addresses_have_an_end);
    tcase_add_test(tcase, a_host_bridge_has_one_list);
    tcase_add_loop_test(tcase, needs_of_seabios, 0, (int)(sizeof(seabios) / sizeof(*seabios)));
    tcase_add_test(tcase, seabios_gives_way_to_amds_range);
    tcase_add_test(tcase, absurd_sizes_fit_nowhere);
    return run_suite(suite);
}
