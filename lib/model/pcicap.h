/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pcicap.h - find a capability in a function's configuration space
 *
 * Takes:  the bytes of config space, as many as could be read (struct host_function: config,
 *         config_size).
 * Gives:  where the capability begins; its fields.
 * Rule:   the bytes may be anything: every step is inside them, and a list that runs in a circle
 *         ends. "It is not there" and "that cannot be seen from these bytes" are two answers: an
 *         ordinary user reads only the first 64.
 * Not here: what a capability means (who asks).
 */
#ifndef VTOPO_MODEL_PCICAP_H
#define VTOPO_MODEL_PCICAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Capability ids: PCI Code and ID Assignment Specification; include/uapi/linux/pci_regs.h. */
#define PCICAP_EXPRESS 0x10
/* Extended ones. */
#define PCICAP_EXT_ACS 0x000d
#define PCICAP_EXT_ATS 0x000f

enum pcicap_result {
    PCICAP_FOUND,
    PCICAP_ABSENT,
    PCICAP_UNREADABLE, /* not read that far, the function sleeps (all ones), or the extended list is
                          a circle */
};

/* The capability with this id in the list of the first 256 bytes: the offset of its header. */
enum pcicap_result pcicap_find(const unsigned char *config, size_t size, uint8_t id,
                               size_t *ret_at);
/* The same in the list of extended capabilities, which begins at 0x100; a function that is not PCI
 * Express has none. */
enum pcicap_result pcicap_find_extended(const unsigned char *config, size_t size, uint16_t id,
                                        size_t *ret_at);

/* A little-endian register at @at; false: config space was not read that far. */
bool pcicap_read16(const unsigned char *config, size_t size, size_t at, uint16_t *ret_value);
bool pcicap_read32(const unsigned char *config, size_t size, size_t at, uint32_t *ret_value);

#endif
