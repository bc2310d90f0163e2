/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wire.h - the fields of a message of protobuf, where they are */
#ifndef VTOPO_SIDECAR_WIRE_H
#define VTOPO_SIDECAR_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wire {
    const unsigned char *at, *end;
    bool malformed;
};

struct wire_field {
    uint32_t number;
    bool has_bytes; /* a text, bytes or a message; else a number, which is not read */
    const unsigned char *bytes;
    size_t length;
};

/* The next field; false: there is none, or what comes is malformed. */
bool wire_next(struct wire *wire, struct wire_field *ret);

#endif
