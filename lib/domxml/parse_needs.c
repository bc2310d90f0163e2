/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parse_needs.c - what makes libvirt add devices that are not there
 *
 * Takes:  <devices>, and what the others made of it.
 * Gives:  domain.needs; an index for device controllers that have none.
 * Rule:   libvirt 9.0 domain_conf.c: virDomainDefAddImplicitControllers(),
 *         virDomainDiskDefAssignAddress(), virDomainAssignControllerIndexes(); the same in 11.3.
 * Not here: what follows from it (plan/ground/libvirt_define.c).
 */
#include "domxml/device_kinds.h"
#include "domxml/parse.h"

#include <string.h>

/* Disks of a controller: six SATA ports; seven targets of a narrow SCSI bus. */
#define SATA_DISKS 6
#define SCSI_DISKS 7

/* The controller that its address of this type names, or -1. */
static int controller_in_address(const struct node *node, const char *type)
{
    const struct node *address = node_child(node, "address");
    uint64_t number = 0;

    if (!node_attribute_is(address, "type", type))
        return -1;
    if (node_attribute(address, "controller") &&
        !libvirt_number(node_attribute(address, "controller"), 10, 0xffff, &number))
        return -1;
    return (int)number;
}

static void need(unsigned *controllers, int number)
{
    if (number >= 0 && (unsigned)number >= *controllers)
        *controllers = (unsigned)number + 1;
}

static void add_disk(const struct node *disk, struct domain_needs *needs)
{
    const char *bus = kind_disk_bus(disk);
    bool sata = strcmp(bus, "sata") == 0;
    int controller = controller_in_address(disk, "drive");
    int number = kind_disk_number(node_child_attribute(disk, "target", "dev"));

    if (!sata && strcmp(bus, "scsi") != 0)
        return;
    if (controller < 0 && number >= 0)
        controller = number / (sata ? SATA_DISKS : SCSI_DISKS);
    need(sata ? &needs->sata : &needs->scsi, controller);
}

static void add_scsi_hostdev(const struct node *hostdev, struct domain_needs *needs)
{
    int in_address = controller_in_address(hostdev, "drive");
    int controller = in_address < 0 ? 0 : in_address;

    if (!node_attribute_is(hostdev, "type", "scsi"))
        return;
    if ((unsigned)controller >= needs->scsi_hostdevs && controller < 32)
        needs->scsi_models |= 1u << controller;
    need(&needs->scsi_hostdevs, controller);
}

static void add_channel(const struct node *node, struct domain_needs *needs)
{
    int controller = controller_in_address(node, "virtio-serial");

    if (node_attribute_is(node_child(node, "target"), "type", "virtio") && controller < 32)
        needs->virtio_serial |= 1u << (controller < 0 ? 0 : controller);
}

static void add_controller(const struct node *node, struct domain_needs *needs)
{
    uint64_t index = 0;

    if (!node_attribute_is(node, "type", "usb"))
        return;
    if (!node_attribute(node, "index") ||
        (libvirt_number(node_attribute(node, "index"), 10, 0xffff, &index) && !index))
        needs->has_usb = true;
}

static void add_element(const struct node *node, struct domain_needs *needs)
{
    if (node_is(node, "disk"))
        add_disk(node, needs);
    else if (node_is(node, "hostdev"))
        add_scsi_hostdev(node, needs);
    else if (node_is(node, "channel") || node_is(node, "console"))
        add_channel(node, needs);
    else if (node_is(node, "controller"))
        add_controller(node, needs);
    else if (node_is(node, "video"))
        needs->has_video = true;
    else if (node_is(node, "memballoon"))
        needs->has_balloon = true;
    else if (node_is(node, "graphics"))
        needs->has_graphics = true;
}

#define NUMBERS 256 /* that are given to controllers without an index */

/* As virDomainControllerFindUnusedIndex(): the lowest that no other of the kind has. */
static void number_controllers(struct domain *domain)
{
    bool used[CONTROLLER_KINDS][NUMBERS] = {{false}};
    int next[CONTROLLER_KINDS] = {0};

    for (size_t i = 0; i < domain->devices.count; i++) {
        const struct device_place *place = &domain->devices.items[i].place;

        if (place->group == PLACE_CONTROLLER && place->number >= 0 && place->number < NUMBERS)
            used[place->controller][place->number] = true;
    }
    for (size_t i = 0; i < domain->devices.count; i++) {
        struct device_place *place = &domain->devices.items[i].place;
        int *free_one = &next[place->controller];

        if (place->group != PLACE_CONTROLLER || place->number >= 0)
            continue;
        while (*free_one < NUMBERS && used[place->controller][*free_one])
            ++*free_one;
        place->number = (*free_one)++;
    }
}

int parse_needs(const struct reader *reader, const struct node *root)
{
    struct domain *domain = &reader->domain->model;

    for (const struct node *node = next_in_devices(root, NULL); node;
         node = next_in_devices(root, node))
        add_element(node, &domain->needs);
    number_controllers(domain);
    for (size_t i = 0; i < domain->devices.count; i++) {
        const struct device_place *place = &domain->devices.items[i].place;

        if (place->controller == CONTROLLER_SCSI && place->bus == PLACE_EXPRESS)
            domain->needs.virtio_scsi = true;
    }
    return 0;
}
