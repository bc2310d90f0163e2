/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kvm.h - what KVM says of a guest's addresses */
#ifndef VTOPO_SYSFS_KVM_H
#define VTOPO_SYSFS_KVM_H

/* Of @device, "/dev/kvm": how many bits guests have at most; 0: not known, as on x86. */
unsigned kvm_address_bits(const char *device);
/* Of KVM's answer. */
unsigned kvm_bits_of(int answer);

#endif
