/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libvirt_define.c - see libvirt_define.h */
#include "plan/ground/libvirt_define.h"

#include "model/machine.h"
#include "plan/ground/libvirt_adds.h"
#include "plan/ground/libvirt_buses.h"

#include <limits.h>
#include <string.h>

#define REFUSED "libvirt refuses this domain"
#define VERSIONS_DIFFER "libvirt 9.0 and later ones place what has no address differently"
#define SLOT_OF_VIDEO 0x01
#define SLOT_OF_USB 0x1d
#define SLOT_OF_SECOND_USB 0x1a
#define SLOT_OF_SOUND 0x1b
#define SLOT_OF_DMI_BRIDGE 0x1e
#define SLOT_OF_ICH9 0x1f

/*
 * What changed in libvirt so that addresses come out otherwise.  Where between two of these it
 * changed is not known here: both are then possible.
 */
enum way {
    /* 9.0: virDomainDefAddController() puts what is added behind all controllers. */
    WAY_APPENDED,
    /* 11.3: it puts it where it would be if the XML had it, by type and index. */
    WAY_INSERTED,
    /* 12.8: SCSI controllers that are added are of the model of those that are there. */
    WAY_SAME_SCSI,
    WAYS
};

static const struct {
    unsigned first, last; /* versions that are known to do it */
} ways[] = {{0, 9000000}, {11003000, 11003999}, {12008000, UINT_MAX}};

struct work {
    struct domain *domain; /* the copy that gets the addresses */
    enum way way;
    size_t *order; /* its devices as libvirt serves them */
    struct libvirt_buses *buses;
    bool refused;
};

static bool has_place(const struct address *address)
{
    return address->kind == ADDRESS_PCI;
}

static bool wants_place(const struct address *address)
{
    return address->kind == ADDRESS_NONE;
}

static void set_place(struct address *address, const struct bdf *at)
{
    *address = (struct address){ADDRESS_PCI, *at, -1};
}

/* --- devices that are not in the XML --- */

static int add_device(struct domain *domain, const char *label, struct device_place place)
{
    struct domain_device *device = vec_add(&domain->devices);

    if (!device)
        return VTOPO_ERR_NOMEM;
    device->maybe_pci = device->unasked = true;
    device->address.multifunction = -1;
    device->place = place;
    device->element = DOMAIN_NO_ELEMENT;
    device->label = strdup(label);
    return device->label ? 0 : VTOPO_ERR_NOMEM;
}

static bool has_controller(const struct domain *domain, enum controller_kind kind, unsigned number)
{
    for (size_t i = 0; i < domain->devices.count; i++) {
        const struct device_place *place = &domain->devices.items[i].place;

        if (place->group == PLACE_CONTROLLER && place->controller == kind &&
            place->number == (int)number)
            return true;
    }
    return false;
}

/* virDomainDefMaybeAddController() */
static int add_controller(struct domain *domain, const char *type, enum controller_kind kind,
                          unsigned number, enum place_bus bus)
{
    autofree char *label = mem_printf("controller %s %u", type, number);

    if (!label)
        return VTOPO_ERR_NOMEM;
    if (has_controller(domain, kind, number))
        return 0;
    return add_device(
        domain, label,
        (struct device_place){
            .group = PLACE_CONTROLLER, .bus = bus, .controller = kind, .number = (int)number});
}

static int add_pci_controller(struct domain *domain, unsigned index, enum controller_model model)
{
    struct domain_controller *c = vec_add(&domain->controllers);

    if (!c)
        return VTOPO_ERR_NOMEM;
    *c = (struct domain_controller){.index = index,
                                    .model = model,
                                    .bus_nr = -1,
                                    .node = -1,
                                    .chassis = -1,
                                    .port = -1,
                                    .hotplug = -1,
                                    .element = DOMAIN_NO_ELEMENT};
    return 0;
}

/*
 * qemuDomainDefAddDefaultDevices(): to every q35 a USB 3 controller, the chipset's SATA controller,
 * a balloon; also pcie-root, which is all that a virt gets.
 */
static int add_default_devices(struct domain *domain)
{
    const struct machine *machine = domain_machine(domain);
    int r = 0;

    if (machine->default_devices && !domain->needs.has_usb)
        r = add_controller(domain, "usb", CONTROLLER_USB, 0, PLACE_EXPRESS);
    if (!r && machine->has_chipset)
        r = add_controller(domain, "sata", CONTROLLER_SATA, 0, PLACE_CONVENTIONAL);
    if (!r && machine->default_devices && !domain->needs.has_balloon)
        r = add_device(domain, "memballoon virtio", (struct device_place){.group = PLACE_BALLOON});
    if (!r && !domain_controller_at(domain, 0))
        r = add_pci_controller(domain, 0, CTRL_PCIE_ROOT);
    return r;
}

/* virDomainDefMaybeAddHostdevSCSIcontroller(): of the SCSI controllers that hostdevs refer to, the
 * last that is there. All are made as it. */
static enum place_bus bus_of_hostdev_controllers(const struct domain *domain)
{
    enum place_bus bus = PLACE_CONVENTIONAL;
    int last = -1;

    for (size_t i = 0; i < domain->devices.count; i++) {
        const struct device_place *place = &domain->devices.items[i].place;

        if (place->group != PLACE_CONTROLLER || place->controller != CONTROLLER_SCSI ||
            (unsigned)place->number >= 32 || !(domain->needs.scsi_models & 1u << place->number) ||
            place->number <= last)
            continue;
        last = place->number;
        bus = place->bus;
    }
    return bus;
}

/* virDomainDefMaybeAddHostdevSCSIcontroller(), while the XML is parsed and so before all others. */
static int add_hostdev_controllers(struct domain *domain, enum way way)
{
    enum place_bus bus = bus_of_hostdev_controllers(domain);
    int r = 0;

    if (way == WAY_SAME_SCSI && domain->needs.virtio_scsi)
        bus = PLACE_EXPRESS;
    for (unsigned i = 0; !r && i < domain->needs.scsi_hostdevs; i++)
        r = add_controller(domain, "scsi", CONTROLLER_SCSI, i, bus);
    return r;
}

/*
 * virDomainDefAddImplicitDevices(), after them: SCSI controllers of the default model, LSI Logic,
 * which is a conventional device; SATA controllers behind the first are that, too.  Video is of a
 * conventional model as well, but for machines where it is virtio.
 */
static int add_implicit_devices(struct domain *domain, enum way way)
{
    const struct domain_needs *needs = &domain->needs;
    enum place_bus scsi = needs->virtio_scsi ? PLACE_EXPRESS : PLACE_CONVENTIONAL;
    enum place_bus video =
        domain_machine(domain)->virtio_default ? PLACE_EXPRESS : PLACE_CONVENTIONAL;
    int r = 0;

    for (unsigned i = 0; !r && i < needs->scsi; i++)
        r = add_controller(domain, "scsi", CONTROLLER_SCSI, i,
                           way == WAY_SAME_SCSI ? scsi : PLACE_CONVENTIONAL);
    for (unsigned i = 0; !r && i < needs->sata; i++)
        r = add_controller(domain, "sata", CONTROLLER_SATA, i, PLACE_CONVENTIONAL);
    for (unsigned i = 0; !r && i < 32; i++) {
        if (needs->virtio_serial & 1u << i)
            r = add_controller(domain, "virtio-serial", CONTROLLER_VIRTIO_SERIAL, i, PLACE_EXPRESS);
    }
    if (!r && needs->has_graphics && !needs->has_video)
        r = add_device(domain, "video", (struct device_place){.group = PLACE_VIDEO, .bus = video});
    return r;
}

/* --- the order --- */

struct rank {
    size_t device;
    unsigned group, kind; /* kinds of controllers in the order in which they come first */
    int number;
    bool companion;
};

static int compare_ranks(const void *a, const void *b)
{
    const struct rank *x = a, *y = b;

    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    if (x->number != y->number)
        return x->number < y->number ? -1 : 1;
    if (x->companion != y->companion)
        return x->companion ? 1 : -1;
    return (x->device > y->device) - (x->device < y->device);
}

/*
 * The groups: qemuDomainAssignDevicePCISlots(). In them the order of the XML, but for controllers
 * (virDomainControllerInsertPreAlloced(): each behind those of its type, by index, companions
 * behind their master) and disks (virDomainDiskInsert(): by the target's name); the primary video
 * is first, and hostdevs of interfaces come before the others.
 */
static bool put_in_order(struct work *w)
{
    size_t count = w->domain->devices.count;
    autofree struct rank *ranks = calloc(count + 1, sizeof(*ranks));
    unsigned kinds[CONTROLLER_KINDS] = {0}, seen = 0;
    const unsigned last = CONTROLLER_KINDS + 1;

    w->order = calloc(count + 1, sizeof(*w->order));
    if (!ranks || !w->order)
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct domain_device *device = &w->domain->devices.items[i];
        const struct device_place *place = &device->place;

        ranks[i] = (struct rank){i, place->group, 0, place->number, place->companion};
        if (place->group != PLACE_CONTROLLER)
            continue;
        if (!kinds[place->controller])
            kinds[place->controller] = ++seen;
        ranks[i].kind = kinds[place->controller];
        if (w->way == WAY_APPENDED && device->element == DOMAIN_NO_ELEMENT) {
            ranks[i].kind = last;
            ranks[i].number = 0;
        }
    }
    qsort(ranks, count, sizeof(*ranks), compare_ranks);
    for (size_t i = 0; i < count; i++)
        w->order[i] = ranks[i].device;
    return true;
}

static int compare_controllers(const void *a, const void *b)
{
    const struct domain_controller *x = a, *y = b;

    return (x->index > y->index) - (x->index < y->index);
}

static int compare_appended(const void *a, const void *b)
{
    const struct domain_controller *x = a, *y = b;
    int order = (x->element == DOMAIN_NO_ELEMENT) - (y->element == DOMAIN_NO_ELEMENT);

    return order ? order : compare_controllers(a, b);
}

static void sort_controllers(struct domain *domain, bool appended)
{
    qsort(domain->controllers.items, domain->controllers.count, sizeof(*domain->controllers.items),
          appended ? compare_appended : compare_controllers);
}

/* --- addresses that are there --- */

/* qemuDomainDeviceCalculatePCIConnectFlags() */
static unsigned wants_of(const struct domain_device *device)
{
    switch (device->place.bus) {
    case PLACE_EXPRESS:
        return CONNECT_EXPRESS | CONNECT_AUTOMATIC;
    case PLACE_CONVENTIONAL:
        return CONNECT_CONVENTIONAL | CONNECT_AUTOMATIC;
    case PLACE_INTEGRATED:
        return CONNECT_EXPRESS | CONNECT_AUTOMATIC | CONNECT_INTEGRATED;
    }
    return 0;
}

static void reserve(struct work *w, struct address *address, unsigned wants)
{
    w->refused = !libvirt_buses_reserve(w->buses, &address->at, wants) || w->refused;
}

/*
 * The order in which addresses that are there are read, virDomainDeviceInfoIterateFlags(): the
 * first one in a slot decides whether ports share it, and one beyond all buses which buses are
 * added. PCI controllers are read where PLACE_CONTROLLER stands.
 */
static const enum place_group reading_order[] = {
    PLACE_DISK,       PLACE_INTERFACE, PLACE_SOUND,  PLACE_HOSTDEV,    PLACE_VIDEO,
    PLACE_CONTROLLER, PLACE_SERIAL,    PLACE_INPUT,  PLACE_FILESYSTEM, PLACE_WATCHDOG,
    PLACE_BALLOON,    PLACE_RNG,       PLACE_SHMEM,  PLACE_PANIC,      PLACE_MEMORY,
    PLACE_IOMMU,      PLACE_VSOCK,     PLACE_CRYPTO, PLACE_PSTORE,     PLACE_NONE,
};

static void reserve_group(struct work *w, enum place_group group)
{
    for (size_t i = 0; i < w->domain->devices.count; i++) {
        struct domain_device *device = &w->domain->devices.items[w->order[i]];

        if (has_place(&device->address) && device->place.group == group)
            reserve(w, &device->address, group ? wants_of(device) : CONNECT_CONVENTIONAL);
    }
}

static void reserve_controllers(struct work *w)
{
    for (size_t i = 0; i < w->domain->controllers.count; i++) {
        struct domain_controller *c = &w->domain->controllers.items[i];

        if (has_place(&c->address))
            reserve(w, &c->address, libvirt_wants_of(c->model));
    }
}

/* qemuDomainPCIAddressSetCreate() */
static void start(struct work *w, bool dry_run, size_t count)
{
    memset(w->buses, 0, sizeof(*w->buses));
    w->buses->dry_run = dry_run;
    w->buses->count = count;
    for (size_t i = 0; i < w->domain->controllers.count; i++) {
        const struct domain_controller *c = &w->domain->controllers.items[i];

        libvirt_bus_set_model(&w->buses->at[c->index], c->model);
    }
    for (size_t i = 1; i < count; i++) {
        if (w->buses->at[i].model == CTRL_OTHER)
            libvirt_bus_set_model(&w->buses->at[i], CTRL_ROOT_PORT);
    }
    for (size_t i = 0; i < sizeof(reading_order) / sizeof(*reading_order); i++) {
        if (reading_order[i] == PLACE_CONTROLLER)
            reserve_controllers(w);
        reserve_group(w, reading_order[i]);
    }
}

/* --- the fixed places of a q35: qemuDomainValidateDevicePCISlotsQ35(); a virt has none --- */

/* These places are written also in the dry run. */
static void fix_place(struct work *w, struct address *address, unsigned slot)
{
    set_place(address, &(struct bdf){.slot = (uint8_t)slot});
    reserve(w, address, CONNECT_EXPRESS);
}

static void choose(struct work *w, struct address *address, unsigned wants, int function)
{
    struct bdf at;

    if (!libvirt_buses_choose(w->buses, wants, function, &at))
        w->refused = true;
    else if (!w->buses->dry_run)
        set_place(address, &at);
}

static void fix_usb(struct work *w, struct domain_device *device)
{
    if (!libvirt_slot_in_use(w->buses, SLOT_OF_USB))
        fix_place(w, &device->address, SLOT_OF_USB);
    else if (!libvirt_slot_in_use(w->buses, SLOT_OF_SECOND_USB))
        fix_place(w, &device->address, SLOT_OF_SECOND_USB);
    else
        return;
    device->address.multifunction = 1;
}

static void fix_controllers(struct work *w)
{
    for (size_t i = 0; i < w->domain->devices.count; i++) {
        struct domain_device *device = &w->domain->devices.items[w->order[i]];
        const struct device_place *place = &device->place;

        if (place->group != PLACE_CONTROLLER || !wants_place(&device->address))
            continue;
        if (place->controller == CONTROLLER_SATA && !place->number)
            /* Not reserved: the slot is in use by the ISA bridge below. */
            set_place(&device->address, &(struct bdf){.slot = SLOT_OF_ICH9, .function = 2});
        if (place->usb2 && !place->function)
            fix_usb(w, device);
    }
    for (size_t i = 0; i < w->domain->controllers.count; i++) {
        struct domain_controller *c = &w->domain->controllers.items[i];

        if (c->model == CTRL_DMI_TO_PCI && wants_place(&c->address) &&
            !libvirt_slot_in_use(w->buses, SLOT_OF_DMI_BRIDGE))
            fix_place(w, &c->address, SLOT_OF_DMI_BRIDGE);
    }
}

/* The ISA bridge and the SMBus are always there. */
static void reserve_chipset(struct work *w)
{
    struct bdf isa = {.slot = SLOT_OF_ICH9}, smbus = {.slot = SLOT_OF_ICH9, .function = 3};

    w->refused = !libvirt_buses_reserve(w->buses, &isa, CONNECT_EXPRESS) ||
                 !libvirt_buses_reserve(w->buses, &smbus, CONNECT_EXPRESS) || w->refused;
}

static void fix_video(struct work *w, struct domain_device *device)
{
    if (!wants_place(&device->address))
        return;
    if (libvirt_slot_in_use(w->buses, SLOT_OF_VIDEO))
        choose(w, &device->address, wants_of(device), -1);
    else
        fix_place(w, &device->address, SLOT_OF_VIDEO);
}

static struct domain_device *first_of(struct work *w, enum place_group group)
{
    for (size_t i = 0; i < w->domain->devices.count; i++) {
        struct domain_device *device = &w->domain->devices.items[w->order[i]];

        if (device->place.group == group)
            return device;
    }
    return NULL;
}

static void fix_sound(struct work *w)
{
    if (libvirt_slot_in_use(w->buses, SLOT_OF_SOUND))
        return;
    for (size_t i = 0; i < w->domain->devices.count; i++) {
        struct domain_device *device = &w->domain->devices.items[w->order[i]];

        if (!device->place.ich9_sound || !wants_place(&device->address))
            continue;
        fix_place(w, &device->address, SLOT_OF_SOUND);
        return;
    }
}

static void fix_places(struct work *w)
{
    struct domain_device *video = first_of(w, PLACE_VIDEO);

    if (!domain_machine(w->domain)->has_chipset)
        return;
    fix_controllers(w);
    reserve_chipset(w);
    if (video)
        fix_video(w, video);
    fix_sound(w);
}

/* --- all others: qemuDomainAssignDevicePCISlots() --- */

/* The slot of another part of the same USB 2 controller. */
static const struct address *usb2_slot(const struct work *w, const struct device_place *place)
{
    for (size_t i = 0; i < w->domain->devices.count; i++) {
        const struct domain_device *other = &w->domain->devices.items[w->order[i]];

        if (other->place.usb2 && other->place.number == place->number && has_place(&other->address))
            return &other->address;
    }
    return NULL;
}

static void choose_usb2(struct work *w, struct domain_device *device)
{
    const struct address *slot = usb2_slot(w, &device->place);
    struct address address;

    if (!slot) {
        choose(w, &device->address, wants_of(device), (int)device->place.function);
    } else {
        address = (struct address){ADDRESS_PCI, slot->at, -1};
        address.at.function = (uint8_t)device->place.function;
        reserve(w, &address, wants_of(device));
        device->address = address;
    }
    if (has_place(&device->address) && !device->place.function)
        device->address.multifunction = 1;
}

static void choose_all(struct work *w)
{
    for (size_t i = 0; i < w->domain->controllers.count; i++) {
        struct domain_controller *c = &w->domain->controllers.items[i];

        if (c->index && wants_place(&c->address))
            choose(w, &c->address, libvirt_wants_of(c->model), -1);
    }
    for (size_t i = 0; i < w->domain->devices.count; i++) {
        struct domain_device *device = &w->domain->devices.items[w->order[i]];

        if (!device->maybe_pci || !device->place.group || !wants_place(&device->address))
            continue;
        if (device->place.usb2)
            choose_usb2(w, device);
        else
            choose(w, &device->address, wants_of(device), -1);
    }
}

/* --- the two passes: qemuDomainAssignPCIAddresses() --- */

/* The buses of the dry run that no controller makes yet. Their own places may need more buses. */
static int add_missing_controllers(struct work *w)
{
    bool there[LIBVIRT_BUSES] = {false};
    int r = 0;

    for (size_t i = 0; i < w->domain->controllers.count; i++)
        there[w->domain->controllers.items[i].index] = true;
    for (unsigned i = 1; !r && !w->refused && i < w->buses->count; i++) {
        struct address place = {0};

        if (there[i])
            continue;
        r = add_pci_controller(w->domain, i, w->buses->at[i].model);
        if (!r)
            choose(w, &place, libvirt_wants_of(w->buses->at[i].model), -1);
    }
    sort_controllers(w->domain, w->way == WAY_APPENDED);
    return r;
}

static unsigned highest_index(const struct domain *domain)
{
    unsigned highest = 0;

    for (size_t i = 0; i < domain->controllers.count; i++) {
        if (domain->controllers.items[i].index > highest)
            highest = domain->controllers.items[i].index;
    }
    return highest;
}

/* How many buses, and so controllers, are needed. */
static int dry_run(struct work *w)
{
    unsigned highest = highest_index(w->domain);
    struct address spare = {0};

    start(w, true, highest + 1u);
    fix_places(w);
    choose_all(w);
    /* A port is kept free in a domain that had no controller and got one. */
    if (!highest && w->buses->count > 1)
        choose(w, &spare, CONNECT_EXPRESS | CONNECT_AUTOMATIC, -1);
    return add_missing_controllers(w);
}

/* --- numbers that libvirt fills in --- */

static void set_numbers(struct work *w, struct domain_controller *c)
{
    const struct bdf *at = &c->address.at;

    if (c->model == CTRL_ROOT_PORT || c->model == CTRL_DOWNSTREAM) {
        if (c->chassis < 0)
            c->chassis = (int)c->index;
        if (c->port < 0)
            c->port = c->model == CTRL_ROOT_PORT ? at->slot * 8 + at->function : at->slot;
    }
    if (model_is_expander(c->model) && c->bus_nr < 0) {
        c->bus_nr = libvirt_bus_number(libvirt_lowest_bus_number(w->domain));
        w->refused = c->bus_nr < 1 || w->refused;
    }
}

/* virDomainPCIAddressSetAllMulti() */
static void set_multifunction(const struct work *w, struct address *address)
{
    if (has_place(address) && !address->at.function && address->multifunction < 0 &&
        w->buses->at[address->at.bus].functions[address->at.slot] & ~1u)
        address->multifunction = 1;
}

static void finish(struct work *w)
{
    for (size_t i = 0; i < w->domain->controllers.count; i++) {
        set_numbers(w, &w->domain->controllers.items[i]);
        set_multifunction(w, &w->domain->controllers.items[i].address);
    }
    for (size_t i = 0; i < w->domain->devices.count; i++)
        set_multifunction(w, &w->domain->devices.items[i].address);
}

/* --- all --- */

/*
 * Of a machine whose devices are virtio by default: the model of SCSI controllers depends on
 * libvirt and on what QEMU was built with, and where one device is on virtio-mmio, libvirt puts all
 * there that have no address (qemuDomainAssignVirtioMMIOAddresses()).
 */
static const char *unknown_default(const struct domain *domain)
{
    const struct domain_needs *needs = &domain->needs;
    size_t controllers = 0;
    bool lacks = false, mmio = false, scsi = needs->scsi_hostdevs;

    for (size_t i = 0; i < domain->devices.count; i++) {
        const struct domain_device *d = &domain->devices.items[i];
        bool is_scsi = d->place.group == PLACE_CONTROLLER && d->place.controller == CONTROLLER_SCSI;

        if (!d->maybe_pci)
            continue;
        lacks = lacks || wants_place(&d->address);
        mmio = mmio || d->address.kind == ADDRESS_OTHER;
        controllers += is_scsi && (unsigned)d->place.number < needs->scsi;
        scsi = scsi || (is_scsi && d->place.bus == PLACE_CONVENTIONAL && wants_place(&d->address));
    }
    if (scsi || controllers < needs->scsi)
        return "the model of a SCSI controller is left to libvirt";
    return lacks && mmio ? "devices are on virtio-mmio" : NULL;
}

static const char *unknown_in_advance(const struct domain *domain)
{
    if (!domain_machine(domain)->foretold)
        return "the machine is neither q35 nor virt";
    if (domain_machine(domain)->virtio_default && unknown_default(domain))
        return unknown_default(domain);
    for (size_t i = 0; i < domain->devices.count; i++) {
        const struct domain_device *d = &domain->devices.items[i];

        if (d->place.not_in_all && wants_place(&d->address))
            return VERSIONS_DIFFER;
    }
    for (size_t i = 0; i < domain->controllers.count; i++) {
        if (domain->controllers.items[i].model == CTRL_OTHER)
            return "a controller is of an unknown model";
    }
    return NULL;
}

static int define(struct work *w)
{
    int r = add_hostdev_controllers(w->domain, w->way);

    if (!r)
        r = add_default_devices(w->domain);
    if (!r)
        r = add_implicit_devices(w->domain, w->way);
    if (!r && !put_in_order(w))
        r = VTOPO_ERR_NOMEM;
    if (r)
        return r;
    sort_controllers(w->domain, false);
    r = dry_run(w);
    if (r || w->refused)
        return r;
    start(w, false, highest_index(w->domain) + 1u);
    fix_places(w);
    choose_all(w);
    finish(w);
    sort_controllers(w->domain, false);
    w->domain->needs.has_usb = w->domain->needs.has_balloon = true;
    w->domain->needs.has_video |= w->domain->needs.has_graphics;
    return 0;
}

static int define_as(const struct domain *domain, enum way way, struct domain *ret_defined,
                     bool *ret_refused)
{
    struct work w = {.domain = ret_defined, .way = way};
    int r;

    if (!domain_copy(domain, ret_defined))
        return VTOPO_ERR_NOMEM;
    w.buses = malloc(sizeof(*w.buses));
    r = w.buses ? define(&w) : VTOPO_ERR_NOMEM;
    free(w.buses);
    free(w.order);
    *ret_refused = w.refused;
    return r;
}

/* Both were made from one domain. */
static bool have_same_addresses(const struct domain *a, const struct domain *b)
{
    bool same = a->controllers.count == b->controllers.count;

    for (size_t i = 0; same && i < a->controllers.count; i++)
        same = a->controllers.items[i].model == b->controllers.items[i].model &&
               a->controllers.items[i].bus_nr == b->controllers.items[i].bus_nr &&
               bdf_equal(&a->controllers.items[i].address.at, &b->controllers.items[i].address.at);
    for (size_t i = 0; same && i < a->devices.count; i++)
        same = bdf_equal(&a->devices.items[i].address.at, &b->devices.items[i].address.at);
    return same;
}

/* May libvirt of this version do it this way? */
static bool is_possible(unsigned version, enum way way)
{
    return !version || ((!way || version > ways[way - 1].last) &&
                        (way + 1 == WAYS || version < ways[way + 1].first));
}

size_t libvirt_versions(unsigned version, unsigned ret_versions[LIBVIRT_VERSIONS])
{
    size_t count = 0;

    _Static_assert(LIBVIRT_VERSIONS == WAYS, "one for each");
    for (enum way way = 0; way < WAYS; way++) {
        if (is_possible(version, way))
            ret_versions[count++] = ways[way].first ? ways[way].first : ways[way].last;
    }
    return count;
}

int libvirt_define(const struct domain *domain, unsigned version, struct domain *ret_defined,
                   const char **ret_unknown, struct vtopo_error **reterr)
{
    bool first = true, refused = false;
    int r = 0;

    *ret_defined = (struct domain){0};
    *ret_unknown = unknown_in_advance(domain);
    for (enum way way = 0; !r && !*ret_unknown && way < WAYS; way++) {
        struct domain defined = {0};
        bool this_refused = false;

        if (!is_possible(version, way))
            continue;
        r = define_as(domain, way, first ? ret_defined : &defined, &this_refused);
        if (!first && (refused != this_refused ||
                       (!r && !refused && !have_same_addresses(ret_defined, &defined))))
            *ret_unknown = VERSIONS_DIFFER;
        refused = this_refused;
        first = false;
        domain_clear(&defined);
    }
    if (!*ret_unknown && refused)
        *ret_unknown = REFUSED;
    if (r || *ret_unknown)
        domain_clear(ret_defined);
    return r ? error_nomem(reterr) : 0;
}
