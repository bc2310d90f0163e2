/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_bridge_config.c - of a bridge's config space what says what it is, and the same answers
 */
#include "sysfs/function.h"

#include "build.h"
#include "model/pcicap.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[64];
static struct tree tree;
static struct place place;
static unsigned char config[4096];

static void in_root(const char *path, char ret[128])
{
    ck_assert_int_lt(snprintf(ret, 128, "%s/%s", root, path), 128);
}

/* A function that has no PCI Express capability, nor another one, yet. */
static void setup(void)
{
    char path[128];

    strcpy(root, "/tmp/vtopo-config-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(root));
    in_root("f", path);
    ck_assert_int_eq(mkdir(path, 0755), 0);
    ck_assert_int_eq(tree_open(root, &tree, NULL), 0);
    ck_assert_int_eq(place_open(&tree, "f", 1, &place), 0);
    memset(config, 0, sizeof(config));
    memcpy(config, "\x86\x80\x34\x12", 4);
    config[0x06] = 0x10;
    config[0x0e] = 1;
    config[0x34] = 0x40;
}

static void teardown(void)
{
    char path[128];

    place_close(&place);
    tree_close(&tree);
    in_root("f/config", path);
    unlink(path);
    in_root("f", path);
    ck_assert_int_eq(rmdir(path), 0);
    ck_assert_int_eq(rmdir(root), 0);
}

/* Reads a config space of @size bytes, and holds what both lists say against all of it. */
static size_t read_config(size_t size)
{
    struct host_function function = {0};
    enum pcicap_result result, expected;
    size_t at = 0, other = 0, read;
    char path[128];
    FILE *file;

    in_root("f/config", path);
    file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(config, 1, size, file), size);
    fclose(file);
    ck_assert_int_eq(bridge_config_read(&place, false, &function), 0);
    read = function.config_size;
    ck_assert_uint_le(read, size);
    ck_assert_int_eq(memcmp(function.config, config, read < 64 ? read : 64), 0);
    result = pcicap_find(function.config, read, PCICAP_EXPRESS, &at);
    expected = pcicap_find(config, size, PCICAP_EXPRESS, &other);
    ck_assert_int_eq(result, expected);
    ck_assert_uint_eq(at, other);
    if (result == PCICAP_FOUND)
        ck_assert_int_eq(memcmp(function.config + at, config + at, 4), 0);
    result = pcicap_find_extended(function.config, read, PCICAP_EXT_ACS, &at);
    expected = pcicap_find_extended(config, size, PCICAP_EXT_ACS, &other);
    ck_assert_int_eq(result, expected);
    if (result == PCICAP_FOUND) {
        size_t count = size - at < 8 ? size - at : 8;

        ck_assert_uint_eq(at, other);
        ck_assert_uint_le(at + count, read);
        ck_assert_int_eq(memcmp(function.config + at, config + at, count), 0);
    }
    free(function.config);
    return read;
}

static void add_capability(unsigned char at, unsigned char id, unsigned char next)
{
    memcpy(config + at, (unsigned char[]){id, next, 0x62, 0x01}, 4);
}

static void add_extended(size_t at, uint16_t id, size_t next)
{
    const uint32_t header = (uint32_t)next << 20 | 1u << 16 | id;

    for (int i = 0; i < 4; i++)
        config[at + i] = (unsigned char)(header >> (8 * i));
    memcpy(config + at + 4, "\x1f\0\x1d\0", 4);
}

static void add_lists(void)
{
    add_capability(0x40, 0x01, 0x48);
    add_capability(0x48, 0x05, 0x60);
    add_capability(0x60, PCICAP_EXPRESS, 0xa0);
    add_capability(0xa0, 0x0d, 0);
    add_extended(0x100, 0x0001, 0x148);
    add_extended(0x148, PCICAP_EXT_ACS, 0x200);
    add_extended(0x200, 0x0019, 0);
}

START_TEST(both_lists_are_read_up_to_what_is_asked)
{
    add_lists();
    ck_assert_uint_eq(read_config(4096), 0x150);
}
END_TEST

START_TEST(a_shorter_space_gives_the_same_answers)
{
    static const size_t sizes[] = {0,     1,     0x3f,  0x40,  0x41,  0x43,  0x44,  0x4b,
                                   0x61,  0x63,  0x64,  0xa4,  256,   0x102, 0x104, 0x108,
                                   0x149, 0x14c, 0x14e, 0x150, 0x151, 4095};

    add_lists();
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
        read_config(sizes[i]);
}
END_TEST

START_TEST(without_capabilities_the_header_is_enough)
{
    config[0x06] = 0;
    ck_assert_uint_eq(read_config(4096), 64);
}
END_TEST

START_TEST(a_bridge_that_sleeps_is_left_alone)
{
    memset(config, 0xff, sizeof(config));
    ck_assert_uint_eq(read_config(4096), 64);
}
END_TEST

START_TEST(a_conventional_bridge_has_no_extended_list)
{
    add_capability(0x40, 0x0d, 0x50);
    add_capability(0x50, 0x01, 0);
    add_extended(0x100, PCICAP_EXT_ACS, 0);
    ck_assert_uint_eq(read_config(4096), 0x54);
}
END_TEST

START_TEST(circles_end)
{
    add_capability(0x40, 0x01, 0x48);
    add_capability(0x48, 0x05, 0x40);
    ck_assert_uint_eq(read_config(4096), 0x4c);
    add_capability(0x48, PCICAP_EXPRESS, 0x40);
    add_extended(0x100, 0x0001, 0x148);
    add_extended(0x148, 0x0002, 0x148);
    ck_assert_uint_eq(read_config(4096), 0x150);
    add_extended(0x148, 0x0002, 0x100);
    ck_assert_uint_eq(read_config(4096), 0x150);
}
END_TEST

START_TEST(lists_may_end_at_the_end_of_the_space)
{
    config[0x34] = 0xfc;
    add_capability(0xfc, PCICAP_EXPRESS, 0);
    memcpy(config + 0x100, "\x01\0\xc1\xff", 4); /* the next one is at 0xffc */
    memcpy(config + 0xffc, "\x02\0\x01\0", 4);
    ck_assert_uint_eq(read_config(4096), 4096);
}
END_TEST

START_TEST(any_bytes_give_the_same_answers)
{
    unsigned seed = 1;

    for (int round = 0; round < 300; round++) {
        add_lists();
        for (int i = 0; i < 12; i++) {
            static const size_t places[] = {0x06, 0x34, 0x40, 0x41,  0x48,  0x49,  0x60,
                                            0x61, 0xa0, 0xa1, 0x100, 0x103, 0x148, 0x14b};

            seed = seed * 1103515245 + 12345;
            config[places[seed >> 16 & 15 ? (seed >> 16) % 14 : 0]] = (unsigned char)(seed >> 24);
        }
        read_config(seed & 1 ? 4096 : 256);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bridge_config");
    TCase *tcase = tcase_create("bridge_config");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, both_lists_are_read_up_to_what_is_asked);
    tcase_add_test(tcase, a_shorter_space_gives_the_same_answers);
    tcase_add_test(tcase, without_capabilities_the_header_is_enough);
    tcase_add_test(tcase, a_bridge_that_sleeps_is_left_alone);
    tcase_add_test(tcase, a_conventional_bridge_has_no_extended_list);
    tcase_add_test(tcase, circles_end);
    tcase_add_test(tcase, lists_may_end_at_the_end_of_the_space);
    tcase_add_test(tcase, any_bytes_give_the_same_answers);
    return run_suite(suite);
}
