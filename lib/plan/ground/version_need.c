/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * version_need.c - see version_need.h
 *
 * Takes:  the versions that are needed, what is known of QEMU and libvirt.
 * Gives:  why they are not met, in words.
 * Rule:   what is not known does not meet them: QEMU or libvirt would refuse the whole domain, or
 *         drop a part of what is written.
 * Not here: what is known (versions.c).
 */
#include "plan/ground/version_need.h"

#include "plan/ground/versions.h"

static char *libvirt_witness(const struct facts *facts)
{
    return libvirt_version_of(facts) ? libvirt_name_witness(facts)
                                     : mem_printf("how new libvirt is is not known (policy "
                                                  "libvirt_version says it)");
}

static char *qemu_witness(const struct facts *facts, unsigned version)
{
    return qemu_version_verdict(facts, version) == VERSION_OLD
               ? qemu_name_witness(facts)
               : mem_printf("nothing shows how new QEMU is (policy qemu_version says it)");
}

bool version_need_lack(const struct facts *facts, const struct version_need *need, char **ret_why)
{
    autofree char *witness = NULL;

    *ret_why = NULL;
    if (!libvirt_is_at_least(facts, need->libvirt))
        witness = libvirt_witness(facts);
    else if (qemu_version_verdict(facts, need->qemu) != VERSION_NEW)
        witness = qemu_witness(facts, need->qemu);
    else
        return true;
    if (witness)
        *ret_why = mem_printf("it takes %s or later, and %s", need->text, witness);
    return *ret_why;
}
