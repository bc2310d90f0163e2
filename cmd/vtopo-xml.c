/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vtopo-xml.c - rewrite a libvirt domain so that the guest sees the host's PCIe and NUMA topology
 *
 * Takes:  options (xml_options.c), a domain XML from a file or stdin.
 * Gives:  the product on stdout or in a file, findings on stderr (xml_output.c), an exit status
 *         (common.h).
 * Rule:   everything is made and checked before the first byte is written, so a failure writes
 *         nothing.
 * Not here: any decision about the guest; that is libvtopo's, and this program uses its public
 *         headers only.
 */
#include "common.h"
#include "make_plan.h"
#include "terminal.h"
#include "xml_options.h"
#include "xml_output.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <vtopo/domain.h>

/* Everything that is made on the way from the input to the product. */
struct work {
    const struct xml_options *options;
    struct vtopo_error *error;
    const char *failing; /* what the error is about, if it does not say so itself */
    struct vtopo_policy *policy;
    char *input;
    size_t input_length;
    struct vtopo_domain *domain;
    struct vtopo_host *host;
    struct vtopo_plan *plan;
    char *output; /* the domain after the rewrite */
    size_t output_length;
    char *product; /* what is written, if it is not output */
    char *advice;  /* a diff to what --cells make would write; NULL: nothing to advise */
    char *nccl_topo;
    bool differs; /* the output is not the input */
};

/* The plan, and the rewritten domain unless only the plan is wanted. */
static int rewrite(struct work *work)
{
    const struct xml_options *o = work->options;
    struct plan_request request = plan_request_of(o);
    int code = make_policy(&request, work->domain, &work->policy, &work->error);

    if (!code)
        code =
            make_plan(&request, work->domain, work->policy, &work->host, &work->plan, &work->error);
    if (!code && o->nccl_topo)
        code = vtopo_plan_nccl_topo(work->plan, &work->nccl_topo, &work->error);
    if (code || (o->explain && !o->validate))
        return code;
    return vtopo_plan_apply(work->plan, work->domain, &work->output, &work->output_length,
                            &work->error);
}

static bool has_advice(const struct work *work)
{
    for (size_t i = 0; i < vtopo_plan_finding_count(work->plan); i++) {
        if (is_cells_advice(work->plan, i))
            return true;
    }
    return false;
}

/* With the policy as it is but for its word on cells. */
static int write_advice(struct work *work)
{
    struct plan_request request = plan_request_of(work->options);
    struct vtopo_plan *plan = NULL;
    char *output = NULL;
    size_t length;
    int code = vtopo_policy_set(work->policy, "cells", "make", &work->error);

    if (!code)
        code = make_plan(&request, work->domain, work->policy, &work->host, &plan, &work->error);
    if (!code)
        code = vtopo_plan_apply(plan, work->domain, &output, &length, &work->error);
    if (!code)
        code = vtopo_domain_diff(work->domain, output, length, &work->advice, &work->error);
    vtopo_plan_free(plan);
    free(output);
    return code;
}

/* What else is in the way of it is no failure of this run, which does not write it. */
static int advise(struct work *work)
{
    const struct xml_options *o = work->options;
    int code;

    if (o->explain || o->undo || o->quiet || !has_advice(work))
        return 0;
    code = write_advice(work);
    if (!code || code == VTOPO_ERR_NOMEM)
        return code;
    vtopo_error_free(work->error);
    work->error = NULL;
    return 0;
}

/* Many a domain that libvirt takes is not valid: find out whether the rewrite is to blame. */
static int validate(struct work *work)
{
    struct vtopo_error *error = NULL;
    int code = vtopo_domain_validate(work->output, work->output_length, NULL, &work->error);

    if (code != VTOPO_ERR_DOMAIN)
        return code;
    work->failing = "the output is not valid";
    if (vtopo_domain_validate(work->input, work->input_length, NULL, &error) == VTOPO_ERR_DOMAIN)
        work->failing = "the domain is not valid, with or without vtopo";
    vtopo_error_free(error);
    return code;
}

static int make_product(struct work *work)
{
    const struct xml_options *o = work->options;

    if (o->explain)
        return vtopo_plan_format(work->plan, o->style, !o->output && use_colour(STDOUT_FILENO),
                                 &work->product, &work->error);
    work->differs = work->output_length != work->input_length ||
                    memcmp(work->output, work->input, work->input_length);
    if (!o->diff)
        return 0;
    return vtopo_domain_diff(work->domain, work->output, work->output_length, &work->product,
                             &work->error);
}

static int make(struct work *work)
{
    const struct xml_options *o = work->options;
    int code = vtopo_domain_parse(work->input, work->input_length, input_name(o), &work->domain,
                                  &work->error);

    if (!code && o->undo)
        code = vtopo_domain_undo(work->domain, &work->output, &work->output_length, &work->error);
    else if (!code)
        code = rewrite(work);
    if (!code && o->validate)
        code = validate(work);
    if (!code)
        code = advise(work);
    return code ? code : make_product(work);
}

static int report_failure(struct work *work)
{
    int status;

    if (!work->failing)
        return fail(XML_PROGRAM, work->error);
    status = -vtopo_error_code(work->error);
    complain(XML_PROGRAM, "%s: %s: %s", input_name(work->options), work->failing,
             vtopo_error_message(work->error));
    vtopo_error_free(work->error);
    return status;
}

static int write_work(const struct work *work)
{
    const char *product = work->product ? work->product : work->output;
    size_t length = work->product ? strlen(work->product) : work->output_length;

    return write_results(work->options, product, length, work->differs, work->nccl_topo);
}

/* The status of --check. */
static int judge(const struct work *work)
{
    const struct xml_options *o = work->options;

    if (work->differs) {
        if (!o->quiet)
            print_difference(o, work->plan);
        return STATUS_DIFFERS;
    }
    if (!work->plan || !vtopo_plan_lack(work->plan))
        return STATUS_DONE;
    if (!o->quiet)
        print_lack(o, work->plan);
    return STATUS_LACKS;
}

/* An undo has no plan that says it. */
static void report_record(const struct work *work)
{
    const char *problem = vtopo_domain_record_problem(work->domain);
    size_t changed = vtopo_domain_changed_count(work->domain);

    if (!work->options->undo || work->options->quiet)
        return;
    if (problem)
        complain(
            XML_PROGRAM,
            "warning: %s domain: where its devices were before vtopo is written in its <metadata>, but cannot be used (%s); they go to the lowest empty root ports of pcie.0, or to new ones",
            vtopo_finding_name(VTOPO_FINDING_RECORD_UNUSED), problem);
    if (changed)
        complain(
            XML_PROGRAM,
            "warning: %s domain: of what vtopo added, %zu element%s not taken out: changed or removed since, or part of guest NUMA cells (<numa>, <topology>, <vcpupin>, <numatune>, the nodeset of huge pages) of which something was; what is there of these is the domain's own, and goes only by hand",
            vtopo_finding_name(VTOPO_FINDING_ADDITION_CHANGED), changed,
            changed > 1 ? "s are" : " is");
}

static int run(struct work *work)
{
    const struct xml_options *o = work->options;
    int status;

    if (!o->input && isatty(STDIN_FILENO) && !o->quiet)
        complain(XML_PROGRAM, "reading a domain XML from the terminal; Ctrl-D ends it");
    status = read_input(XML_PROGRAM, o->input, VTOPO_DOMAIN_MAX, &work->input, &work->input_length);
    if (status)
        return status;
    if (make(work))
        return report_failure(work);
    report_record(work);
    status = print_xml_findings(o, work->plan, work->advice);
    if (!status)
        status = write_work(work);
    return status || !o->check ? status : judge(work);
}

static void free_work(struct work *work)
{
    vtopo_policy_free(work->policy);
    vtopo_domain_free(work->domain);
    vtopo_host_free(work->host);
    vtopo_plan_free(work->plan);
    free(work->input);
    free(work->output);
    free(work->product);
    free(work->advice);
    free(work->nccl_topo);
}

int main(int argc, char **argv)
{
    struct xml_options options;
    struct work work = {.options = &options};
    int status;

    start_program();
    status = read_xml_options(argc, argv, &options);
    if (!status)
        status = check_files(&options);
    if (status)
        return status;
    status = run(&work);
    free_work(&work);
    return status;
}
