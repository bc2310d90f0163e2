/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * undo_ports.h - the root ports that an undo adds
 *
 * Takes:  the domain, which controllers go and come back, which places are taken afterwards.
 * Gives:  root ports on pcie.0 for slots that find no other place.
 * Rule:   each has the lowest free index, the lowest free slot, and the chassis that libvirt would
 *         give it, if that is free. They are the domain's own from then on: their alias (mark.h)
 *         only says that a rewrite may take them out when their devices leave
 * (plan/devices/adopt.h). Not here: who needs one (undo_places.c), their text (domxml/apply.c).
 */
#ifndef VTOPO_MODEL_UNDO_PORTS_H
#define VTOPO_MODEL_UNDO_PORTS_H

#include "model/guest_tree.h"
#include "model/root_slots.h"

struct undo_port {
    unsigned index, slot, chassis;
    bool off; /* hotplug='off' */
    char *alias;
};

struct undo_ports {
    struct undo_port *items;
    size_t count, cap;
};

/* What is taken. */
struct undo_room {
    bool index[DOMAIN_INDEXES];
    bool slot[ROOT_SLOTS]; /* of pcie.0 */
    bool chassis[DOMAIN_INDEXES];
};

/* What QEMU is told, and the machine has. */
void undo_room_find(const struct domain *domain, struct undo_room *ret_room);
/* Last: the slots that QEMU will choose for its own devices, the lowest that have no address, and
 * libvirt's fixed ones. */
void undo_room_leave_to_qemu(const struct domain *domain, struct undo_room *room);
/* What a controller takes that stays, or comes back. */
void undo_room_take(struct undo_room *room, const struct domain_controller *controller);
/*
 * Adds a port, if it finds room.
 *
 * @ret_index  0: there is no room
 * Returns false: out of memory.
 */
bool undo_port_add(const struct domain *domain, struct undo_room *room, bool off,
                   struct undo_ports *ports, unsigned *ret_index);
/* As a controller of a view of the domain; it shares the alias with the port. */
struct domain_controller undo_port_controller(const struct undo_port *port);
void undo_ports_clear(struct undo_ports *ports);

#endif
