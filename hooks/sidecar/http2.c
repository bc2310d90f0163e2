/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * http2.c - see http2.h
 *
 * Takes:  bytes of a peer; the replies of its calls.
 * Gives:  calls; bytes for the peer.
 * Rule:   the protocol is libnghttp2's.  A stream's window grows as its call has room (call.h), the
 *         connection's at once, so that no call waits behind another one's message.
 */
#include "http2.h"

#include "stream.h"

#include <stdlib.h>

#define STREAMS_MAX 32
#define HEADERS_MAX 16384

struct http2 {
    nghttp2_session *session;
    struct load *load;
    uint64_t now;
    struct stream *streams; /* in the order in which they came */
};

static int begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
    struct http2 *http2 = user;
    struct stream *stream, **end = &http2->streams;

    if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST)
        return 0;
    stream = calloc(1, sizeof(*stream));
    if (!stream)
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    call_init(&stream->call, http2->load);
    stream->id = frame->hd.stream_id;
    while (*end)
        end = &(*end)->next;
    *end = stream;
    return nghttp2_session_set_stream_user_data(session, stream->id, stream);
}

static int add_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
                      size_t name_length, const uint8_t *value, size_t value_length, uint8_t flags,
                      void *user)
{
    struct stream *stream = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);

    (void)flags, (void)user;
    if (stream && frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST)
        call_header(&stream->call, (const char *)name, name_length, (const char *)value,
                    value_length);
    return 0;
}

static int add_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *bytes,
                    size_t length, void *user)
{
    struct stream *stream = nghttp2_session_get_stream_user_data(session, id);
    int r = nghttp2_session_consume_connection(session, length);

    (void)flags, (void)user;
    if (r || !stream)
        return r ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
    call_data(&stream->call, bytes, length);
    if (call_waits(&stream->call))
        stream->withheld += length;
    else
        r = nghttp2_session_consume_stream(session, id, length);
    return r || !stream_submit(session, stream) ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
}

static int frame_received(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
    struct http2 *http2 = user;
    struct stream *stream = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
    bool is_headers = frame->hd.type == NGHTTP2_HEADERS;

    if (!stream || (!is_headers && frame->hd.type != NGHTTP2_DATA))
        return 0;
    if (is_headers && frame->headers.cat == NGHTTP2_HCAT_REQUEST)
        call_headers_end(&stream->call, http2->now);
    if (frame->hd.flags & NGHTTP2_FLAG_END_STREAM)
        call_data_end(&stream->call);
    return stream_submit(http2->session, stream) ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE;
}

/* A peer that is still sending has its answer, and is asked to stop (RFC 9113, section 8.1). */
static int frame_sent(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
    int32_t id = frame->hd.stream_id;

    (void)user;
    if (frame->hd.type == NGHTTP2_HEADERS && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) &&
        nghttp2_session_get_stream_remote_close(session, id) == 0)
        return nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id, NGHTTP2_NO_ERROR)
                   ? NGHTTP2_ERR_CALLBACK_FAILURE
                   : 0;
    return 0;
}

static int stream_closed(nghttp2_session *session, int32_t id, uint32_t error, void *user)
{
    struct http2 *http2 = user;
    struct stream **at = &http2->streams, *stream;

    (void)session, (void)error;
    while (*at && (*at)->id != id)
        at = &(*at)->next;
    stream = *at;
    if (stream) {
        *at = stream->next;
        stream_free(stream);
    }
    return 0;
}

static bool set_up(struct http2 *http2, nghttp2_session_callbacks *callbacks,
                   nghttp2_option *option)
{
    static const nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, STREAMS_MAX},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, HEADERS_MAX},
    };

    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, add_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, add_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, frame_received);
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, frame_sent);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, stream_closed);
    nghttp2_option_set_no_auto_window_update(option, 1);
    return !nghttp2_session_server_new2(&http2->session, callbacks, http2, option) &&
           !nghttp2_submit_settings(http2->session, NGHTTP2_FLAG_NONE, settings, 2);
}

struct http2 *http2_new(struct load *load)
{
    struct http2 *http2 = calloc(1, sizeof(*http2));
    nghttp2_session_callbacks *callbacks = NULL;
    nghttp2_option *option = NULL;
    bool done = http2 && !nghttp2_session_callbacks_new(&callbacks) && !nghttp2_option_new(&option);

    if (http2)
        http2->load = load;
    done = done && set_up(http2, callbacks, option);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_option_del(option);
    if (!done)
        http2_free(http2);
    return done ? http2 : NULL;
}

void http2_free(struct http2 *http2)
{
    if (!http2)
        return;
    nghttp2_session_del(http2->session);
    while (http2->streams) {
        struct stream *stream = http2->streams;

        http2->streams = stream->next;
        stream_free(stream);
    }
    free(http2);
}

bool http2_receive(struct http2 *http2, uint64_t now, const uint8_t *bytes, size_t length)
{
    http2->now = now;
    return nghttp2_session_mem_recv(http2->session, bytes, length) == (ssize_t)length;
}

ptrdiff_t http2_output(struct http2 *http2, const uint8_t **ret_bytes)
{
    ssize_t length = nghttp2_session_mem_send(http2->session, ret_bytes);

    return length < 0 ? -1 : length;
}

bool http2_is_done(const struct http2 *http2)
{
    return !nghttp2_session_want_read(http2->session) &&
           !nghttp2_session_want_write(http2->session);
}

struct call *http2_ready(const struct http2 *http2)
{
    for (struct stream *stream = http2->streams; stream; stream = stream->next) {
        if (stream->call.phase == CALL_READY)
            return &stream->call;
    }
    return NULL;
}

struct call *http2_waiting(const struct http2 *http2)
{
    for (struct stream *stream = http2->streams; stream; stream = stream->next) {
        if (call_waits(&stream->call))
            return &stream->call;
    }
    return NULL;
}

bool http2_has_calls(const struct http2 *http2)
{
    return http2->streams != NULL;
}

bool http2_is_busy(const struct http2 *http2)
{
    return http2_ready(http2) || http2_waiting(http2);
}

uint64_t http2_deadline(const struct http2 *http2)
{
    uint64_t first = UINT64_MAX;

    for (const struct stream *stream = http2->streams; stream; stream = stream->next) {
        if (stream_end(stream) < first)
            first = stream_end(stream);
    }
    return first;
}

bool http2_let_in(struct http2 *http2, struct call *call)
{
    struct stream *stream = stream_of(call);
    size_t withheld = stream->withheld;

    stream->withheld = 0;
    return !nghttp2_session_consume_stream(http2->session, stream->id, withheld);
}

bool http2_run(struct http2 *http2, struct call *call, const struct service *service)
{
    call_run(call, service);
    return stream_submit(http2->session, stream_of(call));
}

bool http2_refuse(struct http2 *http2, uint64_t now, enum grpc_status status, const char *why)
{
    bool done = true;

    for (struct stream *stream = http2->streams; stream; stream = stream->next) {
        if (stream->call.phase != CALL_ANSWERED && stream->call.deadline <= now)
            call_refuse(&stream->call, status, why);
        else if (stream_end(stream) <= now && now != UINT64_MAX)
            done = false;
        done = stream_submit(http2->session, stream) && done;
    }
    return done;
}

bool http2_end(struct http2 *http2)
{
    int32_t last = nghttp2_session_get_last_proc_stream_id(http2->session);

    return !nghttp2_submit_goaway(http2->session, NGHTTP2_FLAG_NONE, last, NGHTTP2_NO_ERROR, NULL,
                                  0);
}
