/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_back_ports.c - ports that an undo has added, and that a rewrite takes out again */
#include "build.h"

#include "plan/devices/devices.h"

#include <check.h>
#include <string.h>

static struct world w;

static void setup(void)
{
    world_init(&w);
}

static void teardown(void)
{
    world_clear(&w);
}

static const bool nothing_stays[8];

/* Index 1, with two functions of a card in it. */
static struct domain_controller *add_port(void)
{
    struct domain_controller *c = add_controller(&w, 1, CTRL_ROOT_PORT, "00:02.0");

    c->alias = strdup("ua-vtopo-back-1");
    add_hostdev(&w, "41:00.0", "01:00.0");
    add_hostdev(&w, "41:00.1", "01:00.1");
    return c;
}

static bool is_taken_out(const bool *stays, const bool *lone)
{
    back_ports_adopt(&w.domain, stays, lone);
    return w.domain.controllers.items[1].marked;
}

START_TEST(a_port_goes_with_its_devices)
{
    ck_assert(!back_ports_any(&w.domain));
    add_port();
    ck_assert(back_ports_any(&w.domain));
    ck_assert(is_taken_out(nothing_stays, NULL));
    ck_assert(!w.domain.controllers.items[0].marked);
}
END_TEST

START_TEST(a_port_stays_with_what_stays)
{
    static const bool second[8] = {false, true};

    add_port();
    ck_assert(!is_taken_out(second, NULL));
    ck_assert(!is_taken_out(nothing_stays, second));
    add_other(&w, "disk vda", "01:00.2");
    ck_assert(!is_taken_out(nothing_stays, NULL));
}
END_TEST

START_TEST(an_empty_port_stays)
{
    add_controller(&w, 1, CTRL_ROOT_PORT, "00:02.0")->alias = strdup("ua-vtopo-back-1");
    ck_assert(!is_taken_out(nothing_stays, NULL));
}
END_TEST

START_TEST(a_port_that_others_use_stays)
{
    struct domain_qemu_device *d;

    add_port();
    add_controller(&w, 2, CTRL_PCIE_TO_PCI, "01:01.0");
    ck_assert(!is_taken_out(nothing_stays, NULL));
    w.domain.controllers.items[2].address.at.bus = 0;
    d = vec_add(&w.domain.qemu_devices);
    *d = (struct domain_qemu_device){.driver = strdup("edu"),
                                     .bus = strdup("ua-vtopo-back-1"),
                                     .slot = -1,
                                     .function = -1,
                                     .bus_nr = -1,
                                     .chassis = -1};
    ck_assert(!is_taken_out(nothing_stays, NULL));
}
END_TEST

START_TEST(a_port_that_was_changed_is_somebodys)
{
    struct domain_override *o;

    add_port()->mem_reserve = 1024;
    ck_assert(!is_taken_out(nothing_stays, NULL));
    w.domain.controllers.items[1].mem_reserve = 0;
    w.domain.controllers.items[1].address.at.function = 1;
    ck_assert(!is_taken_out(nothing_stays, NULL));
    w.domain.controllers.items[1].address.at.function = 0;
    o = vec_add(&w.domain.overrides);
    *o = (struct domain_override){.alias = strdup("ua-vtopo-back-1"), .name = strdup("x-speed")};
    ck_assert(!is_taken_out(nothing_stays, NULL));
    w.domain.overrides.items[0].alias[14] = '2';
    ck_assert(is_taken_out(nothing_stays, NULL));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("back_ports");
    TCase *tcase = tcase_create("back_ports");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_port_goes_with_its_devices);
    tcase_add_test(tcase, a_port_stays_with_what_stays);
    tcase_add_test(tcase, an_empty_port_stays);
    tcase_add_test(tcase, a_port_that_others_use_stays);
    tcase_add_test(tcase, a_port_that_was_changed_is_somebodys);
    return run_suite(suite);
}
