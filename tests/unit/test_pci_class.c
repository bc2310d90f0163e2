/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_pci_class.c - class codes: what is a GPU, what a network interface, and words */
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

START_TEST(gpus_and_network_interfaces)
{
    static const struct {
        uint32_t code;
        bool gpu, network;
    } rows[] = {
        {0x030000, true, false},  {0x0302ff, true, false},  {0x120000, true, false},
        {0x020000, false, true},  {0x0207ff, false, true},  {0x02ffff, false, true},
        {0x010802, false, false}, {0x0403ff, false, false}, {0x110000, false, false},
        {0x130000, false, false}, {0, false, false},        {0x000302, false, false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        ck_assert_int_eq(class_is_gpu(rows[i].code), rows[i].gpu);
        ck_assert_int_eq(class_is_network(rows[i].code), rows[i].network);
    }
    ck_assert_uint_eq(class_base(0x010802), CLASS_STORAGE);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pci_class");
    TCase *tcase = tcase_create("pci_class");

    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, gpus_and_network_interfaces);
    tcase_add_loop_test(tcase, the_most_exact_word, 0, sizeof(cases) / sizeof(*cases));
    return run_suite(suite);
}
