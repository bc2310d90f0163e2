/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_override_wish.c - properties that QEMU is given, and the aliases for that */
#include "clique_world.h"

#include "model/mark.h"
#include "plan/extra/override_wish.h"

START_TEST(devices_known_by_number_get_no_alias)
{
    add_hostdev(&w, "43:00.0", NULL);
    add_hostdev(&w, "44:00.0", NULL)->alias = strdup("ua-gpu");
    add_wish(&w, "43:00.0")->clique = 4;
    add_wish(&w, "44:00.0")->clique = 4;
    add_override("hostdev0", "x-foo", "1");
    plan_or_fail(&w);
    ck_assert_str_eq(written(), "ua-gpu=4 ua-vtopo-added=ua-gpu");
    ck_assert_uint_eq(findings_of(&w, FINDING_CLIQUE_ALIASES), 1);
    ck_assert(!device_of(&w, "43:00.0")->clique_given);
}
END_TEST

START_TEST(an_alias_that_is_taken_gets_a_number)
{
    add_hostdev(&w, "43:00.0", NULL);
    add_hostdev(&w, "45:00.0", NULL)->alias = strdup("hostdev7"); /* no user alias */
    add_other(&w, "disk vda", NULL)->alias = strdup("ua-vtopo-dev-0000-43-00-0");
    add_wish(&w, "43:00.0")->clique = 4;
    plan_or_fail(&w);
    ck_assert_str_eq(written(), "ua-vtopo-dev-0000-43-00-0-2=4");
}
END_TEST

START_TEST(an_old_libvirt_gets_arguments)
{
    add_hostdev(&w, "43:00.0", NULL);
    add_hostdev(&w, "44:00.0", NULL)->alias = strdup("ua-gpu");
    add_wish(&w, "43:00.0")->clique = 12;
    add_wish(&w, "44:00.0")->clique = 12;
    w.policy.libvirt_version = 8004999;
    plan_or_fail(&w);
    ck_assert_str_eq(written(), "ua-vtopo-dev-0000-43-00-0=12! ua-gpu=0xc!");
    w.policy.libvirt_version = 8005000;
    plan_or_fail(&w);
    ck_assert_str_eq(written(), "ua-vtopo-dev-0000-43-00-0=12 ua-gpu=12 ua-vtopo-added=ua-gpu");
}
END_TEST

/* --- is it there already? --- */

/* The plan's overrides as the rewritten XML has them. */
static void set_planned_overrides(void)
{
    for (size_t i = 0; i < w.domain.overrides.count; i++) {
        free(w.domain.overrides.items[i].alias);
        free(w.domain.overrides.items[i].name);
        free(w.domain.overrides.items[i].type);
        free(w.domain.overrides.items[i].value);
    }
    w.domain.overrides.count = 0;
    for (size_t i = 0; i < w.plan->overrides.count; i++) {
        const struct plan_override *o = &w.plan->overrides.items[i];
        struct domain_override *d = vec_add(&w.domain.overrides);

        ck_assert_ptr_nonnull(d);
        *d = (struct domain_override){.alias = strdup(o->alias),
                                      .name = strdup(o->name),
                                      .type = strdup(o->type),
                                      .value = strdup(o->value),
                                      .command_line = o->command_line,
                                      .marked = true};
    }
    w.plan->undo.overrides.count = w.plan->overrides.count;
}

static void change_text(char **text, const char *to)
{
    free(*text);
    *text = strdup(to);
}

START_TEST(exactly_these_overrides)
{
    struct domain_override *last;

    add_hostdev(&w, "43:00.0", NULL)->alias = strdup("ua-a");
    add_hostdev(&w, "44:00.0", NULL)->alias = strdup("ua-b");
    add_wish(&w, "43:00.0")->clique = 4;
    add_wish(&w, "44:00.0")->clique = 4;
    plan_or_fail(&w);
    ck_assert(!overrides_are_realised(w.plan, &w.domain));
    set_planned_overrides();
    ck_assert(overrides_are_realised(w.plan, &w.domain));
    last = &w.domain.overrides.items[w.domain.overrides.count - 1];
    last->marked = false;
    ck_assert(!overrides_are_realised(w.plan, &w.domain));
    last->marked = true;
    last->command_line = true;
    ck_assert(!overrides_are_realised(w.plan, &w.domain));
    last->command_line = false;
    change_text(&last->type, "bool");
    ck_assert(!overrides_are_realised(w.plan, &w.domain));
    set_planned_overrides();
    change_text(&w.domain.overrides.items[0].value, "5");
    ck_assert(!overrides_are_realised(w.plan, &w.domain));
    set_planned_overrides();
    change_text(&w.domain.overrides.items[0].alias, "ua-c");
    ck_assert(!overrides_are_realised(w.plan, &w.domain));
    set_planned_overrides();
    w.plan->undo.overrides.count++; /* one more of vtopo's is there */
    ck_assert(!overrides_are_realised(w.plan, &w.domain));
    w.plan->undo.overrides.count--;
    ck_assert(overrides_are_realised(w.plan, &w.domain));
}
END_TEST

START_TEST(the_aliases_that_were_given)
{
    add_hostdev(&w, "43:00.0", NULL);
    add_wish(&w, "43:00.0")->clique = 4;
    plan_or_fail(&w);
    set_planned_overrides();
    ck_assert(!overrides_are_realised(w.plan, &w.domain)); /* the device has no alias */
    w.domain.devices.items[0].alias = strdup("ua-vtopo-dev-0000-43-00-0");
    ck_assert(!overrides_are_realised(w.plan, &w.domain)); /* not known as vtopo's */
    ck_assert_ptr_nonnull(vec_add(&w.plan->undo.aliases));
    ck_assert(overrides_are_realised(w.plan, &w.domain));
    w.domain.devices.items[0].alias[24] = '1';
    ck_assert(!overrides_are_realised(w.plan, &w.domain));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("override_wish");
    TCase *tcase = tcase_create("override_wish");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, devices_known_by_number_get_no_alias);
    tcase_add_test(tcase, an_alias_that_is_taken_gets_a_number);
    tcase_add_test(tcase, an_old_libvirt_gets_arguments);
    tcase_add_test(tcase, exactly_these_overrides);
    tcase_add_test(tcase, the_aliases_that_were_given);
    return run_suite(suite);
}
