/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pci_class.h - PCI class codes in words
 *
 * A small table of its own, so that output does not depend on the pci.ids of the machine.
 */
#ifndef VTOPO_MODEL_PCI_CLASS_H
#define VTOPO_MODEL_PCI_CLASS_H

#include <stdint.h>

/* "3D controller" for 0x030200; a static string, "device" for what the table does not have. */
const char *class_word(uint32_t class_code);

#endif
