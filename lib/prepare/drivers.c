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

#include "base/kinds.h"
#include "check/check.h"
#include "model/coherent_gpu.h"
#include "model/pci_class.h"

#include <string.h>

/* --- ids --- */

/* What is known of an id; it is with the first of the host's functions that have it. */
struct id_facts {
    bool is_virtual; /* one of them is a virtual function */
    size_t other;    /* the first that is not among the devices; HOST_NONE: there is none */
};

static bool find_ids(const struct vtopo_host *host, struct kinds *ret)
{
    autofree struct kinds_key *keys = calloc(host->functions.count + 1, sizeof(*keys));

    *ret = (struct kinds){0};
    for (size_t i = 0; keys && i < host->functions.count; i++)
        keys[i].number = host_function_id(&host->functions.items[i]);
    return keys && kinds_make(keys, host->functions.count, ret);
}

static void find_facts(const struct prepare *p, const struct kinds *ids, struct id_facts *ret)
{
    for (size_t i = 0; i < p->host->functions.count; i++)
        ret[i].other = HOST_NONE;
    for (size_t i = 0; i < p->host->functions.count; i++) {
        struct id_facts *of_id = &ret[ids->first[i]];

        if (p->host->functions.items[i].is_vf)
            of_id->is_virtual = true;
        if (of_id->other == HOST_NONE && !prepare_find(p, i))
            of_id->other = i;
    }
}

/* Does vfio-pci's list of ids take nothing else? */
static bool decide_ids(struct prepare *p)
{
    autofree struct id_facts *facts = calloc(p->host->functions.count + 1, sizeof(*facts));
    struct kinds ids;
    bool done = find_ids(p->host, &ids) && facts;

    if (done)
        find_facts(p, &ids, facts);
    for (size_t i = 0; done && i < p->devices.count; i++) {
        struct prepare_device *device = &p->devices.items[i];
        const struct id_facts *of_id = &facts[ids.first[device->function]];

        device->taken_too = of_id->other;
        device->by_id = !of_id->is_virtual && of_id->other == HOST_NONE &&
                        !function_is_coherent_gpu(&p->host->functions.items[device->function]);
    }
    kinds_clear(&ids);
    return done;
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

static bool add_module(struct prepare *p, const char *name, bool blacklist)
{
    struct prepare_module *module = vec_add(&p->modules);

    if (module)
        *module = (struct prepare_module){strdup(name), blacklist};
    return module && module->name;
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

/* Does vfio-pci take a GPU of the vendor by its id? */
static bool any_gpu_by_id(const struct prepare *p, uint16_t vendor)
{
    for (size_t i = 0; i < p->devices.count; i++) {
        const struct prepare_device *device = &p->devices.items[i];

        if (device->by_id && device->kind == PREPARE_GPU &&
            p->host->functions.items[device->function].vendor == vendor)
            return true;
    }
    return false;
}

/* What Linux has for GPUs of their vendors. */
static bool add_gpu_modules(struct prepare *p)
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
    bool done = true;

    for (size_t i = 0; done && i < sizeof(known) / sizeof(*known); i++) {
        if (any_gpu_by_id(p, known[i].vendor))
            done = add_module(p, known[i].module,
                              !known[i].needed && are_all_gpus_given(p, known[i].vendor));
    }
    return done;
}

static bool add_own_modules(struct prepare *p)
{
    bool done = true;

    for (size_t i = 0; done && i < p->devices.count; i++) {
        const struct host_function *f = &p->host->functions.items[p->devices.items[i].function];

        if (p->devices.items[i].by_id && check_is_held_by_host(f))
            done = add_module(p, module_of(f->driver), false);
    }
    return done;
}

static int compare_modules(const void *left, const void *right)
{
    const struct prepare_module *a = left, *b = right;

    return strcmp(a->name, b->name);
}

/* In the order of names, each once. */
static void merge_modules(struct prepare *p)
{
    size_t left = 0;

    if (p->modules.count)
        qsort(p->modules.items, p->modules.count, sizeof(*p->modules.items), compare_modules);
    for (size_t i = 0; i < p->modules.count; i++) {
        struct prepare_module *last = left ? &p->modules.items[left - 1] : NULL;
        struct prepare_module *module = &p->modules.items[i];

        if (last && !strcmp(last->name, module->name)) {
            last->blacklist = last->blacklist || module->blacklist;
            free(module->name);
        } else {
            p->modules.items[left++] = *module;
        }
    }
    p->modules.count = left;
}

bool prepare_drivers(struct prepare *p)
{
    if (!decide_ids(p) || !add_own_modules(p) || !add_gpu_modules(p))
        return false;
    merge_modules(p);
    return true;
}
