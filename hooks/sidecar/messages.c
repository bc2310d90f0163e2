/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * messages.c - see messages.h
 *
 * Takes:  bytes of a peer, a domain.
 * Gives:  what they say; bytes for the peer.
 * Rule:   a message may have 16 MiB, so what is decoded stays where it is; protobuf-c copies it,
 *         and writes what is answered. As there, the last one counts of a field that comes twice.
 */
#include "messages.h"

#include "calls.pb-c.h"
#include "wire.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static void set_text(char text[32], const struct wire_field *field)
{
    size_t length = field->length < 31 ? field->length : 31;

    memcpy(text, field->bytes, length);
    text[length] = '\0';
}

static void set_bytes(const char **ret_bytes, size_t *ret_length, const struct wire_field *field)
{
    *ret_bytes = field->length ? (const char *)field->bytes : "";
    *ret_length = field->length;
}

/* SidecarContext */
static bool set_context(struct request *ret, const struct wire_field *message)
{
    struct wire wire = {.at = message->bytes, .end = message->bytes + message->length};
    struct wire_field field;

    while (wire_next(&wire, &field)) {
        if (field.number != 1)
            continue;
        if (!field.has_bytes)
            return false;
        set_text(ret->context, &field);
    }
    return !wire.malformed;
}

/* What the numbers of calls.proto mean. */
enum field { FIELD_OTHER, FIELD_DOMAIN, FIELD_VMI, FIELD_DOMAIN_TYPE, FIELD_CONTEXT };

static enum field field_of(enum request_kind kind, uint32_t number)
{
    static const enum field define[] = {FIELD_OTHER, FIELD_DOMAIN, FIELD_VMI},
                            mutate[] = {FIELD_OTHER, FIELD_DOMAIN_TYPE, FIELD_DOMAIN, FIELD_VMI,
                                        FIELD_CONTEXT};

    if (kind == REQUEST_DEFINE && number < sizeof(define) / sizeof(*define))
        return define[number];
    if (kind == REQUEST_MUTATE && number < sizeof(mutate) / sizeof(*mutate))
        return mutate[number];
    return FIELD_OTHER;
}

static bool set_field(enum request_kind kind, const struct wire_field *field, struct request *ret)
{
    enum field meaning = field_of(kind, field->number);

    if (meaning != FIELD_OTHER && !field->has_bytes)
        return false;
    switch (meaning) {
    case FIELD_DOMAIN:
        set_bytes(&ret->domain, &ret->domain_length, field);
        break;
    case FIELD_VMI:
        set_bytes(&ret->vmi, &ret->vmi_length, field);
        break;
    case FIELD_DOMAIN_TYPE:
        set_text(ret->domain_type, field);
        break;
    case FIELD_CONTEXT:
        return set_context(ret, field);
    case FIELD_OTHER:
        break;
    }
    return true;
}

enum grpc_status request_decode(enum request_kind kind, const unsigned char *bytes, size_t length,
                                struct request *ret, const char **ret_why)
{
    struct wire wire = {.at = bytes, .end = bytes ? bytes + length : NULL};
    struct wire_field field;
    bool good = true;

    *ret = (struct request){.domain = "", .vmi = ""};
    while (good && wire_next(&wire, &field))
        good = set_field(kind, &field, ret);
    if (good && !wire.malformed)
        return GRPC_OK;
    *ret_why = "the message is not what the method takes";
    return GRPC_INVALID_ARGUMENT;
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
