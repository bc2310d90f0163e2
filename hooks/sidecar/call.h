/* SPDX-License-Identifier: GPL-2.0-or-later */
/* call.h - one call of a peer, from its headers to its reply; it knows nothing of HTTP/2's frames
 */
#ifndef VTOPO_SIDECAR_CALL_H
#define VTOPO_SIDECAR_CALL_H

#include "service.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What all calls of a server share. */
struct load {
    size_t bytes;   /* of messages and replies that are in memory, or have room there */
    uint64_t calls; /* so far */
};

/* Longer messages are let in when there is room, shorter ones are there at once (the 64 KiB with
 * which each stream of HTTP/2 begins). */
#define CALL_SMALL (65535 - GRPC_PREFIX)
/* A long message is let in where it is alone, or all that is in memory is no more than this. */
#define LOAD_LARGE (8u << 20)
/* Short ones are refused where all that is in memory is more. */
#define LOAD_ALL (GRPC_RECEIVE_MAX + (4u << 20))
/* Who says no deadline, or a later one, has this long. */
#define CALL_SECONDS_MAX 120

enum call_phase {
    CALL_MESSAGE,  /* the message is coming in */
    CALL_READY,    /* it is there */
    CALL_ANSWERED, /* so is the reply */
};

struct call {
    struct load *load;
    uint64_t number; /* in the order in which they came */
    uint64_t deadline;
    enum call_phase phase;
    const struct method *method;
    bool is_post, is_grpc, has_bad_timeout;
    uint64_t timeout;
    struct grpc_frame frame;
    size_t room; /* its part of load->bytes */
    struct reply reply;
};

void call_init(struct call *call, struct load *load);
void call_clear(struct call *call);

void call_header(struct call *call, const char *name, size_t name_length, const char *value,
                 size_t value_length);
/* All headers are there, @now in nanoseconds. */
void call_headers_end(struct call *call, uint64_t now);
void call_data(struct call *call, const uint8_t *bytes, size_t length);
void call_data_end(struct call *call);

/* Is its message one that has to wait for room? */
bool call_waits(const struct call *call);
/* Has it room now?  Then call_waits() no longer. */
bool call_let_in(struct call *call);

/* Answers a call that is ready. */
void call_run(struct call *call, const struct service *service);
/* Answers a call that has no reply yet: with a status. */
void call_refuse(struct call *call, enum grpc_status status, const char *why);

#endif
