/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_pci_class.c - class codes in words */
#include "build.h"
#include "model/pci_class.h"

#include <check.h>

static const struct {
    uint32_t code;
    const char *word;
} cases[] = {
    {0x030000, "VGA controller"},
    {0x0300ff, "VGA controller"},
    {0x030200, "3D controller"},
    {0x030201, "3D controller"},
    {0x030100, "display controller"},
    {0x020000, "Ethernet controller"},
    {0x020700, "InfiniBand controller"},
    {0x028000, "network controller"},
    {0x010802, "NVMe controller"},
    {0x010000, "storage controller"},
    {0x060400, "PCI bridge"},
    {0x060000, "host bridge"},
    {0x068000, "bridge"},
    {0x0c0330, "USB controller"},
    {0x0c0500, "serial bus controller"},
    {0x120000, "accelerator"},
    {0x130000, "device"},
    {0x000000, "device"},
    {0xff0000, "device"},
};

START_TEST(the_most_exact_word)
{
    ck_assert_str_eq(class_word(cases[_i].code), cases[_i].word);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pci_class");
    TCase *tcase = tcase_create("pci_class");

    suite_add_tcase(suite, tcase);
    tcase_add_loop_test(tcase, the_most_exact_word, 0, sizeof(cases) / sizeof(*cases));
    return run_suite(suite);
}
