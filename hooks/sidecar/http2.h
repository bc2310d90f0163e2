/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * http2.h - a connection's HTTP/2: bytes in, calls; replies, bytes out
 *
 * It has no file and no clock; times are nanoseconds of the caller's.
 */
#ifndef VTOPO_SIDECAR_HTTP2_H
#define VTOPO_SIDECAR_HTTP2_H

#include "call.h"

struct http2;

/* NULL: out of memory. */
struct http2 *http2_new(struct load *load);
void http2_free(struct http2 *http2);

/* What the peer sent.  False: this was no HTTP/2, the connection is of no use any more. */
bool http2_receive(struct http2 *http2, uint64_t now, const uint8_t *bytes, size_t length);
/*
 * What to send; good until the next call of a function of this file.
 *
 * Returns how much it is; 0: nothing now; -1: the connection is of no use any more.
 */
ptrdiff_t http2_output(struct http2 *http2, const uint8_t **ret_bytes);
/* Has it nothing more to receive or to send? */
bool http2_is_done(const struct http2 *http2);

/* The first of its calls that is in such a state; NULL: none. */
struct call *http2_ready(const struct http2 *http2);
struct call *http2_waiting(const struct http2 *http2);
bool http2_has_calls(const struct http2 *http2);
/* Has it calls that this server has to go on with? */
bool http2_is_busy(const struct http2 *http2);
/* When http2_refuse() has something to do; UINT64_MAX: never. */
uint64_t http2_deadline(const struct http2 *http2);

/* Lets a call in, or answers it: what changed goes to the peer.  False: out of memory. */
bool http2_let_in(struct http2 *http2, struct call *call);
bool http2_run(struct http2 *http2, struct call *call, const struct service *service);
/*
 * Refuses all calls without a reply whose deadline has passed at @now; UINT64_MAX: all.  False: out
 * of memory, or a peer does not read the reply that it had long ago.
 */
bool http2_refuse(struct http2 *http2, uint64_t now, enum grpc_status status, const char *why);
/* No further calls; those that are there are still answered. */
bool http2_end(struct http2 *http2);

#endif
