/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * messages.c - see messages.h
 *
 * Takes:  bytes of a peer, a domain.
 * Gives:  what they say; bytes for the peer.
 * Rule:   the memory that decoding takes has a limit that follows from the message: of two bytes
 *         that are a field of nobody's, protobuf-c makes more than thirty.
 */
#include "messages.h"

#include "calls.pb-c.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define DECODE_EXTRA 65536

struct quota {
    size_t left;
    bool no_memory; /* it was not the quota that ended */
};

static void *allocate(void *data, size_t size)
{
    struct quota *quota = data;
    void *memory = size > quota->left ? NULL : malloc(size);

    if (memory)
        quota->left -= size;
    else
        quota->no_memory = size <= quota->left;
    return memory;
}

static void release(void *data, void *memory)
{
    (void)data;
    free(memory);
}

static const ProtobufCMessageDescriptor *descriptor_of(enum request_kind kind)
{
    switch (kind) {
    case REQUEST_DEFINE:
        return &sidecar__define_params__descriptor;
    case REQUEST_MUTATE:
        return &sidecar__mutate_request__descriptor;
    case REQUEST_EMPTY:
        break;
    }
    return &sidecar__empty__descriptor;
}

static void set_domain(struct request *ret, const ProtobufCBinaryData *domain,
                       const ProtobufCBinaryData *vmi)
{
    ret->domain = domain->len ? (const char *)domain->data : "";
    ret->domain_length = domain->len;
    ret->vmi = vmi->len ? (const char *)vmi->data : "";
    ret->vmi_length = vmi->len;
}

enum grpc_status request_decode(enum request_kind kind, const unsigned char *bytes, size_t length,
                                struct request *ret, const char **ret_why)
{
    struct quota quota = {.left = 2 * length + DECODE_EXTRA};
    ProtobufCAllocator allocator = {allocate, release, &quota};

    *ret = (struct request){.domain = "", .vmi = "", .domain_type = "", .context = ""};
    ret->message = protobuf_c_message_unpack(descriptor_of(kind), &allocator, length, bytes);
    if (!ret->message) {
        *ret_why = quota.no_memory ? "out of memory" : "the message is not what the method takes";
        return quota.no_memory ? GRPC_RESOURCE_EXHAUSTED : GRPC_INVALID_ARGUMENT;
    }
    if (kind == REQUEST_DEFINE) {
        const Sidecar__DefineParams *params = ret->message;

        set_domain(ret, &params->domain, &params->vmi);
    } else if (kind == REQUEST_MUTATE) {
        const Sidecar__MutateRequest *params = ret->message;

        set_domain(ret, &params->domain, &params->vmi);
        ret->domain_type = params->domain_type;
        if (params->sidecar_context)
            ret->context = params->sidecar_context->invocation_context;
    }
    return GRPC_OK;
}

void request_clear(struct request *request)
{
    static ProtobufCAllocator allocator = {NULL, release, NULL};

    if (request->message)
        protobuf_c_message_free_unpacked(request->message, &allocator);
    *request = (struct request){0};
}

static unsigned char *encode(const ProtobufCMessage *message, size_t *ret_length)
{
    size_t length = protobuf_c_message_get_packed_size(message);
    unsigned char *bytes = malloc(GRPC_PREFIX + length);

    if (!bytes)
        return NULL;
    grpc_prefix_write((uint32_t)length, bytes);
    protobuf_c_message_pack(message, bytes + GRPC_PREFIX);
    *ret_length = GRPC_PREFIX + length;
    return bytes;
}

unsigned char *encode_empty(size_t *ret_length)
{
    Sidecar__Empty message = SIDECAR__EMPTY__INIT;

    return encode(&message.base, ret_length);
}

/*
 * Every version is served, and KubeVirt takes the newest that it knows.  PreCloudInitIso is not
 * subscribed: the first client that answers it ends that chain.
 */
unsigned char *encode_info(size_t *ret_length)
{
    Sidecar__HookPoint define = SIDECAR__HOOK_POINT__INIT, shutdown = SIDECAR__HOOK_POINT__INIT;
    Sidecar__HookPoint *points[] = {&define, &shutdown};
    char *versions[] = {(char[]){"v1alpha3"}, (char[]){"v1alpha2"}, (char[]){"v1alpha1"}};
    Sidecar__InfoResult info = SIDECAR__INFO_RESULT__INIT;

    define.name = (char[]){"OnDefineDomain"};
    shutdown.name = (char[]){"Shutdown"};
    info.name = (char[]){"vtopo"};
    info.hook_points = points;
    info.n_hook_points = sizeof(points) / sizeof(*points);
    info.versions = versions;
    info.n_versions = sizeof(versions) / sizeof(*versions);
    return encode(&info.base, ret_length);
}

unsigned char *encode_domain(const char *domain, size_t length, size_t *ret_length)
{
    Sidecar__DomainResult result = SIDECAR__DOMAIN_RESULT__INIT;

    result.domain.data = (unsigned char *)domain;
    result.domain.len = length;
    return encode(&result.base, ret_length);
}
