/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peer_kind.h - what an assigned device is to another one: GPU, vGPU, NIC...
 */
#ifndef VTOPO_PLAN_GROUND_PEER_KIND_H
#define VTOPO_PLAN_GROUND_PEER_KIND_H

#include "model/domain.h"
#include "model/host.h"

enum peer_kind {
    PEER_NONE, /* neither GPU nor NIC */
    PEER_GPU,  /* a whole one */
    PEER_VGPU, /* a share of the time of a GPU, or it is not known what */
    PEER_MIG,  /* slices of a GPU in MIG mode */
    PEER_NIC,  /* whole or a virtual function */
    PEER_VDPA, /* a virtio NIC to the guest */
};

/* @function: place in host.functions of what @device is, or is made on; HOST_NONE: unknown. */
enum peer_kind peer_kind_of(const struct vtopo_host *host, size_t function,
                            const struct domain_device *device);
/* The name of the vGPU type; NULL: it is none, or it is not known.  Belongs to @host. */
const char *peer_vgpu_type(const struct vtopo_host *host, size_t function,
                           const struct domain_device *device);

const char *peer_kind_name(enum peer_kind kind); /* "gpu"; NULL for PEER_NONE */
bool peer_is_gpu(enum peer_kind kind);           /* whole or a part */

#endif
