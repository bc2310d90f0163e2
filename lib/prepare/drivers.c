/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * drivers.c - how devices come to vfio-pci
 *
 * Takes:  the devices, the host's other functions.
 * Gives:  which devices vfio-pci takes by their ids, and the modules that must not be faster.
 * Rule:   an id takes all functions that have it, also those that are made or plugged in later: so
 *         only where all of them are among the devices, and no virtual function is.  The others are
 *         taken one by one, by their address (driverctl, driver_override), and so are GPUs with
 *         coherent memory, which need a driver of their own (coherent_gpu.h).
 *         Modules are those of the drivers that have the devices now, and those that Linux has for
 *         GPUs and NICs of these vendors.  A module of a kind of GPUs is blacklisted if all of them
 *         are among the devices, but nvidia never: NVSwitches need it.
 */
#include "prepare/prepare.h"

#include "check/check.h"
#include "model/coherent_gpu.h"
#include "model/pci_class.h"

#include <string.h>

/* --- ids --- */

static bool is_same_id(const struct host_function *a, const struct host_function *b)
{
    return a->vendor == b->vendor && a->device == b->device;
}

/* Does vfio-pci's list of ids take nothing else? */
static bool may_go_by_id(const struct prepare *p, const struct host_function *f)
{
    if (function_is_coherent_gpu(f))
        return false;
    for (size_t i = 0; i < p->host->functions.count; i++) {
        const struct host_function *other = &p->host->functions.items[i];

        if (is_same_id(f, other) && (other->is_vf || !prepare_find(p, i)))
            return false;
    }
    return true;
}

/* --- modules --- */

/* Drivers whose module has another name. */
static const char *module_of(const char *driver)
{
    static const char *const others[][2] = {
        {"xhci_hcd", "xhci_pci"},
        {"nvidia-gpu", "i2c_nvidia_gpu"},
        {"ehci-pci", "ehci_pci"},
        {"ucsi_ccg", "i2c_nvidia_gpu"},
    };

    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
        if (!strcmp(driver, others[i][0]))
            return others[i][1];
    }
    return driver;
}

static struct prepare_module *find_module(const struct prepare *p, const char *name)
{
    for (size_t i = 0; i < p->modules.count; i++) {
        if (!strcmp(p->modules.items[i].name, name))
            return &p->modules.items[i];
    }
    return NULL;
}

static bool add_module(struct prepare *p, const char *name, bool blacklist)
{
    struct prepare_module *module = find_module(p, name);

    if (!module) {
        module = vec_add(&p->modules);
        if (module)
            *module = (struct prepare_module){strdup(name), false};
    }
    if (!module || !module->name)
        return false;
    module->blacklist = module->blacklist || blacklist;
    return true;
}

/* Are all GPUs of the vendor among the devices? */
static bool are_all_gpus_given(const struct prepare *p, uint16_t vendor)
{
    for (size_t i = 0; i < p->host->functions.count; i++) {
        const struct host_function *f = &p->host->functions.items[i];

        if (f->vendor == vendor && class_is_gpu(f->class_code) && f->port == PORT_NONE &&
            !prepare_find(p, i))
            return false;
    }
    return true;
}

/* What Linux has for GPUs of a vendor. */
static bool add_gpu_modules(struct prepare *p, const struct host_function *f)
{
    static const struct {
        uint16_t vendor;
        const char *module;
        bool needed; /* by more than the GPUs */
    } known[] = {
        {0x10de, "nouveau", false}, {0x10de, "nvidiafb", false}, {0x10de, "nvidia", true},
        {0x1002, "amdgpu", false},  {0x1002, "radeon", false},   {0x8086, "i915", false},
        {0x8086, "xe", false},
    };
    bool all = are_all_gpus_given(p, f->vendor), done = true;

    for (size_t i = 0; done && i < sizeof(known) / sizeof(*known); i++) {
        if (known[i].vendor == f->vendor)
            done = add_module(p, known[i].module, all && !known[i].needed);
    }
    return done;
}

static int compare_modules(const void *left, const void *right)
{
    const struct prepare_module *a = left, *b = right;

    return strcmp(a->name, b->name);
}

bool prepare_drivers(struct prepare *p)
{
    bool done = true;

    for (size_t i = 0; done && i < p->devices.count; i++) {
        struct prepare_device *device = &p->devices.items[i];
        const struct host_function *f = &p->host->functions.items[device->function];

        device->by_id = may_go_by_id(p, f);
        if (!device->by_id)
            continue;
        if (check_is_held_by_host(f))
            done = add_module(p, module_of(f->driver), false);
        if (done && device->kind == PREPARE_GPU)
            done = add_gpu_modules(p, f);
    }
    if (done && p->modules.count)
        qsort(p->modules.items, p->modules.count, sizeof(*p->modules.items), compare_modules);
    return done;
}
