/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * qemu_device.h - where devices are that only QEMU knows (-device of <qemu:commandline>)
 *
 * Takes:  their drivers, ids and buses as written; the domain's controllers.
 * Gives:  what is a bridge, which bus each is on, and which expander it is below.
 * Rule:   QEMU calls the bus of a bridge as the bridge, and libvirt calls a controller by its user
 *         alias, otherwise pci.INDEX, pcie-root pcie.0.
 * Not here: how arguments are read (domxml/qemu_options.h).
 */
#ifndef VTOPO_MODEL_QEMU_DEVICE_H
#define VTOPO_MODEL_QEMU_DEVICE_H

#include "model/guest_tree.h"

/* What is above a device: pcie.0, an expander of the domain, one of the command line. */
enum qemu_top { QEMU_TOP_UNKNOWN, QEMU_TOP_ROOT, QEMU_TOP_CONTROLLER, QEMU_TOP_DEVICE };

struct qemu_place {
    enum qemu_top top;
    size_t at; /* index of the controller; place in domain.qemu_devices */
};

struct qemu_device_places {
    struct qemu_place of[DOMAIN_QEMU_DEVICES];
};

/* Is it a driver of PCI devices? */
bool qemu_driver_is_pci(const char *driver);
/* Has it a chassis, and is it hot-pluggable unless told otherwise? */
bool qemu_device_is_port(const struct domain_qemu_device *device);
/* Does it take a bus number?  Expanders are no bridges. */
bool qemu_device_is_bridge(const struct domain_qemu_device *device);
bool qemu_device_is_expander(const struct domain_qemu_device *device);
/* Is it a PCI device that names no bus, so that QEMU chooses one? */
bool qemu_device_is_anywhere(const struct domain_qemu_device *device);

/* The index of the controller whose bus has this name in QEMU, also where there is no controller;
 * -1: none. */
int qemu_bus_index(const struct domain *domain, const char *bus);
/* The same for the bus that the device is on; pcie.0 if it names none. */
int qemu_device_bus(const struct domain *domain, const struct domain_qemu_device *device);
/* Is a device there that QEMU is told to put there, or may one come there? */
bool qemu_may_use_place(const struct domain *domain, const struct bdf *at);
/* Of each device, in their order. */
void qemu_device_places_find(const struct domain *domain, const struct guest_tree *tree,
                             struct qemu_device_places *ret);
/* The bridges of the command line that are there. */
size_t qemu_bridges_below(const struct domain *domain, const struct qemu_device_places *places,
                          struct qemu_place place);

#endif
