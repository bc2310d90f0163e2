/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check.c - see check.h
 *
 * Takes:  a domain on stdin; host and policy.
 * Gives:  at most two lines in the journal: what is wrong with it and what puts that right, and
 *         where the policy would have it stopped, why it is not; whether it is.
 * Rule:   a guest without host devices is nobody's business, and no reason to report a bad
 *         policy.
 * Not here: whether a start is stopped (guard.c), that nothing of this can hold libvirt up
 *         (vtopo-qemu-hook.c).
 */
#include "check.h"

#include "../cmd/common.h"
#include "../cmd/make_plan.h"
#include "guard.h"
#include "own_cores.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

/* The domain, and what is found out of it. */
struct check {
    const struct call *call;
    struct plan_request request;
    struct vtopo_domain *domain;
    struct vtopo_policy *policy;
    struct vtopo_plan *plan;
    struct vtopo_error *refusal; /* what the policy's "strict" says of it; NULL: nothing */
    struct vtopo_error *error;
};

/* --- lines in the journal --- */

/* " --config 'FILE'", if there is one: whoever repairs has to use the same. */
static const char *option(const char *name, const char *value, char text[QUOTED + 16])
{
    char quoted[QUOTED];

    if (value)
        snprintf(text, QUOTED + 16, " %s %s", name, quote(value, quoted, sizeof(quoted)));
    else
        text[0] = '\0';
    return text;
}

void log_unchecked(const struct call *call, const char *why)
{
    char name[QUOTED];

    syslog(LOG_WARNING, "domain %s: its topology was not checked: %s",
           quote(call->name, name, sizeof(name)), why);
}

/* One line: how it starts, what is @wrong, the command that prints the domain, and what its output
 * goes into. */
static void log_line(const struct call *call, int priority, const char *how, const char *wrong,
                     const char *dump, const char *program, const char *more)
{
    char name[QUOTED], host[QUOTED + 16], config[QUOTED + 16];

    syslog(priority, "domain %s starts %s: %s: %s %s%s | %s%s%s%s",
           quote(call->name, name, sizeof(name)), how, wrong, dump, *call->name == '-' ? "-- " : "",
           name, program, option("--host", call->host, host),
           option("--config", call->config, config), more);
}

static void log_plan(const struct check *check)
{
    const struct call *call = check->call;
    const char *lack = vtopo_plan_lack(check->plan);
    char wrong[512], name[QUOTED];

    if (!vtopo_plan_is_realised(check->plan) && check->refusal) {
        syslog(LOG_WARNING, "domain %s starts as it is, vtopo-xml would not rewrite it: %s",
               quote(call->name, name, sizeof(name)), vtopo_error_message(check->refusal));
    } else if (!vtopo_plan_is_realised(check->plan)) {
        snprintf(wrong, sizeof(wrong), "%s; to have it from the next start on, run",
                 vtopo_plan_difference(check->plan));
        log_line(call, LOG_WARNING, "otherwise than vtopo would make it", wrong,
                 "virsh dumpxml --inactive --security-info", "vtopo-xml",
                 " | virsh define /dev/stdin");
    } else if (lack) {
        snprintf(wrong, sizeof(wrong), "%s; to see what would help, run", lack);
        log_line(call, LOG_NOTICE, "without its host's topology", wrong, "virsh dumpxml --inactive",
                 "vtopo-xml", " --explain");
    } else {
        tell_of_domain(call, ": nothing to report, it is as vtopo would make it");
    }
}

static void log_stopped(const struct check *check, bool repair)
{
    char name[QUOTED];

    syslog(LOG_WARNING, "domain %s is not started (policy on_start \"%s\"): %s; %s",
           quote(check->call->name, name, sizeof(name)), repair ? "repair" : "refuse",
           vtopo_plan_difference(check->plan),
           repair
               ? "vtopod is about to rewrite its definition: start it again"
               : "start it again to have it so, or rewrite its definition (vtopo-define) before");
}

static void log_passed(const struct check *check, bool repair, const char *why)
{
    char name[QUOTED];

    syslog(LOG_NOTICE, "domain %s is started all the same (policy on_start \"%s\"): %s",
           quote(check->call->name, name, sizeof(name)), repair ? "repair" : "refuse", why);
}

/* --- the domain --- */

static int read_domain(struct check *check)
{
    char *text = NULL;
    size_t length;
    int r;

    if (isatty(STDIN_FILENO))
        tell_person("", "reading a domain XML from the terminal; Ctrl-D ends it");
    if (read_input(HOOK_PROGRAM, NULL, VTOPO_DOMAIN_MAX, &text, &length)) {
        log_unchecked(check->call, "its XML cannot be read from stdin");
        return VTOPO_ERR_FILE;
    }
    r = vtopo_domain_parse(text, length, "stdin", &check->domain, &check->error);
    if (r)
        log_unchecked(check->call, vtopo_error_message(check->error));
    free(text);
    return r;
}

/* What strict refuses is planned nevertheless, to see whether the domain is so already. */
static int plan_domain(struct check *check)
{
    struct vtopo_host *host = NULL;
    int r = make_plan(&check->request, check->domain, check->policy, &host, &check->plan,
                      &check->error);

    if (r == VTOPO_ERR_REFUSED) {
        check->refusal = check->error;
        check->error = NULL;
        vtopo_policy_set_strict(check->policy, false);
        r = make_plan(&check->request, check->domain, check->policy, &host, &check->plan,
                      &check->error);
    }
    vtopo_host_free(host);
    return r;
}

/* Which cores other VMs have is not known here: a domain that is right on its own is right. */
static void plan_on_own_cores(struct check *check)
{
    struct vtopo_host *host = NULL;
    struct vtopo_plan *plan = NULL, *former = check->plan;
    bool leaves = false;

    if (vtopo_plan_is_realised(former) || leave_own_cores(check->domain, check->policy, &leaves) ||
        !leaves)
        return;
    if (!make_plan(&check->request, check->domain, check->policy, &host, &plan, NULL) &&
        vtopo_plan_is_realised(plan)) {
        check->plan = plan;
        plan = former;
    }
    vtopo_plan_free(plan);
    vtopo_host_free(host);
}

/* False: a start is never stopped, and nothing is noted. */
static bool is_guarded(const struct check *check, struct guarded *ret)
{
    char *word = NULL;
    bool guarded = !vtopo_policy_get(check->policy, "on_start", &word, NULL) && word &&
                   strcmp(word, "warn") != 0;

    *ret = (struct guarded){.name = check->call->name,
                            .uuid = vtopo_domain_uuid(check->domain),
                            .domain = check->domain,
                            .repair = guarded && !strcmp(word, "repair"),
                            .trial = is_person()};
    free(word);
    return guarded && ret->uuid;
}

static void clear(struct check *check)
{
    vtopo_error_free(check->refusal);
    vtopo_error_free(check->error);
    vtopo_plan_free(check->plan);
    vtopo_policy_free(check->policy);
    vtopo_domain_free(check->domain);
}

static struct check begin(const struct call *call)
{
    return (struct check){.call = call, .request = {.host = call->host, .config = call->config}};
}

/* --- a start --- */

/* What vtopo would not make otherwise because a strict policy refuses it is not stopped. */
static enum check_result judge(const struct check *check)
{
    bool differs = !vtopo_plan_is_realised(check->plan) && !check->refusal;
    struct guarded start;
    const char *why;

    if (!is_guarded(check, &start)) {
        log_plan(check);
        return CHECK_PASSES;
    }
    why = guard_decide(&start, differs);
    if (!why) {
        log_stopped(check, start.repair);
        return start.trial ? CHECK_PASSES : start.repair ? CHECK_REPAIRS : CHECK_REFUSES;
    }
    log_plan(check);
    if (differs)
        log_passed(check, start.repair, why);
    return CHECK_PASSES;
}

static enum check_result check_domain(struct check *check)
{
    int r = make_policy(&check->request, check->domain, &check->policy, &check->error);

    if (!r)
        r = plan_domain(check);
    if (!r) {
        plan_on_own_cores(check);
        return judge(check);
    }
    if (vtopo_domain_assigned_count(check->domain))
        log_unchecked(check->call, vtopo_error_message(check->error));
    else
        tell_of_domain(check->call, ": nothing to report, no host device is assigned");
    return CHECK_PASSES;
}

enum check_result check_start(const struct call *call)
{
    struct check check = begin(call);
    enum check_result result = CHECK_PASSES;

    if (!read_domain(&check))
        result = check_domain(&check);
    clear(&check);
    return result;
}

/* --- an arrival --- */

/* A policy that cannot be read stops no start either. */
void check_arrival(const struct call *call)
{
    struct check check = begin(call);
    struct guarded start;

    if (!read_domain(&check) && !make_policy(&check.request, check.domain, &check.policy, NULL) &&
        is_guarded(&check, &start) && !guard_note_arrival(&start))
        log_unchecked(call, "that its guest is restored cannot be noted, and its start may be "
                            "taken for one of its definition");
    clear(&check);
}
