/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nvlink.h - which GPUs have NVLink by the board that they are on, and what switches it
 */
#ifndef VTOPO_CHECK_NVLINK_H
#define VTOPO_CHECK_NVLINK_H

#include "model/host.h"

enum nvlink {
    NVLINK_UNKNOWN,  /* a card, which may have a bridge to another one: nothing in /sys says so */
    NVLINK_BOARD,    /* a module (SXM) on a board that wires the modules to each other */
    NVLINK_SWITCHED, /* the same, of a kind whose boards of eight have NVSwitches, PCI devices */
    NVLINK_MANAGED,  /* the same, but the NVSwitches are no PCI devices */
};
/* Of a GPU of NVIDIA. */
enum nvlink nvlink_of(const struct host_function *gpu);

bool function_is_nvswitch(const struct host_function *function);
/* How many NVSwitches of this kind are on a board of eight GPUs; 0: not known. */
unsigned nvswitches_of_board(const struct host_function *nvswitch);
#define NVLINK_BOARD_GPUS 8

#endif
