/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * commandline_devices.c - see commandline.h
 *
 * Takes:  values of options that make QEMU add devices.
 * Gives:  domain.qemu_devices.
 * Rule:   a device whose option names no bus is one that QEMU finds a bus for; those that the
 *         machine makes itself (-nic, -net nic, -vga, and sound of -audio and -soundhw) are on
 *         the root bus, before all others, each at the lowest free slot (QEMU 7.2 pc_q35_init(),
 *         pc_vga_init(), pc_nic_init(), soundhw_init(); tried). Of -vga only the last counts for
 *         QEMU; each is counted here.
 * Not here: the syntax of options (qemu_options.h), all other options (parse_commandline.c).
 */
#include "domxml/commandline.h"

#include "base/error.h"
#include "domxml/qemu_options.h"
#include "model/machine.h"
#include "model/qemu_device.h"

#include <string.h>

/* "SS[.F]"; in base 10 slot and function as one number. */
static void read_place_text(const char *text, int base, struct domain_qemu_device *device)
{
    unsigned long slot, function = 0;
    char *end, *dot;

    slot = strtoul(text, &end, base);
    if (base == 10) {
        function = slot & 7;
        slot >>= 3;
    } else if (*end == '.') {
        dot = end;
        function = strtoul(dot + 1, &end, 16);
        if (end == dot + 1)
            return;
    }
    if (end == text || *end || slot > 31 || function > 7)
        return;
    device->slot = (int)slot;
    device->function = (int)function;
}

/* A text is in base 16, a number of JSON in base 10 (QEMU: set_pci_devfn()). */
static void read_place(const struct qemu_options *options, struct domain_qemu_device *device)
{
    const struct qemu_option *addr = qemu_options_find(options, "addr");

    if (addr)
        read_place_text(addr->value, addr->number ? 10 : 16, device);
}

/* "02:00.0" as "0000:02:00.0"; a path as its last part. */
static int read_host(const struct reader *reader, const struct qemu_options *options,
                     struct domain_qemu_device *device)
{
    const char *host = qemu_options_value(options, "host");
    const char *path = qemu_options_value(options, "sysfsdev");
    const char *slash = path ? strrchr(path, '/') : NULL;
    const char *name = host ? host : (slash ? slash + 1 : path);

    if (strncmp(device->driver, "vfio-pci", strlen("vfio-pci")) != 0 ||
        !strcmp(device->driver, "vfio-pci-igd-lpc-bridge"))
        return 0;
    device->source_known = name && bdf_parse(name, &device->source);
    if (device->source_known)
        return reader_copy(reader, BDF_TEXT(&device->source), &device->host);
    return reader_copy(reader, name ? name : "a device without a name", &device->host);
}

static bool is_off(const char *value)
{
    return value && (!strcmp(value, "off") || !strcmp(value, "false") || !strcmp(value, "no") ||
                     !strcmp(value, "n"));
}

static bool is_on(const char *value)
{
    return value && (!strcmp(value, "on") || !strcmp(value, "true") || !strcmp(value, "yes") ||
                     !strcmp(value, "y"));
}

/* Of which nothing but this is known; @bus may be NULL. */
static int add_plain(const struct reader *reader, const char *driver, const char *bus)
{
    struct domain *model = &reader->domain->model;
    struct domain_qemu_device *device;
    int r;

    if (model->qemu_devices.count >= DOMAIN_QEMU_DEVICES)
        return 0;
    device = vec_add(&model->qemu_devices);
    if (!device)
        return error_nomem(reader->reterr);
    *device = (struct domain_qemu_device){.slot = -1, .function = -1, .bus_nr = -1, .chassis = -1};
    r = reader_copy(reader, driver, &device->driver);
    return r ? r : reader_copy(reader, bus, &device->bus);
}

static int add_on_root(const struct reader *reader, const char *driver)
{
    return add_plain(reader, driver, domain_machine(&reader->domain->model)->root_bus);
}

static struct domain_qemu_device *last_of(const struct reader *reader)
{
    return &reader->domain->model.qemu_devices.items[reader->domain->model.qemu_devices.count - 1];
}

static int read_properties(const struct reader *reader, const struct qemu_options *options,
                           struct domain_qemu_device *device)
{
    int r = reader_copy(reader, qemu_options_value(options, "id"), &device->id);

    device->bus_nr = qemu_options_number(options, "bus_nr", 255);
    device->chassis = qemu_options_number(options, "chassis", 255);
    device->multifunction = is_on(qemu_options_value(options, "multifunction"));
    device->hotplug_off = is_off(qemu_options_value(options, "hotplug"));
    read_place(options, device);
    return r ? r : read_host(reader, options, device);
}

/* An AMD IOMMU makes its PCI function itself, unless it names one (QEMU 10.0 and later). */
static bool makes_amd_iommu(const struct qemu_options *options, const char *driver)
{
    return !strcmp(driver, "amd-iommu") && !qemu_options_value(options, "pci-id");
}

static int add_qemu_device(const struct reader *reader, const struct qemu_options *options)
{
    const char *driver = qemu_options_value(options, "driver");
    size_t before = reader->domain->model.qemu_devices.count;
    int r;

    if (!driver)
        return 0;
    if (makes_amd_iommu(options, driver))
        return add_on_root(reader, "AMDVI-PCI");
    r = add_plain(reader, driver, qemu_options_value(options, "bus"));
    if (r || reader->domain->model.qemu_devices.count == before)
        return r;
    return read_properties(reader, options, last_of(reader));
}

int commandline_device(const struct reader *reader, const struct argument *argument)
{
    struct qemu_options options;
    int r;

    if (!qemu_options_parse(argument->text, "driver", &options))
        return error_nomem(reader->reterr);
    r = add_qemu_device(reader, &options);
    qemu_options_clear(&options);
    return r;
}

/* --- -set --- */

/* NULL: there is none, or not yet, and then QEMU does not start. */
static struct domain_qemu_device *find_device(const struct reader *reader, const char *id)
{
    struct domain *model = &reader->domain->model;

    for (size_t i = 0; i < model->qemu_devices.count; i++) {
        struct domain_qemu_device *d = &model->qemu_devices.items[i];

        if (d->id && !strcmp(d->id, id))
            return d;
    }
    return NULL;
}

static int set_bus(const struct reader *reader, struct domain_qemu_device *device,
                   const char *value)
{
    free(device->bus);
    return reader_copy(reader, value, &device->bus);
}

int commandline_set(const struct reader *reader, const char *id, const char *name,
                    const char *value)
{
    static const char *const names[] = {"bus",     "addr",          "bus_nr",
                                        "chassis", "multifunction", "hotplug"};
    struct domain_qemu_device *device;
    uint64_t number;
    size_t which = 0;

    while (which < sizeof(names) / sizeof(*names) && strcmp(names[which], name) != 0)
        which++;
    device = which < sizeof(names) / sizeof(*names) ? find_device(reader, id) : NULL;
    if (!device)
        return 0;
    if (!strcmp(name, "bus"))
        return set_bus(reader, device, value);
    if (!strcmp(name, "addr"))
        read_place_text(value, 16, device);
    else if (!strcmp(name, "multifunction"))
        device->multifunction = is_on(value);
    else if (!strcmp(name, "hotplug"))
        device->hotplug_off = is_off(value);
    else if (libvirt_number(value, 0, 255, &number))
        *(!strcmp(name, "chassis") ? &device->chassis : &device->bus_nr) = (int)number;
    return 0;
}

int commandline_add_anywhere(const struct reader *reader, const char *driver)
{
    return add_plain(reader, driver, NULL);
}

int commandline_virtfs(const struct reader *reader, const struct argument *argument)
{
    (void)argument;
    return commandline_add_anywhere(reader, "virtio-9p-pci");
}

int commandline_watchdog(const struct reader *reader, const struct argument *argument)
{
    return strcmp(argument->text, "i6300esb") ? 0 : commandline_add_anywhere(reader, "i6300esb");
}

int commandline_balloon(const struct reader *reader, const struct argument *argument)
{
    bool virtio = !strncmp(argument->text, "virtio", strlen("virtio"));

    return virtio ? commandline_add_anywhere(reader, "virtio-balloon-pci") : 0;
}

/* --- devices that the machine makes before any other --- */

static int add_nic(const struct reader *reader, const struct qemu_options *options)
{
    const char *model = qemu_options_value(options, "model");
    const char *addr = qemu_options_value(options, "addr"), *colon;
    size_t before = reader->domain->model.qemu_devices.count;
    int r;

    if (!model)
        model = domain_machine(&reader->domain->model)->nic;
    if (!strcmp(model, "virtio"))
        model = "virtio-net-pci";
    if (!qemu_driver_is_pci(model))
        return 0;
    r = add_on_root(reader, model);
    colon = addr ? strrchr(addr, ':') : NULL; /* pci_parse_devaddr(): [[DOMAIN:]BUS:]SLOT */
    if (!r && addr && reader->domain->model.qemu_devices.count > before)
        read_place_text(colon ? colon + 1 : addr, 16, last_of(reader));
    return r;
}

static int parse_network(const struct reader *reader, const struct argument *argument,
                         bool always_nic)
{
    struct qemu_options options;
    const char *type;
    int r = 0;

    if (!qemu_options_parse(argument->text, "type", &options))
        return error_nomem(reader->reterr);
    type = qemu_options_value(&options, "type");
    if (type && (always_nic ? strcmp(type, "none") != 0 : !strcmp(type, "nic")))
        r = add_nic(reader, &options);
    qemu_options_clear(&options);
    return r;
}

int commandline_nic(const struct reader *reader, const struct argument *argument)
{
    return parse_network(reader, argument, true);
}

int commandline_net(const struct reader *reader, const struct argument *argument)
{
    return parse_network(reader, argument, false);
}

/* What an option calls a device, and its driver. */
struct short_name {
    const char *name, *driver;
};

static const char *driver_of(const struct short_name *names, size_t count, const char *name,
                             size_t length)
{
    for (size_t i = 0; i < count; i++) {
        if (strlen(names[i].name) == length && !strncmp(names[i].name, name, length))
            return names[i].driver;
    }
    return NULL;
}

int commandline_vga(const struct reader *reader, const struct argument *argument)
{
    static const struct short_name cards[] = {{"std", "VGA"},
                                              {"cirrus", "cirrus-vga"},
                                              {"vmware", "vmware-svga"},
                                              {"qxl", "qxl-vga"},
                                              {"virtio", "virtio-vga"}};
    size_t length = strcspn(argument->text, ",");
    const char *driver = driver_of(cards, sizeof(cards) / sizeof(*cards), argument->text, length);

    return driver ? add_on_root(reader, driver) : 0;
}

static const struct short_name sound_cards[] = {
    {"hda", "intel-hda"}, {"ac97", "AC97"}, {"es1370", "ES1370"}, {"virtio", "virtio-sound-pci"}};
#define SOUND_CARDS (sizeof(sound_cards) / sizeof(*sound_cards))

int commandline_audio(const struct reader *reader, const struct argument *argument)
{
    struct qemu_options options;
    const char *model, *driver;
    int r;

    if (!qemu_options_parse(argument->text, "driver", &options))
        return error_nomem(reader->reterr);
    model = qemu_options_value(&options, "model");
    driver = model ? driver_of(sound_cards, SOUND_CARDS, model, strlen(model)) : NULL;
    r = driver ? add_on_root(reader, driver) : 0;
    qemu_options_clear(&options);
    return r;
}

/* A list, or all (to QEMU 7.0). */
int commandline_soundhw(const struct reader *reader, const struct argument *argument)
{
    bool all = !strcmp(argument->text, "all");
    int r = 0;

    for (size_t i = 0; all && !r && i < SOUND_CARDS; i++)
        r = add_on_root(reader, sound_cards[i].driver);
    for (const char *at = argument->text; !all && !r && *at;) {
        size_t length = strcspn(at, ",");
        const char *driver = driver_of(sound_cards, SOUND_CARDS, at, length);

        if (driver)
            r = add_on_root(reader, driver);
        at += length + (at[length] == ',');
    }
    return r;
}
