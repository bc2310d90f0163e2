/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bridge_config.c - the config space of a bridge, as little of it as says what a plan asks
 *
 * Takes:  the bridge's directory.
 * Gives:  its header, and its lists of capabilities up to PCI Express and up to Access Control
 *         Services, and the registers of atomics if a caller wants them; config_size ends behind
 *         the last byte that was read.
 * Rule:   a read of sysfs is an access to the bus for each four bytes, which costs microseconds on
 *         bare metal and tens of them in a virtual machine: all 4,096 bytes of one bridge took 22.8
 *         ms there, its header 0.6. So it is read piece by piece, each once.
 * Not here: what the bytes mean (model/pcicap.c, which goes the same way).
 */
#include "sysfs/function.h"

#include "base/error.h"
#include "model/atomics.h"
#include "model/pcicap.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define CONFIG_MAX 4096
#define STATUS 0x06
#define STATUS_CAPABILITIES 0x10
#define CAPABILITIES 0x34
#define HEADER_SIZE 0x40
#define EXTENDED 0x100
/* The header of a capability and what follows it: the type of the port, the bits of ACS. */
#define CAPABILITY_SIZE 4
#define EXTENDED_SIZE 8

struct config {
    const struct place *place;
    int fd;
    bool atomics; /* the registers of atomics are asked for (model/atomics.h) */
    size_t size;  /* where the last byte ends that was read */
    bool known[CONFIG_MAX / 4];
    unsigned char bytes[CONFIG_MAX];
};

/* Reads @count bytes at @at, a multiple of four, unless they are there; *ret_read: they are now. */
static int read_piece(struct config *c, size_t at, size_t count, bool *ret_read)
{
    ssize_t n;

    *ret_read = true;
    if (c->known[at / 4])
        return 0;
    if (count > CONFIG_MAX - at)
        count = CONFIG_MAX - at;
    do
        n = pread(c->fd, c->bytes + at, count, (off_t)at);
    while (n < 0 && errno == EINTR);
    if (n < 0 && errno != EINVAL)
        return place_unreadable(c->place, "config", errno);
    *ret_read = n == (ssize_t)count;
    if (n > 0 && at + (size_t)n > c->size)
        c->size = at + (size_t)n;
    c->known[at / 4] = *ret_read;
    return 0;
}

/* Reads the list in the first 256 bytes as far as PCI Express, with its registers of atomics if
 * they are asked for.  The list may be a circle. */
static int read_capabilities(struct config *c, bool *ret_express)
{
    size_t at = c->bytes[CAPABILITIES] & 0xfcU;
    bool read = true;
    int code = 0;

    *ret_express = false;
    while (read && at >= HEADER_SIZE && !c->known[at / 4]) {
        code = read_piece(c, at, CAPABILITY_SIZE, &read);
        if (code)
            return code;
        if (read && c->bytes[at] == PCICAP_EXPRESS) {
            *ret_express = true;
            return c->atomics ? read_piece(c, at + ATOMICS_REGISTERS, ATOMICS_REGISTERS_SIZE, &read)
                              : 0;
        }
        at = c->bytes[at + 1] & 0xfcU;
    }
    return 0;
}

/* The same for the list behind the first 256 bytes, as far as Access Control Services. */
static int read_extended(struct config *c)
{
    size_t at = EXTENDED;
    bool read = true;

    while (read && at >= EXTENDED && !c->known[at / 4]) {
        uint32_t header;
        int code = read_piece(c, at, EXTENDED_SIZE, &read);

        if (code || !read || !pcicap_read32(c->bytes, c->size, at, &header) || !header ||
            header == UINT32_MAX || (header & 0xffff) == PCICAP_EXT_ACS)
            return code;
        at = header >> 20 & 0xffcU;
    }
    return 0;
}

static int read_pieces(struct config *c)
{
    static const unsigned char asleep[] = {0xff, 0xff};
    bool read, express;
    int code = read_piece(c, 0, HEADER_SIZE, &read);

    if (code || !read || !(c->bytes[STATUS] & STATUS_CAPABILITIES) ||
        !memcmp(c->bytes + STATUS, asleep, sizeof(asleep)))
        return code;
    code = read_capabilities(c, &express);
    return code || !express ? code : read_extended(c);
}

int bridge_config_read(const struct place *place, bool atomics, struct host_function *function)
{
    struct config c = {.place = place, .atomics = atomics};
    int code = place_open_file(place, "config", &c.fd);

    if (code || c.fd < 0)
        return code;
    code = read_pieces(&c);
    close(c.fd);
    if (code)
        return code;
    free(function->config);
    function->config_size = 0;
    function->config = malloc(c.size + 1);
    if (!function->config)
        return error_nomem(place->tree->reterr);
    memcpy(function->config, c.bytes, c.size);
    function->config_size = c.size;
    return 0;
}
