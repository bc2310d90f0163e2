/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sysfs.c - read a host from a sysfs tree
 *
 * Takes:  the root of a tree, and perhaps the domain that needs it.
 * Gives:  struct vtopo_host, in order.
 * Rule:   for a domain the work grows with its assigned devices, not with the host.
 * Not here: functions and their order (functions.c), mdevs and vDPA devices (mediated.c), nodes and
 *         CPUs (nodes.c), the kernel (kernel.c), how wide addresses are (addresses.h), what the
 *         host does with its functions (uses.c).
 */
#include "sysfs/sysfs.h"

#include "model/high_memory.h"
#include "sysfs/addresses.h"
#include "sysfs/functions.h"
#include "sysfs/kernel.h"
#include "sysfs/kvm.h"
#include "sysfs/mediated.h"
#include "sysfs/nodes.h"
#include "sysfs/uses.h"

#include <string.h>

/* What each kind of assigned device is named by. */
static int want_device(struct functions *functions, const struct domain_device *device,
                       bool *has_vdpa)
{
    switch (device->kind) {
    case DEVICE_HOSTDEV_PCI:
    case DEVICE_INTERFACE_HOSTDEV:
    case DEVICE_DISK_NVME:
        return functions_want(functions, &device->source);
    case DEVICE_HOSTDEV_MDEV:
        return device->source_id ? mdev_read(functions, device->source_id) : 0;
    case DEVICE_INTERFACE_VDPA:
        *has_vdpa = true;
        return 0;
    default:
        return 0;
    }
}

static int read_for_domain(struct functions *functions, const struct domain *domain)
{
    size_t assigned;
    bool has_vdpa = false;
    int code = 0;

    for (size_t i = 0; !code && i < domain->devices.count; i++)
        code = want_device(functions, &domain->devices.items[i], &has_vdpa);
    for (size_t i = 0; !code && i < domain->qemu_devices.count; i++) {
        if (domain->qemu_devices.items[i].source_known)
            code = functions_want(functions, &domain->qemu_devices.items[i].source);
    }
    if (!code && has_vdpa)
        code = vdpas_read(functions, domain);
    assigned = functions->entries.count;
    if (!code)
        code = functions_read(functions);
    if (!code)
        code = functions_want_groups(functions, assigned);
    return code ? code : functions_read(functions);
}

static int read_everything(struct functions *functions)
{
    int code = functions_want_all(functions);

    if (!code)
        code = functions_read(functions);
    /* What these want is there already, or host_finish() finds what is not. */
    if (!code)
        code = mdevs_read(functions);
    return code ? code : vdpas_read(functions, NULL);
}

static int read_functions(const struct tree *tree, const struct domain *domain, unsigned details,
                          struct vtopo_host *host)
{
    const struct function_wish wish = {.everything = !domain, .details = details};
    struct functions functions;
    int code = functions_open(tree, host, &wish, &functions);

    if (!code)
        code = domain ? read_for_domain(&functions, domain) : read_everything(&functions);
    if (!code)
        code = functions_finish(&functions);
    functions_close(&functions);
    return code;
}

/* Whole cores are handed out where cells, or what ties them to nodes, are proposed. */
static bool wants_cpus(const struct domain *domain)
{
    return !domain || !domain->cells.count || !domain->memnodes.count;
}

bool sysfs_is_live(const char *path)
{
    return !strcmp(path, "/sys");
}

/* As the tree says, else as it says itself where it is this one. */
static int read_processor(const struct tree *tree, struct host_processor *ret)
{
    int code = processor_read(tree, ret);
    struct cpuid cpuid;

    if (code || *ret->vendor || !sysfs_is_live(tree->name))
        return code;
    cpuid = cpuid_ask();
    if (!*cpuid.vendor)
        return 0;
    memcpy(ret->vendor, cpuid.vendor, sizeof(ret->vendor));
    ret->family = cpuid.family;
    ret->model = cpuid.model;
    return 0;
}

/* Whose processor, how wide its addresses are, and what its kernel tells guests of them. */
static int read_addresses(const struct tree *tree, struct vtopo_host *host)
{
    struct cpuid cpuid = {.bits = 0};
    struct cpuinfo info;
    int code = *host->processor.vendor ? 0 : read_processor(tree, &host->processor);

    if (!code && !*host->kernel)
        code = kernel_read(tree, host->kernel);
    if (!code)
        code = cpuinfo_read(tree, &info);
    if (code)
        return code;
    if (sysfs_is_live(tree->name))
        cpuid = cpuid_ask();
    addresses_set(&info, &cpuid, &host->processor);
    if (sysfs_is_live(tree->name) && !host->processor.bits && !*host->processor.vendor)
        host->processor.bits = kvm_address_bits("/dev/kvm");
    return 0;
}

static int read_tree(const struct tree *tree, const struct domain *domain, unsigned details,
                     struct vtopo_host *host)
{
    int code = nodes_read(tree, host);

    if (!code && wants_cpus(domain))
        code = cpus_read(tree, host);
    if (!code && wants_cpus(domain))
        code = pages_read(tree, host);
    if (!code && (!domain || details & HOST_LINKS))
        code = read_processor(tree, &host->processor);
    if (!code && (!domain || domain->iommufd))
        code = kernel_read(tree, host->kernel);
    if (!code)
        code = read_functions(tree, domain, details, host);
    if (!code && !domain)
        code = uses_read(tree, host);
    if (!code &&
        (!domain || (details & HOST_ADDRESSES && domain->kvm && host_has_high_memory(host))))
        code = read_addresses(tree, host);
    return code;
}

int sysfs_read(const char *path, const struct domain *domain, unsigned details,
               struct vtopo_host *host, struct vtopo_error **reterr)
{
    struct tree tree;
    int code = tree_open(path, &tree, reterr);

    if (code)
        return code;
    code = read_tree(&tree, domain, details, host);
    tree_close(&tree);
    return code;
}
