/* SPDX-License-Identifier: GPL-2.0-or-later */
/* coherent_gpu.h - GPUs whose memory the processors reach coherently, and the nodes for it */
#ifndef VTOPO_MODEL_COHERENT_GPU_H
#define VTOPO_MODEL_COHERENT_GPU_H

#include "model/host.h"

/* So many nodes has each: one for the memory of each MIG instance that can be. */
#define COHERENT_GPU_NODES 8u

/* The kernel's driver that gives a guest the memory, too; vfio-pci does not. */
#define COHERENT_GPU_DRIVER "nvgrace_gpu_vfio_pci"

bool function_is_coherent_gpu(const struct host_function *function);

/* The 64-bit prefetchable BARs that this driver makes of the memory; host.bars lacks them.  0, 0:
 * it is no such GPU. */
struct coherent_gpu_bars {
    uint64_t memory, reserved;
};
struct coherent_gpu_bars coherent_gpu_bars(const struct host_function *function);

/*
 * Is the node, which is in @host, one for memory of such GPUs on node @of?  Of several nodes with
 * processors it is that of the nearest; the first, where the distances do not tell.
 */
bool host_node_serves(const struct vtopo_host *host, const struct host_node *node, int of);

#endif
