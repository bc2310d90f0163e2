/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check_drivers.c - are the devices bound to a VFIO driver?
 *
 * Rule:   vfio-pci and the drivers that vendors make of it all have "vfio" in their names
 *         (mlx5_vfio_pci, nvgrace_gpu_vfio_pci, hisi_acc_vfio_pci).
 */
#include "check/checker.h"

#include <string.h>

static const struct check_advice advice = {
    FINDING_DRIVER,
    "a guest gets it only from a VFIO driver",
    "vfio-pci, or another VFIO driver, when the guest starts",
    "libvirt does it for <hostdev managed='yes'>; by hand: driverctl set-override BDF vfio-pci",
};

bool check_drivers(struct checker *c)
{
    for (size_t i = 0; i < c->set->count; i++) {
        const struct check_device *device = &c->set->devices[i];
        const char *driver = c->host->functions.items[device->function].driver;

        if (!device->whole || (driver && strstr(driver, "vfio")))
            continue;
        if (!check_add(c, device->function, &advice, NULL,
                       mem_printf("is bound to %s%s", driver ? "the host's driver " : "no driver",
                                  driver ? driver : "")))
            return false;
    }
    return true;
}
