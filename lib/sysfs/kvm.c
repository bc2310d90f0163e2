/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kvm.c - see kvm.h
 *
 * Takes:  KVM's device.
 * Gives:  KVM_CAP_ARM_VM_IPA_SIZE, by which QEMU places the memory of machine virt
 *         (target/arm/kvm.c: kvm_arm_get_max_vm_ipa_size()).
 * Rule:   it is asked and nothing else: no guest is made.  Files of an aarch64 host do not say it,
 *         and what its processor can is not all that counts: the kernel's pages do, too.  Where it
 *         may not be opened, and of kernels before 4.20, nothing is known.
 * Not here: x86's, which the processor itself says (cpuid.c).
 */
#include "sysfs/kvm.h"

#include <fcntl.h>
#include <linux/kvm.h>
#include <sys/ioctl.h>
#include <unistd.h>

unsigned kvm_bits_of(int answer)
{
    return answer < 32 || answer > 63 ? 0 : (unsigned)answer;
}

unsigned kvm_address_bits(const char *device)
{
    int fd = open(device, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), answer;

    if (fd < 0)
        return 0;
    answer = ioctl(fd, KVM_CHECK_EXTENSION, KVM_CAP_ARM_VM_IPA_SIZE);
    close(fd);
    return kvm_bits_of(answer);
}
