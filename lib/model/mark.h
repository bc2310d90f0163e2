/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mark.h - what vtopo writes into a domain and must be able to read back from it for ever
 *
 * Takes:  what a plan puts into a domain; the aliases and overrides of a domain.
 * Gives:  the aliases that are written, and which aliases, overrides and ports of a domain are
 *         vtopo's own.
 * Rule:   libvirt drops comments and whatever it does not know, so a mark is in what it keeps:
 *         - an alias that begins with MARK_PREFIX is vtopo's, and so is every property of such a
 *           device or controller;
 *         - the alias of a controller also names the ports of others that vtopo made
 *           hotplug='off': "...-off-9-10-ports";
 *         - the alias of a port ends with MARK_PORT_OFF (perhaps with a number behind it) if its
 *           card came from a port that is hotplug='off', so that it goes back to one;
 *         - an alias that begins with MARK_BACK is that of a root port which an undo has added for
 *           a card that found no other place: it is the domain's own, stays, and a rewrite that
 *           moves all of its devices takes it out, to be put back by the next undo;
 *         - a property of a device with an alias of its own is vtopo's if the record says so: an
 *           override for a device MARK_RECORD, which no domain has (libvirt passes over it).  Each
 *           of its properties has the name of an added one, and the alias of its device as value;
 *           A property MARK_PREFIX_IS_THEIRS there stays for the xmlns of <domain>;
 *         - on the command line there is no place for a record: a value of vtopo's is written in
 *           hexadecimal there;
 *         - a controller that libvirt adds where none is written has MARK_ANNOUNCED as content, and
 *           is vtopo's until libvirt, which drops comments, has made it its own.
 *         Domains that were rewritten by any release have to be understood, so a form may be
 *         added here, and none may be changed.
 */
#ifndef VTOPO_MODEL_MARK_H
#define VTOPO_MODEL_MARK_H

#include "model/domain.h"

/* The prefix of all of vtopo's aliases: what makes a controller vtopo's own, but for this one. */
#define MARK_PREFIX "ua-vtopo-"
#define MARK_BACK MARK_PREFIX "back-"
/* The alias of the record of added properties. */
#define MARK_RECORD MARK_PREFIX "added"

/* The P2P clique of a GPU (QEMU: hw/vfio/pci-quirks.c). */
#define PROPERTY_CLIQUE "x-nv-gpudirect-clique"

/*
 * Is it a user alias, which libvirt keeps?  These are ua- and letters, digits, "-" and "_"; any
 * other is dropped when a domain is defined.  NULL is none.
 */
bool alias_is_user(const char *alias);

/* What an announced controller (struct domain_announced) says to those who read it. */
#define MARK_ANNOUNCED "<!-- vtopo: libvirt would add this -->"

/* --- writers: the caller frees what they return; NULL or false: out of memory --- */

/* Of a port or switch: @part says what it is, @host what it stands for. */
char *mark_port_alias(const char *part, const struct bdf *host, const char *suffix);
/* The suffix of the port of a card whose former one is hotplug='off'. */
#define MARK_PORT_OFF "-off"
/* Of an expander.  @root: the host's root bus, NULL: it stands for several. */
char *mark_expander_alias(const struct bdf *root, const char *suffix);
/* Of spare port number @n of an expander. */
char *mark_spare_alias(const char *expander, unsigned n);
/* Of the root port that is written for an index that would be left empty. */
char *mark_gap_alias(unsigned index);
/* Of the root port that an undo adds. */
char *mark_back_alias(unsigned index);
/* Of an assigned device that needs an alias and has none. */
char *mark_device_alias(const struct bdf *host);
/* Of the @n-th one with that alias: aliases are unique in a domain. */
char *mark_another_alias(const char *alias, unsigned n);
/*
 * Adds to the alias of a controller the ports of others that are made hotplug='off'.  @indexes
 * descend.  The record (record.h) has them, too, with how each was written before: that is for the
 * same bytes. Which ones they are is in the alias, because the record can be lost (tools that write
 * <metadata> anew) or not be usable, and a port that stays hotplug='off' for ever is nothing that
 * its owner would notice; and domains from before there was a record have it nowhere else.
 */
bool mark_add_ports_off(char **alias, const unsigned *indexes, size_t count);
/* In the record, with any value: the prefix of the namespace that overrides are in is the user's.
 */
#define MARK_PREFIX_IS_THEIRS "xmlns"
/* A number as the command line has it: "0x3" of "3". */
char *mark_argument(const char *number);

/* --- readers --- */

/* Is it the alias of a controller of vtopo's?  NULL is none. */
bool mark_is_of_controller(const char *alias);
/* Is it that of a root port that an undo added?  NULL is none. */
bool mark_is_of_back(const char *alias);
/* Is it that of a root port for an index that would be left empty? */
bool mark_is_of_gap(const char *alias);
/* Is it that of the root port of a card?  NULL is none. */
bool mark_is_of_card(const char *alias);
/* Did vtopo give the device its alias? */
bool mark_is_of_device(const struct domain_device *device);
/* Is it the alias of the port of a card that came from one with hotplug='off'? */
bool mark_is_of_port_off(const char *alias);
/* Sets @off for each controller index that the alias of a controller of vtopo's names. */
void mark_read_ports_off(const char *alias, bool off[DOMAIN_INDEXES]);
/* Sets "marked" of all overrides; false: out of memory. */
bool mark_overrides(struct domain *domain);
/* Does the record say that the user had declared the prefix, and used it for nothing? */
bool mark_prefix_is_theirs(const struct domain *domain);

#endif
