/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_addresses.c - what counts of /proc/cpuinfo and of CPUID */
#include "sysfs/addresses.h"

#include "suite.h"

#include <check.h>

#define FLAGS .has_flags = true

START_TEST(who_says_what)
{
    static const struct {
        const char *what;
        struct cpuinfo info;
        struct cpuid cpuid;
        unsigned bits, kernel_bits, guest_bits;
        bool pages_1g, la57;
    } rows[] = {
        {"another machine's", {46, FLAGS, .pages_1g = true}, {.bits = 0}, 46, 0, 46, true, false},
        {"both agree", {46, FLAGS, .pages_1g = true}, {.bits = 46}, 46, 0, 46, true, false},
        /* memory encryption: SME of an EPYC, MKTME of a Xeon with EPT of five levels and without */
        {"SME", {43, FLAGS}, {.bits = 48}, 48, 43, 48, false, false},
        {"MKTME",
         {46, FLAGS, .la57 = true, .has_vmx = true, .ept_5level = true},
         {.bits = 52, .la57 = true},
         52,
         46,
         52,
         false,
         true},
        {"MKTME, EPT of four levels",
         {46, FLAGS, .la57 = true, .has_vmx = true},
         {.bits = 52, .la57 = true},
         52,
         46,
         48,
         false,
         true},
        /* the kernel uses four levels; guests have five, but KVM does not of AMD's */
        {"no5lvl", {52, FLAGS}, {.bits = 52, .la57 = true}, 52, 0, 48, false, true},
        {"no5lvl of Intel's",
         {52, FLAGS, .has_vmx = true, .ept_5level = true},
         {.bits = 52, .la57 = true},
         52,
         0,
         52,
         false,
         true},
        /* the kernel has switched them off: guests get none */
        {"pdpe1gb is off", {46, FLAGS}, {.bits = 46, .pages_1g = true}, 46, 0, 46, false, false},
        /* a cpuinfo that lacks lines */
        {"no flags", {46}, {.bits = 46, .pages_1g = true}, 46, 0, 46, true, false},
        {"no flags, wide", {52}, {.bits = 52, .la57 = true}, 52, 0, 48, false, true},
        {"no sizes", {0, FLAGS, .la57 = true}, {.bits = 52, .la57 = true}, 52, 0, 52, false, true},
        {"nothing", {0}, {.bits = 46, .pages_1g = true}, 46, 0, 46, true, false},
        /* CPUID without that leaf: what the kernel takes it for */
        {"no leaf", {36, FLAGS}, {.pages_1g = true}, 36, 0, 36, false, false},
        /* QEMU goes by CPUID, whatever else there is */
        {"less", {48, FLAGS}, {.bits = 46}, 46, 0, 46, false, false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct host_processor p = {"GenuineIntel", 6, 143};

        addresses_set(&rows[i].info, &rows[i].cpuid, &p);
        ck_assert_msg(p.bits == rows[i].bits && p.kernel_bits == rows[i].kernel_bits &&
                          p.guest_bits == rows[i].guest_bits && p.pages_1g == rows[i].pages_1g &&
                          p.la57 == rows[i].la57,
                      "%s: %u %u %u %d %d", rows[i].what, p.bits, p.kernel_bits, p.guest_bits,
                      p.pages_1g, p.la57);
        ck_assert_str_eq(p.vendor, "GenuineIntel");
    }
}
END_TEST

START_TEST(without_a_width_nothing_is_known)
{
    static const struct cpuinfo info = {0, FLAGS, .pages_1g = true, .la57 = true};
    static const struct cpuid cpuid = {.pages_1g = true, .la57 = true};
    struct host_processor p = {"GenuineIntel", 6, 143};

    addresses_set(&info, &cpuid, &p);
    ck_assert(!p.bits && !p.kernel_bits && !p.guest_bits && !p.pages_1g && !p.la57);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("addresses");
    TCase *tcase = tcase_create("addresses");

    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, who_says_what);
    tcase_add_test(tcase, without_a_width_nothing_is_known);
    return run_suite(suite);
}
