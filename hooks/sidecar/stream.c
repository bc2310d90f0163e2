/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stream.c - see stream.h
 *
 * Takes:  a reply.
 * Gives:  headers, data and trailers, as gRPC has them on HTTP/2 (PROTOCOL-HTTP2.md, "Responses").
 */
#include "stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* So long after its deadline a reply has to be read. */
#define READING_NS 5000000000u

void stream_free(struct stream *stream)
{
    call_clear(&stream->call);
    free(stream);
}

#define HEADER(name, value)                                                                        \
    {                                                                                              \
        (uint8_t *)(name), (uint8_t *)(value), strlen(name), strlen(value), NGHTTP2_NV_FLAG_NONE   \
    }

static ssize_t read_body(nghttp2_session *session, int32_t id, uint8_t *bytes, size_t length,
                         uint32_t *flags, nghttp2_data_source *source, void *user)
{
    const nghttp2_nv trailer = HEADER("grpc-status", "0");
    struct stream *stream = source->ptr;
    const struct reply *reply = &stream->call.reply;
    size_t left = reply->length - stream->sent, part = left < length ? left : length;

    (void)user;
    memcpy(bytes, reply->body + stream->sent, part);
    stream->sent += part;
    if (part < left)
        return (ssize_t)part;
    *flags |= NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
    return nghttp2_submit_trailer(session, id, &trailer, 1) ? NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE
                                                            : (ssize_t)part;
}

static int submit_body(nghttp2_session *session, struct stream *stream)
{
    const nghttp2_nv headers[] = {HEADER(":status", "200"),
                                  HEADER("content-type", "application/grpc")};
    const nghttp2_data_provider body = {.source = {.ptr = stream}, .read_callback = read_body};

    return nghttp2_submit_response(session, stream->id, headers, 2, &body);
}

static int submit_refusal(nghttp2_session *session, struct stream *stream)
{
    const struct reply *reply = &stream->call.reply;
    char *message = grpc_message_encode(reply->reason ? reply->reason : "out of memory");
    char status[16];
    int r;

    snprintf(status, sizeof(status), "%d", reply->status);
    {
        const nghttp2_nv headers[] = {HEADER(":status", stream->call.is_grpc ? "200" : "415"),
                                      HEADER("content-type", "application/grpc"),
                                      HEADER("grpc-status", status),
                                      HEADER("grpc-message", message ? message : "")};

        r = nghttp2_submit_response(session, stream->id, headers, 4, NULL);
    }
    free(message);
    return r;
}

bool stream_submit(nghttp2_session *session, struct stream *stream)
{
    if (stream->call.phase != CALL_ANSWERED || stream->submitted)
        return true;
    stream->submitted = true;
    return !(stream->call.reply.status == GRPC_OK ? submit_body(session, stream)
                                                  : submit_refusal(session, stream));
}

uint64_t stream_end(const struct stream *stream)
{
    const struct call *call = &stream->call;

    return call->phase == CALL_ANSWERED ? call->deadline + READING_NS : call->deadline;
}
