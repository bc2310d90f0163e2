/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pcicap.c - see pcicap.h */
#include "model/pcicap.h"

/* PCI Local Bus Specification 3.0, 6.1 and 6.7; PCI Express Base Specification 6.0, 7.5.1
 * and 7.6.3. */
#define CONFIG_STATUS 0x06
#define CONFIG_CAPABILITIES 0x34
#define CONFIG_HEADER_SIZE 0x40
#define CONFIG_EXTENDED 0x100
#define STATUS_CAPABILITIES 0x10
/* 192 bytes hold at most 48 capabilities of four bytes, and the 3840 bytes behind 0x100 at most 480
 * of eight. */
#define CAPABILITIES_MAX 48
#define EXTENDED_MAX 480

bool pcicap_read16(const unsigned char *config, size_t size, size_t at, uint16_t *ret_value)
{
    if (!config || size < 2 || at > size - 2)
        return false;
    *ret_value = (uint16_t)(config[at] | config[at + 1] << 8);
    return true;
}

bool pcicap_read32(const unsigned char *config, size_t size, size_t at, uint32_t *ret_value)
{
    uint16_t low, high;

    if (!pcicap_read16(config, size, at, &low) || !pcicap_read16(config, size, at + 2, &high))
        return false;
    *ret_value = (uint32_t)high << 16 | low;
    return true;
}

/* All ones: a function that sleeps or is gone.  A virtual function has no ids either, but a status.
 */
static bool has_header(const unsigned char *config, size_t size)
{
    return config && size >= CONFIG_HEADER_SIZE &&
           (config[0] != 0xff || config[1] != 0xff || config[CONFIG_STATUS] != 0xff ||
            config[CONFIG_STATUS + 1] != 0xff);
}

enum pcicap_result pcicap_find(const unsigned char *config, size_t size, uint8_t id, size_t *ret_at)
{
    size_t at;

    if (!has_header(config, size))
        return PCICAP_UNREADABLE;
    if (!(config[CONFIG_STATUS] & STATUS_CAPABILITIES))
        return PCICAP_ABSENT;
    at = config[CONFIG_CAPABILITIES] & 0xfcU;
    for (int step = 0; at >= CONFIG_HEADER_SIZE && step < CAPABILITIES_MAX; step++) {
        if (at + 4 > size)
            return PCICAP_UNREADABLE;
        if (config[at] == id) {
            *ret_at = at;
            return PCICAP_FOUND;
        }
        at = config[at + 1] & 0xfcU;
    }
    return PCICAP_ABSENT;
}

enum pcicap_result pcicap_find_extended(const unsigned char *config, size_t size, uint16_t id,
                                        size_t *ret_at)
{
    size_t at = CONFIG_EXTENDED;
    enum pcicap_result express = pcicap_find(config, size, PCICAP_EXPRESS, &(size_t){0});

    if (express != PCICAP_FOUND)
        return express;
    for (int step = 0; at >= CONFIG_EXTENDED && step < EXTENDED_MAX; step++) {
        uint32_t header;

        if (!pcicap_read32(config, size, at, &header) || header == UINT32_MAX)
            return PCICAP_UNREADABLE;
        if (!header) /* an empty list */
            return PCICAP_ABSENT;
        if ((header & 0xffff) == id) {
            *ret_at = at;
            return PCICAP_FOUND;
        }
        at = header >> 20 & 0xffcU;
    }
    /* Below 0x100 the list ends; anything else after so many steps is a circle, and no list. */
    return at < CONFIG_EXTENDED ? PCICAP_ABSENT : PCICAP_UNREADABLE;
}
