/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pci_class.c - see pci_class.h.  Codes: PCI Code and ID Assignment Specification 1.15, chapter 1
 */
#include "model/pci_class.h"

#include <stddef.h>

/* The most exact entry wins: it comes first. */
static const struct {
    uint32_t code, mask;
    const char *word;
} words[] = {
    {0x010400, 0xffff00, "RAID controller"},
    {0x010600, 0xffff00, "SATA controller"},
    {0x010700, 0xffff00, "SAS controller"},
    {0x010800, 0xffff00, "NVMe controller"},
    {0x010000, 0xff0000, "storage controller"},
    {0x020000, 0xffff00, "Ethernet controller"},
    {0x020700, 0xffff00, "InfiniBand controller"},
    {0x020000, 0xff0000, "network controller"},
    {0x030000, 0xffff00, "VGA controller"},
    {0x030200, 0xffff00, "3D controller"},
    {0x030000, 0xff0000, "display controller"},
    {0x040300, 0xffff00, "audio device"},
    {0x040000, 0xff0000, "multimedia device"},
    {0x050000, 0xff0000, "memory controller"},
    {0x060000, 0xffff00, "host bridge"},
    {0x060400, 0xffff00, "PCI bridge"},
    {0x060000, 0xff0000, "bridge"},
    {0x070000, 0xff0000, "communication controller"},
    {0x080000, 0xff0000, "system peripheral"},
    {0x0b0000, 0xff0000, "processor"},
    {0x0c0300, 0xffff00, "USB controller"},
    {0x0c0000, 0xff0000, "serial bus controller"},
    {0x0d0000, 0xff0000, "wireless controller"},
    {0x100000, 0xff0000, "encryption controller"},
    {0x110000, 0xff0000, "signal processor"},
    {0x120000, 0xff0000, "accelerator"},
};

unsigned class_base(uint32_t class_code)
{
    return class_code >> 16;
}

bool class_is_gpu(uint32_t class_code)
{
    return class_base(class_code) == CLASS_DISPLAY || class_base(class_code) == CLASS_ACCELERATOR;
}

bool class_is_network(uint32_t class_code)
{
    return class_base(class_code) == CLASS_NETWORK;
}

const char *class_word(uint32_t class_code)
{
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        if ((class_code & words[i].mask) == words[i].code)
            return words[i].word;
    }
    return "device";
}
