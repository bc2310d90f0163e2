/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_cdi_lookup.c - what CDI specs say of a function */
#include "build.h"
#include "plan/ground/cdi_lookup.h"

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

static void add_spec(const char *bdf, int clique, int attach_pci, const char *file)
{
    struct policy_cdi *cdi = vec_add(&w.policy.cdi);

    ck_assert_ptr_nonnull(cdi);
    *cdi = (struct policy_cdi){bdf_of(bdf), clique, attach_pci, strdup(file), 7};
}

/* The file of the spec found, "" for none. */
static const char *found(const char *bdf, enum cdi_key key)
{
    struct bdf at = bdf_of(bdf);
    const struct policy_cdi *spec;
    struct cdi_index index;
    int r;

    vtopo_error_free(w.error);
    w.error = NULL;
    ck_assert(cdi_index_make(&w.policy, &index));
    r = cdi_lookup(&index, &at, key, &spec, &w.error);
    cdi_index_clear(&index);
    if (r)
        return vtopo_error_message(w.error);
    return spec ? spec->file : "";
}

START_TEST(the_first_that_says_something_of_the_function)
{
    ck_assert_str_eq(found("41:00.0", CDI_CLIQUE), "");
    add_spec("42:00.0", 3, 1, "a");
    add_spec("41:00.0", -1, 0, "b");
    add_spec("41:00.0", 0, -1, "c");
    add_spec("41:00.0", 0, 0, "d");
    ck_assert_str_eq(found("41:00.0", CDI_CLIQUE), "c");
    ck_assert_str_eq(found("41:00.0", CDI_ATTACH_PCI), "b");
    ck_assert_str_eq(found("42:00.0", CDI_CLIQUE), "a");
    ck_assert_str_eq(found("43:00.0", CDI_CLIQUE), "");
}
END_TEST

START_TEST(another_value_is_a_contradiction)
{
    add_spec("41:00.0", 0, 0, "a");
    add_spec("41:00.0", 1, -1, "b");
    add_spec("41:00.0", -1, 1, "c");
    ck_assert_str_eq(found("41:00.0", CDI_CLIQUE),
                     "a:7 puts 0000:41:00.0 into clique 0, and b:7 into clique 1");
    ck_assert_str_eq(found("41:00.0", CDI_ATTACH_PCI),
                     "a:7 says attach-pci \"false\" of 0000:41:00.0, and c:7 says \"true\"");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cdi_lookup");
    TCase *tcase = tcase_create("cdi_lookup");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, the_first_that_says_something_of_the_function);
    tcase_add_test(tcase, another_value_is_a_contradiction);
    return run_suite(suite);
}
