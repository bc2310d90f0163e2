/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * device_kinds.h - which elements of <devices> are PCI devices, and what they are called
 */
#ifndef VTOPO_DOMXML_DEVICE_KINDS_H
#define VTOPO_DOMXML_DEVICE_KINDS_H

#include "domxml/node.h"
#include "model/machine.h"

/* Without an address libvirt may give it a PCI one. */
bool kind_maybe_pci(const struct node *node, const struct machine *machine);
/* Does libvirt add one of this kind unasked, or have a place of its own for it on pcie.0? */
bool kind_is_unasked(const struct node *node);
/* How libvirt finds a place for it; @assigned: what kind of assigned device it is. */
struct device_place kind_place(const struct node *node, const struct machine *machine,
                               enum device_kind assigned);
/* The number that libvirt makes of a disk's name (virDiskNameToIndex()): vda is 0; -1: none. */
int kind_disk_number(const char *target);
/* Is it a virtio device? */
bool kind_is_virtio(const struct node *node, const struct machine *machine);
/*
 * QEMU gives it an I/O BAR, @conventional: on a conventional PCI bus; otherwise below a PCIe
 * port.
 */
bool kind_has_io_bar(const struct node *node, const struct machine *machine, bool conventional);
/*
 * "virtio", "scsi"...: the bus of a <disk>'s target, as libvirt guesses it when absent; "" when
 * unknown.
 */
const char *kind_disk_bus(const struct node *disk);
/* For messages: "disk vda", "controller scsi 0". Free with free(); NULL: out of memory. */
char *kind_label(const struct node *node);
/* "@what @which" without control characters and not too long. */
char *kind_label_of(const char *what, const char *which);

#endif
