/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_realised.c - is the domain already what the plan wants, and what would change? */
#include "switch_world.h"

#include <check.h>
#include <string.h>

START_TEST(the_difference_is_described)
{
    add_hostdev(&w, "43:00.0", NULL);
    add_hostdev(&w, "61:00.0", NULL);
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(strstr(w.plan->difference, "2 of 2 host devices"));
    rewrite(&w);
    w.domain.controllers.items[2].port = 9;
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(strstr(w.plan->difference, "controllers differ"));
}
END_TEST

/* What is written otherwise, and whether it means something else. */
START_TEST(what_counts_as_a_difference)
{
    add_hostdev(&w, "43:00.0", NULL);
    add_hostdev(&w, "44:00.0", NULL);
    plan_or_fail(&w);
    ck_assert(!w.plan->realised);
    rewrite(&w);
    plan_or_fail(&w);
    ck_assert(w.plan->realised);
    ck_assert_ptr_null(w.plan->difference);
    for (size_t i = 0; i < w.domain.controllers.count; i++) {
        if (w.domain.controllers.items[i].model == CTRL_EXPANDER)
            w.domain.controllers.items[i].address.at.slot = 9; /* another slot of pcie.0 */
    }
    plan_or_fail(&w);
    ck_assert(w.plan->realised);
    w.domain.devices.items[0].address.multifunction = 0; /* a single function */
    plan_or_fail(&w);
    ck_assert(w.plan->realised);
    w.domain.devices.items[0].address.at.function = 1;
    plan_or_fail(&w);
    ck_assert(!w.plan->realised);
    ck_assert_ptr_nonnull(strstr(w.plan->difference, "1 of 2 host devices"));
}
END_TEST

/* A newer libvirt gives a switch whose model is not written its generic one. */
START_TEST(the_model_of_a_switch_counts)
{
    struct domain_controller *up = NULL;

    add_hostdev(&w, "43:00.0", NULL);
    add_hostdev(&w, "44:00.0", NULL);
    rewrite(&w);
    for (size_t i = 0; i < w.domain.controllers.count; i++) {
        if (w.domain.controllers.items[i].model == CTRL_UPSTREAM)
            up = &w.domain.controllers.items[i];
    }
    ck_assert_ptr_nonnull(up);
    up->generic = true;
    plan_or_fail(&w);
    ck_assert(!w.plan->realised);
    up->generic = false;
    up->width = 16;
    plan_or_fail(&w);
    ck_assert(!w.plan->realised);
    up->width = 0;
    plan_or_fail(&w);
    ck_assert(w.plan->realised);
}
END_TEST

/* Those that libvirt has made its own are not missed, and none is there too many. */
START_TEST(what_is_announced_is_written)
{
    w.domain.controllers.count = 0; /* no pcie-root */
    add_hostdev(&w, "43:00.0", NULL);
    rewrite(&w);
    ck_assert_uint_eq(w.domain.announced.count, 1);
    plan_or_fail(&w);
    ck_assert(w.plan->realised);
    w.domain.announced.count = 0;
    plan_or_fail(&w);
    ck_assert(!w.plan->realised);
    add_controller(&w, 0, CTRL_PCIE_ROOT, NULL);
    plan_or_fail(&w);
    ck_assert(w.plan->realised);
    w.domain.announced.count = 1;
    plan_or_fail(&w);
    ck_assert(!w.plan->realised);
}
END_TEST

static void expect_lack(const char *text)
{
    plan_or_fail(&w);
    if (!w.plan->realised)
        rewrite(&w);
    plan_or_fail(&w);
    ck_assert(w.plan->realised);
    if (text)
        ck_assert_str_eq(w.plan->lack, text);
    else
        ck_assert_ptr_null(w.plan->lack);
}

/* Nothing would change: does the guest have the host's topology? */
START_TEST(what_the_guest_lacks)
{
    add_hostdev(&w, "43:00.0", NULL);
    add_hostdev(&w, "61:00.0", NULL);
    plan_or_fail(&w);
    ck_assert_ptr_null(w.plan->lack); /* something would change, and that goes before */
    expect_lack(NULL);
    w.domain.devices.items[1].address.kind = ADDRESS_UNASSIGNED;
    expect_lack(NULL);
}
END_TEST

START_TEST(a_node_without_a_cell_is_a_lack)
{
    add_hostdev(&w, "43:00.0", NULL);
    add_hostdev(&w, "61:00.0", NULL);
    idset_remove(&w.domain.memnodes.items[1].nodes, 1);
    expect_lack("1 of 2 host devices gets no guest NUMA cell: 0000:61:00.0");
    w.policy.unmapped_node = UNMAPPED_STAY;
    expect_lack("1 of 2 host devices gets no guest NUMA cell: 0000:61:00.0");
    w.policy.unmapped_node = UNMAPPED_NEAREST;
    expect_lack(NULL);
}
END_TEST

START_TEST(no_cells_and_other_machines_lack_all)
{
    for (size_t i = 0; i < 2; i++) {
        idset_free(&w.domain.cells.items[i].vcpus);
        idset_free(&w.domain.memnodes.items[i].nodes);
    }
    w.domain.cells.count = w.domain.memnodes.count = 0;
    expect_lack(NULL);
    add_hostdev(&w, "43:00.0", NULL);
    add_hostdev(&w, "44:00.0", NULL);
    expect_lack("it has no guest NUMA cells");
    w.policy.without_numa = WITHOUT_NUMA_GROUP;
    expect_lack("it has no guest NUMA cells");
    w.domain.machine_kind = MACHINE_OTHER;
    rewrite(&w);
    expect_lack("its machine type is not q35, pc or aarch64's virt");
}
END_TEST

static struct domain_controller *controller_in_xml(unsigned index)
{
    for (size_t i = 0; i < w.domain.controllers.count; i++) {
        if (w.domain.controllers.items[i].index == index)
            return &w.domain.controllers.items[i];
    }
    ck_abort_msg("no controller %u", index);
    return NULL;
}

/* The rewritten domain with one port of ours changed: is it still what the plan wants? */
static bool is_realised_with(unsigned index, const struct domain_controller *other)
{
    struct domain_controller *c = controller_in_xml(index), saved = *c;
    bool realised;

    *c = *other;
    plan_or_fail(&w);
    realised = w.plan->realised;
    *controller_in_xml(index) = saved;
    return realised;
}

/* A port that is the first of several in its slot. */
START_TEST(multifunction_off_is_another_place)
{
    struct domain_controller other;
    unsigned index = 0;

    w.policy.spare_ports = 32;
    add_hostdev(&w, "61:00.0", NULL);
    rewrite(&w);
    plan_or_fail(&w);
    ck_assert(w.plan->realised);
    for (size_t i = 0; i < w.plan->controllers.count && !index; i++) {
        if (w.plan->controllers.items[i].multifunction)
            index = w.plan->controllers.items[i].index;
    }
    ck_assert_uint_ne(index, 0);
    other = *controller_in_xml(index);
    ck_assert_int_eq(other.address.multifunction, 1);
    other.address.multifunction = -1;
    ck_assert(is_realised_with(index, &other));
    other.address.multifunction = 0;
    ck_assert(!is_realised_with(index, &other));
    other.address.multifunction = 1;
    other.address.at.function = 1;
    ck_assert(!is_realised_with(index, &other));
}
END_TEST

START_TEST(a_number_that_is_not_written_is_libvirts_default)
{
    struct domain_controller other;

    add_hostdev(&w, "61:00.0", NULL);
    rewrite(&w); /* expander 1, port 2 */
    other = *controller_in_xml(2);
    other.chassis = -1;
    other.port = -1;
    ck_assert(is_realised_with(2, &other));
    other.port = 0;
    ck_assert(is_realised_with(2, &other));
    other.port = 1;
    ck_assert(!is_realised_with(2, &other));
    other.port = 0;
    other.chassis = 2;
    ck_assert(is_realised_with(2, &other));
    other.chassis = 0;
    ck_assert(!is_realised_with(2, &other));
    other.chassis = 2;
    other.hotplug = 0; /* the plan leaves it on, and this is no reason to write it again */
    ck_assert(is_realised_with(2, &other));
}
END_TEST

START_TEST(an_expander_is_where_its_numbers_say)
{
    struct domain_controller other;

    add_hostdev(&w, "61:00.0", NULL);
    rewrite(&w);
    other = *controller_in_xml(1);
    other.bus_nr--;
    ck_assert(!is_realised_with(1, &other));
    other.bus_nr += 15; /* as if ranges had to be packed: 254, not 240 */
    ck_assert(is_realised_with(1, &other));
    other.node = 0;
    ck_assert(!is_realised_with(1, &other));
}
END_TEST

/* A transient card shares no slot, so it must not say that it might. */
START_TEST(multifunction_on_of_a_single_function_is_a_difference)
{
    add_hostdev(&w, "43:00.0", NULL)->teaming_transient = true;
    add_hostdev(&w, "61:00.0", NULL);
    rewrite(&w);
    w.domain.devices.items[1].address.multifunction = 1;
    plan_or_fail(&w);
    ck_assert(w.plan->realised);
    w.domain.devices.items[0].address.multifunction = 1;
    plan_or_fail(&w);
    ck_assert(!w.plan->realised);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("realised");
    TCase *tcase = tcase_create("realised");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, the_difference_is_described);
    tcase_add_test(tcase, what_counts_as_a_difference);
    tcase_add_test(tcase, the_model_of_a_switch_counts);
    tcase_add_test(tcase, what_is_announced_is_written);
    tcase_add_test(tcase, what_the_guest_lacks);
    tcase_add_test(tcase, a_node_without_a_cell_is_a_lack);
    tcase_add_test(tcase, no_cells_and_other_machines_lack_all);
    tcase_add_test(tcase, multifunction_off_is_another_place);
    tcase_add_test(tcase, a_number_that_is_not_written_is_libvirts_default);
    tcase_add_test(tcase, an_expander_is_where_its_numbers_say);
    tcase_add_test(tcase, multifunction_on_of_a_single_function_is_a_difference);
    return run_suite(suite);
}
