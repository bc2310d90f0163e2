/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_pace.c - how often vtopod rewrites one VM: the waits, and when they are over */
#include "../../cmd/pace.h"

#include "suite.h"

#include <check.h>

#define MINUTE (60 * 1000LL)
#define HOUR (60 * MINUTE)

START_TEST(the_first_one_waits_for_nothing)
{
    struct pace pace = {0};

    ck_assert_int_eq(pace_next(&pace), 0);
    ck_assert(pace_is_over(&pace, 1));
}
END_TEST

START_TEST(each_one_in_a_row_waits_twice_as_long)
{
    static const int64_t waits[] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600, 3600};
    struct pace pace = {0};
    int64_t now = 5 * HOUR;

    for (size_t i = 0; i < sizeof(waits) / sizeof(*waits); i++) {
        pace_add(&pace, now);
        ck_assert_int_eq(pace_next(&pace) - now, waits[i] * 1000);
        now = pace_next(&pace);
    }
    for (int i = 0; i < 100; i++)
        pace_add(&pace, now);
    ck_assert_int_eq(pace_next(&pace) - now, HOUR);
}
END_TEST

START_TEST(a_quiet_time_ends_the_row)
{
    struct pace pace = {0};

    pace_add(&pace, HOUR);
    pace_add(&pace, 2 * HOUR);
    ck_assert(!pace_is_over(&pace, 4 * HOUR));
    ck_assert(pace_is_over(&pace, 4 * HOUR + 1));
    pace_add(&pace, 4 * HOUR + 1);
    ck_assert_int_eq(pace_next(&pace), 4 * HOUR + 1001);
}
END_TEST

/* Somebody defines it otherwise once a minute, and it is rewritten as soon as it may be. */
START_TEST(once_a_minute_becomes_once_an_hour)
{
    struct pace pace = {0};
    int rewrites[24] = {0};

    for (int64_t now = MINUTE; now < 24 * HOUR; now += MINUTE) {
        if (pace.count && pace_next(&pace) > now)
            continue;
        pace_add(&pace, now);
        rewrites[now / HOUR]++;
    }
    ck_assert_int_le(rewrites[0], 12);
    for (int hour = 3; hour < 24; hour++)
        ck_assert_int_le(rewrites[hour], 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pace");
    TCase *all = tcase_create("all");

    tcase_add_test(all, the_first_one_waits_for_nothing);
    tcase_add_test(all, each_one_in_a_row_waits_twice_as_long);
    tcase_add_test(all, a_quiet_time_ends_the_row);
    tcase_add_test(all, once_a_minute_becomes_once_an_hour);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
