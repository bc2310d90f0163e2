/* SPDX-License-Identifier: GPL-2.0-or-later */
/* suite.h - the end of every main() of a suite */
#ifndef VTOPO_TESTS_SUITE_H
#define VTOPO_TESTS_SUITE_H

struct Suite;

/* Runs the suite, prints what failed, frees it; the exit status of main(). */
int run_suite(struct Suite *suite);

#endif
