/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_mmio_window.c - where firmware puts its window; most rows are booted by real/mmio, too */
#include "suite.h"

#include "plan/budget/mmio_window.h"

#include <check.h>
#include <stdlib.h>

#define GIB (UINT64_C(1) << 30)
#define TIB (UINT64_C(1) << 40)

static struct mmio_space space_of(unsigned bits, enum mmio_vendor vendor, bool pages_1g)
{
    return (struct mmio_space){.bits = bits,
                               .vendor = vendor,
                               .pages_1g = pages_1g,
                               .ram_end = 6 * GIB,
                               .ram_above = 2 * GIB,
                               .pci64 = -1};
}

/* GiB; each from the firmware @first on to the one before @behind. */
START_TEST(windows_of_ovmf)
{
    static const struct {
        unsigned bits;
        enum mmio_vendor vendor;
        bool pages_1g;
        enum mmio_firmware first, behind;
        uint64_t base, size;
    } rows[] = {
        {40, MMIO_AMD, false, OVMF_OLD, OVMF_202211, 32, 32},
        {40, MMIO_AMD, false, OVMF_202211, AAVMF, 896, 128},
        {40, MMIO_INTEL, true, OVMF_OLD, AAVMF, 32, 32},
        {40, MMIO_OTHER_VENDOR, true, OVMF_OLD, AAVMF, 32, 32},
        {36, MMIO_INTEL, true, OVMF_OLD, AAVMF, 32, 32}, /* 8 GiB are less */
        {39, MMIO_INTEL, false, OVMF_202211, AAVMF, 448, 64},
        {39, MMIO_AMD, false, OVMF_202211, AAVMF, 32, 32},
        {38, MMIO_INTEL, false, OVMF_202211, AAVMF, 32, 32},
        {41, MMIO_OTHER_VENDOR, true, OVMF_202211, AAVMF, 1792, 256},
        {41, MMIO_INTEL, false, OVMF_202211, AAVMF, 896, 128},
        {46, MMIO_INTEL, false, OVMF_202211, AAVMF, 896, 128},
        {46, MMIO_INTEL, true, OVMF_OLD, OVMF_202211, 32, 32},
        {46, MMIO_INTEL, true, OVMF_202211, AAVMF, 57344, 8192},
        {47, MMIO_INTEL, true, OVMF_202211, OVMF_202308, 114688, 16384},
        {47, MMIO_INTEL, true, OVMF_202308, AAVMF, 57344, 8192},
        {52, MMIO_AMD, true, OVMF_202211, OVMF_202308, 114688, 16384},
        {52, MMIO_AMD, true, OVMF_202308, AAVMF, 57344, 8192},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct mmio_space space = space_of(rows[i].bits, rows[i].vendor, rows[i].pages_1g);

        for (enum mmio_firmware f = rows[i].first; f < rows[i].behind; f++) {
            struct mmio_window w = mmio_window_of(f, &space);

            ck_assert_msg(w.base == rows[i].base * GIB && w.size == rows[i].size * GIB,
                          "row %zu, firmware %d: %llu at %llu", i, (int)f,
                          (unsigned long long)(w.size / GIB), (unsigned long long)(w.base / GIB));
            ck_assert_int_eq(w.fixed, rows[i].base == 32);
        }
    }
}
END_TEST

/* Of machine virt: behind memory, aligned to its size, none where addresses do not reach. */
START_TEST(windows_of_virt)
{
    static const struct {
        unsigned bits;
        uint64_t memory, most, asked, base, size; /* GiB */
    } rows[] = {
        {40, 16, 0, 0, 512, 512},        {40, 255, 0, 0, 512, 512},     {40, 510, 0, 0, 512, 512},
        {40, 511, 0, 0, 1024, 0},        {48, 511, 0, 0, 1024, 512},    {48, 16, 600, 0, 1024, 512},
        {40, 16, 0, 1024, 1024, 0},      {41, 16, 0, 1024, 1024, 1024}, {41, 16, 0, 256, 512, 512},
        {44, 1500, 0, 4096, 4096, 4096},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct mmio_space space = {.bits = rows[i].bits, .asked = rows[i].asked * GIB};
        const struct mmio_memory memory = {
            .size = rows[i].memory * GIB, .most = rows[i].most * GIB, .slots = 2};
        struct mmio_window w;

        mmio_space_add_virt_memory(&space, &memory);
        w = mmio_window_of(AAVMF, &space);
        ck_assert_msg(w.base == rows[i].base * GIB && w.size == rows[i].size * GIB,
                      "row %zu: %llu at %llu", i, (unsigned long long)(w.size / GIB),
                      (unsigned long long)(w.base / GIB));
    }
}
END_TEST

/* With GuestPhysBits 40 bits are believed of Intel's processors, too, and fewer are used. */
START_TEST(the_hypervisor_says_how_many_bits)
{
    struct mmio_space space = space_of(40, MMIO_INTEL, true);

    space.guest_bits = 48;
    ck_assert_uint_eq(mmio_window_of(OVMF_202405, &space).size, 32 * GIB);
    ck_assert_uint_eq(mmio_window_of(OVMF_202408, &space).size, 128 * GIB);
    space = space_of(46, MMIO_INTEL, true);
    space.guest_bits = 42;
    ck_assert_uint_eq(mmio_window_of(OVMF_202405, &space).size, 8 * TIB);
    ck_assert_uint_eq(mmio_window_of(OVMF_202408, &space).size, 512 * GIB);
}
END_TEST

START_TEST(five_level_paging)
{
    struct mmio_space space = space_of(52, MMIO_INTEL, true);

    space.la57 = true;
    ck_assert_uint_eq(mmio_window_of(OVMF_202308, &space).bits, 46);
    ck_assert_uint_eq(mmio_window_of(OVMF_202405, &space).bits, 48);
    ck_assert_uint_eq(mmio_window_of(OVMF_202408, &space).bits, 48);
    ck_assert_uint_eq(mmio_window_of(OVMF_202411, &space).bits, 46); /* a small guest */
    space.paging = 5;
    ck_assert_uint_eq(mmio_window_of(OVMF_202411, &space).bits, 48);
    space.guest_bits = 52;
    ck_assert_uint_eq(mmio_window_of(OVMF_202405, &space).bits, 48);
    ck_assert_uint_eq(mmio_window_of(OVMF_202411, &space).bits, 52);
    space.paging = 0;
    space.hotplug_end = 960 * GIB; /* and 32 GiB on top: below 1 TiB */
    ck_assert_uint_eq(mmio_window_of(OVMF_202505, &space).bits, 46);
    space.hotplug_end = 961 * GIB;
    ck_assert_uint_eq(mmio_window_of(OVMF_202505, &space).bits, 52);
    space.paging = 4;
    ck_assert_uint_eq(mmio_window_of(OVMF_202505, &space).bits, 46);
    space.paging = 5;
    space.pages_1g = false;
    ck_assert_uint_eq(mmio_window_of(OVMF_202505, &space).bits, 40);
}
END_TEST

START_TEST(what_is_asked_for)
{
    static const struct {
        enum mmio_vendor vendor;
        uint64_t asked; /* GiB */
        enum mmio_firmware firmware;
        uint64_t base, size;
    } rows[] = {
        {MMIO_INTEL, 16, OVMF_OLD, 16, 16}, /* also less than the 32 GiB that it has unasked */
        {MMIO_INTEL, 16, OVMF_202411, 16, 16},  {MMIO_INTEL, 256, OVMF_202411, 256, 256},
        {MMIO_AMD, 16, OVMF_202411, 896, 128},  {MMIO_AMD, 127, OVMF_202411, 896, 128},
        {MMIO_AMD, 128, OVMF_202411, 128, 128}, {MMIO_AMD, 384, OVMF_202411, 256, 384},
        {MMIO_AMD, 16, OVMF_202505, 16, 16},    {MMIO_AMD, 64, OVMF_202505, 64, 64},
        {MMIO_AMD, 384, OVMF_202505, 256, 384},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct mmio_space space = space_of(40, rows[i].vendor, false);
        struct mmio_window w;

        space.asked = rows[i].asked * GIB - (rows[i].asked == 16); /* in whole GiB */
        w = mmio_window_of(rows[i].firmware, &space);
        ck_assert_msg(w.base == rows[i].base * GIB && w.size == rows[i].size * GIB, "row %zu", i);
    }
}
END_TEST

/* The window is below 1 TiB while there is room for it above memory. */
START_TEST(memory_takes_the_room)
{
    struct mmio_space space = space_of(40, MMIO_AMD, false);

    space.hotplug_end = 864 * GIB;
    ck_assert_uint_eq(mmio_window_of(OVMF_202211, &space).base, 896 * GIB);
    space.hotplug_end++;
    ck_assert_uint_eq(mmio_window_of(OVMF_202211, &space).base, 896 * GIB);
    ck_assert_uint_eq(mmio_window_of(OVMF_202211, &space).size, 32 * GIB);
}
END_TEST

START_TEST(amds_range_is_kept_free)
{
    struct mmio_space space = space_of(40, MMIO_AMD, false);

    space.amd_hole = true;
    ck_assert_uint_eq(mmio_window_of(OVMF_202211, &space).base, 896 * GIB);
    ck_assert_uint_eq(mmio_window_of(OVMF_202302, &space).base, 768 * GIB);
    space.ram_end = 768 * GIB;
    ck_assert_uint_eq(mmio_window_of(OVMF_202302, &space).size, 128 * GIB);
    space.ram_end++; /* below it, and so over memory */
    ck_assert_uint_eq(mmio_window_of(OVMF_202302, &space).size, 0);
    ck_assert_uint_eq(mmio_window_of(OVMF_202211, &space).size, 128 * GIB);
    space = space_of(43, MMIO_AMD, true); /* starts at 7 TiB */
    space.amd_hole = true;
    ck_assert_uint_eq(mmio_window_of(OVMF_202302, &space).base, 7 * TIB);
}
END_TEST

START_TEST(tops_of_seabios)
{
    static const struct {
        unsigned bits;
        enum mmio_vendor vendor;
        uint64_t ram_above;     /* GiB */
        unsigned before, since; /* 1.16.3, 1.17: bits of the top */
        bool pads_before, pads_since;
    } rows[] = {
        {40, MMIO_AMD, 2, 40, 40, true, true},    {40, MMIO_AMD, 0, 40, 40, false, false},
        {40, MMIO_INTEL, 2, 0, 0, false, true},   {39, MMIO_INTEL, 2, 39, 39, true, true},
        {44, MMIO_INTEL, 2, 44, 44, true, true},  {46, MMIO_INTEL, 2, 46, 44, true, true},
        {48, MMIO_AMD, 1023, 46, 44, true, true}, {48, MMIO_AMD, 1024, 46, 48, true, true},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct mmio_space space = space_of(rows[i].bits, rows[i].vendor, true);
        struct mmio_window before, since;

        space.ram_above = rows[i].ram_above * GIB;
        before = mmio_window_of(SEABIOS_1_16_3, &space);
        since = mmio_window_of(SEABIOS_1_17, &space);
        ck_assert_uint_eq(before.top, rows[i].before ? UINT64_C(1) << rows[i].before : 0);
        ck_assert_uint_eq(since.top, rows[i].since ? UINT64_C(1) << rows[i].since : 0);
        ck_assert_int_eq(before.pads, rows[i].pads_before);
        ck_assert_int_eq(since.pads, rows[i].pads_since);
        ck_assert_uint_eq(mmio_window_of(AAVMF, &space).top, 0);
        ck_assert(!mmio_window_of(AAVMF, &space).pads);
        space.pci64 = 0;
        ck_assert(!mmio_window_of(SEABIOS_1_17, &space).pads);
        space.pci64 = 1;
        ck_assert(mmio_window_of(SEABIOS_1_17, &space).pads);
    }
}
END_TEST

/* MiB and GiB; seen as "RAM above 4G" and in etc/reserved-memory-end of QEMU 7.2. */
START_TEST(where_qemu_puts_memory)
{
    static const struct {
        bool hole;
        uint64_t size, most; /* MiB */
        unsigned slots;
        uint64_t above, end, hotplug; /* MiB */
    } rows[] = {
        {false, 1024, 0, 0, 0, 4096, 0},
        {false, 2815, 0, 0, 0, 4096, 0},
        {false, 2816, 0, 0, 768, 4864, 0},
        {false, 4096, 0, 0, 2048, 6144, 0},
        {false, 4096, 4096, 2, 2048, 6144, 0},
        {false, 4096, 921600, 1, 2048, 6144, 924672},
        {false, 1024, 2048, 0, 0, 4096, 5120},
        {false, 4097, 5121, 3, 2049, 6145, 11264},
        {true, 1001472, 0, 0, 999424, 1003520, 0},     /* 980 GiB and 32 reach 1012 */
        {true, 1001473, 0, 0, 999425, 2048001, 0},     /* and this is above 1 TiB */
        {true, 4096, 1000448, 1, 2048, 6144, 1003520}, /* what may be plugged in counts, too */
        {true, 4096, 1001472, 1, 2048, 1050624, 2049024},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct mmio_space space = {.amd_hole = rows[i].hole};
        struct mmio_memory memory = {rows[i].size << 20, rows[i].most << 20, rows[i].slots,
                                     32 * GIB,           0xb0000000,         2 * GIB};

        mmio_space_add_memory(&space, &memory);
        ck_assert_msg(space.ram_above == rows[i].above << 20 &&
                          space.ram_end == rows[i].end << 20 &&
                          space.hotplug_end == rows[i].hotplug << 20,
                      "row %zu: %llu %llu %llu", i, (unsigned long long)(space.ram_above >> 20),
                      (unsigned long long)(space.ram_end >> 20),
                      (unsigned long long)(space.hotplug_end >> 20));
        ck_assert_uint_eq(mmio_memory_end(&space), (rows[i].hotplug ? rows[i].hotplug : rows[i].end)
                                                       << 20);
    }
}
END_TEST

/* i440fx: 3.5 GiB or more have 3 of them below 4 GiB. */
START_TEST(memory_of_i440fx)
{
    static const uint64_t rows[][2] = {{3583, 4096}, {3584, 4608}, {16384, 17408}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct mmio_space space = {.bits = 40};
        struct mmio_memory memory = {
            .size = rows[i][0] << 20, .hole64 = 2 * GIB, .split = 0xe0000000, .low = 3 * GIB};

        mmio_space_add_memory(&space, &memory);
        ck_assert_uint_eq(space.ram_end, rows[i][1] << 20);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("mmio_window");
    TCase *tcase = tcase_create("mmio_window");

    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, windows_of_virt);
    tcase_add_test(tcase, windows_of_ovmf);
    tcase_add_test(tcase, the_hypervisor_says_how_many_bits);
    tcase_add_test(tcase, five_level_paging);
    tcase_add_test(tcase, what_is_asked_for);
    tcase_add_test(tcase, memory_takes_the_room);
    tcase_add_test(tcase, amds_range_is_kept_free);
    tcase_add_test(tcase, tops_of_seabios);
    tcase_add_test(tcase, where_qemu_puts_memory);
    tcase_add_test(tcase, memory_of_i440fx);
    return run_suite(suite);
}
