/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sidecar.c - fuzz what a peer sends to vtopo-sidecar
 *
 * Takes:  a digit and bytes.  "0": a connection's, after its preface and settings.  "1" to "8": the
 *         body of a call of the method with that number, in frames of as many bytes as the next
 * byte says.
 * Rule:   each call gets a reply or is closed with its connection; nothing of it is left; a message
 *         is the same in one piece and byte by byte, and decoded it is no longer than it was.
 */
#include "../../hooks/sidecar/http2.h"
#include "../../hooks/sidecar/log.h"
#include "../../hooks/sidecar/messages.h"
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#define SECOND 1000000000u
#define PIECE 64

static const char *const paths[] = {
    "/kubevirt.hooks.info.Info/Info",
    "/kubevirt.hooks.v1alpha1.Callbacks/OnDefineDomain",
    "/kubevirt.hooks.v1alpha3.Callbacks/OnDefineDomain",
    "/kubevirt.hooks.v1alpha3.Callbacks/Shutdown",
    "/kubevirt.hooks.plugins.v1alpha1.DomainHookService/MutateDomain",
    "/kubevirt.hooks.plugins.v1alpha1.DomainHookService/Other",
    "/",
    "",
};

/* A log of its own: its lines are fit for a terminal. */
void log_line(enum log_level level, const struct log_subject *subject, const char *text)
{
    (void)level;
    must(!strpbrk(text, "\n\033"));
    must(!subject || !subject->vmi_name || !strpbrk(subject->vmi_name, "\n\033"));
}

void log_printf(enum log_level level, const char *format, ...)
{
    (void)level;
    must(*format);
}

static void add_frame(uint8_t **end, uint8_t kind, uint8_t flags, const void *payload,
                      size_t length)
{
    const uint8_t head[] = {
        (uint8_t)(length >> 16), (uint8_t)(length >> 8), (uint8_t)length, kind, flags, 0, 0, 0,
        kind == 4 ? 0 : 1};

    *end = mempcpy(*end, head, sizeof(head));
    *end = mempcpy(*end, payload, length);
}

static void add_header(uint8_t **end, const char *name, const char *value)
{
    *(*end)++ = 0;
    *(*end)++ = (uint8_t)strlen(name);
    *end = mempcpy(*end, name, strlen(name));
    *(*end)++ = (uint8_t)strlen(value);
    *end = mempcpy(*end, value, strlen(value));
}

static void begin_call(uint8_t **end, const char *path)
{
    uint8_t block[1024], *at = block;

    add_header(&at, ":method", "POST");
    add_header(&at, ":scheme", "http");
    add_header(&at, ":path", path);
    add_header(&at, "content-type", "application/grpc");
    add_header(&at, "grpc-timeout", "5S");
    add_frame(end, 1, 4, block, (size_t)(at - block));
}

/* What the server does between two reads. */
static bool turn(struct http2 *http2, uint64_t now)
{
    static const struct service service = {.host = "/nonexistent", .config = "/dev/null"};
    const uint8_t *output;
    struct call *call;
    ptrdiff_t length;

    while ((call = http2_waiting(http2)) && call_let_in(call))
        must(http2_let_in(http2, call));
    must(http2_refuse(http2, now, GRPC_DEADLINE_EXCEEDED, "late") || http2_deadline(http2) <= now);
    while ((call = http2_ready(http2)))
        must(http2_run(http2, call, &service));
    while ((length = http2_output(http2, &output)) > 0)
        continue;
    return length == 0 && !http2_is_done(http2);
}

static void connection(const uint8_t *bytes, size_t length)
{
    struct load load = {0};
    struct http2 *http2 = http2_new(&load);
    uint64_t now = SECOND;
    bool goes_on = true;

    must(http2 != NULL);
    for (size_t at = 0; goes_on && at < length; at += PIECE) {
        goes_on =
            http2_receive(http2, now, bytes + at, length - at < PIECE ? length - at : PIECE) &&
            turn(http2, now);
        now += SECOND;
    }
    if (goes_on && http2_end(http2))
        http2_refuse(http2, UINT64_MAX, GRPC_UNAVAILABLE, "ends");
    http2_free(http2);
    must(load.bytes == 0);
}

static void call_with_body(const char *path, const uint8_t *bytes, size_t length)
{
    size_t piece = length ? bytes[0] + 1u : 1, from = length ? 1 : 0;
    uint8_t *text = malloc(2048 + (length / piece + 2) * 9 + length), *end = text;

    must(text != NULL);
    end = mempcpy(end, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 24);
    add_frame(&end, 4, 0, "", 0);
    begin_call(&end, path);
    for (size_t at = from; at < length; at += piece)
        add_frame(&end, 0, 0, bytes + at, length - at < piece ? length - at : piece);
    add_frame(&end, 0, 1, "", 0);
    connection(text, (size_t)(end - text));
    free(text);
}

static enum grpc_status read_frame(const uint8_t *bytes, size_t length, size_t piece,
                                   struct grpc_frame *frame)
{
    const char *why = NULL;
    enum grpc_status status = GRPC_OK;

    for (size_t at = 0; status == GRPC_OK && at < length; at += piece)
        status = grpc_frame_add(frame, bytes + at, length - at < piece ? length - at : piece, &why);
    if (status == GRPC_OK)
        status = grpc_frame_end(frame, &why);
    must((status == GRPC_OK) == !why);
    return status;
}

static void decode(const struct grpc_frame *frame)
{
    for (enum request_kind kind = REQUEST_EMPTY; kind <= REQUEST_MUTATE; kind++) {
        struct request request;
        const char *why = NULL;

        if (request_decode(kind, frame->message, frame->length, &request, &why) == GRPC_OK)
            must(request.domain_length + request.vmi_length + strlen(request.domain_type) +
                     strlen(request.context) <=
                 frame->length);
    }
}

static void message(const uint8_t *bytes, size_t length)
{
    struct grpc_frame whole = {0}, pieces = {0};
    enum grpc_status status = read_frame(bytes, length, length ? length : 1, &whole);

    must(read_frame(bytes, length, 1, &pieces) == status);
    if (status == GRPC_OK) {
        must(whole.length == pieces.length &&
             (!whole.length || !memcmp(whole.message, pieces.message, whole.length)));
        decode(&whole);
    }
    grpc_frame_clear(&whole);
    grpc_frame_clear(&pieces);
}

static void timeout(const char *text, size_t length)
{
    uint64_t nanoseconds = 0;
    char *copy = strndup(text, length), *encoded = copy ? grpc_message_encode(copy) : NULL;

    grpc_timeout_parse(text, length, &nanoseconds);
    must(encoded && strlen(encoded) < 4096);
    for (const char *c = encoded; *c; c++)
        must(*c >= ' ' && *c <= '~');
    free(copy);
    free(encoded);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char start[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0";
    uint8_t *text;

    if (!size)
        return 0;
    if (data[0] >= '1' && data[0] <= '8') {
        call_with_body(paths[data[0] - '1'], data + 1, size - 1);
        message(data + (size > 1 ? 2 : 1), size - (size > 1 ? 2 : 1));
        return 0;
    }
    text = malloc(sizeof(start) + size);
    must(text != NULL);
    memcpy(text, start, sizeof(start));
    memcpy(text + sizeof(start), data + 1, size - 1);
    connection(text, sizeof(start) + size - 1);
    free(text);
    timeout((const char *)data, size);
    return 0;
}
