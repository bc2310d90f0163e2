/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_link_way.c - by what ports say the host's links: the generic switch, overrides, nothing */
#include "links_world.h"

/* How the ports of a nested switch are written: "target", "overrides" or "stock". */
static const char *way(void)
{
    bool target = false, overrides = false;

    plan_or_fail(&w);
    for (size_t i = 0; i < w.plan->controllers.count; i++) {
        const struct plan_controller *c = &w.plan->controllers.items[i];

        target = target || c->link_in_target;
        ck_assert(!c->link_in_target || c->link.speed);
    }
    overrides = w.plan->overrides.count;
    ck_assert(!target || !overrides);
    return target ? "target" : overrides ? "overrides" : "stock";
}

static const struct {
    unsigned qemu, libvirt; /* of the policy */
    const char *way;
    unsigned not_followed, unproven; /* findings */
    const char *says;
} rows[] = {
    {0, 0, "target", 0, 0, ""},
    {11002000, 12009000, "target", 0, 0, ""},
    {12000000, 0, "target", 0, 0, ""},
    {0, 13000000, "target", 0, 0, ""},
    {11001099, 0, "overrides", 1, 0, "needs QEMU 11.2 or later, and policy qemu_version"},
    {11001099, 12009000, "overrides", 1, 0, "needs QEMU 11.2"},
    {11002000, 12008099, "overrides", 1, 0, "needs libvirt 12.9 or later, and policy libvirt"},
    {0, 12008000, "overrides", 1, 0, "needs libvirt 12.9"},
    {0, 8004000, "stock", 1, 1, "needs libvirt 12.9"},
};

START_TEST(versions_may_only_deny)
{
    const char *text;

    w.policy.generic_switch = true;
    w.policy.qemu_version = rows[_i].qemu;
    w.policy.libvirt_version = rows[_i].libvirt;
    assign_all();
    ck_assert_str_eq(way(), rows[_i].way);
    ck_assert_uint_eq(findings_of(&w, FINDING_NO_GENERIC_SWITCH), rows[_i].not_followed);
    ck_assert_uint_eq(findings_of(&w, FINDING_LINKS_UNPROVEN), rows[_i].unproven);
    text = finding_of(&w, FINDING_NO_GENERIC_SWITCH);
    ck_assert_msg(!text || strstr(text, rows[_i].says), "%s", text);
}
END_TEST

/* The newest of both do not show that it is there. */
START_TEST(no_version_proves_it)
{
    w.policy.qemu_version = 99000000;
    w.policy.libvirt_version = 99000000;
    assign_all();
    ck_assert_str_eq(way(), "overrides");
}
END_TEST

START_TEST(libvirts_cache_denies_it)
{
    w.policy.generic_switch = true;
    w.domain.emulator = strdup("/usr/bin/qemu-system-x86_64");
    add_emulator(&w, "/usr/bin/qemu-system-x86_64", 11001003, 12008000, "pc-q35-10.0");
    assign_all();
    ck_assert_str_eq(way(), "overrides");
    ck_assert_uint_eq(findings_of(&w, FINDING_NO_GENERIC_SWITCH), 1);
}
END_TEST

START_TEST(stock_links_need_no_way)
{
    w.policy.generic_switch = true;
    w.policy.links = LINKS_STOCK;
    w.policy.qemu_version = 9000000;
    assign_all();
    ck_assert_str_eq(way(), "stock");
    ck_assert_uint_eq(findings_of(&w, FINDING_NO_GENERIC_SWITCH), 0);
}
END_TEST

/* A port whose link the host does not say stays as it is. */
START_TEST(what_is_unknown_is_stock)
{
    w.policy.generic_switch = true;
    set_link("57:00.0", 0, 0);
    set_link("55:01.0", 0, 0);
    assign_all();
    ck_assert_str_eq(way(), "target");
    for (size_t i = 0; i < w.plan->controllers.count; i++) {
        const struct plan_controller *c = &w.plan->controllers.items[i];

        if (c->alias && !strcmp(c->alias, "ua-vtopo-dp-0000-57-00-0"))
            ck_assert(!c->link_in_target);
    }
}
END_TEST

START_TEST(it_is_written_once)
{
    w.policy.generic_switch = true;
    assign_all();
    rewrite(&w);
    plan_or_fail(&w);
    ck_assert(w.plan->realised);
    w.policy.generic_switch = false;
    plan_or_fail(&w);
    ck_assert(!w.plan->realised);
    w.policy.links = LINKS_STOCK;
    plan_or_fail(&w);
    ck_assert(!w.plan->realised);
    rewrite(&w);
    plan_or_fail(&w);
    ck_assert(w.plan->realised);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("link_way");
    TCase *tcase = tcase_create("link_way");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, versions_may_only_deny, 0, sizeof(rows) / sizeof(*rows));
    tcase_add_test(tcase, no_version_proves_it);
    tcase_add_test(tcase, libvirts_cache_denies_it);
    tcase_add_test(tcase, stock_links_need_no_way);
    tcase_add_test(tcase, what_is_unknown_is_stock);
    tcase_add_test(tcase, it_is_written_once);
    return run_suite(suite);
}
