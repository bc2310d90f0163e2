/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vgpu_type.h - what the name of an NVIDIA vGPU type says
 */
#ifndef VTOPO_MODEL_VGPU_TYPE_H
#define VTOPO_MODEL_VGPU_TYPE_H

#include <stdbool.h>

/*
 * "NVIDIA A100-3-20C": three slices of a GPU in MIG mode.  "NVIDIA A100-20C": a part of the memory
 * and of the time. (NVIDIA's Virtual GPU Software User Guide: BOARD-[SLICES-]GIGABYTES SERIES.)
 */
bool vgpu_type_is_mig(const char *name);

#endif
