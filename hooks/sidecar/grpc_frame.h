/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * grpc_frame.h - what gRPC puts on top of HTTP/2: messages in a frame, statuses, timeouts
 */
#ifndef VTOPO_SIDECAR_GRPC_FRAME_H
#define VTOPO_SIDECAR_GRPC_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Those that are given here, with gRPC's numbers. */
enum grpc_status {
    GRPC_OK = 0,
    GRPC_INVALID_ARGUMENT = 3,
    GRPC_DEADLINE_EXCEEDED = 4,
    GRPC_RESOURCE_EXHAUSTED = 8,
    GRPC_FAILED_PRECONDITION = 9,
    GRPC_UNIMPLEMENTED = 12,
    GRPC_INTERNAL = 13,
    GRPC_UNAVAILABLE = 14,
};

#define GRPC_PREFIX 5                /* a flag, and the length of the message */
#define GRPC_RECEIVE_MAX (16u << 20) /* of one message */
#define GRPC_SEND_MAX (4u << 20)     /* what KubeVirt's client takes (grpc-go's default) */
#define GRPC_TIMEOUT_NONE UINT64_MAX

/* The one message of a unary call, as it comes in. */
struct grpc_frame {
    unsigned char prefix[GRPC_PREFIX];
    size_t prefix_length; /* how much of it is there */
    unsigned char *message;
    size_t length;    /* as the prefix says; known when that is whole */
    size_t got, size; /* bytes that are there, bytes that there is memory for */
};

/* Zero-initialised is empty. */
void grpc_frame_clear(struct grpc_frame *frame);

/*
 * The next bytes.  Memory is allocated for what has come, not for what the prefix says.
 *
 * @ret_why  a sentence, if it is not GRPC_OK: compressed, too long, more than one message, no
 * memory
 */
enum grpc_status grpc_frame_add(struct grpc_frame *frame, const uint8_t *bytes, size_t length,
                                const char **ret_why);

/* Is the length known? */
bool grpc_frame_has_length(const struct grpc_frame *frame);
/* The sender has ended; GRPC_OK: exactly one message is there. */
enum grpc_status grpc_frame_end(const struct grpc_frame *frame, const char **ret_why);

/* Writes what goes in front of a message of @length bytes. */
void grpc_prefix_write(uint32_t length, unsigned char prefix[GRPC_PREFIX]);

/* A grpc-timeout ("1500m") in nanoseconds; what is more than a UINT64 has is GRPC_TIMEOUT_NONE.
 * False: it is none. */
bool grpc_timeout_parse(const char *text, size_t length, uint64_t *ret_nanoseconds);

/*
 * A grpc-message: printable ASCII, and the other bytes as %XX.
 *
 * Of a longer text the first characters are there, and an ellipsis: peers limit headers.
 * Returns NULL: out of memory; free with free().
 */
char *grpc_message_encode(const char *text);

#endif
