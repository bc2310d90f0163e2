/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_rewrite.c - a rewrite in one call is the same as in steps, and plans know their domain */
#include "vtopo/rewrite.h"

#include "suite.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOST TEST_DATA "/../examples/hosts/rtx8.json"

struct text {
    char *bytes;
    size_t length;
};

static struct vtopo_host *host;
static struct text xml, host_text;

static struct text read_text(const char *path)
{
    FILE *file = fopen(path, "r");
    struct text text = {malloc(1 << 22), 0};

    ck_assert_msg(file && text.bytes, "cannot read %s", path);
    text.length = fread(text.bytes, 1, (1 << 22) - 1, file);
    text.bytes[text.length] = '\0';
    fclose(file);
    return text;
}

static void setup(void)
{
    xml = read_text(TEST_DATA "/domains/gpu-functions.xml");
    host_text = read_text(HOST);
    ck_assert_int_eq(vtopo_host_read(HOST, NULL, &host, NULL), 0);
}

static void teardown(void)
{
    vtopo_host_free(host);
    free(xml.bytes);
    free(host_text.bytes);
}

static struct vtopo_domain *parse(struct text text)
{
    struct vtopo_domain *domain = NULL;

    ck_assert_int_eq(vtopo_domain_parse(text.bytes, text.length, "vm.xml", &domain, NULL), 0);
    return domain;
}

static struct text rewrite_in_steps(struct vtopo_policy *policy)
{
    struct vtopo_domain *domain = parse(xml);
    struct vtopo_plan *plan = NULL;
    struct text text = {0};

    ck_assert_int_eq(vtopo_policy_apply_domain(policy, domain, NULL), 0);
    ck_assert_int_eq(vtopo_plan_make(host, domain, policy, &plan, NULL), 0);
    ck_assert_int_eq(vtopo_plan_apply(plan, domain, &text.bytes, &text.length, NULL), 0);
    vtopo_plan_free(plan);
    vtopo_domain_free(domain);
    return text;
}

START_TEST(one_call_is_the_same_as_the_steps)
{
    struct vtopo_policy *policy = NULL;
    struct vtopo_plan *plan = NULL;
    struct text steps, one;

    ck_assert_int_eq(vtopo_policy_new(&policy, NULL), 0);
    vtopo_policy_set_mirror(policy, VTOPO_MIRROR_NUMA);
    ck_assert_int_eq(
        vtopo_rewrite(xml.bytes, xml.length, host, policy, &one.bytes, &one.length, &plan, NULL),
        0);
    steps = rewrite_in_steps(policy);
    ck_assert_uint_eq(one.length, steps.length);
    ck_assert_str_eq(one.bytes, steps.bytes);
    ck_assert(!vtopo_plan_is_realised(plan));
    vtopo_plan_free(plan);
    vtopo_policy_free(policy);
    free(steps.bytes);
    free(one.bytes);
}
END_TEST

/* Puts @part behind the first line of the domain. */
static struct text with_part(const char *part)
{
    size_t line = (size_t)(strchr(xml.bytes, '\n') - xml.bytes) + 1;
    struct text text = {malloc(xml.length + strlen(part) + 1), xml.length + strlen(part)};

    ck_assert_ptr_nonnull(text.bytes);
    snprintf(text.bytes, text.length + 1, "%.*s%s%s", (int)line, xml.bytes, part, xml.bytes + line);
    return text;
}

START_TEST(the_domains_own_policy_counts_and_the_callers_stays)
{
    static const char metadata[] =
        "<metadata><policy xmlns='http://vtopo.io/domain/1.0' mirror='numa'/></metadata>\n";
    struct text own = with_part(metadata), in_domain = {0}, given = {0};
    struct vtopo_policy *policy = NULL;

    ck_assert_int_eq(vtopo_policy_new(&policy, NULL), 0);
    for (int i = 0; i < 2; i++) {
        struct text *text = i ? &given : &in_domain;

        vtopo_policy_set_mirror(policy, i ? VTOPO_MIRROR_NUMA : VTOPO_MIRROR_EXACT);
        ck_assert_int_eq(vtopo_rewrite(own.bytes, own.length, host, policy, &text->bytes,
                                       &text->length, NULL, NULL),
                         0);
    }
    ck_assert_str_eq(in_domain.bytes, given.bytes);
    free(given.bytes);
    vtopo_policy_set_mirror(policy, VTOPO_MIRROR_EXACT);
    ck_assert_int_eq(
        vtopo_rewrite(xml.bytes, xml.length, host, policy, &given.bytes, &given.length, NULL, NULL),
        0);
    ck_assert_str_ne(in_domain.bytes + strlen(metadata), given.bytes);
    ck_assert_ptr_nonnull(strstr(given.bytes, "pcie-switch-upstream-port"));
    ck_assert_ptr_null(strstr(in_domain.bytes, "pcie-switch-upstream-port"));
    vtopo_policy_free(policy);
    free(own.bytes);
    free(in_domain.bytes);
    free(given.bytes);
}
END_TEST

START_TEST(a_host_from_memory_is_the_one_of_the_file)
{
    struct vtopo_host *parsed = NULL;
    struct vtopo_error *error = NULL;
    char *a = NULL, *b = NULL;

    ck_assert_int_eq(vtopo_host_parse(host_text.bytes, host_text.length, "memory", &parsed, NULL),
                     0);
    ck_assert_int_eq(vtopo_host_format(parsed, &a, NULL), 0);
    ck_assert_int_eq(vtopo_host_format(host, &b, NULL), 0);
    ck_assert_str_eq(a, b);
    free(a);
    free(b);
    vtopo_host_free(parsed);
    ck_assert_int_eq(vtopo_host_parse("{", 1, "memory", &parsed, &error), VTOPO_ERR_HOST);
    ck_assert_ptr_nonnull(strstr(vtopo_error_message(error), "memory"));
    vtopo_error_free(error);
}
END_TEST

START_TEST(a_policy_and_a_cdi_spec_from_memory)
{
    static const char text[] = "{\"mirror\": \"exact\", \"strict\": true}x";
    static const char spec[] = "cdiVersion: 0.5.0\nkind: nvidia.com/gpu\ndevices:\n- name: '0'\n"
                               "  annotations: {bdf: '0000:41:00.0', clique-id: '1'}\n";
    struct vtopo_policy *policy = NULL, *none = NULL;
    struct vtopo_error *error = NULL;

    /* The x is not a part of it. */
    ck_assert_int_eq(vtopo_policy_parse(text, sizeof(text) - 2, "memory", &policy, NULL), 0);
    ck_assert_int_eq(vtopo_policy_get_mirror(policy), VTOPO_MIRROR_EXACT);
    ck_assert(vtopo_policy_get_strict(policy));
    ck_assert(!vtopo_policy_get_checks(policy));
    vtopo_policy_set_checks(policy, true);
    ck_assert(vtopo_policy_get_checks(policy));
    ck_assert_int_eq(vtopo_policy_parse(text, sizeof(text) - 1, "memory", &none, &error),
                     VTOPO_ERR_FILE);
    ck_assert_ptr_null(none);
    ck_assert_ptr_nonnull(strstr(vtopo_error_message(error), "memory:1:"));
    vtopo_error_free(error);

    ck_assert_int_eq(vtopo_policy_parse_cdi(policy, spec, sizeof(spec) - 1, "spec", NULL), 0);
    ck_assert_int_eq(vtopo_policy_parse_cdi(policy, "devices: 1\n", 11, "spec", &error),
                     VTOPO_ERR_FILE);
    ck_assert_ptr_nonnull(strstr(vtopo_error_message(error), "spec:1:"));
    vtopo_error_free(error);
    vtopo_policy_free(policy);
}
END_TEST

START_TEST(a_plan_is_for_the_domain_that_it_was_made_from)
{
    struct vtopo_domain *domain = parse(xml), *same = parse(xml), *other;
    struct vtopo_plan *plan = NULL;
    struct vtopo_error *error = NULL;
    struct text first = {0}, second = {0}, third = {0};

    ck_assert_int_eq(vtopo_plan_make(host, domain, NULL, &plan, NULL), 0);
    ck_assert_int_eq(vtopo_plan_apply(plan, domain, &first.bytes, &first.length, NULL), 0);
    vtopo_domain_free(domain);
    ck_assert_int_eq(vtopo_plan_apply(plan, same, &second.bytes, &second.length, NULL), 0);
    ck_assert_str_eq(first.bytes, second.bytes);

    other = parse(first);
    ck_assert_int_eq(vtopo_plan_apply(plan, other, &third.bytes, &third.length, &error),
                     VTOPO_ERR_USAGE);
    ck_assert_str_eq(vtopo_error_message(error),
                     "vm.xml is not the domain that the plan was made from");
    ck_assert_ptr_null(third.bytes);
    vtopo_error_free(error);
    vtopo_plan_free(plan);
    vtopo_domain_free(same);
    vtopo_domain_free(other);
    free(first.bytes);
    free(second.bytes);
}
END_TEST

START_TEST(a_plan_is_printed_when_all_that_it_was_made_from_is_gone)
{
    struct vtopo_domain *domain = parse(xml);
    struct vtopo_host *own = NULL;
    struct vtopo_plan *plan = NULL;
    char *text = NULL;

    ck_assert_int_eq(vtopo_host_read_details(HOST, domain, VTOPO_HOST_LINKS, &own, NULL), 0);
    ck_assert_int_eq(vtopo_plan_make(own, domain, NULL, &plan, NULL), 0);
    vtopo_domain_free(domain);
    vtopo_host_free(own);
    ck_assert_int_eq(vtopo_plan_format(plan, VTOPO_PLAN_TREE, false, &text, NULL), 0);
    ck_assert_ptr_nonnull(strstr(text, "0000:"));
    free(text);
    ck_assert_int_eq(vtopo_plan_format(plan, VTOPO_PLAN_JSON, false, &text, NULL), 0);
    free(text);
    ck_assert_int_eq(vtopo_plan_nccl_topo(plan, &text, NULL), 0);
    free(text);
    vtopo_plan_free(plan);
}
END_TEST

START_TEST(failures_are_returned_and_set_nothing)
{
    struct vtopo_plan *plan = NULL;
    struct vtopo_host *empty = NULL;
    struct vtopo_error *error = NULL;
    struct text text = {0};

    ck_assert_int_eq(
        vtopo_rewrite("<domain", 7, host, NULL, &text.bytes, &text.length, &plan, &error),
        VTOPO_ERR_DOMAIN);
    vtopo_error_free(error);
    ck_assert_int_eq(vtopo_host_parse("{\"version\": 1}", 14, "empty", &empty, &error),
                     VTOPO_ERR_HOST);
    vtopo_error_free(error);
    ck_assert_ptr_null(text.bytes);
    ck_assert_ptr_null(plan);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rewrite");
    TCase *tcase = tcase_create("rewrite");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, one_call_is_the_same_as_the_steps);
    tcase_add_test(tcase, the_domains_own_policy_counts_and_the_callers_stays);
    tcase_add_test(tcase, a_host_from_memory_is_the_one_of_the_file);
    tcase_add_test(tcase, a_policy_and_a_cdi_spec_from_memory);
    tcase_add_test(tcase, a_plan_is_for_the_domain_that_it_was_made_from);
    tcase_add_test(tcase, a_plan_is_printed_when_all_that_it_was_made_from_is_gone);
    tcase_add_test(tcase, failures_are_returned_and_set_nothing);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
