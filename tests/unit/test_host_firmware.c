/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_host_firmware.c - files of firmware, and what they have in common */
#include "model/host_firmware.h"

#include "base/error.h"
#include "base/mem.h"

#include "suite.h"

#include <check.h>
#include <string.h>

#define OVMF true
#define BIOS false

static struct host_firmwares list;

static void teardown(void)
{
    firmwares_clear(&list);
    ck_assert_ptr_null(list.items);
}

static void add(const char *path, bool is_ovmf, bool offered, unsigned version)
{
    ck_assert(firmwares_add(&list, path, is_ovmf, offered, version));
}

START_TEST(files_are_found)
{
    add("/b", OVMF, false, 2022011000);
    add("/a", BIOS, false, 1016002);
    add("/b", OVMF, true, 0); /* the same again: libvirt may take it, too */
    ck_assert_int_eq(firmwares_finish(&list, NULL), 0);
    ck_assert_uint_eq(list.count, 2);
    ck_assert_str_eq(list.items[0].path, "/a");
    ck_assert_uint_eq(firmwares_find(&list, "/b")->version, 2022011000);
    ck_assert(firmwares_find(&list, "/b")->offered);
    ck_assert(firmwares_find(&list, "/a")->kind == FIRMWARE_FILE_SEABIOS);
    ck_assert_ptr_null(firmwares_find(&list, "/c"));
}
END_TEST

START_TEST(a_release_in_common)
{
    ck_assert_uint_eq(firmwares_common_version(&list, OVMF), 0);
    add("/a", BIOS, false, 1016002);
    ck_assert_uint_eq(firmwares_common_version(&list, OVMF), 0);
    ck_assert_uint_eq(firmwares_common_version(&list, BIOS), 1016002);
    add("/b", OVMF, false, 2025002000); /* libvirt does not take it by itself */
    ck_assert_uint_eq(firmwares_common_version(&list, OVMF), 0);
    add("/c", OVMF, true, 2022011000);
    add("/d", OVMF, true, 2022011000);
    ck_assert_uint_eq(firmwares_common_version(&list, OVMF), 2022011000);
    add("/e", OVMF, true, 0);
    ck_assert_uint_eq(firmwares_common_version(&list, OVMF), 0);
    add("/f", BIOS, false, 1016003);
    ck_assert_uint_eq(firmwares_common_version(&list, BIOS), 0);
}
END_TEST

START_TEST(twice_is_an_error)
{
    struct vtopo_error *error = NULL;

    for (int i = 0; i < 2; i++) {
        struct host_firmware *added = vec_add(&list);

        ck_assert_ptr_nonnull(added);
        added->path = strdup("/a");
    }
    ck_assert_int_eq(firmwares_finish(&list, &error), VTOPO_ERR_HOST);
    ck_assert_str_eq(vtopo_error_message(error), "firmware /a is there twice");
    vtopo_error_free(error);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("host_firmware");
    TCase *tcase = tcase_create("host_firmware");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, NULL, teardown);
    tcase_add_test(tcase, files_are_found);
    tcase_add_test(tcase, a_release_in_common);
    tcase_add_test(tcase, twice_is_an_error);
    return run_suite(suite);
}
