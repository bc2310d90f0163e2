/* SPDX-License-Identifier: GPL-2.0-or-later */
/* service.h - the methods that KubeVirt calls */
#ifndef VTOPO_SIDECAR_SERVICE_H
#define VTOPO_SIDECAR_SERVICE_H

#include "grpc_frame.h"

#include <stdbool.h>
#include <stddef.h>

struct method; /* one of the table */

/* The method of such a :path; NULL: there is none. */
const struct method *method_find(const char *path, size_t length);
const char *method_path(const struct method *method);

/* Where host, policy and device metadata are; NULL: as kubevirt_call has it. */
struct service {
    const char *host, *config, *metadata;
};

struct reply {
    enum grpc_status status;
    char *reason;        /* of what is not GRPC_OK; NULL: there was no memory for it */
    unsigned char *body; /* of GRPC_OK, with gRPC's prefix */
    size_t length;
    bool ends; /* the caller wants the server to end */
};

void reply_clear(struct reply *reply);
/* A reply that says why there is none. */
struct reply reply_refuse(enum grpc_status status, const char *why);

/*
 * Answers a call of the method, and logs what there is to say of it.
 *
 * @message  of @length bytes; freed
 */
struct reply service_answer(const struct service *service, const struct method *method,
                            unsigned char *message, size_t length);

#endif
