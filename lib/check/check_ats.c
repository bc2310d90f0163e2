/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check_ats.c - do the devices have their addresses translated ahead (Address Translation
 * Services)?
 *
 * Takes:  ATS Control: Enable is bit 15 (PCI Express Base Specification 6.0, 10.5.1.3).
 * Gives:  a result for a device that cannot, or that does not now.
 * Rule:   a switch sends a request straight to the other card only if its address is translated
 *         already; a guest's are not, unless the device asks the IOMMU first, which is ATS. Only
 *         the IOMMU's driver may set the bit: the IOMMU refuses the requests of a device that it
 *         does not expect them of.
 */
#include "check/checker.h"

#define ATS_CONTROL 0x06
#define ATS_ENABLE 0x8000
#define VENDOR_MELLANOX 0x15b3

#define MEANS                                                                                      \
    "what it sends to another card below the same switch takes the way through the root complex"

static const struct check_advice off = {
    FINDING_ATS_OFF,
    "nothing before a guest has the device, for Linux turns ATS on then; if it is off while the "
    "guest runs, " MEANS,
    "bit 15 (0x8000) set while a guest has the device",
    "nothing, before the start; if it is off while the guest runs: no pci=noats on the kernel "
    "command line, ATS on in the BIOS; never with setpci, because the IOMMU must expect it",
    {"has ATS off, which Linux turns on when a guest gets the device",
     "; if it is off while the guest runs: no pci=noats on the kernel command line, ATS on in the "
     "BIOS"},
};
#define SHOULD_HAVE "an ATS capability (extended capability 000f)"
static const struct check_advice absent = {
    FINDING_ATS_ABSENT,
    MEANS,
    SHOULD_HAVE,
    "the device's firmware or the BIOS may hide it; many devices have none",
    {0},
};
static const struct check_advice absent_mellanox = {
    FINDING_ATS_ABSENT,
    MEANS,
    SHOULD_HAVE,
    "mlxconfig -d BDF set ATS_ENABLED=1, then take the host's power off and on",
    {0},
};

static const struct check_register control = {
    .name = "ATS Control",
    .capability = "Address Translation Services",
    .extended = true,
    .id = PCICAP_EXT_ATS,
};

/* A conventional device cannot have it, and nobody expects it to. */
static bool is_express(const struct host_function *f)
{
    return pcicap_find(f->config, f->config_size, PCICAP_EXPRESS, &(size_t){0}) == PCICAP_FOUND;
}

enum ats_state check_ats_state(const struct host_function *device)
{
    struct check_register reg = control;

    switch (check_read_register(device, ATS_CONTROL, &reg)) {
    case PCICAP_UNREADABLE:
        return ATS_UNREADABLE;
    case PCICAP_ABSENT:
        return is_express(device) ? ATS_NONE : ATS_CONVENTIONAL;
    case PCICAP_FOUND:
        break;
    }
    return reg.value & ATS_ENABLE ? ATS_ON : ATS_OFF;
}

static bool report_absent(struct checker *c, size_t function)
{
    const struct host_function *f = &c->host->functions.items[function];

    return !is_express(f) ||
           check_add(c, function, f->vendor == VENDOR_MELLANOX ? &absent_mellanox : &absent, NULL,
                     mem_printf("has no ATS capability (extended capability 000f)"));
}

static bool check_device(struct checker *c, size_t function)
{
    struct check_register reg = control;
    autofree char *text = NULL;

    switch (check_read(c, function, ATS_CONTROL, &reg)) {
    case PCICAP_UNREADABLE:
        return true;
    case PCICAP_ABSENT:
        return report_absent(c, function);
    case PCICAP_FOUND:
        break;
    }
    if (reg.value & ATS_ENABLE)
        return true;
    text = check_register_text(&reg);
    return text && check_add(c, function, &off, &reg, mem_printf("%s: ATS is not on yet", text));
}

bool check_ats(struct checker *c)
{
    for (size_t i = 0; i < c->set->count; i++) {
        if (!check_device(c, c->set->devices[i].function))
            return false;
    }
    return true;
}
