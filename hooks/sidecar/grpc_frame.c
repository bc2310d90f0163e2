/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * grpc_frame.c - see grpc_frame.h
 *
 * Takes:  bytes of a peer.
 * Gives:  the message that they are, or a status and the reason.
 * Rule:   no length is believed before so many bytes have come; compression is never negotiated, so
 *         a compressed message is an error (gRPC's PROTOCOL-HTTP2.md, "Length-Prefixed-Message").
 */
#include "grpc_frame.h"

#include "base/buffer.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

/* Events of Kubernetes have 1 KiB, grpcio takes 8 KiB of headers. */
#define MESSAGE_TEXT_MAX 900

static size_t min_size(size_t a, size_t b)
{
    return a < b ? a : b;
}

void grpc_frame_clear(struct grpc_frame *frame)
{
    free(frame->message);
    *frame = (struct grpc_frame){0};
}

bool grpc_frame_has_length(const struct grpc_frame *frame)
{
    return frame->prefix_length == GRPC_PREFIX;
}

static enum grpc_status read_prefix(struct grpc_frame *frame, const char **ret_why)
{
    const unsigned char *p = frame->prefix;

    frame->length = (size_t)p[1] << 24 | (size_t)p[2] << 16 | (size_t)p[3] << 8 | p[4];
    if (p[0]) {
        *ret_why = "the message is compressed, and no compression was agreed on";
        return GRPC_UNIMPLEMENTED;
    }
    if (frame->length > GRPC_RECEIVE_MAX) {
        *ret_why = "the message has more than 16 MiB";
        return GRPC_RESOURCE_EXHAUSTED;
    }
    return GRPC_OK;
}

/* Room for @more bytes: at least as much again as there is, and never more than the message has. */
static bool grow(struct grpc_frame *frame, size_t more)
{
    size_t need = frame->got + more;
    size_t size = need > frame->size * 2 ? need : frame->size * 2;
    unsigned char *message;

    if (need <= frame->size)
        return true;
    size = min_size(size, frame->length);
    message = realloc(frame->message, size);
    if (!message)
        return false;
    frame->message = message;
    frame->size = size;
    return true;
}

enum grpc_status grpc_frame_add(struct grpc_frame *frame, const uint8_t *bytes, size_t length,
                                const char **ret_why)
{
    size_t part = min_size(length, GRPC_PREFIX - frame->prefix_length);
    enum grpc_status status = GRPC_OK;

    if (part) {
        memcpy(frame->prefix + frame->prefix_length, bytes, part);
        frame->prefix_length += part;
        if (frame->prefix_length == GRPC_PREFIX)
            status = read_prefix(frame, ret_why);
    }
    if (status != GRPC_OK || part == length)
        return status;
    bytes += part;
    length -= part;
    if (length > frame->length - frame->got) {
        *ret_why = "there is more than one message, and the call takes one";
        return GRPC_INVALID_ARGUMENT;
    }
    if (!grow(frame, length)) {
        *ret_why = "out of memory";
        return GRPC_RESOURCE_EXHAUSTED;
    }
    memcpy(frame->message + frame->got, bytes, length);
    frame->got += length;
    return GRPC_OK;
}

enum grpc_status grpc_frame_end(const struct grpc_frame *frame, const char **ret_why)
{
    if (!frame->prefix_length)
        *ret_why = "the call has no message";
    else if (!grpc_frame_has_length(frame) || frame->got < frame->length)
        *ret_why = "the call ends within its message";
    else
        return GRPC_OK;
    return GRPC_INVALID_ARGUMENT;
}

void grpc_prefix_write(uint32_t length, unsigned char prefix[GRPC_PREFIX])
{
    prefix[0] = 0;
    for (unsigned i = 1; i < GRPC_PREFIX; i++)
        prefix[i] = (unsigned char)(length >> (8 * (GRPC_PREFIX - 1 - i)));
}

bool grpc_timeout_parse(const char *text, size_t length, uint64_t *ret_nanoseconds)
{
    static const char units[] = "numSMH";
    static const uint64_t nanoseconds[] = {1,          1000,        1000000,
                                           1000000000, 60000000000, 3600000000000};
    uint64_t number = 0;
    const char *unit;

    if (length < 2 || length > 9) /* one to eight digits */
        return false;
    for (size_t i = 0; i + 1 < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        number = number * 10 + (uint64_t)(text[i] - '0');
    }
    unit = memchr(units, text[length - 1], sizeof(units) - 1);
    if (!unit)
        return false;
    if (__builtin_mul_overflow(number, nanoseconds[unit - units], ret_nanoseconds))
        *ret_nanoseconds = GRPC_TIMEOUT_NONE;
    return true;
}

char *grpc_message_encode(const char *text)
{
    size_t length = strlen(text), whole = utf8_cut(text, MESSAGE_TEXT_MAX);
    struct buffer buffer = {0};

    for (size_t i = 0; i < whole; i++) {
        if (text[i] >= ' ' && text[i] <= '~' && text[i] != '%')
            buffer_add_bytes(&buffer, &text[i], 1);
        else
            buffer_printf(&buffer, "%%%02X", (unsigned char)text[i]);
    }
    if (whole < length)
        buffer_add(&buffer, "...");
    return buffer_steal(&buffer);
}
