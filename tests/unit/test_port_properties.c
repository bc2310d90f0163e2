/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_port_properties.c - what a port says that a card leaves is told, if its new one lacks it */
#include "build.h"

#include <check.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static struct world w;

static void setup(void)
{
    static const struct row rows[] = {
        {"40:01.0", NULL, PORT_ROOT, 0},
        {"41:00.0", "40:01.0", PORT_NONE, 0, GPU},
        {"40:02.0", NULL, PORT_ROOT, 0},
        {"42:00.0", "40:02.0", PORT_NONE, 0, NIC},
    };

    world_init(&w);
    add_bound_cells(&w, 1);
    ADD_FUNCTIONS(&w, rows);
    add_controller(&w, 1, CTRL_ROOT_PORT, "0:02.0");
    add_controller(&w, 2, CTRL_ROOT_PORT, "0:02.1");
    add_hostdev(&w, "41:00.0", "1:00.0");
    add_hostdev(&w, "42:00.0", "2:00.0");
}

static void teardown(void)
{
    world_clear(&w);
}

static void set(const char *alias, const char *name)
{
    struct domain_override *o = vec_add(&w.domain.overrides);

    ck_assert_ptr_nonnull(o);
    *o = (struct domain_override){.alias = strdup(alias),
                                  .name = strdup(name),
                                  .type = strdup("string"),
                                  .value = strdup("1")};
}

/* What is between the colon and the semicolon, "" for none. */
static const char *told(void)
{
    const char *text;

    plan_or_fail(&w);
    text = finding_of(&w, FINDING_PORT_PROPERTIES);
    free(w.text);
    w.text = strdup(text ? strstr(text, "leave: ") + 7 : "");
    w.text[strcspn(w.text, ";")] = '\0';
    return w.text;
}

START_TEST(what_is_said_of_all_ports_is_not_counted)
{
    const char *text;

    plan_or_fail(&w);
    ck_assert_ptr_null(finding_of(&w, FINDING_BUDGET_UNSURE));
    w.domain.qemu_global = strdup("pcie-root-port.io-reserve");
    plan_or_fail(&w);
    text = finding_of(&w, FINDING_BUDGET_UNSURE);
    ck_assert_ptr_nonnull(text);
    ck_assert_ptr_nonnull(strstr(text, "sets pcie-root-port.io-reserve for all ports"));
}
END_TEST

START_TEST(each_property_of_each_port)
{
    w.domain.controllers.items[1].mem_reserve = 4096; /* is carried over */
    ck_assert_str_eq(told(), "");
    w.domain.controllers.items[1].mem_reserve = UINT_MAX; /* there is no room */
    ck_assert_str_eq(told(), "0000:41:00.0 (memReserve)");
    set("pci.2", "pref64-reserve");
    set("pci.2", "hotplug"); /* libvirt's own word for it is carried over */
    set("pci.2", "disable-acs");
    ck_assert_str_eq(told(),
                     "0000:41:00.0 (memReserve), 0000:42:00.0 (pref64-reserve, disable-acs)");
}
END_TEST

START_TEST(ports_have_aliases_of_their_own)
{
    w.domain.controllers.items[2].alias = strdup("ua-mine");
    w.domain.controllers.items[2].model_name = strdup("ioh3420");
    set("ua-mine", "x-speed");
    set("pci.2", "x-width"); /* of nothing */
    ck_assert_str_eq(told(), "0000:42:00.0 (model ioh3420, x-speed)");
}
END_TEST

START_TEST(ports_that_nothing_leaves_keep_theirs)
{
    w.domain.controllers.items[1].mem_reserve = UINT_MAX;
    add_wish(&w, "41:00.0")->keep = 1;
    ck_assert_str_eq(told(), "");
}
END_TEST

START_TEST(it_is_told_again_of_what_is_rewritten)
{
    w.domain.controllers.items[1].mem_reserve = UINT_MAX;
    plan_or_fail(&w);
    rewrite(&w);
    ck_assert_str_eq(told(), "0000:41:00.0 (memReserve)");
    ck_assert(w.plan->realised);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("port_properties");
    TCase *tcase = tcase_create("port_properties");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, what_is_said_of_all_ports_is_not_counted);
    tcase_add_test(tcase, each_property_of_each_port);
    tcase_add_test(tcase, ports_have_aliases_of_their_own);
    tcase_add_test(tcase, ports_that_nothing_leaves_keep_theirs);
    tcase_add_test(tcase, it_is_told_again_of_what_is_rewritten);
    return run_suite(suite);
}
