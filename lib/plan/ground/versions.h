/* SPDX-License-Identifier: GPL-2.0-or-later */
/* versions.h - how new the QEMU, the libvirt and the kernel are that a domain is for */
#ifndef VTOPO_PLAN_GROUND_VERSIONS_H
#define VTOPO_PLAN_GROUND_VERSIONS_H

#include "plan/ground/facts.h"
#include "plan/ground/plan.h"

/* What the host's libvirt knows of the domain's emulator; NULL: nothing. */
const struct host_emulator *emulator_of(const struct facts *facts);
/* The domain's machine type as libvirt stores it: "q35" is one of a version, where libvirt's list
 * of them is known.  NULL: it has none. */
const char *machine_of(const struct facts *facts);

/* How machine types with a version begin: "pc-q35-". */
const char *machine_version_prefix(const struct facts *facts);
/* Of its version, which is the least that QEMU can be; 0: it does not say. */
unsigned machine_version_of(const struct facts *facts);

/* Of the libvirt that the domain is for; 0: it is not known. */
unsigned libvirt_version_of(const struct facts *facts);
/* Is it known that libvirt is at least this (9003000 is 9.3)? */
bool libvirt_is_at_least(const struct facts *facts, unsigned version);
/* Is libvirt older than overrides, so that only QEMU's -set is left? */
bool libvirt_lacks_overrides(const struct facts *facts);

/* Is it known that QEMU is at least this (8001000 is 8.1)? */
bool qemu_is_at_least(const struct facts *facts, unsigned version);
/* Is anything known of QEMU, if only the version of the machine type, and does nothing say that it
 * is at least this? */
bool qemu_looks_older(const struct facts *facts, unsigned version);
/* The same, and whether it is known to be older: the machine type cannot say that, for every QEMU
 * has machine types of older ones, too. */
enum version_verdict qemu_version_verdict(const struct facts *facts, unsigned version);
/* Of the host's kernel (6019000 is 6.19). */
enum version_verdict kernel_version_verdict(const struct vtopo_host *host, unsigned version);

/* Of the guest's firmware, as policy ovmf_version and seabios_version have it: the policy's, else
 * of the files of the host that it may be; 0: it is not known. */
unsigned firmware_version_of(const struct facts *facts);

/* Who says how new QEMU, or libvirt, is, where it is too old: "policy qemu_version says that QEMU
 * is older".  NULL: out of memory. */
char *qemu_name_witness(const struct facts *facts);
char *libvirt_name_witness(const struct facts *facts);

#endif
