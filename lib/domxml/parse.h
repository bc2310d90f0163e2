/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parse.h - the parts of vtopo_domain_parse(); each fills its part of reader->domain->model
 *
 * All return 0, VTOPO_ERR_DOMAIN or VTOPO_ERR_NOMEM and set the reader's error.  @root is <domain>.
 */
#ifndef VTOPO_DOMXML_PARSE_H
#define VTOPO_DOMXML_PARSE_H

#include "domxml/node.h"

/* Type, name, machine, firmware, address bits, memory, vCPUs. */
int parse_machine(const struct reader *reader, const struct node *root);
/* What else decides where its 64-bit window is. After parse_machine(). */
int parse_space(const struct reader *reader, const struct node *root);
/* Guest cells and how memory and vCPUs are bound to the host. After parse_machine(). */
int parse_numa(const struct reader *reader, const struct node *root);
/* The PCI controllers of all of <devices>, with their indexes. */
int parse_controllers(const struct reader *reader, const struct node *root);
/* Everything else there. After parse_controllers(). */
int parse_devices(const struct reader *reader, const struct node *root);
/* What makes libvirt add devices that are not there. After parse_devices(). */
int parse_needs(const struct reader *reader, const struct node *root);

/* What it remembers of itself before vtopo rewrote it. After parse_devices(). */
int parse_record(const struct reader *reader, const struct node *root);
/* What additions may change. Before parse_record(). */
int parse_changeable(const struct reader *reader);
/* An entry of additions in it; *ret_valid: it is as vtopo writes it. */
int parse_addition(const struct reader *reader, const struct node *node, bool *ret_valid);
/* What the domain says of its own policy. */
int parse_policy(const struct reader *reader, const struct node *root);

/* The guest address of a device or controller: the first <address> among its own children. */
int parse_guest_address(const struct reader *reader, const struct node *node,
                        struct address *ret_address);
/* A PCI address of the host. */
int parse_host_address(const struct reader *reader, const struct node *address,
                       struct bdf *ret_bdf);

/* What QEMU gets besides: overrides and -set arguments, and where they are. After
 * parse_devices(). */
int parse_qemu(const struct reader *reader, const struct node *root);

/* Does a ROM have a name of SeaBIOS: "/usr/share/qemu/bios-256k.bin",
 * "/usr/share/seabios/bios.bin", qboot's "bios-microvm.bin"? */
bool path_is_bios(const char *path);
/* What the arguments of <qemu:commandline> say. After parse_machine(). */
int parse_commandline(const struct reader *reader, const struct node *root);
/* Adds a copy; @override has the plain members and the type. */
int qemu_add_override(const struct reader *reader, struct domain_override override,
                      const char *alias, const char *name, const char *value);

/* The next element in any <devices> of @root; @node NULL: the first. NULL: no more. */
const struct node *next_in_devices(const struct node *root, const struct node *node);

#endif
