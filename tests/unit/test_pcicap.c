/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_pcicap.c - capabilities are found in any bytes, and nothing outside them is looked at */
#include "model/pcicap.h"

#include "suite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* Of the size asked for, so that the sanitizer sees a step outside. */
static unsigned char *make(size_t size)
{
    static const unsigned char header[0x40] = {
        0xde, 0x10, 0xb5, 0x20, 0, 0, 0x10, 0, [0x34] = 0x60,
    };
    unsigned char *config = calloc(1, size);

    ck_assert_ptr_nonnull(config);
    memcpy(config, header, size < sizeof(header) ? size : sizeof(header));
    if (size >= 0x100) {
        memcpy(config + 0x60, "\x01\x78", 2); /* power management, then PCI Express */
        memcpy(config + 0x78, "\x10\x00", 2);
    }
    return config;
}

static void put32(unsigned char *config, size_t at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        config[at + (size_t)i] = (unsigned char)(value >> 8 * i);
}

START_TEST(walks_the_list)
{
    unsigned char *config = make(0x100);
    size_t at = 0;

    ck_assert_int_eq(pcicap_find(config, 0x100, PCICAP_EXPRESS, &at), PCICAP_FOUND);
    ck_assert_uint_eq(at, 0x78);
    ck_assert_int_eq(pcicap_find(config, 0x100, 0x05, &at), PCICAP_ABSENT);
    config[6] = 0; /* no list, whatever the pointer says */
    ck_assert_int_eq(pcicap_find(config, 0x100, PCICAP_EXPRESS, &at), PCICAP_ABSENT);
    free(config);
}
END_TEST

START_TEST(a_list_in_a_circle_ends)
{
    unsigned char *config = make(0x1000);
    size_t at;

    config[0x79] = 0x60;
    ck_assert_int_eq(pcicap_find(config, 0x1000, 0x05, &at), PCICAP_ABSENT);
    put32(config, 0x100, 0x20010001);
    put32(config, 0x200, 0x10010002);
    ck_assert_int_eq(pcicap_find_extended(config, 0x1000, PCICAP_EXT_ACS, &at), PCICAP_UNREADABLE);
    free(config);
}
END_TEST

/* What an ordinary user reads of config space is no answer, and neither is a sleeping function's.
 */
START_TEST(says_when_it_cannot_see)
{
    unsigned char *config = make(0x40);
    size_t at;

    ck_assert_int_eq(pcicap_find(config, 0x40, PCICAP_EXPRESS, &at), PCICAP_UNREADABLE);
    ck_assert_int_eq(pcicap_find_extended(config, 0x40, PCICAP_EXT_ACS, &at), PCICAP_UNREADABLE);
    ck_assert_int_eq(pcicap_find(config, 0x3f, PCICAP_EXPRESS, &at), PCICAP_UNREADABLE);
    ck_assert_int_eq(pcicap_find(NULL, 0, PCICAP_EXPRESS, &at), PCICAP_UNREADABLE);
    memset(config, 0xff, 0x40);
    ck_assert_int_eq(pcicap_find(config, 0x40, PCICAP_EXPRESS, &at), PCICAP_UNREADABLE);
    free(config);
    config = make(0x100);
    ck_assert_int_eq(pcicap_find_extended(config, 0x100, PCICAP_EXT_ACS, &at), PCICAP_UNREADABLE);
    free(config);
    config = make(0x1000);
    memset(config + 0x100, 0xff, 0xf00);
    ck_assert_int_eq(pcicap_find_extended(config, 0x1000, PCICAP_EXT_ACS, &at), PCICAP_UNREADABLE);
    free(config);
}
END_TEST

START_TEST(finds_extended_capabilities)
{
    unsigned char *config = make(0x1000);
    size_t at = 0;
    uint16_t control = 0;

    ck_assert_int_eq(pcicap_find_extended(config, 0x1000, PCICAP_EXT_ACS, &at), PCICAP_ABSENT);
    put32(config, 0x100, 0x14820001);
    put32(config, 0x148, 0xffc2000d); /* the last possible place is next */
    put32(config, 0x14c, 0x001d005f);
    ck_assert_int_eq(pcicap_find_extended(config, 0x1000, PCICAP_EXT_ACS, &at), PCICAP_FOUND);
    ck_assert_uint_eq(at, 0x148);
    ck_assert(pcicap_read16(config, 0x1000, at + 6, &control));
    ck_assert_uint_eq(control, 0x001d);
    ck_assert_int_eq(pcicap_find_extended(config, 0x1000, PCICAP_EXT_ATS, &at), PCICAP_ABSENT);
    /* A conventional function has none, though its config space was read as far as it goes. */
    config[0x61] = 0;
    ck_assert_int_eq(pcicap_find_extended(config, 0x100, PCICAP_EXT_ACS, &at), PCICAP_ABSENT);
    free(config);
}
END_TEST

START_TEST(reads_inside_only)
{
    unsigned char *config = make(0x40);
    uint32_t value = 0;
    uint16_t half = 0;

    ck_assert(pcicap_read32(config, 0x40, 0, &value));
    ck_assert_uint_eq(value, 0x20b510de);
    ck_assert(pcicap_read16(config, 0x40, 0x3e, &half));
    ck_assert(!pcicap_read16(config, 0x40, 0x3f, &half));
    ck_assert(!pcicap_read32(config, 0x40, 0x3e, &value));
    ck_assert(!pcicap_read16(config, 0x40, SIZE_MAX, &half));
    ck_assert(!pcicap_read16(config, 1, 0, &half));
    ck_assert(!pcicap_read16(NULL, 0x40, 0, &half));
    free(config);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pcicap");
    TCase *tcase = tcase_create("all");

    tcase_add_test(tcase, walks_the_list);
    tcase_add_test(tcase, a_list_in_a_circle_ends);
    tcase_add_test(tcase, says_when_it_cannot_see);
    tcase_add_test(tcase, finds_extended_capabilities);
    tcase_add_test(tcase, reads_inside_only);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
