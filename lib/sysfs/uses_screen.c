/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * uses_screen.c - which functions the host draws on
 *
 * Takes:  class/graphics; boot_vga of display controllers.
 * Gives:  HOST_USE_CONSOLE.
 * Rule:   boot_vga is 1 for the one that firmware, and then the kernel, chose (drivers/pci/vgaarb.c
 *         of Linux); fbN is a framebuffer of a driver, which the kernel's console uses.
 */
#include "model/pci_class.h"
#include "sysfs/uses.h"

#include <stdio.h>
#include <string.h>

static int note_framebuffer(const struct class_device *device, void *context)
{
    struct vtopo_host *host = context;

    if (!strncmp(device->name, "fb", 2) && device->name[2] >= '0' && device->name[2] <= '9')
        uses_note(host, device->function, HOST_USE_CONSOLE);
    return 0;
}

struct displays {
    const struct tree *tree;
    struct vtopo_host *host;
};

static int note_boot_vga(const struct class_device *device, void *context)
{
    const struct displays *displays = context;
    char text[SHORT_TEXT];

    if (device->function == HOST_NONE ||
        class_base(displays->host->functions.items[device->function].class_code) != CLASS_DISPLAY)
        return 0;
    if (uses_attribute(displays->tree, device->path, "boot_vga", text) && !strcmp(text, "1"))
        uses_note(displays->host, device->function, HOST_USE_CONSOLE);
    return 0;
}

int uses_read_screens(const struct tree *tree, struct vtopo_host *host)
{
    struct displays displays = {tree, host};
    int code = uses_for_each(tree, host, "class/graphics", note_framebuffer, host);

    return code ? code : uses_for_each(tree, host, "bus/pci/devices", note_boot_vga, &displays);
}
