/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_oom.c - every allocation fails once, and the call says so
 *
 * Takes:  one call of the library at a time, on an example host and a recorded domain.
 * Rule:   whichever allocation fails, the call returns VTOPO_ERR_NOMEM with an error, touches no
 *         result, and (with the sanitizer) leaks nothing. Linked with --wrap, so only the library's
 *         own allocations and jansson's fail; those of libxml2 do not.
 */
#include "domxml/domxml.h"
#include "plan/ground/libvirt_define.h"

#include "vtopo/domain.h"
#include "vtopo/host.h"
#include "vtopo/plan.h"
#include "vtopo/policy.h"
#include "vtopo/rewrite.h"

#include "failing_alloc.h"
#include "suite.h"

#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* So many of a call's allocations are tried, evenly; VTOPO_EVERY=1 in the environment: all of them.
 */
#define TRIES 50

/* What the calls are given and give. */
struct work {
    char *xml;
    size_t length;
    struct vtopo_host *host;
    struct vtopo_domain *domain;
    struct vtopo_policy *policy;
    struct vtopo_plan *plan;
    char *text;
    size_t text_length;
    size_t found;
};

/* Makes one result of @work; must leave nothing in it on failure. */
typedef int step(struct work *work, struct vtopo_error **reterr);

static int read_host(struct work *work, struct vtopo_error **reterr)
{
    return vtopo_host_read(TEST_DATA "/../examples/hosts/rtx8.json", NULL, &work->host, reterr);
}

static int parse_domain(struct work *work, struct vtopo_error **reterr)
{
    return vtopo_domain_parse(work->xml, work->length, "vm.xml", &work->domain, reterr);
}

static int read_policy(struct work *work, struct vtopo_error **reterr)
{
    return vtopo_policy_read(TEST_DATA "/../examples/policies/wrong-node-in-firmware.json",
                             &work->policy, reterr);
}

static int make_plan(struct work *work, struct vtopo_error **reterr)
{
    return vtopo_plan_make(work->host, work->domain, work->policy, &work->plan, reterr);
}

static int apply_plan(struct work *work, struct vtopo_error **reterr)
{
    return vtopo_plan_apply(work->plan, work->domain, &work->text, &work->text_length, reterr);
}

static int rewrite(struct work *work, struct vtopo_error **reterr)
{
    return vtopo_rewrite(work->xml, work->length, work->host, work->policy, &work->text,
                         &work->text_length, NULL, reterr);
}

static int define_domain(struct work *work, struct vtopo_error **reterr)
{
    struct domain defined;
    const char *unknown;
    int r = libvirt_define(&work->domain->model, 0, &defined, &unknown, reterr);

    /* No check here that allocates itself. */
    if (r ? defined.name != NULL : unknown != NULL)
        r = VTOPO_ERR_BUG;
    domain_clear(&defined);
    return r;
}

static int diff(struct work *work, struct vtopo_error **reterr)
{
    return vtopo_domain_diff(work->domain, "<domain/>\n", 10, &work->text, reterr);
}

static int undo(struct work *work, struct vtopo_error **reterr)
{
    return vtopo_domain_undo(work->domain, &work->text, &work->text_length, reterr);
}

static int format_tree(struct work *work, struct vtopo_error **reterr)
{
    return vtopo_plan_format(work->plan, VTOPO_PLAN_TREE, true, &work->text, reterr);
}

static int format_json(struct work *work, struct vtopo_error **reterr)
{
    return vtopo_plan_format(work->plan, VTOPO_PLAN_JSON, false, &work->text, reterr);
}

static int format_nccl(struct work *work, struct vtopo_error **reterr)
{
    return vtopo_plan_nccl_topo(work->plan, &work->text, reterr);
}

static int format_host(struct work *work, struct vtopo_error **reterr)
{
    return vtopo_host_format(work->host, &work->text, reterr);
}

static int draw_host(struct work *work, struct vtopo_error **reterr)
{
    return vtopo_host_draw(work->host, VTOPO_HOST_TEXT, &work->text, reterr);
}

static int list_host(struct work *work, struct vtopo_error **reterr)
{
    return vtopo_host_list(work->host, VTOPO_HOST_TEXT, 0, &work->text, reterr);
}

static int list_host_json(struct work *work, struct vtopo_error **reterr)
{
    return vtopo_host_list(work->host, VTOPO_HOST_JSON, 0, &work->text, reterr);
}

static int check_host(struct work *work, struct vtopo_error **reterr)
{
    return vtopo_host_check(work->host, NULL, 0, false, VTOPO_HOST_TEXT, &work->text, &work->found,
                            reterr);
}

static int check_host_json(struct work *work, struct vtopo_error **reterr)
{
    return vtopo_host_check(work->host, NULL, 0, false, VTOPO_HOST_JSON, &work->text, &work->found,
                            reterr);
}

/* In the order in which one needs the result of another. */
static const struct {
    const char *name;
    step *call;
    bool reads_json;
} calls[] = {
    {"vtopo_host_read", read_host, true},
    {"vtopo_domain_parse", parse_domain, false},
    {"vtopo_policy_read", read_policy, true},
    {"vtopo_plan_make", make_plan, false},
    {"vtopo_plan_format, tree", format_tree, false},
    {"vtopo_plan_format, json", format_json, false},
    {"vtopo_plan_nccl_topo", format_nccl, false},
    {"vtopo_plan_apply", apply_plan, false},
    {"vtopo_rewrite", rewrite, false},
    {"libvirt_define", define_domain, false},
    {"vtopo_domain_diff", diff, false},
    {"vtopo_domain_undo", undo, false},
    {"vtopo_host_format", format_host, false},
    {"vtopo_host_draw", draw_host, false},
    {"vtopo_host_list, text", list_host, false},
    {"vtopo_host_list, json", list_host_json, false},
    {"vtopo_host_check, text", check_host, false},
    {"vtopo_host_check, json", check_host_json, false},
};

/* Returns what the call returned, and in @ret_seen how many allocations it made. */
static int run(step *call, struct work *work, size_t fail_at, size_t *ret_seen,
               struct vtopo_error **reterr)
{
    int code;

    failing_alloc_start(fail_at);
    code = call(work, reterr);
    *ret_seen = failing_alloc_stop();
    return code;
}

static void try_every_allocation(size_t at, struct work *work)
{
    struct vtopo_error *error = NULL;
    size_t total, stride, seen;
    int code;

    json_set_alloc_funcs(calls[at].reads_json ? __real_malloc : __wrap_malloc, free);
    code = run(calls[at].call, work, 0, &total, &error);
    ck_assert_msg(!code, "%s: %s", calls[at].name, error ? vtopo_error_message(error) : "");
    ck_assert_uint_gt(total, 0);
    free(work->text);
    work->text = NULL;
    stride = getenv("VTOPO_EVERY") ? 1 : total / TRIES + 1;
    for (size_t n = 1; n <= total; n += stride) {
        struct work again = *work;

        code = run(calls[at].call, &again, n, &seen, &error);
        ck_assert_msg(code == VTOPO_ERR_NOMEM, "%s: %d when allocation %zu of %zu fails",
                      calls[at].name, code, n, total);
        ck_assert_msg(!memcmp(&again, work, sizeof(again)), "%s: a result in spite of failure",
                      calls[at].name);
        ck_assert_int_eq(vtopo_error_code(error), VTOPO_ERR_NOMEM);
        vtopo_error_free(error);
        error = NULL;
    }
}

static char *read_text(const char *path, size_t *ret_length)
{
    FILE *file = fopen(path, "r");
    char *text = malloc(1 << 20);

    ck_assert_msg(file && text, "cannot read %s", path);
    *ret_length = fread(text, 1, 1 << 20, file);
    fclose(file);
    return text;
}

START_TEST(test_every_call)
{
    struct work work = {0};

    work.xml = read_text(TEST_DATA "/domains/gpu-functions.xml", &work.length);
    for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
        try_every_allocation(i, &work);
    vtopo_plan_free(work.plan);
    vtopo_policy_free(work.policy);
    vtopo_domain_free(work.domain);
    vtopo_host_free(work.host);
    free(work.xml);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("oom");
    TCase *tcase = tcase_create("oom");

    tcase_set_timeout(tcase, 600);
    tcase_add_test(tcase, test_every_call);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
