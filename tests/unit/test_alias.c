/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_alias.c - aliases that no one else in the domain has */
#include "build.h"

#include "plan/tree/number.h"

#include <check.h>
#include <string.h>

static struct world w;
static struct layout made;

static void setup(void)
{
    world_init(&w);
    made = (struct layout){0};
}

static void teardown(void)
{
    layout_clear(&made);
    world_clear(&w);
}

static void add_alias(const char *alias)
{
    struct plan_controller *c = vec_add(&made.controllers);

    ck_assert(c);
    c->alias = strdup(alias);
    ck_assert(c->alias);
}

static void expect(size_t at, const char *alias)
{
    ck_assert_str_eq(made.controllers.items[at].alias, alias);
}

START_TEST(different_ones_stay)
{
    add_alias("ua-vtopo-b");
    add_alias("ua-vtopo-a");
    ck_assert(aliases_make_unique(&w.domain, &made));
    expect(0, "ua-vtopo-b");
    expect(1, "ua-vtopo-a");
}
END_TEST

START_TEST(the_second_gets_a_number)
{
    add_alias("ua-vtopo-a");
    add_alias("ua-vtopo-a");
    add_alias("ua-vtopo-a");
    ck_assert(aliases_make_unique(&w.domain, &made));
    expect(0, "ua-vtopo-a");
    expect(1, "ua-vtopo-a-2");
    expect(2, "ua-vtopo-a-3");
}
END_TEST

START_TEST(names_of_the_domain_are_taken)
{
    struct domain_controller *c = add_controller(&w, 1, CTRL_ROOT_PORT, "00:02.0");
    struct domain_device *d = add_other(&w, "disk vda", "01:00.0");

    c->alias = strdup("ua-vtopo-a");
    d->alias = strdup("ua-vtopo-a-2");
    add_alias("ua-vtopo-a");
    add_alias("ua-vtopo-a");
    ck_assert(aliases_make_unique(&w.domain, &made));
    expect(0, "ua-vtopo-a-3");
    expect(1, "ua-vtopo-a-4");
}
END_TEST

START_TEST(a_number_that_is_a_name_is_passed_over)
{
    add_alias("ua-vtopo-a-2");
    add_alias("ua-vtopo-a");
    add_alias("ua-vtopo-a");
    add_alias("ua-vtopo-a-2");
    ck_assert(aliases_make_unique(&w.domain, &made));
    expect(0, "ua-vtopo-a-2");
    expect(1, "ua-vtopo-a");
    expect(2, "ua-vtopo-a-3");
    expect(3, "ua-vtopo-a-2-2");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("alias");
    TCase *tcase = tcase_create("alias");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, different_ones_stay);
    tcase_add_test(tcase, the_second_gets_a_number);
    tcase_add_test(tcase, names_of_the_domain_are_taken);
    tcase_add_test(tcase, a_number_that_is_a_name_is_passed_over);
    return run_suite(suite);
}
