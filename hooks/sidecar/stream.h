/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stream.h - a call on its stream of HTTP/2, and how its reply gets there */
#ifndef VTOPO_SIDECAR_STREAM_H
#define VTOPO_SIDECAR_STREAM_H

#include "call.h"

#include <nghttp2/nghttp2.h>

struct stream {
    struct call call; /* the first member: stream_of() */
    int32_t id;
    size_t withheld; /* bytes that came and that the stream's window does not know of yet */
    size_t sent;     /* of the reply's body */
    bool submitted;
    struct stream *next;
};

static inline struct stream *stream_of(struct call *call)
{
    return (struct stream *)call;
}

void stream_free(struct stream *stream);

/* Sends the reply of a call that has one, once.  False: out of memory. */
bool stream_submit(nghttp2_session *session, struct stream *stream);
/* When its time is over: to get a reply, or to have it read. */
uint64_t stream_end(const struct stream *stream);

#endif
