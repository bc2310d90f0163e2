/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * coherent_gpu.c - see coherent_gpu.h
 *
 * Takes:  ids of a function; nodes with their distances.
 * Gives:  whether it is such a GPU, how large its memory is to a guest, and which nodes are there
 *         for GPUs of a node.
 * Rule:   the GPUs are those of Grace Hopper and Grace Blackwell, which are behind NVLink-C2C.
 *         Firmware ties eight nodes to each (generic initiators of the SRAT), without CPUs, and
 *         sysfs does not say which to which: of several GPUs on one node any has any of them.
 * Source: drivers/vfio/pci/nvgrace-gpu/main.c of Linux 6.18, nvgrace_gpu_vfio_pci_table
 *         and nvgrace_gpu_init_nvdev_struct(); NVIDIA's data sheets for how much memory it is; and
 *         docs/system/devices of QEMU on acpi-generic-initiator.
 */
#include "model/coherent_gpu.h"

#define VENDOR_NVIDIA 0x10de

#define GIB (UINT64_C(1) << 30)

/* The memory is rounded up to a power of two; before Grace Blackwell a GiB of it is a BAR of its
 * own. */
static const struct {
    uint16_t device;
    struct coherent_gpu_bars bars;
} gpus[] = {
    {0x2342, {128 * GIB, GIB}}, /* GH200 120GB: 96 GB */
    {0x2345, {128 * GIB, GIB}}, /* GH200 480GB: 96 GB */
    {0x2348, {256 * GIB, GIB}}, /* GH200 144G HBM3e */
    {0x2941, {256 * GIB, 0}},   /* GB200: 192 GB */
    {0x31c2, {512 * GIB, 0}},   /* GB300: 288 GB */
};

struct coherent_gpu_bars coherent_gpu_bars(const struct host_function *function)
{
    for (size_t i = 0; i < sizeof(gpus) / sizeof(*gpus); i++) {
        if (function->vendor == VENDOR_NVIDIA && function->device == gpus[i].device)
            return gpus[i].bars;
    }
    return (struct coherent_gpu_bars){0};
}

bool function_is_coherent_gpu(const struct host_function *function)
{
    return coherent_gpu_bars(function).memory;
}

/* The nearest node with processors, HOST_NONE: there is none. */
static size_t nearest(const struct vtopo_host *host, const struct host_node *node)
{
    size_t found = HOST_NONE;

    for (size_t i = 0; i < host->nodes.count; i++) {
        if (idset_empty(&host->nodes.items[i].cpus))
            continue;
        if (found == HOST_NONE || (node->distances && node->distances[i] < node->distances[found]))
            found = i;
    }
    return found;
}

bool host_node_serves(const struct vtopo_host *host, const struct host_node *node, int of)
{
    size_t at;

    if (!node->initiator || !idset_empty(&node->cpus) || of < 0)
        return false;
    at = nearest(host, node);
    return at != HOST_NONE && host->nodes.items[at].id == (unsigned)of;
}
