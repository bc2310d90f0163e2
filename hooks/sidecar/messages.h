/* SPDX-License-Identifier: GPL-2.0-or-later */
/* messages.h - the messages of KubeVirt's hooks (calls.proto), decoded and encoded */
#ifndef VTOPO_SIDECAR_MESSAGES_H
#define VTOPO_SIDECAR_MESSAGES_H

#include "grpc_frame.h"

#include <stddef.h>

enum request_kind { REQUEST_EMPTY, REQUEST_DEFINE, REQUEST_MUTATE };

/* What a request says; what it does not say is "" or 0. */
struct request {
    const char *domain, *vmi; /* in the message, without a NUL at the end */
    size_t domain_length, vmi_length;
    char domain_type[32]; /* REQUEST_MUTATE; longer ones are cut */
    char context[32];     /* the same */
};

/* Is @bytes such a message?  @ret points into it. */
enum grpc_status request_decode(enum request_kind kind, const unsigned char *bytes, size_t length,
                                struct request *ret, const char **ret_why);

/*
 * What is answered, with gRPC's prefix.
 *
 * @ret_length  with the prefix
 * Returns NULL: out of memory; free with free().
 */
unsigned char *encode_empty(size_t *ret_length);
unsigned char *encode_info(size_t *ret_length);
unsigned char *encode_domain(const char *domain, size_t length, size_t *ret_length);

#endif
