/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parse_devices.c - what hangs on a PCI bus, PCI controllers excepted
 *
 * Takes:  <devices>.
 * Gives:  domain.devices in document order: assigned devices with their host side, the others that
 *         have or may get a PCI address.
 * Rule:   an entry that needs a host device and does not name it, or one that is there twice, is an
 *         error.
 * Not here: which kinds are PCI devices (device_kinds.c).
 */
#include "domxml/parse.h"

#include "base/error.h"
#include "domxml/device_kinds.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>

/* Of the first <source>, as libvirt does. */
static const struct node *source_address(const struct node *node)
{
    return node_child(node_child(node, "source"), "address");
}

/* Sets kind, host address and label. */
static int parse_pci_source(const struct reader *reader, const struct node *node,
                            enum device_kind kind, struct domain_device *device)
{
    const struct node *address = source_address(node);
    int r;

    if (!address)
        return reader_refuse(reader, node, "has no <source> with an <address> of a host device");
    r = parse_host_address(reader, address, &device->source);
    if (r)
        return r;
    device->kind = kind;
    if (kind == DEVICE_DISK_NVME)
        return 0;
    device->label = kind_label_of(node->name, BDF_TEXT(&device->source));
    return device->label ? 0 : error_nomem(reader->reterr);
}

/*
 * libvirt takes blanks and dashes anywhere between the 16 bytes; the kernel's names have the
 * usual form.
 */
static bool normalise_uuid(const char *text, char uuid[37])
{
    size_t digits = 0, used = 0;

    while (isspace((unsigned char)*text))
        text++;
    for (; *text && digits < 32; text++) {
        if (digits % 2 == 0 && (*text == '-' || *text == ' '))
            continue;
        if (!isxdigit((unsigned char)*text))
            return false;
        if (digits == 8 || digits == 12 || digits == 16 || digits == 20)
            uuid[used++] = '-';
        uuid[used++] = (char)tolower((unsigned char)*text);
        digits++;
        if (digits == 32)
            uuid[used] = '\0';
    }
    while (isspace((unsigned char)*text))
        text++;
    return digits == 32 && !*text;
}

static int parse_mdev(const struct reader *reader, const struct node *node,
                      struct domain_device *device)
{
    const struct node *address = source_address(node);
    const char *text = node_attribute(address, "uuid");
    char uuid[37];

    if (!text)
        return reader_refuse(reader, node, "has no <source> with an <address uuid=...>");
    if (!normalise_uuid(text, uuid))
        return reader_refuse(reader, address, "uuid='%s' is not a UUID", CLIP(text));
    device->kind = DEVICE_HOSTDEV_MDEV;
    device->label = kind_label_of("hostdev", uuid);
    return device->label ? reader_copy(reader, uuid, &device->source_id)
                         : error_nomem(reader->reterr);
}

static int parse_hostdev(const struct reader *reader, const struct node *node,
                         struct domain_device *device)
{
    const char *mode = node_attribute(node, "mode");

    if (mode && strcmp(mode, "subsystem") != 0)
        return 0;
    if (node_attribute_is(node, "type", "pci"))
        return parse_pci_source(reader, node, DEVICE_HOSTDEV_PCI, device);
    if (node_attribute_is(node, "type", "mdev") && node_attribute_is(node, "model", "vfio-pci"))
        return parse_mdev(reader, node, device);
    return 0;
}

/* An interface that the host names by a text: a character device, a network. */
static int parse_named_source(const struct reader *reader, const struct node *node,
                              enum device_kind kind, const char *attribute,
                              struct domain_device *device)
{
    const char *text = node_child_attribute(node, "source", attribute);

    if (!text)
        return reader_refuse(reader, node, "has no <source %s=...>", attribute);
    device->kind = kind;
    return reader_copy(reader, text, &device->source_id);
}

static int parse_interface(const struct reader *reader, const struct node *node,
                           struct domain_device *device)
{
    const char *type = node_attribute(node, "type");

    if (!type)
        return 0;
    if (strcmp(type, "vdpa") == 0)
        return parse_named_source(reader, node, DEVICE_INTERFACE_VDPA, "dev", device);
    if (strcmp(type, "network") == 0)
        return parse_named_source(reader, node, DEVICE_INTERFACE_NETWORK, "network", device);
    if (strcmp(type, "hostdev") != 0)
        return 0;
    /* Of a hostdev's source address the type is known; here libvirt wants to read it. */
    type = node_attribute(source_address(node), "type");
    if (type && strcmp(type, "pci") != 0)
        return 0; /* USB */
    if (source_address(node) && !type)
        return reader_refuse(reader, source_address(node),
                             "has no type: that of a host device is 'pci'");
    return parse_pci_source(reader, node, DEVICE_INTERFACE_HOSTDEV, device);
}

static int parse_disk(const struct reader *reader, const struct node *node,
                      struct domain_device *device)
{
    const struct node *source = node_child(node, "source");
    uint64_t namespace = UINT64_MAX;
    int r;

    if (!node_attribute_is(node, "type", "nvme") || strcmp(kind_disk_bus(node), "virtio") != 0)
        return 0;
    if (!source)
        return reader_refuse(reader, node, "has no <source>");
    r = node_number(reader, source, "namespace", 10, UINT_MAX, &namespace);
    if (r)
        return r;
    if (namespace == UINT64_MAX)
        return reader_refuse(reader, source, "has no namespace");
    device->nvme_namespace = (unsigned)namespace;
    return parse_pci_source(reader, node, DEVICE_DISK_NVME, device);
}

/* Sets the kind and what belongs to it; leaves DEVICE_OTHER alone. */
static int parse_kind(const struct reader *reader, const struct node *node,
                      struct domain_device *device)
{
    if (node_is(node, "hostdev"))
        return parse_hostdev(reader, node, device);
    if (node_is(node, "interface"))
        return parse_interface(reader, node, device);
    if (node_is(node, "disk"))
        return parse_disk(reader, node, device);
    return 0;
}

static bool on_conventional_bus(const struct domain_controller *const controllers[DOMAIN_INDEXES],
                                const struct address *address)
{
    const struct domain_controller *bus =
        address->kind == ADDRESS_PCI ? controllers[address->at.bus] : NULL;

    return bus && (bus->model == CTRL_PCIE_TO_PCI || bus->model == CTRL_PCI_BRIDGE ||
                   bus->model == CTRL_DMI_TO_PCI);
}

/* What is no list names no cell. */
static int parse_acpi(const struct reader *reader, const struct node *node,
                      struct domain_device *device)
{
    const char *nodes = node_child_attribute(node, "acpi", "nodeset");
    struct idset cells = {0};
    enum idset_result result;

    if (device->kind != DEVICE_HOSTDEV_PCI)
        return 0;
    device->acpi = node_child(node, "acpi");
    device->acpi_nodes = nodes;
    result = nodes ? idset_parse(nodes, &cells) : IDSET_OK;
    for (size_t cell = idset_next(&cells, 0); cell < IDSET_LIMIT;
         cell = idset_next(&cells, cell + 1))
        device->acpi_most = (unsigned)cell;
    idset_free(&cells);
    return result == IDSET_NOMEM ? error_nomem(reader->reterr) : 0;
}

static int parse_rest(const struct reader *reader,
                      const struct domain_controller *const controllers[DOMAIN_INDEXES],
                      const struct node *node, struct domain_device *device)
{
    const struct machine *machine = domain_machine(&reader->domain->model);
    int r = parse_acpi(reader, node, device);

    if (r)
        return r;
    if (node_attribute_is(node_child(node, "driver"), "iommufd", "yes"))
        reader->domain->model.iommufd = device->iommufd = true;
    else if (reader->domain->model.iommufd_for_all)
        device->iommufd = !node_attribute_is(node_child(node, "driver"), "iommufd", "no");
    device->managed = node_attribute_is(node, "managed", "yes") ||
                      (device->kind == DEVICE_DISK_NVME &&
                       node_attribute_is(node_child(node, "source"), "managed", "yes"));
    device->maybe_pci = device_is_assigned(device) || kind_maybe_pci(node, machine);
    device->unasked = kind_is_unasked(node);
    device->place = kind_place(node, machine, device->kind);
    device->virtio = !device_is_assigned(device) && kind_is_virtio(node, machine);
    device->io_bar =
        !device_is_assigned(device) &&
        kind_has_io_bar(node, machine, on_conventional_bus(controllers, &device->address));
    device->teaming_transient =
        device_is_assigned(device) && node_child_attribute(node, "teaming", "type") &&
        strcmp(node_child_attribute(node, "teaming", "type"), "transient") == 0;
    if (!device->label)
        device->label = kind_label(node);
    if (!device->label)
        return error_nomem(reader->reterr);
    r = reader_copy(reader, node_child_attribute(node, "target", "dev"), &device->target);
    return r ? r : reader_copy(reader, node_child_attribute(node, "alias", "name"), &device->alias);
}

static int parse_device(const struct reader *reader,
                        const struct domain_controller *const controllers[DOMAIN_INDEXES],
                        const struct node *node)
{
    struct domain *model = &reader->domain->model;
    struct domain_device *device = vec_add(&model->devices);
    int r;

    if (!device)
        return error_nomem(reader->reterr);
    device->element = node_element(node);
    device->line = node_line(reader, node);
    r = parse_kind(reader, node, device);
    if (r)
        return r;
    if (device->kind == DEVICE_OTHER && !node_child(node, "address") &&
        !kind_maybe_pci(node, domain_machine(model))) {
        model->devices.count--; /* <emulator>, <console>... nothing of it is allocated yet */
        memset(device, 0, sizeof(*device));
        return 0;
    }
    r = parse_guest_address(reader, node, &device->address);
    return r ? r : parse_rest(reader, controllers, node, device);
}

/* What is left of the others: those with a PCI address, or that may get one. */
static void drop_others(struct domain *model)
{
    size_t count = 0;

    for (size_t i = 0; i < model->devices.count; i++) {
        struct domain_device *device = &model->devices.items[i];

        if (device->kind != DEVICE_OTHER || device->maybe_pci ||
            device->address.kind == ADDRESS_PCI) {
            model->devices.items[count++] = *device;
            continue;
        }
        free(device->label);
        free(device->alias);
        free(device->target);
    }
    model->devices.count = count;
}

/* What may be there once only: a place in the guest, or something on the host. */
struct claim {
    int kind; /* claims of different kinds never meet */
    struct bdf at;
    unsigned number;
    const char *text; /* or NULL */
    long line;
    const char *label;
};

enum { CLAIM_GUEST, CLAIM_HOST, CLAIM_NAME };

static int compare_claims(const void *a, const void *b)
{
    const struct claim *x = a, *y = b;
    int order = x->kind - y->kind;

    if (!order)
        order = bdf_compare(&x->at, &y->at);
    if (!order)
        order = (x->number > y->number) - (x->number < y->number);
    if (!order && x->text && y->text)
        order = strcmp(x->text, y->text);
    return order;
}

static int compare_claims_lines(const void *a, const void *b)
{
    const struct claim *x = a, *y = b;
    int order = compare_claims(a, b);

    return order ? order : (x->line > y->line) - (x->line < y->line);
}

struct claims {
    VEC(struct claim) list;
};

static bool claim(struct claims *claims, struct claim claim)
{
    struct claim *added = vec_add(&claims->list);

    if (added)
        *added = claim;
    return added != NULL;
}

static bool claim_device(struct claims *claims, const struct domain_device *device)
{
    struct claim c = {.line = device->line, .label = device->label, .at = device->source};

    switch (device->kind) {
    case DEVICE_HOSTDEV_PCI:
    case DEVICE_INTERFACE_HOSTDEV:
        c.kind = CLAIM_HOST;
        return claim(claims, c);
    case DEVICE_DISK_NVME:
        /* Other namespaces of one function are other disks; number 0 is the function itself. */
        c.kind = CLAIM_HOST;
        c.number = device->nvme_namespace;
        return claim(claims, c);
    case DEVICE_HOSTDEV_MDEV:
    case DEVICE_INTERFACE_VDPA:
        c.kind = CLAIM_NAME;
        c.text = device->source_id;
        return claim(claims, c);
    case DEVICE_INTERFACE_NETWORK:
    case DEVICE_OTHER:
        break;
    }
    return true;
}

static bool claim_all(const struct domain *model, struct claims *claims)
{
    bool ok = true;

    for (size_t i = 0; ok && i < model->controllers.count; i++) {
        const struct domain_controller *controller = &model->controllers.items[i];

        if (controller->address.kind == ADDRESS_PCI)
            ok = claim(claims, (struct claim){.kind = CLAIM_GUEST,
                                              .at = controller->address.at,
                                              .line = controller->line,
                                              .label = "controller pci"});
    }
    for (size_t i = 0; ok && i < model->devices.count; i++) {
        const struct domain_device *device = &model->devices.items[i];

        if (device->address.kind == ADDRESS_PCI)
            ok = claim(claims, (struct claim){.kind = CLAIM_GUEST,
                                              .at = device->address.at,
                                              .line = device->line,
                                              .label = device->label});
        ok = ok && claim_device(claims, device);
    }
    return ok;
}

/* @a sorts before @b. */
static bool claims_meet(const struct claim *a, const struct claim *b)
{
    if (a->kind == CLAIM_HOST && b->kind == CLAIM_HOST && !a->number)
        return bdf_equal(&a->at, &b->at); /* a whole function and a disk on it */
    return compare_claims(a, b) == 0;
}

static int check_claims(const struct reader *reader, const struct claims *claims)
{
    for (size_t i = 1; i < claims->list.count; i++) {
        const struct claim *first = &claims->list.items[i - 1], *second = first + 1;

        if (!claims_meet(first, second))
            continue;
        if (first->kind == CLAIM_GUEST)
            return reader_refuse_line(reader, second->line,
                                      "%s: its address %s is that of %s in line %ld", second->label,
                                      BDF_TEXT(&second->at), first->label, first->line);
        return reader_refuse_line(reader, second->line,
                                  "%s: this host device is assigned twice, first in line %ld",
                                  second->label, first->line);
    }
    return 0;
}

static int check_duplicates(const struct reader *reader)
{
    struct claims claims = {0};
    int r;

    if (claim_all(&reader->domain->model, &claims)) {
        if (claims.list.count)
            qsort(claims.list.items, claims.list.count, sizeof(*claims.list.items),
                  compare_claims_lines);
        r = check_claims(reader, &claims);
    } else {
        r = error_nomem(reader->reterr);
    }
    free(claims.list.items);
    return r;
}

int parse_devices(const struct reader *reader, const struct node *root)
{
    const struct domain_controller *controllers[DOMAIN_INDEXES];
    int r = 0;

    domain_controllers_by_index(&reader->domain->model, controllers);
    for (const struct node *node = next_in_devices(root, NULL); !r && node;
         node = next_in_devices(root, node)) {
        if (!node_is(node, "controller") || !node_attribute_is(node, "type", "pci"))
            r = parse_device(reader, controllers, node);
    }
    if (r)
        return r;
    drop_others(&reader->domain->model);
    return check_duplicates(reader);
}
