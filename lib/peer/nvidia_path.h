/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nvidia_path.h - what nvidia-smi calls the way between two devices
 */
#ifndef VTOPO_PEER_NVIDIA_PATH_H
#define VTOPO_PEER_NVIDIA_PATH_H

#include "model/guest_tree.h"
#include "plan/ground/plan.h"

/* In nvidia-smi's order, nearest first. */
enum nvidia_path {
    NVIDIA_PIX,     /* at most one PCIe switch or bridge */
    NVIDIA_PXB,     /* several of them, below one port of the root complex */
    NVIDIA_PHB,     /* through one root complex */
    NVIDIA_NODE,    /* through two root complexes of one node */
    NVIDIA_SYS,     /* from node to node */
    NVIDIA_UNKNOWN, /* a place or a node is not known */
};
#define NVIDIA_PATHS (NVIDIA_UNKNOWN + 1)

/* "PIX"; "?" for one that is not known. */
const char *nvidia_path_name(enum nvidia_path path);

/* Between two of plan.devices, whose functions are known. */
enum nvidia_path nvidia_path_on_host(const struct vtopo_plan *plan, size_t one, size_t other);

/* @tree: planned_tree_make() of the plan. */
enum nvidia_path nvidia_path_in_guest(const struct vtopo_plan *plan, const struct guest_tree *tree,
                                      size_t one, size_t other);

/* What is known of NVLink between two of plan.devices. */
enum nvidia_nvlink {
    NVIDIA_NO_NVLINK,
    NVIDIA_MAYBE_NVLINK,    /* two whole GPUs of NVIDIA's: nothing says whether there is any */
    NVIDIA_SWITCHED_NVLINK, /* two modules of boards with NVSwitches, which join all of them */
};
enum nvidia_nvlink nvidia_nvlink_between(const struct vtopo_plan *plan, size_t one, size_t other);

/* The NUMA node that the guest has the device on; -1: none, or it is not known. */
int nvidia_guest_node(const struct vtopo_plan *plan, const struct guest_tree *tree, size_t device);

#endif
