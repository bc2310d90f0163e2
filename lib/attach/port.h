/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * port.h - where a device of the host is to be plugged into a guest
 *
 * Takes:  a host, a domain with its controllers and addresses, a function of the host.
 * Gives:  an empty hot-pluggable root port from which the guest sees the function on its node; or
 *         why there is none.
 * Rule:   the port that vtopo made for the function's own card goes first, then ports of the
 *         expander that stands for its root complex, then those of other expanders of its cell; of
 *         equal ones spare ports before those of other cards, which may come back, and then the
 *         lowest index.  Ports of guest switches are no such: firmware has no room for them to be
 *         hot-pluggable (plan/tree/hotplug.c).  Expanders of a machine without PCI Express are none
 *         either ("Bus does not support hotplugging": QEMU 7.2, tried).
 * Not here: what holds the function (place/holds.h), whether its BARs will fit.
 */
#ifndef VTOPO_ATTACH_PORT_H
#define VTOPO_ATTACH_PORT_H

#include "plan/ground/facts.h"

enum attach_fit {
    ATTACH_NOT,
    ATTACH_CELL, /* an expander of the cell */
    ATTACH_ROOT, /* the expander of its root complex */
    ATTACH_OWN,  /* the port of its own card */
};

enum attach_problem {
    ATTACH_FOUND,
    ATTACH_NO_NODE,     /* the host does not say on which node it is */
    ATTACH_NO_CELL,     /* no cell stands for its node */
    ATTACH_NO_EXPANDER, /* no expander belongs to the cell */
    ATTACH_NO_PORT,     /* no root port below them is empty */
    ATTACH_ALL_OFF,     /* those that are empty are not hot-pluggable */
    ATTACH_NO_HOTPLUG,  /* expanders of its machine are not hot-pluggable */
};

struct attach {
    enum attach_problem problem;
    int node, cell; /* -1: none */
    enum attach_fit fit;
    const struct domain_controller *port; /* of the domain */
};

/*
 * @also  a port is empty only if it is there, too: the definition of a guest that runs; NULL: none
 * False: out of memory
 */
bool attach_find(const struct vtopo_host *host, const struct domain *domain,
                 const struct domain *also, size_t function, struct attach *ret);

/* Is nothing at the controller with this index? */
bool attach_is_empty(const struct domain *domain, unsigned index);

/*
 * A device of the domain that shares a switch with the function on the host, and will not in the
 * guest; HOST_NONE: none.
 */
size_t attach_find_neighbour(const struct vtopo_host *host, const struct domain *domain,
                             size_t function);

#endif
