/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_hypervisor.c - what hides the hypervisor, for whom, and beside what not */
#include "build.h"
#include "report/explain.h"

#include "vtopo/error.h"

#include <check.h>
#include <string.h>

#define VENDOR "features/hyperv <vendor_id state='on' value='unspecified'/>"
#define HIDDEN "features/kvm <hidden state='on'/>"

static struct world w;

static void setup(void)
{
    static const struct row rows[] = {
        {"40:01.0", NULL, PORT_ROOT, 0},
        {"41:00.0", "40:01.0", PORT_NONE, 0, GPU, .vendor = 0x10de},
        {"40:02.0", NULL, PORT_ROOT, 0},
        {"42:00.0", "40:02.0", PORT_NONE, 0, NIC},
    };

    world_init(&w);
    add_bound_cells(&w, 1);
    ADD_FUNCTIONS(&w, rows);
    w.policy.hide_hypervisor = true;
}

static void teardown(void)
{
    world_clear(&w);
}

/* "parent element; ..." of the plan. */
static const char *added(void)
{
    static char text[1024];

    *text = '\0';
    for (size_t i = 0; i < w.plan->additions.count; i++) {
        const struct addition *addition = &w.plan->additions.items[i];

        strcat(strcat(strcat(text, i ? "; " : ""), addition_place(addition->kind)->parent), " ");
        strcat(text, addition->text);
    }
    return text;
}

START_TEST(a_domain_with_a_gpu_gets_both)
{
    add_hostdev(&w, "41:00.0", NULL);
    plan_or_fail(&w);
    ck_assert_str_eq(added(), VENDOR "; " HIDDEN);
    ck_assert(!w.plan->realised);
    ck_assert(w.plan->extract.domain.kvm_hidden);
    ck_assert_ptr_null(finding_of(&w, FINDING_HYPERVISOR_SHOWN));
    ck_assert_ptr_null(finding_of(&w, FINDING_HYPERV_VENDOR_KEPT));
}
END_TEST

START_TEST(nobody_else_does)
{
    w.policy.hide_hypervisor = false;
    add_hostdev(&w, "41:00.0", NULL);
    plan_or_fail(&w);
    ck_assert_str_eq(added(), "");
    ck_assert(!w.plan->extract.domain.kvm_hidden);

    teardown();
    setup();
    add_hostdev(&w, "42:00.0", NULL);
    plan_or_fail(&w);
    ck_assert_str_eq(added(), "");

    teardown();
    setup();
    add_hostdev(&w, "42:00.0", NULL);
    add_hostdev(&w, "41:00.0", NULL)->address.kind = ADDRESS_UNASSIGNED;
    plan_or_fail(&w);
    ck_assert_str_eq(added(), "");
}
END_TEST

/* An Arm processor has no CPUID. */
START_TEST(a_virt_has_nothing_that_hides)
{
    world_become_virt(&w);
    w.domain.acpi = ACPI_ON;
    add_hostdev(&w, "41:00.0", NULL);
    plan_or_fail(&w);
    ck_assert_str_eq(added(), "");
    ck_assert_ptr_nonnull(finding_of(&w, FINDING_HYPERVISOR_SEEN));
    w.policy.hide_hypervisor = false;
    plan_or_fail(&w);
    ck_assert_ptr_null(finding_of(&w, FINDING_HYPERVISOR_SEEN));
}
END_TEST

START_TEST(a_domain_that_stays_as_it_is_gets_both_too)
{
    teardown();
    setup();
    idset_free(&w.domain.cells.items[0].vcpus);
    w.domain.cells.count = 0;
    add_hostdev(&w, "41:00.0", NULL);
    plan_or_fail(&w);
    ck_assert_int_eq(w.plan->outcome, PLAN_UNCHANGED);
    ck_assert_str_eq(added(), VENDOR "; " HIDDEN);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_NO_CELLS), "what the policy adds"));
}
END_TEST

START_TEST(what_the_domain_says_stays)
{
    add_hostdev(&w, "41:00.0", NULL);
    w.domain.kvm_hidden = true;
    plan_or_fail(&w);
    ck_assert_str_eq(added(), VENDOR);
    ck_assert(w.plan->extract.domain.kvm_hidden);

    w.domain.kvm_hidden = false;
    w.domain.kvm_shown = true;
    plan_or_fail(&w);
    ck_assert_str_eq(added(), VENDOR);
    ck_assert_ptr_nonnull(finding_of(&w, FINDING_HYPERVISOR_SHOWN));
    ck_assert(!w.plan->extract.domain.kvm_hidden);

    w.domain.kvm_shown = false;
    w.domain.hyperv_vendor = true;
    plan_or_fail(&w);
    ck_assert_str_eq(added(), HIDDEN);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_HYPERV_VENDOR_KEPT), "has a <vendor_id>"));

    w.domain.hyperv_vendor = false;
    w.domain.hyperv_host = true;
    plan_or_fail(&w);
    ck_assert_str_eq(added(), HIDDEN);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_HYPERV_VENDOR_KEPT), "passthrough"));
}
END_TEST

START_TEST(with_a_clique_it_is_refused)
{
    struct vtopo_error *error = NULL;
    const char *message;

    add_hostdev(&w, "41:00.0", NULL);
    add_wish(&w, "41:00.0")->clique = 3;
    w.policy.qemu_version = 9000000;
    ck_assert_int_eq(plan_make(&w.host, &w.domain, &w.policy, &w.plan, &error), VTOPO_ERR_REFUSED);
    message = vtopo_error_message(error);
    ck_assert_msg(strstr(message, "hide_hypervisor") && strstr(message, "0000:41:00.0") &&
                      strstr(message, "clique 3 by the policy"),
                  "%s", message);
    vtopo_error_free(error);
    w.plan = NULL;

    w.domain.kvm_shown = true; /* it stays so, and the driver heeds the clique */
    plan_or_fail(&w);
    w.domain.kvm_shown = false;
    w.policy.hide_hypervisor = false;
    plan_or_fail(&w);
}
END_TEST

START_TEST(a_plan_shows_what_is_added)
{
    autofree char *text = NULL;

    add_hostdev(&w, "41:00.0", NULL);
    plan_or_fail(&w);
    ck_assert(additions_change(&w.plan->additions, ADDITION_PAGE_NODESET, "0\x1b", strdup("0-1")));
    ck_assert(additions_change(&w.plan->additions, ADDITION_PAGE_NODESET, NULL, strdup("2")));
    ck_assert(additions_add(&w.plan->additions, ADDITION_KVM_HIDDEN, strdup("<a>\n  <b/>\n</a>")));
    ck_assert_int_eq(explain_plan(w.plan, false, &text, NULL), 0);
    ck_assert_msg(strstr(text, "  ADDED TO THE DOMAIN\n"
                               "  in <memoryBacking/hugepages>\n"
                               "    <page nodeset='0-1'>, which had '0?'\n"
                               "    <page nodeset='2'>\n"
                               "  in <features/hyperv>\n"
                               "    <vendor_id state='on' value='unspecified'/>\n"
                               "  in <features/kvm>\n"
                               "    <hidden state='on'/>\n"
                               "    <a>\n"
                               "      <b/>\n"
                               "    </a>\n"),
                  "%s", text);
}
END_TEST

/* --- the record --- */

static void record(enum addition_kind kind, const char *text, size_t element)
{
    struct record_addition *one = vec_add(&w.domain.record.additions);

    ck_assert_ptr_nonnull(one);
    *one = (struct record_addition){.kind = kind, .element = element};
    ck_assert(addition_digest(text, &one->digest));
}

START_TEST(a_change_of_what_was_added_is_told)
{
    const char *text;

    add_hostdev(&w, "41:00.0", NULL);
    record(ADDITION_HYPERV_VENDOR_ID, "<vendor_id state='on' value='unspecified'/>", 4);
    record(ADDITION_KVM_HIDDEN, "<hidden state='on'/>", 5);
    plan_or_fail(&w);
    ck_assert_ptr_null(finding_of(&w, FINDING_ADDITION_CHANGED));
    w.domain.record.additions.items[1].element = SIZE_MAX;
    plan_or_fail(&w);
    text = finding_of(&w, FINDING_ADDITION_CHANGED);
    ck_assert_msg(text && strstr(text, "1 of 2") && strstr(text, "<hidden> in <features/kvm>"),
                  "%s", text);
    w.domain.record.additions.items[0].element = SIZE_MAX;
    plan_or_fail(&w);
    text = finding_of(&w, FINDING_ADDITION_CHANGED);
    ck_assert_msg(text && strstr(text, "2 of 2") && strstr(text, "and others"), "%s", text);
}
END_TEST

START_TEST(what_is_there_already_is_no_difference)
{
    add_hostdev(&w, "41:00.0", NULL);
    w.policy.without_numa = WITHOUT_NUMA_LEAVE;
    idset_free(&w.domain.cells.items[0].vcpus);
    w.domain.cells.count = 0; /* no layout, so nothing else to do */
    plan_or_fail(&w);
    ck_assert(!w.plan->realised);
    ck_assert_msg(strstr(w.plan->difference, "(2, and 0 of vtopo's are there)"), "%s",
                  w.plan->difference);
    record(ADDITION_HYPERV_VENDOR_ID, "<vendor_id state='on' value='unspecified'/>", 4);
    record(ADDITION_KVM_HIDDEN, "<hidden state='on'/>", 5);
    plan_or_fail(&w);
    ck_assert(w.plan->realised);
    w.policy.hide_hypervisor = false;
    plan_or_fail(&w);
    ck_assert(!w.plan->realised);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_NO_CELLS), "is taken out"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("hypervisor");
    TCase *tcase = tcase_create("hypervisor");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_domain_with_a_gpu_gets_both);
    tcase_add_test(tcase, nobody_else_does);
    tcase_add_test(tcase, a_virt_has_nothing_that_hides);
    tcase_add_test(tcase, a_domain_that_stays_as_it_is_gets_both_too);
    tcase_add_test(tcase, what_the_domain_says_stays);
    tcase_add_test(tcase, with_a_clique_it_is_refused);
    tcase_add_test(tcase, a_plan_shows_what_is_added);
    tcase_add_test(tcase, a_change_of_what_was_added_is_told);
    tcase_add_test(tcase, what_is_there_already_is_no_difference);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
