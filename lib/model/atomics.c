/* SPDX-License-Identifier: GPL-2.0-or-later */
/* atomics.c - see atomics.h */
#include "model/atomics.h"

#include "model/pci_class.h"
#include "model/pcicap.h"

#define VENDOR_AMD 0x1002

/* include/uapi/linux/pci_regs.h; PCI Express Base Specification 6.0, 7.5.3.15 and 7.5.3.16. */
#define EXPRESS_FLAGS 2
#define EXPRESS_VERSION 0x000f
#define CAPABILITIES_2 ATOMICS_REGISTERS
#define ATOMIC_ROUTING 0x00000040
#define ATOMIC_COMPLETER_32 0x00000080
#define CONTROL_2 0x28
#define ATOMIC_EGRESS_BLOCKING 0x0080

bool host_function_wants_atomics(const struct host_function *function)
{
    return function->vendor == VENDOR_AMD && !function->is_vf && function->port == PORT_NONE &&
           class_is_gpu(function->class_code);
}

/* What one bridge on the way does. */
static enum host_atomics atomics_of_bridge(const struct host_function *bridge)
{
    uint16_t flags = 0, control = 0;
    uint32_t able = 0;
    size_t at;
    enum pcicap_result result =
        pcicap_find(bridge->config, bridge->config_size, PCICAP_EXPRESS, &at);
    bool through;

    if (result != PCICAP_FOUND)
        return result == PCICAP_ABSENT ? ATOMICS_ABSENT : ATOMICS_UNREADABLE;
    if (!pcicap_read16(bridge->config, bridge->config_size, at + EXPRESS_FLAGS, &flags))
        return ATOMICS_UNREADABLE;
    /* Version 1 of the capability ends before these registers. */
    if ((flags & EXPRESS_VERSION) < 2)
        return ATOMICS_ABSENT;
    if (!pcicap_read32(bridge->config, bridge->config_size, at + CAPABILITIES_2, &able) ||
        !pcicap_read16(bridge->config, bridge->config_size, at + CONTROL_2, &control))
        return ATOMICS_UNREADABLE;
    if (bridge->port == PORT_ROOT)
        through = able & ATOMIC_COMPLETER_32;
    else
        through = able & ATOMIC_ROUTING &&
                  !(bridge->port == PORT_UPSTREAM && control & ATOMIC_EGRESS_BLOCKING);
    return through ? ATOMICS_COMPLETED : ATOMICS_ABSENT;
}

enum host_atomics host_atomics_of(const struct vtopo_host *host, size_t function)
{
    enum host_atomics result = ATOMICS_COMPLETED;
    size_t at = host->functions.items[function].parent;

    if (host->functions.items[function].is_vf)
        return ATOMICS_ABSENT;
    for (; at != HOST_NONE; at = host->functions.items[at].parent) {
        enum host_atomics bridge = atomics_of_bridge(&host->functions.items[at]);

        if (bridge == ATOMICS_ABSENT)
            return ATOMICS_ABSENT;
        if (bridge == ATOMICS_UNREADABLE)
            result = ATOMICS_UNREADABLE;
    }
    return result;
}
