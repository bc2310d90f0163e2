/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * call.c - see call.h
 *
 * Takes:  headers, bytes, the end of them, in the order in which they come.
 * Gives:  a reply.
 * Rule:   what is wrong is answered as soon as it is known; what comes afterwards is not kept.
 */
#include "call.h"

#include "log.h"

#include <stdlib.h>
#include <string.h>

#define NANOSECONDS 1000000000u

void call_init(struct call *call, struct load *load)
{
    *call = (struct call){.load = load,
                          .number = load->calls++,
                          .timeout = GRPC_TIMEOUT_NONE,
                          .deadline = UINT64_MAX};
}

static void set_room(struct call *call, size_t room)
{
    call->load->bytes = call->load->bytes - call->room + room;
    call->room = room;
}

void call_clear(struct call *call)
{
    set_room(call, 0);
    grpc_frame_clear(&call->frame);
    reply_clear(&call->reply);
}

void call_refuse(struct call *call, enum grpc_status status, const char *why)
{
    if (call->phase == CALL_ANSWERED)
        return;
    log_printf(LOG_LEVEL_ERROR, "%s: %s", call->method ? method_path(call->method) : "a call", why);
    grpc_frame_clear(&call->frame);
    set_room(call, 0);
    call->reply = reply_refuse(status, why);
    call->phase = CALL_ANSWERED;
}

static bool is(const char *text, size_t length, const char *word)
{
    return length == strlen(word) && !memcmp(text, word, length);
}

static bool begins(const char *text, size_t length, const char *word)
{
    return length >= strlen(word) && !memcmp(text, word, strlen(word));
}

void call_header(struct call *call, const char *name, size_t name_length, const char *value,
                 size_t value_length)
{
    if (is(name, name_length, ":path"))
        call->method = method_find(value, value_length);
    else if (is(name, name_length, ":method"))
        call->is_post = is(value, value_length, "POST");
    else if (is(name, name_length, "content-type"))
        call->is_grpc = begins(value, value_length, "application/grpc");
    else if (is(name, name_length, "grpc-timeout"))
        call->has_bad_timeout = !grpc_timeout_parse(value, value_length, &call->timeout);
}

void call_headers_end(struct call *call, uint64_t now)
{
    uint64_t longest = (uint64_t)CALL_SECONDS_MAX * NANOSECONDS;

    call->deadline = now + (call->timeout < longest ? call->timeout : longest);
    if (!call->is_grpc || !call->is_post)
        call_refuse(call, GRPC_INVALID_ARGUMENT, "this is no call of gRPC");
    else if (call->has_bad_timeout)
        call_refuse(call, GRPC_INVALID_ARGUMENT, "the grpc-timeout is none");
    else if (!call->method)
        call_refuse(call, GRPC_UNIMPLEMENTED, "vtopo has no such method");
}

/* A short message is let in at once, as long as there are not too many. */
static void let_small_in(struct call *call)
{
    if (call->room || call->frame.length > CALL_SMALL)
        return;
    if (call->load->bytes + call->frame.length > LOAD_ALL)
        call_refuse(call, GRPC_RESOURCE_EXHAUSTED, "there are too many calls at once");
    else
        set_room(call, call->frame.length);
}

void call_data(struct call *call, const uint8_t *bytes, size_t length)
{
    const char *why = NULL;
    enum grpc_status status;

    if (call->phase != CALL_MESSAGE)
        return;
    status = grpc_frame_add(&call->frame, bytes, length, &why);
    if (status != GRPC_OK)
        call_refuse(call, status, why);
    else if (grpc_frame_has_length(&call->frame))
        let_small_in(call);
}

void call_data_end(struct call *call)
{
    const char *why = NULL;
    enum grpc_status status;

    if (call->phase != CALL_MESSAGE)
        return;
    status = grpc_frame_end(&call->frame, &why);
    if (status != GRPC_OK)
        call_refuse(call, status, why);
    else
        call->phase = CALL_READY;
}

bool call_waits(const struct call *call)
{
    return call->phase == CALL_MESSAGE && !call->room && call->frame.length > CALL_SMALL;
}

bool call_let_in(struct call *call)
{
    if (call->load->bytes && call->load->bytes + call->frame.length > LOAD_LARGE)
        return false;
    set_room(call, call->frame.length);
    return true;
}

void call_run(struct call *call, const struct service *service)
{
    unsigned char *message = call->frame.message;
    size_t length = call->frame.length;

    call->frame = (struct grpc_frame){0};
    call->reply = service_answer(service, call->method, message, length);
    call->phase = CALL_ANSWERED;
    set_room(call, call->reply.length);
}
