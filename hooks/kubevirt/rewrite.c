/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rewrite.c - see rewrite.h
 *
 * Takes:  a VMI and its domain, where host and policy are.
 * Gives:  the domain as vtopo wants it, or the reason why not; findings as messages.
 * Rule:   annotations of the VMI go over the node's policy and the domain's own. A domain that
 *         KubeVirt will show again, with more addresses in it, comes back as it came.
 * Not here: what becomes of the domain (act.c), which calls are left alone (which_call.c), what
 *         annotations say (annotations.c, device_wishes.c), who asks.
 */
#include "rewrite.h"

#include "annotations.h"
#include "base/error.h"
#include "base/printable.h"
#include "device_wishes.h"
#include "kubevirt/shown.h"
#include "kubevirt/unset.h"
#include "kubevirt/vmi.h"
#include "kubevirt/vmi_parts.h"
#include "pod_host.h"
#include "which_call.h"
#include "work.h"

#include <string.h>

int work_add_message(struct work *w, enum kubevirt_severity severity, const char *text)
{
    return kubevirt_answer_add(w->answer, severity, text) ? error_nomem(w->reterr) : 0;
}

int work_answer_with(struct work *w, const char *text, size_t length)
{
    struct kubevirt_answer *answer = w->answer;

    answer->domain = malloc(length + 1);
    if (!answer->domain)
        return error_nomem(w->reterr);
    memcpy(answer->domain, text, length);
    answer->domain[length] = '\0';
    answer->domain_length = length;
    return 0;
}

/* --- the call --- */

/* What KubeVirt has a way of its own for is not the policy's to say. */
static void add_fixed_settings(struct work *w)
{
    w->request.adopt = true; /* what its NUMA-aware placement has placed */
    /* It adds ports itself, and those that devices leave come on top. */
    add_setting(&w->request, "spare_ports", "0");
    add_setting(&w->request, "vacated", "keep");
    /* A pin to a CPU that the pod has not been given does not work, and which it has is known only
     * where the domain says it. */
    if (!kubevirt_has_cpuset(w->given))
        add_setting(&w->request, "cells_pin", "none");
}

static int make_policy_of(struct work *w)
{
    int r;

    w->request = (struct plan_request){.host = w->call->host, .config = w->call->config};
    add_fixed_settings(w);
    r = annotations_add_settings(w->vmi, &w->request, w->reterr);
    if (!r)
        r = make_policy(&w->request, w->given, &w->policy, w->reterr);
    return r ? r : device_wishes_apply(w->vmi, w->given, w->policy, w->answer, w->reterr);
}

/* The domain as libvirt would take it. */
static const char *shown_text(const struct work *w, size_t *ret_length)
{
    *ret_length = w->text ? w->length : w->call->domain_length;
    return w->text ? w->text : w->call->domain;
}

static int parse_domain(struct work *w)
{
    const char *text;
    size_t length;
    int r = kubevirt_remove_unset(w->call->domain, w->call->domain_length, &w->text, &w->length,
                                  w->reterr);

    text = shown_text(w, &length);
    return r ? r : vtopo_domain_parse(text, length, "domain XML", &w->given, w->reterr);
}

static int answer_call(struct work *w)
{
    int r = parse_domain(w);

    if (!r)
        r = make_policy_of(w);
    if (r)
        return r;
    return another_call_follows(w->vmi, w->given) ? rehearse(w) : act(w);
}

/* Is the same found in another call of this boot, whose messages are enough? */
static bool is_said_elsewhere(const struct work *w)
{
    return w->given &&
           (another_call_follows(w->vmi, w->given) || earlier_call_acted(w->vmi, w->given));
}

/* Annotation on-error "start".  @why: freed. */
static int start_unchanged(struct work *w, struct vtopo_error *why)
{
    autofree char *text =
        mem_printf("the VMI starts without its host's topology, as annotation " ANNOTATION_PREFIX
                   "on-error wants it: %s",
                   vtopo_error_message(why));
    const char *domain;
    size_t length;
    int r;

    vtopo_error_free(why);
    free(steal(w->answer->domain));
    domain = shown_text(w, &length);
    r = work_answer_with(w, domain, length);
    if (r || is_said_elsewhere(w))
        return r;
    return text ? work_add_message(w, KUBEVIRT_WARNING, text) : error_nomem(w->reterr);
}

/* --- the VMI --- */

static int copy_name(const json_t *vmi, const char *name, char **ret_copy)
{
    const char *text = vmi_metadata(vmi, name);

    *ret_copy = text ? strdup(text) : NULL;
    if (*ret_copy)
        printable(*ret_copy, false);
    return text && !*ret_copy ? VTOPO_ERR_NOMEM : 0;
}

static int parse_vmi(struct work *w)
{
    const struct kubevirt_call *call = w->call;
    autobuffer struct buffer parts = {0};
    bool good = vmi_copy_parts(call->vmi, call->vmi_length, &parts);

    if (parts.failed)
        return error_nomem(w->reterr);
    return good ? vmi_parse(parts.text, parts.length, "the VMI", &w->vmi, w->reterr)
                : vmi_parse(call->vmi, call->vmi_length, "the VMI", &w->vmi, w->reterr);
}

static int read_vmi(struct work *w)
{
    int r = parse_vmi(w);

    if (!r && (copy_name(w->vmi, "namespace", &w->answer->vmi_namespace) ||
               copy_name(w->vmi, "name", &w->answer->vmi_name)))
        r = error_nomem(w->reterr);
    return r;
}

static void clear(struct work *w)
{
    pod_host_free(w->pod);
    vtopo_host_free(w->host);
    vtopo_policy_free(w->policy);
    vtopo_domain_free(w->given);
    json_decref(w->vmi);
    free(w->text);
}

int kubevirt_rewrite(const struct kubevirt_call *call, struct kubevirt_answer *ret)
{
    struct vtopo_error *error = NULL;
    struct work work = {.call = call, .answer = ret, .reterr = &error};
    bool start = false;
    int r;

    *ret = (struct kubevirt_answer){0};
    r = read_vmi(&work);
    if (!r)
        r = annotations_find_on_error(work.vmi, &start, work.reterr);
    if (!r)
        r = answer_call(&work);
    if (r && start && r != VTOPO_ERR_NOMEM) {
        struct vtopo_error *why = error;

        error = NULL;
        r = start_unchanged(&work, why);
    }
    if (r)
        r = kubevirt_answer_fail(ret, error);
    clear(&work);
    return r;
}

void kubevirt_read_names(const struct kubevirt_call *call, struct kubevirt_answer *ret)
{
    struct vtopo_error *error = NULL;
    struct work work = {.call = call, .answer = ret, .reterr = &error};

    *ret = (struct kubevirt_answer){0};
    read_vmi(&work);
    vtopo_error_free(error);
    clear(&work);
}
