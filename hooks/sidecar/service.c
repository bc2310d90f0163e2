/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * service.c - see service.h
 *
 * Takes:  a method, its message.
 * Gives:  the message that answers, or a status and one sentence, which KubeVirt shows as an event
 *         of the VMI.
 * Rule:   nothing is kept from one call to the next.
 * Not here: what is done with a domain (../kubevirt/rewrite.c).
 */
#include "service.h"

#include "../kubevirt/rewrite.h"
#include "base/mem.h"
#include "log.h"
#include "messages.h"

#include <stdio.h>
#include <string.h>

struct method {
    const char *path;
    enum request_kind request;
    struct reply (*answer)(const struct service *service, const struct request *request);
};

void reply_clear(struct reply *reply)
{
    free(reply->reason);
    free(reply->body);
    *reply = (struct reply){0};
}

struct reply reply_refuse(enum grpc_status status, const char *why)
{
    return (struct reply){.status = status, .reason = strdup(why)};
}

static struct reply reply_with(unsigned char *body, size_t length)
{
    if (!body)
        return reply_refuse(GRPC_RESOURCE_EXHAUSTED, vtopo_strerror(VTOPO_ERR_NOMEM));
    return (struct reply){.body = body, .length = length};
}

static struct reply answer_info(const struct service *service, const struct request *request)
{
    size_t length = 0;
    unsigned char *body = encode_info(&length);

    (void)service, (void)request;
    return reply_with(body, length);
}

static struct reply answer_shutdown(const struct service *service, const struct request *request)
{
    size_t length = 0;
    unsigned char *body = encode_empty(&length);
    struct reply reply = reply_with(body, length);

    (void)service, (void)request;
    log_line(LOG_LEVEL_INFO, NULL, "KubeVirt asks to end");
    reply.ends = true;
    return reply;
}

static enum grpc_status status_of(int code)
{
    switch (code) {
    case VTOPO_ERR_DOMAIN:
        return GRPC_INVALID_ARGUMENT;
    case VTOPO_ERR_NOMEM:
        return GRPC_RESOURCE_EXHAUSTED;
    case VTOPO_ERR_BUG:
        return GRPC_INTERNAL;
    default: /* the host, the policy, the VMI's annotations, a limit */
        return GRPC_FAILED_PRECONDITION;
    }
}

static struct reply refuse_size(const char *what, size_t length)
{
    char why[128];

    snprintf(why, sizeof(why), "%s has %zu bytes, and KubeVirt takes at most 4 MiB back", what,
             length);
    return reply_refuse(GRPC_RESOURCE_EXHAUSTED, why);
}

static struct reply reply_domain(const char *domain, size_t domain_length)
{
    size_t length = 0;
    unsigned char *body;

    if (domain_length > GRPC_SEND_MAX)
        return refuse_size("the domain", domain_length);
    body = encode_domain(domain, domain_length, &length);
    if (!body || length <= GRPC_PREFIX + GRPC_SEND_MAX)
        return reply_with(body, length);
    free(body);
    return refuse_size("the answer", length - GRPC_PREFIX);
}

static void log_answer(const struct kubevirt_answer *answer, const struct request *request,
                       const struct reply *reply)
{
    struct log_subject subject = {answer->vmi_namespace, answer->vmi_name, NULL};
    bool same = answer->domain && answer->domain_length == request->domain_length &&
                !memcmp(answer->domain, request->domain, request->domain_length);

    for (size_t i = 0; i < answer->messages.count; i++) {
        const struct kubevirt_message *message = &answer->messages.items[i];

        subject.finding = message->finding;
        log_line(message->severity == KUBEVIRT_INFO ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING, &subject,
                 message->text);
    }
    subject.finding = NULL;
    if (reply->status != GRPC_OK)
        log_line(LOG_LEVEL_ERROR, &subject, reply->reason ? reply->reason : "out of memory");
    else
        log_line(LOG_LEVEL_INFO, &subject,
                 same ? "the domain stays as it is" : "the domain is rewritten");
}

/*
 * Is there memory to read a VMI of that length?  jansson 2.14 does not notice that its lexer's
 * buffer (strbuffer.c, twice as large each time) could not grow, and reads past its end then.
 */
static bool has_memory_for(size_t vmi_length)
{
    void *volatile trial = malloc(4 * vmi_length + 4096);
    bool has = trial != NULL;

    free(trial);
    return has;
}

static struct kubevirt_call call_of(const struct service *service, const struct request *request)
{
    return (struct kubevirt_call){.vmi = request->vmi,
                                  .vmi_length = request->vmi_length,
                                  .domain = request->domain,
                                  .domain_length = request->domain_length,
                                  .host = service->host,
                                  .config = service->config,
                                  .metadata = service->metadata};
}

static struct reply rewrite(const struct service *service, const struct request *request)
{
    const struct kubevirt_call call = call_of(service, request);
    struct kubevirt_answer answer = {0};
    struct reply reply;

    if (!has_memory_for(request->vmi_length)) {
        reply = reply_refuse(GRPC_RESOURCE_EXHAUSTED, vtopo_strerror(VTOPO_ERR_NOMEM));
    } else if (request->domain_length > GRPC_SEND_MAX) { /* it gets no smaller */
        kubevirt_read_names(&call, &answer);
        reply = refuse_size("the domain", request->domain_length);
    } else {
        int code = kubevirt_rewrite(&call, &answer);

        reply = code ? reply_refuse(status_of(code), kubevirt_answer_reason(&answer))
                     : reply_domain(answer.domain, answer.domain_length);
    }
    log_answer(&answer, request, &reply);
    kubevirt_answer_clear(&answer);
    return reply;
}

/* A line about the VMI of a call that is not acted on. */
static void log_unread(enum log_level level, const struct service *service,
                       const struct request *request, const char *text)
{
    const struct kubevirt_call call = call_of(service, request);
    struct kubevirt_answer names = {0};
    struct log_subject subject;

    if (has_memory_for(request->vmi_length))
        kubevirt_read_names(&call, &names);
    subject = (struct log_subject){names.vmi_namespace, names.vmi_name, NULL};
    log_line(level, &subject, text);
    kubevirt_answer_clear(&names);
}

/*
 * On a migration the guest exists, and its layout with it.  A sidecar's answer is thrown away there
 * and a plugin's is not, so the domain goes back as it came.
 */
static struct reply mutate(const struct service *service, const struct request *request)
{
    static const char not_libvirt[] = "the domain is not libvirt's";
    struct reply reply;

    if (strcmp(request->domain_type, "libvirt") != 0) {
        log_unread(LOG_LEVEL_ERROR, service, request, not_libvirt);
        return reply_refuse(GRPC_INVALID_ARGUMENT, not_libvirt);
    }
    if (strcmp(request->context, "MigrationSource") != 0 &&
        strcmp(request->context, "MigrationTarget") != 0)
        return rewrite(service, request);
    reply = reply_domain(request->domain, request->domain_length);
    if (reply.status == GRPC_OK)
        log_unread(LOG_LEVEL_INFO, service, request,
                   "the domain stays as it is, its guest migrates");
    else
        log_unread(LOG_LEVEL_ERROR, service, request,
                   reply.reason ? reply.reason : "out of memory");
    return reply;
}

static const struct method methods[] = {
    {"/kubevirt.hooks.info.Info/Info", REQUEST_EMPTY, answer_info},
    {"/kubevirt.hooks.v1alpha1.Callbacks/OnDefineDomain", REQUEST_DEFINE, rewrite},
    {"/kubevirt.hooks.v1alpha2.Callbacks/OnDefineDomain", REQUEST_DEFINE, rewrite},
    {"/kubevirt.hooks.v1alpha3.Callbacks/OnDefineDomain", REQUEST_DEFINE, rewrite},
    {"/kubevirt.hooks.v1alpha3.Callbacks/Shutdown", REQUEST_EMPTY, answer_shutdown},
    {"/kubevirt.hooks.plugins.v1alpha1.DomainHookService/MutateDomain", REQUEST_MUTATE, mutate},
};

const struct method *method_find(const char *path, size_t length)
{
    for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++) {
        if (strlen(methods[i].path) == length && !memcmp(methods[i].path, path, length))
            return &methods[i];
    }
    return NULL;
}

const char *method_path(const struct method *method)
{
    return method->path;
}

struct reply service_answer(const struct service *service, const struct method *method,
                            unsigned char *message, size_t length)
{
    struct request request;
    const char *why = NULL;
    enum grpc_status status = request_decode(method->request, message, length, &request, &why);
    struct reply reply;

    if (status == GRPC_OK) {
        reply = method->answer(service, &request);
    } else {
        log_printf(LOG_LEVEL_ERROR, "%s: %s", method->path, why);
        reply = reply_refuse(status, why);
    }
    free(message);
    return reply;
}
