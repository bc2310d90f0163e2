/* SPDX-License-Identifier: GPL-2.0-or-later */
/* qemu_device.c - see qemu_device.h */
#include "model/qemu_device.h"

#include "base/search.h"
#include "model/machine.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 32 /* of bridges; deeper ones, and loops, do not start */

static bool is_in(const char *text, const char *const *list)
{
    for (; *list; list++) {
        if (!strcmp(text, *list))
            return true;
    }
    return false;
}

bool qemu_device_is_port(const struct domain_qemu_device *device)
{
    static const char *const ports[] = {
        "pcie-root-port",       "ioh3420", "xio3130-downstream", "cxl-rp", "cxl-downstream",
        "pcie-downstream-port", NULL};

    return is_in(device->driver, ports);
}

bool qemu_device_is_bridge(const struct domain_qemu_device *device)
{
    static const char *const others[] = {
        "x3130-upstream",   "cxl-upstream", "pcie-upstream-port", "pcie-pci-bridge",
        "i82801b11-bridge", "pci-bridge",   "pci-bridge-seat",    NULL};

    return qemu_device_is_port(device) || is_in(device->driver, others);
}

bool qemu_device_is_expander(const struct domain_qemu_device *device)
{
    static const char *const expanders[] = {"pxb-pcie", "pxb", "pxb-cxl", NULL};

    return is_in(device->driver, expanders);
}

static bool starts_with(const char *text, const char *prefix)
{
    return !strncmp(text, prefix, strlen(prefix));
}

/*
 * Is it a driver of PCI devices ("-device help", QEMU 7.2; igb and ufs are newer)?  Most say so in
 * their names; those of virtio without a bus in the name are aliases (qdev_alias_table).
 */
bool qemu_driver_is_pci(const char *driver)
{
    static const char *const others[] = {"x3130-upstream",
                                         "xio3130-downstream",
                                         "ioh3420",
                                         "i82801b11-bridge",
                                         "pxb",
                                         "pxb-cxl",
                                         "cxl-rp",
                                         "cxl-upstream",
                                         "cxl-downstream",
                                         "cxl-type3",
                                         "qemu-xhci",
                                         "nec-usb-xhci",
                                         "usb-ehci",
                                         "piix3-usb-uhci",
                                         "piix4-usb-uhci",
                                         "am53c974",
                                         "dc390",
                                         "ich9-ahci",
                                         "ahci",
                                         "lsi53c810",
                                         "lsi53c895a",
                                         "lsi",
                                         "megasas",
                                         "megasas-gen2",
                                         "mptsas1068",
                                         "nvme",
                                         "piix3-ide",
                                         "piix4-ide",
                                         "pvscsi",
                                         "e1000",
                                         "e1000-82540em",
                                         "e1000-82544gc",
                                         "e1000-82545em",
                                         "e1000e",
                                         "igb",
                                         "ufs",
                                         "pcnet",
                                         "pvrdma",
                                         "rocker",
                                         "rtl8139",
                                         "tulip",
                                         "vmxnet3",
                                         "tpci200",
                                         "bochs-display",
                                         "qxl",
                                         "vmware-svga",
                                         "AC97",
                                         "ac97",
                                         "ES1370",
                                         "es1370",
                                         "AMDVI-PCI",
                                         "ich9-intel-hda",
                                         "intel-hda",
                                         "acpi-erst",
                                         "edu",
                                         "ivshmem",
                                         "ivshmem-doorbell",
                                         "ivshmem-plain",
                                         "i6300esb",
                                         "virtio-9p",
                                         "virtio-balloon",
                                         "virtio-blk",
                                         "virtio-gpu",
                                         "virtio-gpu-gl",
                                         "virtio-input-host",
                                         "virtio-iommu",
                                         "virtio-keyboard",
                                         "virtio-mouse",
                                         "virtio-net",
                                         "virtio-rng",
                                         "virtio-scsi",
                                         "virtio-serial",
                                         "virtio-sound",
                                         "virtio-tablet",
                                         NULL};

    if (starts_with(driver, "isa-"))
        return false;
    return strstr(driver, "pci") || strstr(driver, "vga") || strstr(driver, "VGA") ||
           starts_with(driver, "ich9-usb-") || starts_with(driver, "i825") ||
           !strcmp(driver, "i82801") || is_in(driver, others);
}

bool qemu_device_is_anywhere(const struct domain_qemu_device *device)
{
    return !device->bus && qemu_driver_is_pci(device->driver);
}

/* N of "pci.N"; -1: it is none. */
static int number_of(const char *bus)
{
    int number = 0;

    if (!starts_with(bus, "pci."))
        return -1;
    bus += strlen("pci.");
    if (!*bus)
        return -1;
    for (; *bus >= '0' && *bus <= '9' && number < DOMAIN_INDEXES; bus++)
        number = number * 10 + (*bus - '0');
    return *bus || number >= DOMAIN_INDEXES ? -1 : number;
}

int qemu_bus_index(const struct domain *domain, const char *bus)
{
    int number = number_of(bus);
    const struct domain_controller *c;

    if (!strcmp(bus, domain_machine(domain)->root_bus))
        return 0;
    for (size_t i = 0; i < domain->controllers.count; i++) {
        c = &domain->controllers.items[i];
        if (c->alias && !strcmp(c->alias, bus))
            return (int)c->index;
    }
    c = number > 0 ? domain_controller_at(domain, (unsigned)number) : NULL;
    return number <= 0 || (c && c->alias && starts_with(c->alias, "ua-")) ? -1 : number;
}

int qemu_device_bus(const struct domain *domain, const struct domain_qemu_device *device)
{
    if (device->bus)
        return qemu_bus_index(domain, device->bus);
    return qemu_device_is_anywhere(device) ? 0 : -1;
}

/* A device that names no slot gets the lowest that is free: of a port the only one. */
static bool device_may_be_at(const struct domain *domain, const struct domain_qemu_device *device,
                             const struct bdf *at)
{
    if (qemu_device_bus(domain, device) != at->bus)
        return false;
    if (device->slot < 0)
        return at->bus > 0;
    return device->slot == at->slot && device->function == at->function;
}

bool qemu_may_use_place(const struct domain *domain, const struct bdf *at)
{
    for (size_t i = 0; i < domain->qemu_devices.count; i++) {
        if (device_may_be_at(domain, &domain->qemu_devices.items[i], at))
            return true;
    }
    for (size_t i = 0; at->bus && i < domain->overrides.count; i++) {
        const struct domain_override *o = &domain->overrides.items[i];

        if (o->value && !strcmp(o->name, "bus") && qemu_bus_index(domain, o->value) == at->bus)
            return true;
    }
    return false;
}

/* --- what is above --- */

#define NOTHING SIZE_MAX

struct named {
    const char *id;
    size_t device;
};

static int compare_named(const void *left, const void *right)
{
    const struct named *a = left, *b = right;
    int order = strcmp(a->id, b->id);

    return order ? order : (a->device > b->device) - (a->device < b->device);
}

static int compare_id(const void *key, const void *item)
{
    return strcmp(key, ((const struct named *)item)->id);
}

static size_t count_of(const struct domain *domain)
{
    return domain->qemu_devices.count < DOMAIN_QEMU_DEVICES ? domain->qemu_devices.count
                                                            : DOMAIN_QEMU_DEVICES;
}

/* Of each device the one whose bus it is on; of several with one id the first. */
static void find_above(const struct domain *domain, size_t ret_above[DOMAIN_QEMU_DEVICES])
{
    struct named names[DOMAIN_QEMU_DEVICES];
    size_t count = 0;

    for (size_t i = 0; i < count_of(domain); i++) {
        if (domain->qemu_devices.items[i].id)
            names[count++] = (struct named){domain->qemu_devices.items[i].id, i};
    }
    qsort(names, count, sizeof(*names), compare_named);
    for (size_t i = 0; i < count_of(domain); i++) {
        const char *bus = domain->qemu_devices.items[i].bus;
        const struct named *found =
            bus ? search_find(bus, names, count, sizeof(*names), compare_id) : NULL;

        ret_above[i] = found ? found->device : NOTHING;
    }
}

static struct qemu_place find_place(const struct domain *domain, const struct guest_tree *tree,
                                    const int *buses, const size_t *above, size_t at)
{
    for (unsigned depth = 0; at != NOTHING && depth < DEPTH_MAX; depth++) {
        if (buses[at] >= 0 && tree->at[buses[at]].expander)
            return (struct qemu_place){QEMU_TOP_CONTROLLER, tree->at[buses[at]].expander};
        if (buses[at] >= 0)
            return (struct qemu_place){QEMU_TOP_ROOT, 0};
        at = above[at];
        if (at != NOTHING && qemu_device_is_expander(&domain->qemu_devices.items[at]))
            return (struct qemu_place){QEMU_TOP_DEVICE, at};
    }
    return (struct qemu_place){QEMU_TOP_UNKNOWN, 0};
}

/* Names are looked up once for each device, not for each step above it. */
void qemu_device_places_find(const struct domain *domain, const struct guest_tree *tree,
                             struct qemu_device_places *ret)
{
    size_t above[DOMAIN_QEMU_DEVICES];
    int buses[DOMAIN_QEMU_DEVICES];

    find_above(domain, above);
    for (size_t i = 0; i < count_of(domain); i++)
        buses[i] = qemu_device_bus(domain, &domain->qemu_devices.items[i]);
    for (size_t i = 0; i < count_of(domain); i++)
        ret->of[i] = find_place(domain, tree, buses, above, i);
}

size_t qemu_bridges_below(const struct domain *domain, const struct qemu_device_places *places,
                          struct qemu_place place)
{
    size_t n = 0;

    for (size_t i = 0; i < count_of(domain); i++)
        n += places->of[i].top == place.top && places->of[i].at == place.at &&
             qemu_device_is_bridge(&domain->qemu_devices.items[i]);
    return n;
}
