/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parse_commandline.c - the arguments of <qemu:commandline>, which libvirt gives to QEMU as they
 * are
 *
 * Takes:  the children of <domain> in libvirt's namespace for QEMU.
 * Gives:  domain.overrides (-set), domain.qemu_devices, and what firmware, processor and OVMF's
 *         memory window are if they are said here.
 * Rule:   libvirt puts them behind all its own, so what is here is the last word. An argument that
 *         is not understood is passed over: QEMU knows more than is known here.
 * Not here: the syntax of options (qemu_options.h).
 */
#include "domxml/parse.h"

#include "base/error.h"
#include "domxml/qemu_options.h"

#include <limits.h>
#include <string.h>

#define OVMF_WINDOW "opt/ovmf/X-PciMmio64Mb"

/* An option and its value. */
struct argument {
    const struct node *option, *value;
    const char *text;
};

/* --- -set --- */

/* device.ALIAS.NAME=VALUE (QEMU: "-set group.id.arg=value"). */
static int parse_set(const struct reader *reader, const struct argument *argument)
{
    struct domain_override override = {.command_line = true,
                                       .element = node_element(argument->value),
                                       .option = node_element(argument->option)};
    autofree char *copy = NULL;
    char *alias, *name, *value;

    if (strncmp(argument->text, "device.", strlen("device.")) != 0)
        return 0;
    copy = strdup(argument->text);
    if (!copy)
        return error_nomem(reader->reterr);
    alias = copy + strlen("device.");
    name = strchr(alias, '.');
    value = name ? strchr(name, '=') : NULL;
    if (!value)
        return 0;
    *name++ = '\0';
    *value++ = '\0';
    return qemu_add_override(reader, override, alias, name, value);
}

/* --- devices --- */

/* "SS[.F]" in base 16, or slot and function as one number of JSON (QEMU: set_pci_devfn()). */
static void read_place(const struct qemu_options *options, struct domain_qemu_device *device)
{
    const struct qemu_option *addr = qemu_options_find(options, "addr");
    unsigned long slot, function = 0;
    char *end, *dot;

    if (!addr)
        return;
    slot = strtoul(addr->value, &end, addr->number ? 10 : 16);
    if (addr->number) {
        function = slot & 7;
        slot >>= 3;
    } else if (*end == '.') {
        dot = end;
        function = strtoul(dot + 1, &end, 16);
        if (end == dot + 1)
            return;
    }
    if (end == addr->value || *end || slot > 31 || function > 7)
        return;
    device->slot = (int)slot;
    device->function = (int)function;
}

/* "02:00.0" as "0000:02:00.0"; a path as its last part. */
static int read_host(const struct reader *reader, const struct qemu_options *options,
                     struct domain_qemu_device *device)
{
    const char *host = qemu_options_value(options, "host");
    const char *path = qemu_options_value(options, "sysfsdev");
    const char *slash = path ? strrchr(path, '/') : NULL;
    struct bdf bdf;

    if (strncmp(device->driver, "vfio-pci", strlen("vfio-pci")) != 0 ||
        !strcmp(device->driver, "vfio-pci-igd-lpc-bridge"))
        return 0;
    if (host && bdf_parse(host, &bdf))
        return reader_copy(reader, BDF_TEXT(&bdf), &device->host);
    if (!host)
        host = slash ? slash + 1 : path;
    return reader_copy(reader, host ? host : "a device without a name", &device->host);
}

static int add_qemu_device(const struct reader *reader, const struct qemu_options *options)
{
    struct domain *model = &reader->domain->model;
    const char *driver = qemu_options_value(options, "driver"), *hotplug;
    struct domain_qemu_device *device;
    int r;

    if (!driver || model->qemu_devices.count >= DOMAIN_QEMU_DEVICES)
        return 0;
    device = vec_add(&model->qemu_devices);
    if (!device)
        return error_nomem(reader->reterr);
    hotplug = qemu_options_value(options, "hotplug");
    *device = (struct domain_qemu_device){
        .slot = -1,
        .function = -1,
        .bus_nr = qemu_options_number(options, "bus_nr", 255),
        .chassis = qemu_options_number(options, "chassis", 255),
        .hotplug_off = hotplug && (!strcmp(hotplug, "off") || !strcmp(hotplug, "false") ||
                                   !strcmp(hotplug, "no") || !strcmp(hotplug, "n")),
    };
    read_place(options, device);
    r = reader_copy(reader, driver, &device->driver);
    if (!r)
        r = reader_copy(reader, qemu_options_value(options, "id"), &device->id);
    if (!r)
        r = reader_copy(reader, qemu_options_value(options, "bus"), &device->bus);
    return r ? r : read_host(reader, options, device);
}

static int parse_device(const struct reader *reader, const struct argument *argument)
{
    struct qemu_options options;
    int r;

    if (!qemu_options_parse(argument->text, "driver", &options))
        return error_nomem(reader->reterr);
    r = add_qemu_device(reader, &options);
    qemu_options_clear(&options);
    return r;
}

/* Options that make QEMU add a device of this driver without a bus. */
static int add_shorthand(const struct reader *reader, const char *driver)
{
    struct argument argument = {.text = driver};

    return parse_device(reader, &argument);
}

static int parse_virtfs(const struct reader *reader, const struct argument *argument)
{
    (void)argument;
    return add_shorthand(reader, "virtio-9p-pci");
}

static int parse_watchdog(const struct reader *reader, const struct argument *argument)
{
    return strcmp(argument->text, "i6300esb") ? 0 : add_shorthand(reader, "i6300esb");
}

/* --- firmware --- */

/* Flash, which libvirt uses for edk2, goes before a ROM (QEMU: pc_system_firmware_init()). */
static int parse_bios(const struct reader *reader, const struct argument *argument)
{
    if (!path_is_bios(argument->text))
        reader->domain->model.firmware = FIRMWARE_OVMF;
    return 0;
}

static int parse_acpitable(const struct reader *reader, const struct argument *argument)
{
    (void)argument;
    reader->domain->model.acpi_table = true;
    return 0;
}

static int parse_pflash(const struct reader *reader, const struct argument *argument)
{
    (void)argument;
    reader->domain->model.firmware = FIRMWARE_OVMF;
    return 0;
}

static int parse_drive(const struct reader *reader, const struct argument *argument)
{
    struct qemu_options options;
    const char *interface;
    int r = 0;

    if (!qemu_options_parse(argument->text, NULL, &options))
        return error_nomem(reader->reterr);
    interface = qemu_options_value(&options, "if");
    if (interface && !strcmp(interface, "pflash"))
        r = parse_pflash(reader, argument);
    else if (interface && !strcmp(interface, "virtio"))
        r = add_shorthand(reader, "virtio-blk-pci");
    qemu_options_clear(&options);
    return r;
}

/* pflash0 is a drive by its name. */
static int parse_machine_options(const struct reader *reader, const struct argument *argument)
{
    struct qemu_options options;
    int r = 0;

    if (!qemu_options_parse(argument->text, "type", &options))
        return error_nomem(reader->reterr);
    if (qemu_options_value(&options, "pflash0"))
        r = parse_pflash(reader, argument);
    qemu_options_clear(&options);
    return r;
}

/* As edk2 reads the number (QemuFwCfgParseUint64()): digits, blanks before, line ends behind. */
static uint64_t ovmf_number(const char *text)
{
    uint64_t value = 0;

    text += strspn(text, " \t");
    for (; *text >= '0' && *text <= '9' && value < UINT64_MAX / 10 - 1; text++)
        value = value * 10 + (uint64_t)(*text - '0');
    return text[strspn(text, "\r\n")] ? 0 : value;
}

static int parse_fw_cfg(const struct reader *reader, const struct argument *argument)
{
    struct domain *model = &reader->domain->model;
    struct qemu_options options;
    const char *name, *text;

    if (!qemu_options_parse(argument->text, "name", &options))
        return error_nomem(reader->reterr);
    name = qemu_options_value(&options, "name");
    text = qemu_options_value(&options, "string");
    if (name && !strcmp(name, OVMF_WINDOW)) {
        model->ovmf_mmio64_mib = text ? ovmf_number(text) : 0;
        model->ovmf_mmio64_in_file = !text && qemu_options_value(&options, "file");
    }
    qemu_options_clear(&options);
    return 0;
}

/* --- processor --- */

static bool is_on(const struct qemu_options *options, const char *name)
{
    const char *value = qemu_options_value(options, name);

    return value && !strcmp(value, "on");
}

/* It takes the place of libvirt's whole -cpu. */
static int parse_cpu(const struct reader *reader, const struct argument *argument)
{
    struct domain *model = &reader->domain->model;
    struct qemu_options options;
    const char *cpu;
    int bits, limit;

    if (!qemu_options_parse(argument->text, "model", &options))
        return error_nomem(reader->reterr);
    cpu = qemu_options_value(&options, "model");
    bits = qemu_options_number(&options, "phys-bits", INT_MAX);
    limit = qemu_options_number(&options, "host-phys-bits-limit", INT_MAX);
    if (cpu) {
        model->cpu_is_host = !strcmp(cpu, "host") || !strcmp(cpu, "max");
        model->phys_bits = model->cpu_is_host || is_on(&options, "host-phys-bits") ? 0 : -1;
        if (!model->phys_bits && limit > 0)
            model->phys_bits = limit;
        if (bits > 0 && !is_on(&options, "host-phys-bits"))
            model->phys_bits = bits;
    }
    qemu_options_clear(&options);
    return 0;
}

/* --- all arguments --- */

struct known_option {
    const char *name;
    int (*parse)(const struct reader *reader, const struct argument *argument);
};

static const struct known_option known[] = {
    {"set", parse_set},           {"device", parse_device},
    {"virtfs", parse_virtfs},     {"watchdog", parse_watchdog},
    {"bios", parse_bios},         {"pflash", parse_pflash},
    {"drive", parse_drive},       {"machine", parse_machine_options},
    {"M", parse_machine_options}, {"fw_cfg", parse_fw_cfg},
    {"cpu", parse_cpu},           {"acpitable", parse_acpitable},
};

/* With one dash or two. */
static const struct known_option *find_option(const char *text)
{
    if (*text != '-')
        return NULL;
    text += text[1] == '-' ? 2 : 1;
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
        if (!strcmp(known[i].name, text))
            return &known[i];
    }
    return NULL;
}

/*
 * Values of options that are not known here are passed over one by one: none that is in use looks
 * like an option.
 */
int parse_commandline(const struct reader *reader, const struct node *root)
{
    const struct known_option *option = NULL;
    struct argument argument = {0};
    int r = 0;

    for (const struct node *list = qemu_next(root->children, "commandline"); !r && list;
         list = qemu_next(list->next, "commandline")) {
        for (const struct node *arg = qemu_next(list->children, "arg"); !r && arg;
             arg = qemu_next(arg->next, "arg")) {
            const char *text = node_attribute(arg, "value");

            argument.value = arg;
            argument.text = text;
            if (option && text)
                r = option->parse(reader, &argument);
            option = option || !text ? NULL : find_option(text);
            argument.option = arg;
        }
    }
    return r;
}
