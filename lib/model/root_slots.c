/* SPDX-License-Identifier: GPL-2.0-or-later */
/* root_slots.c - see root_slots.h */
#include "model/root_slots.h"

#include "model/machine.h"
#include "model/qemu_device.h"

#include <stdlib.h>
#include <string.h>

static void take_slots(unsigned slots, bool taken[ROOT_SLOTS])
{
    for (size_t i = 0; i < ROOT_SLOTS; i++)
        taken[i] = taken[i] || slots & 1U << i;
}

/* A DMI bridge without an address wants 1e (qemuDomainValidateDevicePCISlotsQ35()). */
void root_slots_of_libvirt(const struct domain *domain, bool ret_taken[ROOT_SLOTS])
{
    take_slots(domain_machine(domain)->libvirt_slots, ret_taken);
    for (size_t i = 0; i < domain->controllers.count; i++) {
        if (domain->controllers.items[i].model == CTRL_DMI_TO_PCI)
            ret_taken[0x1e] = true;
    }
}

/* A place that a property for QEMU gives to a device of libvirt's. */
static void take_override(const struct domain_override *override, bool taken[ROOT_SLOTS])
{
    char *end;
    unsigned long slot;

    if (!override->value || strcmp(override->name, "addr") != 0)
        return;
    slot = strtoul(override->value, &end, 16);
    /* <qemu:property type='unsigned'>: slot and function in one number. */
    if (override->type && strcmp(override->type, "string") != 0)
        slot = strtoul(override->value, &end, 10) >> 3;
    if (end != override->value && slot < ROOT_SLOTS)
        taken[slot] = true;
}

void root_slots_of_qemu(const struct domain *domain, bool ret_taken[ROOT_SLOTS])
{
    take_slots(domain_machine(domain)->slots, ret_taken);
    for (size_t i = 0; i < domain->qemu_devices.count; i++) {
        const struct domain_qemu_device *d = &domain->qemu_devices.items[i];

        if (d->slot >= 0 && d->slot < ROOT_SLOTS && qemu_device_bus(domain, d) == 0)
            ret_taken[d->slot] = true;
    }
    for (size_t i = 0; i < domain->overrides.count; i++)
        take_override(&domain->overrides.items[i], ret_taken);
}
