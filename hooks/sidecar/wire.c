/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wire.c - see wire.h
 *
 * Takes:  bytes of a peer.
 * Gives:  fields that point into them.
 * Rule:   nothing is copied, since a message may have 16 MiB. Groups, which proto3 does not have,
 *         are malformed (protobuf.dev/programming-guides/encoding).
 * Not here: what the fields mean (messages.c).
 */
#include "wire.h"

enum wire_type { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5 };

static bool read_varint(struct wire *wire, uint64_t *ret)
{
    *ret = 0;
    for (unsigned shift = 0; shift < 70 && wire->at < wire->end; shift += 7) {
        unsigned char byte = *wire->at++;

        if (shift == 63 && byte > 1)
            return false;
        *ret |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return true;
    }
    return false;
}

static bool skip(struct wire *wire, uint64_t length)
{
    if (length > (size_t)(wire->end - wire->at))
        return false;
    wire->at += length;
    return true;
}

static bool read_content(struct wire *wire, unsigned type, struct wire_field *ret)
{
    uint64_t number;

    switch (type) {
    case WIRE_VARINT:
        return read_varint(wire, &number);
    case WIRE_64:
        return skip(wire, 8);
    case WIRE_32:
        return skip(wire, 4);
    case WIRE_BYTES:
        if (!read_varint(wire, &number))
            return false;
        ret->has_bytes = true;
        ret->bytes = wire->at;
        ret->length = (size_t)number;
        return skip(wire, number);
    default:
        return false;
    }
}

bool wire_next(struct wire *wire, struct wire_field *ret)
{
    uint64_t key;

    *ret = (struct wire_field){0};
    if (wire->malformed || wire->at == wire->end)
        return false;
    wire->malformed = !read_varint(wire, &key) || key >> 3 == 0 || key > UINT32_MAX;
    if (wire->malformed)
        return false;
    ret->number = (uint32_t)(key >> 3);
    wire->malformed = !read_content(wire, key & 7, ret);
    return !wire->malformed;
}
