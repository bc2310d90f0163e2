/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * commandline_defaults.c - see commandline.h
 *
 * Takes:  -global of the command line: driver, property, value.
 * Gives:  chassis of its ports and bus_nr of its expanders, where their own arguments do not say
 *         them.
 * Rule:   a property of -global is for all devices of the driver, and of drivers made of it, that
 *         do not name it, wherever it stands; the last one counts (QEMU:
 * object_apply_global_props()). libvirt names both for all of its controllers. Not here: what
 * firmware keeps for ports (parse_commandline.c).
 */
#include "domxml/commandline.h"

#include <string.h>

struct numbered {
    const char *driver;
    const char *property;
};

static const struct numbered numbered[COMMANDLINE_DRIVERS] = {
    {"pcie-root-port", "chassis"},
    {"ioh3420", "chassis"},
    {"xio3130-downstream", "chassis"},
    {"cxl-rp", "chassis"},
    {"cxl-downstream", "chassis"},
    {"pxb-pcie", "bus_nr"},
    {"pxb", "bus_nr"},
    {"pxb-cxl", "bus_nr"},
};

/* All of these ports are made of it. */
static bool is_of(const struct numbered *one, const char *driver)
{
    return !strcmp(one->driver, driver) ||
           (!strcmp(driver, "pcie-slot") && !strcmp(one->property, "chassis"));
}

void commandline_note_default(struct commandline_defaults *defaults, const char *driver,
                              const char *property, const char *value)
{
    uint64_t number;

    if (!libvirt_number(value, 0, 255, &number))
        return;
    for (size_t i = 0; i < COMMANDLINE_DRIVERS; i++) {
        if (!strcmp(numbered[i].property, property) && is_of(&numbered[i], driver))
            defaults->of[i] = (int)number;
    }
}

void commandline_apply_defaults(struct domain *domain, const struct commandline_defaults *defaults)
{
    for (size_t i = 0; i < domain->qemu_devices.count; i++) {
        struct domain_qemu_device *d = &domain->qemu_devices.items[i];

        for (size_t k = 0; k < COMMANDLINE_DRIVERS; k++) {
            int *number = !strcmp(numbered[k].property, "chassis") ? &d->chassis : &d->bus_nr;

            if (defaults->of[k] && *number < 0 && !strcmp(numbered[k].driver, d->driver))
                *number = defaults->of[k];
        }
    }
}
