/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * holds.h - what keeps a function of the host from being given to a new guest
 *
 * Takes:  a host, and who has which of its devices, if anybody was asked.
 * Gives:  for each function the strongest thing that holds it.
 * Rule:   a VFIO driver, pci-stub or none holds nothing.  Another driver does, unless the host is
 *         seen not to use the device: then libvirt can take it away at the start of a guest.
 * Not here: words for it (report/hold_words.h).
 */
#ifndef VTOPO_PLACE_HOLDS_H
#define VTOPO_PLACE_HOLDS_H

#include "model/host.h"
#include "model/owners.h"

/* Ascending: of several the last one counts. */
enum hold {
    HOLD_NONE,
    HOLD_DRIVER,   /* a driver of the host, and nothing tells whether the host works with it */
    HOLD_DEFINED,  /* a VM is defined with it */
    HOLD_RUNNING,  /* a guest runs with it */
    HOLD_VFS,      /* it has virtual functions, which vanish with its driver */
    HOLD_MEDIATED, /* mdevs or vDPA devices are made on it */
    HOLD_USE,      /* the host is seen to use it (host_function.use), or is likely to */
};

/* @owners: NULL: nobody asked.  One of each function, for the caller to free(); NULL: out of
 * memory.
 */
enum hold *holds_find(const struct vtopo_host *host, const struct owners *owners);

/* What holds a function, and that which it is given away with. */
struct hold_reason {
    enum hold hold;
    size_t holder; /* the function that is held: itself, or one that goes with it */
};

/*
 * What the host itself does; where a function is not held, what it does with those that go with it.
 * A driver counts on devices of all kinds: nobody knows of most what it does.  As above.
 */
struct hold_reason *holds_of_host(const struct vtopo_host *host);

#endif
