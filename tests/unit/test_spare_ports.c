/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_spare_ports.c - libvirt puts nothing of its own into spare ports */
#include "build.h"

#include "base/error.h"

#include <check.h>
#include <string.h>

static struct world w;

static void setup(void)
{
    static const struct row rows[] = {
        {"40:01.0", NULL, PORT_ROOT, 0},
        {"41:00.0", "40:01.0", PORT_NONE, 0, GPU},
    };

    world_init(&w);
    add_bound_cells(&w, 1);
    ADD_FUNCTIONS(&w, rows);
    add_controller(&w, 1, CTRL_ROOT_PORT, "0:02.0");
    add_hostdev(&w, "41:00.0", "1:00.0");
    w.policy.spare_ports = 1;
}

static void teardown(void)
{
    world_clear(&w);
}

START_TEST(with_all_that_libvirt_adds_they_are_made)
{
    plan_or_fail(&w);
}
END_TEST

/* It gets the port that the card leaves; what comes after it gets the spare port. */
START_TEST(a_second_device_would_get_one)
{
    w.domain.needs.has_balloon = false;
    plan_or_fail(&w);
    w.domain.needs.has_usb = false;
    ck_assert_int_eq(make_plan(&w), VTOPO_ERR_REFUSED);
    ck_assert_ptr_nonnull(strstr(vtopo_error_message(w.error), "add memballoon virtio to the"));
    w.policy.spare_ports = 0;
    plan_or_fail(&w);
}
END_TEST

START_TEST(an_empty_port_with_a_lower_index_is_enough)
{
    w.domain.needs.has_balloon = w.domain.needs.has_usb = false;
    add_controller(&w, 2, CTRL_ROOT_PORT, "0:02.1");
    plan_or_fail(&w);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("spare_ports");
    TCase *tcase = tcase_create("spare_ports");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, with_all_that_libvirt_adds_they_are_made);
    tcase_add_test(tcase, a_second_device_would_get_one);
    tcase_add_test(tcase, an_empty_port_with_a_lower_index_is_enough);
    return run_suite(suite);
}
