/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check_ordering.c - may the devices relax the order of their requests?
 *
 * Takes:  Device Control of the PCI Express capability: Enable Relaxed Ordering is bit 4 (PCI
 *         Express Base Specification 6.0, 7.5.3.4).
 * Rule:   a virtual function's bit is reserved: its physical function's counts for it (9.3.5.4),
 *         and VFIO keeps what a function said before the guest opened it.
 */
#include "check/checker.h"

#define DEVICE_CONTROL 0x08
#define RELAXED_ORDERING 0x0010

static const struct check_advice advice = {
    FINDING_ORDERING,
    "RDMA and peer-to-peer writes wait for each other",
    "bit 4 (0x0010) set",
    "BIOS (PCIe relaxed ordering); now, while no guest has the device: setpci -s BDF "
    "CAP_EXP+8.w=0010:0010; leave "
    "it where Linux said at boot that the root port handles relaxed ordering wrongly",
    {"has relaxed ordering off, so its RDMA and peer-to-peer writes wait for each other",
     "; turn on PCIe relaxed ordering in the BIOS, or now, while no guest has the device: "
     "setpci -s BDF CAP_EXP+8.w=0010:0010"},
};

static bool check_function(struct checker *c, size_t function)
{
    struct check_register reg = {
        .name = "Device Control", .capability = "PCI Express", .id = PCICAP_EXPRESS};
    autofree char *text = NULL;

    if (check_read(c, function, DEVICE_CONTROL, &reg) != PCICAP_FOUND ||
        reg.value & RELAXED_ORDERING)
        return true;
    text = check_register_text(&reg);
    return text &&
           check_add(c, function, &advice, &reg, mem_printf("%s: relaxed ordering is off", text));
}

bool check_ordering(struct checker *c)
{
    autofree bool *wanted = calloc(c->host->functions.count + 1, sizeof(*wanted));

    for (size_t i = 0; wanted && i < c->set->count; i++)
        wanted[check_physical(c, c->set->devices[i].function)] = true;
    for (size_t i = 0; wanted && i < c->host->functions.count; i++) {
        if (wanted[i] && !check_function(c, i))
            return false;
    }
    return wanted;
}
