/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * device_kinds.c - which elements of <devices> are PCI devices, and what they are called
 *
 * Takes:  an element of <devices> that stands for no host device.
 * Gives:  whether and where libvirt would place it on a PCI bus, whether QEMU gives it an I/O BAR,
 *         a label.
 * Rule:   PCI or not: libvirt 9.0, qemuDomainDeviceCalculatePCIConnectFlags(), and the kinds that
 *         later releases added. I/O BARs: the PCI_BASE_ADDRESS_SPACE_IO registrations in QEMU's
 *         hw/.
 */
#include "domxml/device_kinds.h"

#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

/* Where an element says what variant of its kind it is. */
enum variant {
    MODEL_ATTRIBUTE, /* <rng model='virtio'> */
    MODEL_TYPE,      /* <video><model type='qxl'/> */
    TARGET_TYPE,     /* <serial><target type='pci-serial'/> */
    BUS_ATTRIBUTE,   /* <input bus='virtio'> */
};

enum answer {
    NEVER,
    ALWAYS,
    EXCEPT, /* not when the variant is listed */
    ONLY,   /* only when the variant is listed */
};

struct kind {
    const char *element;
    const char *type; /* of a <controller>; NULL: any */
    enum variant variant;
    enum answer pci;
    const char *listed; /* variants, a blank before and behind each */
    const char *io;     /* variants with an I/O BAR; "absent" stands for none given, "*" for all */
    bool legacy;        /* "virtio" or none given is a transitional device on a conventional bus */
    enum place_group group;
    const char *express; /* variants that libvirt puts on PCIe; the others are conventional; "*" */
};

/* virtio devices are PCIe ones, but for transitional ones. */
#define VIRTIO " absent virtio virtio-non-transitional "

static const struct kind kinds[] = {
    {"disk", NULL, MODEL_ATTRIBUTE, ALWAYS, NULL, " virtio-transitional ", true, PLACE_DISK,
     VIRTIO},
    {"interface", NULL, MODEL_TYPE, EXCEPT, " usb-net ",
     " absent e1000 e1000e igb rtl8139 ne2k_pci pcnet tulip i82550 i82551 i82557a i82557b i82557c "
     "i82558a i82558b i82559a i82559b i82559c i82559er i82562 i82801 82540EM 82545EM 82543GC "
     "Am79C970A Am79C973 vlance virtio-transitional ",
     true, PLACE_INTERFACE, " virtio virtio-non-transitional e1000e igb "},
    {"controller", "usb", MODEL_ATTRIBUTE, EXCEPT, " none qusb1 qusb2 ",
     " absent piix3-uhci piix4-uhci ich9-uhci1 ich9-uhci2 ich9-uhci3 vt82c686b-uhci ", false,
     PLACE_CONTROLLER, " qemu-xhci nec-xhci "},
    {"controller", "scsi", MODEL_ATTRIBUTE, EXCEPT, " ncr53c90 ",
     " absent auto lsilogic lsisas1068 lsisas1078 dc390 am53c974 virtio-transitional ", true,
     PLACE_CONTROLLER, " virtio-scsi virtio-non-transitional "},
    {"controller", "sata", MODEL_ATTRIBUTE, ALWAYS, NULL, "*", false, PLACE_CONTROLLER, NULL},
    {"controller", "ide", MODEL_ATTRIBUTE, ALWAYS, NULL, "*", false, PLACE_CONTROLLER, NULL},
    {"controller", "virtio-serial", MODEL_ATTRIBUTE, ALWAYS, NULL, " virtio-transitional ", true,
     PLACE_CONTROLLER, VIRTIO},
    {"controller", "nvme", MODEL_ATTRIBUTE, ALWAYS, NULL, NULL, false, PLACE_CONTROLLER, "*"},
    {"filesystem", NULL, MODEL_ATTRIBUTE, ALWAYS, NULL, " virtio-transitional ", true,
     PLACE_FILESYSTEM, VIRTIO},
    {"sound", NULL, MODEL_ATTRIBUTE, EXCEPT, " sb16 pcspk usb ", " ac97 es1370 ", false,
     PLACE_SOUND, " virtio "},
    {"hostdev", NULL, MODEL_ATTRIBUTE, ALWAYS, NULL, " virtio-transitional ", true, PLACE_HOSTDEV,
     VIRTIO},
    {"memballoon", NULL, MODEL_ATTRIBUTE, EXCEPT, " none xen ", " virtio-transitional ", true,
     PLACE_BALLOON, VIRTIO},
    {"rng", NULL, MODEL_ATTRIBUTE, ALWAYS, NULL, " virtio-transitional ", true, PLACE_RNG, VIRTIO},
    {"watchdog", NULL, MODEL_ATTRIBUTE, ONLY, " i6300esb ", NULL, false, PLACE_WATCHDOG, NULL},
    {"video", NULL, MODEL_TYPE, EXCEPT, " none ramfb gop ", " qxl vmvga ", false, PLACE_VIDEO,
     " virtio bochs "},
    {"shmem", NULL, MODEL_ATTRIBUTE, ALWAYS, NULL, NULL, false, PLACE_SHMEM, NULL},
    {"input", NULL, BUS_ATTRIBUTE, ONLY, " virtio ", NULL, false, PLACE_INPUT, VIRTIO},
    {"serial", NULL, TARGET_TYPE, ONLY, " pci-serial ", "*", false, PLACE_SERIAL, NULL},
    {"iommu", NULL, MODEL_ATTRIBUTE, ONLY, " virtio amd ", NULL, false, PLACE_IOMMU, "*"},
    {"vsock", NULL, MODEL_ATTRIBUTE, ALWAYS, NULL, " virtio-transitional ", false, PLACE_VSOCK,
     VIRTIO},
    {"memory", NULL, MODEL_ATTRIBUTE, ONLY, " virtio-mem virtio-pmem ", NULL, false, PLACE_MEMORY,
     "*"},
    {"crypto", NULL, MODEL_ATTRIBUTE, ALWAYS, NULL, NULL, false, PLACE_CRYPTO, NULL},
    {"panic", NULL, MODEL_ATTRIBUTE, ONLY, " pvpanic ", NULL, false, PLACE_PANIC, NULL},
    {"pstore", NULL, MODEL_ATTRIBUTE, ALWAYS, NULL, NULL, false, PLACE_PSTORE, NULL},
};

static const struct kind *kind_of(const struct node *node)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        if (node_is(node, kinds[i].element) &&
            (!kinds[i].type || node_attribute_is(node, "type", kinds[i].type)))
            return &kinds[i];
    }
    return NULL;
}

/* What libvirt takes where no model is named; NULL: what the machine has otherwise. */
static const char *default_variant(const struct kind *kind, const struct machine *machine)
{
    if (!machine->virtio_default)
        return NULL;
    if (kind->group == PLACE_INTERFACE || kind->group == PLACE_VIDEO)
        return "virtio";
    return kind->type && !strcmp(kind->type, "usb") ? "qemu-xhci" : NULL;
}

static const char *named_variant(const struct node *node, const struct kind *kind)
{
    switch (kind->variant) {
    case MODEL_ATTRIBUTE:
        return node_attribute(node, "model");
    case MODEL_TYPE:
        return node_child_attribute(node, "model", "type");
    case TARGET_TYPE:
        return node_child_attribute(node, "target", "type");
    case BUS_ATTRIBUTE:
        return node_attribute(node, "bus");
    }
    return NULL;
}

static const char *variant_of(const struct node *node, const struct kind *kind,
                              const struct machine *machine)
{
    const char *variant = named_variant(node, kind);

    return variant ? variant : default_variant(kind, machine);
}

/* Is @word in @list, whose words have blanks around them? */
static bool is_listed(const char *list, const char *word)
{
    size_t length = word ? strlen(word) : 0;

    if (!list || !length || strchr(word, ' '))
        return false;
    for (const char *at = list; (at = strstr(at, word)); at++) {
        if (at > list && at[-1] == ' ' && at[length] == ' ')
            return true;
    }
    return false;
}

const char *kind_disk_bus(const struct node *disk)
{
    const struct node *target = node_child(disk, "target");
    const char *bus = node_attribute(target, "bus");
    const char *name = node_attribute(target, "dev");

    if (bus)
        return bus;
    return name && strncmp(name, "vd", 2) == 0 ? "virtio" : "";
}

bool kind_maybe_pci(const struct node *node, const struct machine *machine)
{
    const struct kind *kind = kind_of(node);
    bool listed = kind && is_listed(kind->listed, variant_of(node, kind, machine));

    if (!kind)
        return false;
    if (node_is(node, "disk"))
        return strcmp(kind_disk_bus(node), "virtio") == 0;
    if (node_is(node, "hostdev")) /* of the ones that are no assigned devices */
        return node_attribute_is(node, "type", "scsi_host");
    switch (kind->pci) {
    case ALWAYS:
        return true;
    case EXCEPT:
        return !listed;
    case ONLY:
        return listed;
    case NEVER:
        break;
    }
    return false;
}

bool kind_is_unasked(const struct node *node)
{
    static const char *const controllers[] = {"usb", "sata", "virtio-serial", "scsi"};

    for (size_t i = 0; i < sizeof(controllers) / sizeof(*controllers); i++) {
        if (node_is(node, "controller") && node_attribute_is(node, "type", controllers[i]))
            return true;
    }
    return node_is(node, "memballoon") || node_is(node, "video") ||
           (node_is(node, "sound") && node_attribute_is(node, "model", "ich9"));
}

bool kind_is_virtio(const struct node *node, const struct machine *machine)
{
    const struct kind *kind = kind_of(node);
    const char *variant = kind ? variant_of(node, kind, machine) : NULL;

    if (!kind || !kind_maybe_pci(node, machine))
        return false;
    if (node_is(node, "filesystem") || node_is(node, "vsock") || node_is(node, "memory"))
        return true;
    if (node_is(node, "disk") || node_is(node, "hostdev"))
        return true; /* those that may be PCI devices are */
    return variant ? strncmp(variant, "virtio", strlen("virtio")) == 0
                   : node_is(node, "memballoon") || node_is(node, "rng") ||
                         (node_is(node, "controller") &&
                          node_attribute_is(node, "type", "virtio-serial"));
}

bool kind_has_io_bar(const struct node *node, const struct machine *machine, bool conventional)
{
    const struct kind *kind = kind_of(node);
    const char *variant = kind ? variant_of(node, kind, machine) : NULL;

    if (!kind || !kind->io)
        return false;
    if (strcmp(kind->io, "*") == 0 || is_listed(kind->io, variant ? variant : "absent"))
        return true;
    if (!conventional || !kind->legacy)
        return false;
    /* virtiofs is a virtio 1.0 device everywhere. */
    if (node_attribute_is(node_child(node, "driver"), "type", "virtiofs"))
        return false;
    return !variant || strcmp(variant, "virtio") == 0 || strcmp(variant, "virtio-scsi") == 0;
}

/* --- where libvirt puts it --- */

int kind_disk_number(const char *target)
{
    static const char *const prefixes[] = {"fd", "hd", "vd", "sd", "xvd", "ubd"};
    int number = -1;

    for (size_t i = 0; target && i < sizeof(prefixes) / sizeof(*prefixes); i++) {
        size_t length = strlen(prefixes[i]);

        if (strncmp(target, prefixes[i], length) != 0)
            continue;
        for (const char *at = target + length; *at >= 'a' && *at <= 'z' && number < 0xffff; at++)
            number = (number + 1) * 26 + (*at - 'a');
        return number;
    }
    return -1;
}

static enum controller_kind kind_of_controller(const char *type)
{
    static const struct {
        const char *type;
        enum controller_kind kind;
    } kinds_of_controllers[] = {
        {"usb", CONTROLLER_USB},   {"sata", CONTROLLER_SATA},
        {"scsi", CONTROLLER_SCSI}, {"virtio-serial", CONTROLLER_VIRTIO_SERIAL},
        {"ide", CONTROLLER_IDE},
    };

    for (size_t i = 0; type && i < sizeof(kinds_of_controllers) / sizeof(*kinds_of_controllers);
         i++) {
        if (strcmp(type, kinds_of_controllers[i].type) == 0)
            return kinds_of_controllers[i].kind;
    }
    return CONTROLLER_OTHER;
}

/* IS_USB2_CONTROLLER() of libvirt, and the functions that qemuDomainAssignDevicePCISlots() gives
 * them. */
static void set_usb2(const struct node *node, struct device_place *place)
{
    static const struct {
        const char *model;
        unsigned function;
    } parts[] = {{"ich9-uhci1", 0}, {"ich9-uhci2", 1}, {"ich9-uhci3", 2}, {"ich9-ehci1", 7}};

    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
        if (!node_attribute_is(node, "model", parts[i].model))
            continue;
        place->usb2 = true;
        place->function = parts[i].function;
        place->companion = node_child(node, "master") != NULL;
    }
}

static void set_controller(const struct node *node, struct device_place *place)
{
    uint64_t index;

    place->controller = kind_of_controller(node_attribute(node, "type"));
    place->number = -1;
    if (node_attribute(node, "index") &&
        libvirt_number(node_attribute(node, "index"), 10, 0xffff, &index))
        place->number = (int)index;
    set_usb2(node, place);
}

static bool is_express(const struct node *node, const struct kind *kind,
                       const struct machine *machine)
{
    const char *variant = variant_of(node, kind, machine);

    if (node_attribute_is(node, "model", "virtio-transitional"))
        return false;
    return kind->express && (strcmp(kind->express, "*") == 0 ||
                             is_listed(kind->express, variant ? variant : "absent"));
}

struct device_place kind_place(const struct node *node, const struct machine *machine,
                               enum device_kind assigned)
{
    const struct kind *kind = kind_of(node);
    struct device_place place = {0};

    if (!kind)
        return place;
    place.group = kind->group;
    place.bus = is_express(node, kind, machine) ? PLACE_EXPRESS : PLACE_CONVENTIONAL;
    if (kind->group == PLACE_CONTROLLER)
        set_controller(node, &place);
    if (kind->group == PLACE_DISK)
        place.number = kind_disk_number(node_child_attribute(node, "target", "dev"));
    if (kind->group == PLACE_VIDEO)
        place.number = !node_attribute_is(node_child(node, "model"), "primary", "yes");
    if (kind->group == PLACE_IOMMU || kind->group == PLACE_PANIC)
        place.bus = PLACE_INTEGRATED;
    place.ich9_sound = kind->group == PLACE_SOUND && node_attribute_is(node, "model", "ich9");
    place.not_in_all = kind->group >= PLACE_CRYPTO;
    if (assigned == DEVICE_HOSTDEV_PCI || assigned == DEVICE_HOSTDEV_MDEV ||
        assigned == DEVICE_INTERFACE_HOSTDEV) {
        /* Interfaces are parsed first; a function that is not there counts as PCIe. */
        place = (struct device_place){.group = PLACE_HOSTDEV,
                                      .number = assigned != DEVICE_INTERFACE_HOSTDEV};
    }
    if (assigned == DEVICE_INTERFACE_VDPA && !node_child_attribute(node, "model", "type"))
        place.bus = PLACE_EXPRESS;
    return place;
}

#define LABEL_PART 64 /* bytes of a name that somebody else chose */

char *kind_label_of(const char *what, const char *which)
{
    size_t before = strlen(what), length = which ? utf8_cut(which, LABEL_PART) : 0;
    char *label = malloc(before + 1 + length + 1), *end = label;

    if (!label)
        return NULL;
    end = mempcpy(end, what, before);
    if (length) {
        *end++ = ' ';
        end = mempcpy(end, which, length);
    }
    *end = '\0';
    for (char *at = label; *at; at++) {
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            *at = '?';
    }
    return label;
}

static const char *first_of(const char *a, const char *b)
{
    return a && *a ? a : b;
}

char *kind_label(const struct node *node)
{
    const char *name = node->name;
    autofree char *which = NULL;

    if (node_is(node, "disk"))
        return kind_label_of(name, node_child_attribute(node, "target", "dev"));
    if (node_is(node, "interface"))
        return kind_label_of(name, first_of(node_child_attribute(node, "mac", "address"),
                                            node_child_attribute(node, "target", "dev")));
    if (node_is(node, "filesystem"))
        return kind_label_of(name, node_child_attribute(node, "target", "dir"));
    if (node_is(node, "shmem"))
        return kind_label_of(name, node_attribute(node, "name"));
    if (!node_is(node, "controller"))
        return kind_label_of(name, first_of(node_attribute(node, "model"),
                                            node_child_attribute(node, "model", "type")));
    which = mem_printf("%.16s %.8s", first_of(node_attribute(node, "type"), "?"),
                       first_of(node_attribute(node, "index"), "?"));
    return which ? kind_label_of(name, which) : NULL;
}
