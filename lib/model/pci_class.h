/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pci_class.h - PCI class codes: what is a GPU, what a network interface, and words for all
 *
 * A small table of its own, so that output does not depend on the pci.ids of the machine.
 */
#ifndef VTOPO_MODEL_PCI_CLASS_H
#define VTOPO_MODEL_PCI_CLASS_H

#include <stdbool.h>
#include <stdint.h>

/* The first of the three bytes of a class code. */
enum pci_base_class {
    CLASS_STORAGE = 0x01,
    CLASS_NETWORK = 0x02,
    CLASS_DISPLAY = 0x03,
    CLASS_ACCELERATOR = 0x12,
};

unsigned class_base(uint32_t class_code);
/* Display controllers, and the accelerators that some GPUs without a display are. */
bool class_is_gpu(uint32_t class_code);
bool class_is_network(uint32_t class_code);

/* "3D controller" for 0x030200; a static string, "device" for what the table does not have. */
const char *class_word(uint32_t class_code);

#endif
