/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_guest_cells.c - the planner makes the cells that a domain lacks, and plans with them */
#include "three_gpus_world.h"

#include <check.h>
#include <string.h>

static void setup(void)
{
    setup_three_gpus();
    w.policy.cells = CELLS_MAKE;
}

/* The texts of what is added below a parent, a line each; w.text. */
static const char *added(const char *parent)
{
    free(w.text);
    w.text = NULL;
    text_append(&w.text, "%s", "");
    for (size_t i = 0; i < w.plan->additions.count; i++) {
        const struct addition *a = &w.plan->additions.items[i];

        if (!strcmp(addition_place(a->kind)->parent, parent))
            text_append(&w.text, "%s%s", *w.text ? "\n" : "", a->text);
    }
    return w.text;
}

static const char *text_of(enum finding_id id)
{
    const char *text = finding_of(&w, id);

    return text ? text : "";
}

START_TEST(devices_go_to_the_cells_that_are_made)
{
    add_hostdev(&w, "20:00.0", NULL);
    add_hostdev(&w, "10:00.0", NULL);
    w.policy.strict = true;
    plan_or_fail(&w);
    ck_assert_int_eq(w.plan->outcome, PLAN_LAYOUT);
    ck_assert_str_eq(layout(&w), "cell0{rp(10:00.0)} cell1{rp(20:00.0)}");
    ck_assert_str_eq(added("numatune"), "<memnode cellid='0' mode='strict' nodeset='0'/>\n"
                                        "<memnode cellid='1' mode='strict' nodeset='2'/>");
    ck_assert_str_eq(added("cpu"), "<topology sockets='2' dies='1' cores='2' threads='1'/>\n"
                                   "<numa>\n"
                                   "  <cell id='0' cpus='0-1' memory='4194304' unit='KiB'>\n"
                                   "    <distances>\n"
                                   "      <sibling id='0' value='10'/>\n"
                                   "      <sibling id='1' value='30'/>\n"
                                   "    </distances>\n"
                                   "  </cell>\n"
                                   "  <cell id='1' cpus='2-3' memory='4194304' unit='KiB'>\n"
                                   "    <distances>\n"
                                   "      <sibling id='0' value='30'/>\n"
                                   "      <sibling id='1' value='10'/>\n"
                                   "    </distances>\n"
                                   "  </cell>\n"
                                   "</numa>");
    ck_assert_str_eq(text_of(FINDING_CELLS_MADE),
                     "it gets guest NUMA cells: 0 with vCPUs 0-1 and 4096 MiB on host node 0, 1 "
                     "with vCPUs 2-3 and 4096 MiB on host node 2");
    ck_assert_ptr_null(finding_of(&w, FINDING_NO_CELLS));
    ck_assert_uint_eq(w.plan->extract.domain.cells.count, 2);
}
END_TEST

START_TEST(ties_alone_are_added_to_cells_that_are_there)
{
    add_hostdev(&w, "20:00.0", NULL);
    add_hostdev(&w, "10:00.0", NULL);
    add_cells(&w, 2, 2);
    plan_or_fail(&w);
    ck_assert_str_eq(layout(&w), "cell0{rp(10:00.0)} cell1{rp(20:00.0)}");
    ck_assert_str_eq(added("cpu"), "");
    ck_assert_ptr_nonnull(strstr(added("cputune"), "<vcpupin vcpu='3' cpuset='8-11'/>"));
    ck_assert_ptr_null(finding_of(&w, FINDING_CELLS_UNTIED));
    bind_memory(&w, 0, "1"); /* something ties one of them */
    plan_or_fail(&w);
    ck_assert_uint_eq(w.plan->additions.count, 0);
}
END_TEST

START_TEST(what_cannot_be_made_is_refused_or_told)
{
    add_hostdev(&w, "20:00.0", NULL);
    add_hostdev(&w, "10:00.0", NULL);
    w.domain.placement_auto = true;
    ck_assert_int_eq(make_plan(&w), VTOPO_ERR_REFUSED);
    ck_assert_ptr_nonnull(
        strstr(vtopo_error_message(w.error),
               "guest NUMA cells cannot be made (--cells make): placement='auto'"));
    w.policy.cells = CELLS_ADVISE;
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(strstr(text_of(FINDING_NO_CELLS), "; placement='auto'"));
    w.policy.cells = CELLS_MAKE;
    w.domain.placement_auto = false;
    w.domain.vcpus = 1;
    plan_or_fail(&w);
    ck_assert_int_eq(w.plan->outcome, PLAN_UNCHANGED);
    ck_assert_ptr_nonnull(strstr(text_of(FINDING_NO_CELLS), "cannot be divided over 2 nodes"));
}
END_TEST

START_TEST(notes_come_with_what_is_made)
{
    add_hostdev(&w, "20:00.0", NULL);
    add_hostdev(&w, "10:00.0", NULL);
    w.domain.vcpus = 3;
    w.policy.cells_memory = CELLS_MEMORY_PREFERRED;
    w.policy.cells_pin = CELLS_PIN_NONE;
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(strstr(text_of(FINDING_MANY_SOCKETS), "has 3 sockets"));
    ck_assert_ptr_nonnull(strstr(added("numatune"), "mode='preferred'"));
    ck_assert_str_eq(added("cputune"), "");
    w.policy.cells = CELLS_ADVISE;
    plan_or_fail(&w);
    ck_assert_ptr_null(finding_of(&w, FINDING_MANY_SOCKETS));
}
END_TEST

/* Nothing is made for a domain that is left alone. */
START_TEST(no_cells_without_devices_or_acpi)
{
    plan_or_fail(&w);
    ck_assert_uint_eq(w.plan->additions.count, 0);
    add_hostdev(&w, "10:00.0", NULL);
    w.domain.acpi = ACPI_OFF;
    plan_or_fail(&w);
    ck_assert_int_eq(w.plan->outcome, PLAN_UNCHANGED);
    ck_assert_uint_eq(w.plan->additions.count, 0);
    ck_assert_uint_eq(w.plan->extract.domain.cells.count, 0);
}
END_TEST

START_TEST(a_device_outside_is_told_as_ever)
{
    add_hostdev(&w, "20:00.0", NULL);
    add_hostdev(&w, "10:00.0", NULL);
    pin_vcpus(&w, "0-3", "8");
    plan_or_fail(&w);
    ck_assert_str_eq(layout(&w), "none{rp(10:00.0)} cell0{rp(20:00.0)}");
    ck_assert_ptr_nonnull(strstr(text_of(FINDING_NODE_WITHOUT_CELL), "its host node 0"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("guest_cells");
    TCase *tcase = tcase_create("guest_cells");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, devices_go_to_the_cells_that_are_made);
    tcase_add_test(tcase, ties_alone_are_added_to_cells_that_are_there);
    tcase_add_test(tcase, what_cannot_be_made_is_refused_or_told);
    tcase_add_test(tcase, notes_come_with_what_is_made);
    tcase_add_test(tcase, no_cells_without_devices_or_acpi);
    tcase_add_test(tcase, a_device_outside_is_told_as_ever);
    return run_suite(suite);
}
