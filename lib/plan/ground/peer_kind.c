/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peer_kind.c - see peer_kind.h
 *
 * Takes:  an assigned device and the host function behind it.
 * Gives:  its kind, as NVIDIA's table of GPUDirect modes has rows for it.
 * Rule:   virtual functions of a GPU of another maker are whole GPUs.
 * Not here: what two of them can do (pairs.c).
 */
#include "plan/ground/peer_kind.h"

#include "check/check.h"
#include "model/pci_class.h"
#include "model/vgpu_type.h"

#define VENDOR_NVIDIA 0x10de

const char *peer_kind_name(enum peer_kind kind)
{
    static const char *const names[] = {
        [PEER_NONE] = NULL, [PEER_GPU] = "gpu", [PEER_VGPU] = "vgpu",
        [PEER_MIG] = "mig", [PEER_NIC] = "nic", [PEER_VDPA] = "vdpa",
    };

    return names[kind];
}

bool peer_is_gpu(enum peer_kind kind)
{
    return kind == PEER_GPU || kind == PEER_VGPU || kind == PEER_MIG;
}

const char *peer_vgpu_type(const struct vtopo_host *host, size_t function,
                           const struct domain_device *device)
{
    const struct host_mdev *mdev;

    if (function == HOST_NONE)
        return NULL;
    if (device->kind != DEVICE_HOSTDEV_MDEV)
        return host->functions.items[function].vgpu_type;
    mdev = device->source_id ? host_find_mdev(host, device->source_id) : NULL;
    return mdev ? mdev->type_name : NULL;
}

static enum peer_kind gpu_kind(const struct vtopo_host *host, size_t function,
                               const struct domain_device *device)
{
    const struct host_function *f = &host->functions.items[function];
    const char *type = peer_vgpu_type(host, function, device);

    if (device->kind != DEVICE_HOSTDEV_MDEV && (!f->is_vf || f->vendor != VENDOR_NVIDIA))
        return PEER_GPU;
    return type && vgpu_type_is_mig(type) ? PEER_MIG : PEER_VGPU;
}

enum peer_kind peer_kind_of(const struct vtopo_host *host, size_t function,
                            const struct domain_device *device)
{
    const struct host_function *f;

    if (function == HOST_NONE || device->kind == DEVICE_DISK_NVME)
        return PEER_NONE;
    f = &host->functions.items[function];
    if (!check_is_gpu_or_nic(host, f))
        return PEER_NONE;
    if (class_is_gpu(f->class_code))
        return gpu_kind(host, function, device);
    return device->kind == DEVICE_INTERFACE_VDPA ? PEER_VDPA : PEER_NIC;
}
