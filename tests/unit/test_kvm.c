/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_kvm.c - what KVM's answer says, and what is no KVM */
#include "sysfs/kvm.h"

#include "suite.h"

#include <check.h>

START_TEST(what_an_answer_says)
{
    ck_assert_uint_eq(kvm_bits_of(40), 40);
    ck_assert_uint_eq(kvm_bits_of(48), 48);
    ck_assert_uint_eq(kvm_bits_of(52), 52);
    ck_assert_uint_eq(kvm_bits_of(0), 0); /* x86, and old kernels */
    ck_assert_uint_eq(kvm_bits_of(-1), 0);
    ck_assert_uint_eq(kvm_bits_of(31), 0);
    ck_assert_uint_eq(kvm_bits_of(64), 0);
}
END_TEST

START_TEST(what_is_no_kvm_says_nothing)
{
    ck_assert_uint_eq(kvm_address_bits("/nothing/kvm"), 0);
    ck_assert_uint_eq(kvm_address_bits("/dev/null"), 0);
    ck_assert_uint_eq(kvm_address_bits("/dev"), 0);
    ck_assert_uint_eq(kvm_address_bits("/proc/version"), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kvm");
    TCase *tcase = tcase_create("kvm");

    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, what_an_answer_says);
    tcase_add_test(tcase, what_is_no_kvm_says_nothing);
    return run_suite(suite);
}
