/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check_drivers.c - are the devices bound to a VFIO driver?
 *
 * Takes:  the drivers of the devices.
 * Gives:  a result for each device that would have to be bound to another one first.
 * Rule:   vfio-pci and the drivers that vendors make of it all have "vfio" in their names
 *         (mlx5_vfio_pci, nvgrace_gpu_vfio_pci, hisi_acc_vfio_pci). Of what libvirt binds when the
 *         guest starts, and of a virtual function with a vGPU type, which VFIO gets from its own
 *         driver, there is nothing to do. Interfaces, disks, displays and the chipset of the host
 * may be those that it works with: no advice takes one away, and without a domain, where nobody
 *         assigns them, nothing is reported of them, nor of what has virtual functions.  These
 *         vanish when its driver lets go of it.  NVIDIA's virtual functions become a vGPU by their
 *         own driver; vfio-pci refuses them.
 */
#include "check/checker.h"

#include "model/coherent_gpu.h"
#include "model/pci_class.h"

#include <string.h>

#define MEANS "a guest gets it only from a VFIO driver"
#define SHOULD "vfio-pci, or another VFIO driver, when the guest starts"

static const struct check_advice advice = {
    FINDING_DRIVER,
    MEANS,
    SHOULD,
    "libvirt does it for <hostdev managed='yes'>; by hand: driverctl set-override BDF vfio-pci",
    {"is bound to ",
     ", and a guest gets it only from a VFIO driver: libvirt binds it with <hostdev "
     "managed='yes'>; by hand: driverctl set-override BDF vfio-pci"},
};
static const struct check_advice in_use = {
    FINDING_DRIVER,
    MEANS,
    SHOULD,
    "first see whether the host itself works with it (network, disk, display, chipset); if it does not, "
    "libvirt binds it at the start of a guest that has it with <hostdev managed='yes'>",
    {"is bound to ",
     ", and a guest gets it only from a VFIO driver: if the host itself does not use "
     "it (network, disk, display, chipset), let libvirt bind it with <hostdev managed='yes'>"},
};

static const struct check_advice without_type = {
    FINDING_DRIVER,
    MEANS,
    "its own driver with a vGPU type, when the guest starts",
    "write the number of a type into nvidia/current_vgpu_type of its folder in /sys; its driver "
    "stays, because vfio-pci does not take virtual functions of NVIDIA's GPUs",
    {"is bound to ",
     " without a vGPU type, and a guest gets it only with one: write the number of a "
     "type into nvidia/current_vgpu_type of its folder in /sys; its driver stays"},
};
static const struct check_advice takes_vfs = {
    FINDING_DRIVER,
    MEANS,
    SHOULD,
    "its virtual functions vanish when its driver lets go of it: assign one of them instead, "
    "or see first that nobody has one",
    {"is bound to ", ", and a guest gets it only from a VFIO driver; its virtual functions vanish "
                     "when its driver lets go of it: assign one of them instead, or see first that "
                     "nobody has one"},
};

#define CLASS_BRIDGE 0x06 /* as ISA bridges, which have no port */
#define CLASS_VGA 0x0300
#define CLASS_USB 0x0c03
#define VENDOR_NVIDIA 0x10de

static bool is_vfio(const char *driver)
{
    return driver && strstr(driver, "vfio");
}

bool check_is_held_by_host(const struct host_function *function)
{
    return function->driver && !is_vfio(function->driver) && strcmp(function->driver, "pci-stub") &&
           !function->vgpu_type;
}

/* Below no port: SMBus, flash, audio, serial lines of the chipset. */
static bool is_chipset(const struct host_function *function)
{
    return function->parent == HOST_NONE && !function->is_vf && !class_is_gpu(function->class_code);
}

bool check_may_be_in_use(const struct host_function *function)
{
    unsigned base = class_base(function->class_code);

    return check_is_held_by_host(function) &&
           (base == CLASS_STORAGE || base == CLASS_NETWORK || base == CLASS_BRIDGE ||
            function->netdev || function->class_code >> 8 == CLASS_VGA || is_chipset(function));
}

bool check_is_usb(const struct host_function *function)
{
    return function->class_code >> 8 == CLASS_USB;
}

static const struct check_advice coherent = {
    FINDING_DRIVER,
    MEANS,
    COHERENT_GPU_DRIVER " when the guest starts",
    "driverctl set-override BDF " COHERENT_GPU_DRIVER,
    {"is bound to ", ", and a guest gets it, with its memory, only from " COHERENT_GPU_DRIVER
                     "; driverctl set-override BDF " COHERENT_GPU_DRIVER},
};

/* Are there virtual functions of it, which need its driver? */
static bool has_vfs(const struct vtopo_host *host, const struct host_function *function)
{
    for (size_t i = 0; i < host->functions.count; i++) {
        const struct host_function *vf = &host->functions.items[i];

        if (vf->is_vf && bdf_equal(&vf->physfn, &function->bdf))
            return true;
    }
    return false;
}

/* Is there anything to report of the device? */
static bool is_wrong(const struct checker *c, const struct check_device *device)
{
    const struct host_function *f = &c->host->functions.items[device->function];

    return device->whole && !device->managed && !is_vfio(f->driver) && !f->vgpu_type &&
           !(c->set->everything && (check_may_be_in_use(f) || has_vfs(c->host, f)));
}

static const struct check_advice *advice_for(const struct checker *c,
                                             const struct host_function *function)
{
    if (function->is_vf && function->vendor == VENDOR_NVIDIA && check_is_held_by_host(function))
        return &without_type;
    if (function->driver && has_vfs(c->host, function))
        return &takes_vfs;
    if (function_is_coherent_gpu(function))
        return &coherent;
    return check_may_be_in_use(function) ? &in_use : &advice;
}

static bool report(struct checker *c, size_t function)
{
    const struct host_function *f = &c->host->functions.items[function];
    autofree char *driver =
        f->driver ? mem_printf("the host's driver %s", f->driver) : mem_printf("no driver");
    char *is = driver ? mem_printf("is bound to %s", driver) : NULL;

    return check_add_detail(c, function, advice_for(c, f), NULL, is, steal(driver));
}

bool check_drivers(struct checker *c)
{
    for (size_t i = 0; i < c->set->count; i++) {
        const struct check_device *device = &c->set->devices[i];

        if (is_wrong(c, device) && !report(c, device->function))
            return false;
    }
    return true;
}
