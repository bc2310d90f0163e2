/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * addresses.h - how wide addresses of a host's guests are
 *
 * Takes:  what /proc/cpuinfo says, and of the machine that this runs on what CPUID says.
 * Gives:  the widths, pages and page tables of struct host_processor.
 * Rule:   what KVM and QEMU give a guest with the host's processor counts:
 *
 *         - the width is CPUID's (QEMU asks for itself, target/i386/host-cpu.c, and KVM says the
 *           same, arch/x86/kvm/cpuid.c).  cpuinfo's is less where memory encryption takes some bits
 *           of the host's own addresses (SME and SEV of AMD's, MKTME of Intel's), which a guest's
 *           are not.  libvirt goes by that one for what a domain may emulate;
 *         - KVM gives guests 5-level page tables as CPUID has them, also where the host does not
 *           use them (then the flag is not in cpuinfo); pages of 1 GiB only as the kernel has them.
 *           Where there is no line of flags, both are CPUID's;
 *         - KVM itself reaches more than 48 bits only with page tables of five levels: of Intel's
 *           processors as EPT can, of AMD's as the host itself has them
 *           (arch/x86/kvm/mmu/mmu.c: kvm_configure_mmu()).  Neither is in CPUID, so without
 *           cpuinfo's flags it is 48.  GuestPhysAddrSize of CPUID is for hypervisors of
 *           hypervisors: KVM does not go by it.
 */
#ifndef VTOPO_SYSFS_ADDRESSES_H
#define VTOPO_SYSFS_ADDRESSES_H

#include "model/host.h"
#include "sysfs/cpuid.h"
#include "sysfs/cpuinfo.h"

/* @cpuid: all zeros where it is of another machine.  Where no width is known @ret stays as it is.
 */
void addresses_set(const struct cpuinfo *info, const struct cpuid *cpuid,
                   struct host_processor *ret);

#endif
