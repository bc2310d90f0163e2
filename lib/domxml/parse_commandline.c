/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parse_commandline.c - the arguments of <qemu:commandline>, which libvirt gives to QEMU as they
 * are
 *
 * Takes:  the children of <domain> in libvirt's namespace for QEMU.
 * Gives:  domain.overrides (-set), domain.qemu_devices, and what machine, memory, firmware,
 *         processor and OVMF's memory window are if they are said here; whether cells are, or a
 *         file is read, of which nothing is known.
 * Rule:   libvirt puts them behind all its own, so what is here is the last word. An argument that
 *         is not understood is passed over: QEMU knows more than is known here.  Known and without
 *         meaning here are those that take no place and change no size: -netdev, -append, -usb
 *         (QEMU has slot 1d for it, which is left free anyway), disks of if=ide (they are on the
 *         machine's own SATA), -global but for ports, switches and expanders
 *         (q35-pcihost.pci-hole64-size: firmware does not go by it), -smp (which vCPUs are in which
 *         cell libvirt writes by itself).
 * Not here: the syntax of options (qemu_options.h), devices (commandline_devices.c), what -global
 *         says of their numbers (commandline_defaults.c).
 */
#include "domxml/commandline.h"

#include "base/error.h"
#include "domxml/cpu_models.h"
#include "domxml/qemu_options.h"
#include "model/machine.h"

#include <limits.h>
#include <string.h>

#define OVMF_WINDOW "opt/ovmf/X-PciMmio64Mb"
#define DELIVERED "opt/org.vtopo/" /* plan/deliver.c */

/* --- -set --- */

/* device.ALIAS.NAME=VALUE (QEMU: "-set group.id.arg=value"). */
static int parse_set(const struct reader *reader, const struct argument *argument)
{
    struct domain_override override = {.command_line = true,
                                       .element = node_element(argument->value),
                                       .option = node_element(argument->option)};
    autofree char *copy = NULL;
    char *alias, *name, *value;
    int r;

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
    r = commandline_set(reader, alias, name, value);
    return r ? r : qemu_add_override(reader, override, alias, name, value);
}

/* --- firmware --- */

/* Flash, which libvirt uses for edk2, goes before a ROM (QEMU: pc_system_firmware_init()). */
static int parse_bios(const struct reader *reader, const struct argument *argument)
{
    reader->domain->model.firmware_choice = FIRMWARE_UNCLEAR;
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
    reader->domain->model.firmware_choice = FIRMWARE_UNCLEAR;
    reader->domain->model.firmware = FIRMWARE_OVMF;
    return 0;
}

/* A folder of firmware that goes before QEMU's own. */
static int parse_folder(const struct reader *reader, const struct argument *argument)
{
    (void)argument;
    reader->domain->model.firmware_choice = FIRMWARE_UNCLEAR;
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
        r = commandline_add_anywhere(reader, "virtio-blk-pci");
    qemu_options_clear(&options);
    return r;
}

/* --- machine --- */

/* The version of the machine, or another machine than libvirt knows of: what libvirt takes for the
 * one is not what the other has. */
static int set_machine(const struct reader *reader, const char *type)
{
    struct domain *model = &reader->domain->model;
    enum machine_kind kind = machine_kind_of(model->arch, type);
    char *copy = strdup(type);

    if (!copy)
        return error_nomem(reader->reterr);
    free(model->machine);
    model->machine = copy;
    if (kind != model->machine_kind)
        model->machine_kind = MACHINE_OTHER;
    return 0;
}

/* pflash0 is a drive by its name. */
static int parse_machine_options(const struct reader *reader, const struct argument *argument)
{
    struct qemu_options options;
    const char *type, *firmware, *acpi;
    int r = 0;

    if (!qemu_options_parse(argument->text, "type", &options))
        return error_nomem(reader->reterr);
    type = qemu_options_value(&options, "type");
    firmware = qemu_options_value(&options, "firmware");
    acpi = qemu_options_value(&options, "acpi");
    if (firmware)
        reader->domain->model.firmware_choice = FIRMWARE_UNCLEAR;
    if (qemu_options_value(&options, "pflash0") || (firmware && !path_is_bios(firmware)))
        r = parse_pflash(reader, argument);
    if (!r && type && *type)
        r = set_machine(reader, type);
    if (acpi)
        reader->domain->model.acpi = !strcmp(acpi, "off") ? ACPI_OFF : ACPI_ON;
    qemu_options_clear(&options);
    return r;
}

/* A size as QEMU reads it (qemu_strtosz_MiB()), without fractions.  0: it is none. */
static uint64_t size_kib(const char *text)
{
    static const char units[] = "kmgtpe";
    uint64_t value = 0;
    const char *unit;

    for (; *text >= '0' && *text <= '9' && value < UINT32_MAX; text++)
        value = value * 10 + (uint64_t)(*text - '0');
    if (*text && text[1])
        return 0;
    unit = *text ? strchr(units, *text | 0x20) : &units[1];
    if (*text == 'b' || *text == 'B')
        return value / 1024;
    return unit && *unit ? value << 10 * (unit - units) : 0;
}

static int parse_memory_size(const struct reader *reader, const struct argument *argument)
{
    struct qemu_options options;
    const char *size;
    uint64_t kib;
    int slots;

    if (!qemu_options_parse(argument->text, "size", &options))
        return error_nomem(reader->reterr);
    size = qemu_options_value(&options, "size");
    kib = size ? size_kib(size) : 0;
    if (kib) {
        reader->domain->model.memory_kib = kib;
        reader->domain->model.space.plugged_kib = 0;
    }
    size = qemu_options_value(&options, "maxmem");
    if (size && size_kib(size)) {
        reader->domain->model.space.most_kib = size_kib(size);
        slots = qemu_options_number(&options, "slots", INT_MAX);
        reader->domain->model.space.slots = slots > 0 ? (unsigned)slots : 0;
    }
    qemu_options_clear(&options);
    return 0;
}

/* Cells, not distances or caches. */
static int parse_cells(const struct reader *reader, const struct argument *argument)
{
    struct qemu_options options;
    const char *type;

    if (!qemu_options_parse(argument->text, "type", &options))
        return error_nomem(reader->reterr);
    type = qemu_options_value(&options, "type");
    if (type && !strcmp(type, "node"))
        reader->domain->model.qemu_cells = true;
    qemu_options_clear(&options);
    return 0;
}

static int parse_no_acpi(const struct reader *reader, const struct argument *argument)
{
    (void)argument;
    reader->domain->model.acpi = ACPI_OFF;
    return 0;
}

/* Anything that an option can say, in a file that is not opened. */
static int parse_readconfig(const struct reader *reader, const struct argument *argument)
{
    (void)argument;
    reader->domain->model.qemu_reads_file = true;
    reader->domain->model.firmware_choice = FIRMWARE_UNCLEAR;
    return 0;
}

/* --- fw_cfg --- */

/* As edk2 reads the number (QemuFwCfgParseUint64()): digits, blanks before, line ends behind. */
static bool parse_ovmf_number(const char *text, uint64_t *ret_value, const char **ret_digits)
{
    uint64_t value = 0;
    const char *digits;

    text += strspn(text, " \t");
    digits = *ret_digits = text;
    for (; *text >= '0' && *text <= '9' && value < UINT64_MAX / 10 - 1; text++)
        value = value * 10 + (uint64_t)(*text - '0');
    if (text == digits || text[strspn(text, "\r\n")])
        return false;
    *ret_value = value;
    return true;
}

/* A value begins where it does in the argument's text, whatever is unescaped in it. */
static int parse_ovmf_window(const struct reader *reader, const struct argument *argument,
                             const struct qemu_options *options)
{
    struct domain *model = &reader->domain->model;
    const char *text = qemu_options_value(options, "string"), *digits;

    model->ovmf_mmio64_twice |=
        model->ovmf_mmio64_text || model->ovmf_mmio64_no_number || model->ovmf_mmio64_in_file;
    model->ovmf_mmio64_mib = 0;
    model->ovmf_mmio64_in_file = !text && qemu_options_value(options, "file");
    model->ovmf_mmio64_no_number =
        text && !parse_ovmf_number(text, &model->ovmf_mmio64_mib, &digits);
    free(steal(model->ovmf_mmio64_text));
    if (!text || model->ovmf_mmio64_no_number)
        return 0;
    model->ovmf_mmio64_at = (size_t)(digits - options->text);
    model->ovmf_mmio64_text = strdup(argument->text);
    return model->ovmf_mmio64_text ? 0 : error_nomem(reader->reterr);
}

static int parse_fw_cfg(const struct reader *reader, const struct argument *argument)
{
    struct domain *model = &reader->domain->model;
    struct qemu_options options;
    const char *name, *text;
    int r = 0;

    if (!qemu_options_parse(argument->text, "name", &options))
        return error_nomem(reader->reterr);
    name = qemu_options_value(&options, "name");
    text = qemu_options_value(&options, "string");
    if (name && !strncmp(name, DELIVERED, strlen(DELIVERED))) {
        model->delivered = true;
        model->delivered_digest += addition_digest_element(
            "qemu:arg", addition_digest_attribute("qemu:arg", "value", argument->text), 0, NULL, 0);
    }
    if (name && !strcmp(name, OVMF_WINDOW))
        r = parse_ovmf_window(reader, argument, &options);
    if (name && text && !strcmp(name, "opt/org.tianocore/PagingLevel"))
        model->space.paging_level = !strcmp(text, "4") ? 4 : !strcmp(text, "5") ? 5 : 0;
    if (name && text && !strcmp(name, "opt/org.seabios/pci64"))
        model->space.pci64 = *text == '0' ? 0 : *text == '1' ? 1 : -1;
    qemu_options_clear(&options);
    return r;
}

/* --- processor --- */

static bool is_on(const struct qemu_options *options, const char *name)
{
    const char *value = qemu_options_value(options, name);

    return value && !strcmp(value, "on");
}

/* "pdpe1gb=on", "+pdpe1gb"; -1: nothing is said. */
static int feature_of(const char *text, const struct qemu_options *options, const char *name)
{
    const char *value = qemu_options_value(options, name);
    size_t length = strlen(name);

    if (value)
        return !strcmp(value, "on");
    for (const char *at = text; (at = strpbrk(at, "+-")); at++) {
        if (at > text && at[-1] == ',' && !strncmp(at + 1, name, length) &&
            (at[length + 1] == ',' || !at[length + 1]))
            return *at == '+';
    }
    return -1;
}

static void parse_cpu_features(const char *cpu, const char *text,
                               const struct qemu_options *options, struct domain_space *space)
{
    const char *vendor = qemu_options_value(options, "vendor");

    space->width_given = space->cpu_argument = true;
    space->host_features = !strcmp(cpu, "host") || !strcmp(cpu, "max");
    space->pages_1g = feature_of(text, options, "pdpe1gb");
    space->pages_given = true; /* <cpu> says nothing any more */
    space->la57 = feature_of(text, options, "la57");
    if (space->pages_1g < 0 && !space->host_features)
        space->pages_1g = cpu_model_has_pages_1g(cpu);
    if (space->la57 < 0 && !space->host_features)
        space->la57 = cpu_model_has_la57(cpu);
    space->vendor_given = vendor;
    space->vendor = cpu_model_vendor(cpu);
    if (vendor)
        space->vendor = !strcmp(vendor, "GenuineIntel")   ? 'I'
                        : !strcmp(vendor, "AuthenticAMD") ? 'A'
                                                          : '?';
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
        model->space.limited = !model->phys_bits && limit > 0;
        if (model->space.limited)
            model->phys_bits = limit;
        if (bits > 0 && !is_on(&options, "host-phys-bits"))
            model->phys_bits = bits;
        parse_cpu_features(cpu, argument->text, &options, &model->space);
    }
    qemu_options_clear(&options);
    return 0;
}

/* --- properties of all devices of a kind --- */

static bool is_one_of(const char *text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!strcmp(text, words[i]))
            return true;
    }
    return false;
}

/* Does the firmware keep more or less for a port by it? */
static bool decides_on_room(const char *driver, const char *property)
{
    static const char *const drivers[] = {"pcie-root-port",      "ioh3420",
                                          "x3130-upstream",      "xio3130-downstream",
                                          "pcie-pci-bridge",     "pcie-upstream-port",
                                          "pcie-downstream-port"};
    static const char *const properties[] = {"bus-reserve",    "io-reserve",     "mem-reserve",
                                             "pref32-reserve", "pref64-reserve", "hotplug"};

    return is_one_of(driver, drivers, sizeof(drivers) / sizeof(*drivers)) &&
           is_one_of(property, properties, sizeof(properties) / sizeof(*properties));
}

/*
 * May QEMU fail to make a controller by it?  With addr 7.2 aborts, for a property that the kind
 * does not have or a value that does not fit it ends, each only where one is made.
 */
static bool may_be_unfit(const struct machine *machine, const char *driver, const char *property)
{
    static const char *const express[] = {"pxb-pcie", "x3130-upstream", "xio3130-downstream",
                                          "pcie-pci-bridge"};
    static const char *const conventional[] = {"pxb", "pci-bridge"}; /* that is in each pxb */
    static const char *const harmless[] = {"multifunction", "rombar", "x-pcie-lnksta-dllla",
                                           "x-pcie-extcap-init"};
    static const char *const expander[] = {"bus_nr", "bypass_iommu"};
    static const char *const bridge[] = {"chassis_nr",     "msi",           "shpc",
                                         "bus-reserve",    "io-reserve",    "mem-reserve",
                                         "pref32-reserve", "pref64-reserve"};
    static const char *const port[] = {"chassis",
                                       "hotplug",
                                       "slot",
                                       "x-native-hotplug",
                                       "aer_log_max",
                                       "port",
                                       "power_controller_present"};

    if (is_one_of(property, harmless, sizeof(harmless) / sizeof(*harmless)) ||
        (machine->root == CTRL_PCI_ROOT
             ? !is_one_of(driver, conventional, sizeof(conventional) / sizeof(*conventional))
             : !is_one_of(driver, express, sizeof(express) / sizeof(*express))))
        return false;
    if (!strcmp(driver, "pci-bridge"))
        return !is_one_of(property, bridge, sizeof(bridge) / sizeof(*bridge));
    if (!strcmp(driver, "pxb-pcie") || !strcmp(driver, "pxb"))
        return !is_one_of(property, expander, sizeof(expander) / sizeof(*expander));
    return strcmp(driver, "xio3130-downstream") ||
           !is_one_of(property, port, sizeof(port) / sizeof(*port));
}

static int use_global(const struct reader *reader, const struct argument *argument,
                      const char *driver, const char *property, const char *value)
{
    struct domain *model = &reader->domain->model;

    if (value)
        commandline_note_default(argument->defaults, driver, property, value);
    if (!model->qemu_global_unfit && may_be_unfit(domain_machine(model), driver, property)) {
        model->qemu_global_unfit = mem_printf("%s.%s", driver, property);
        if (!model->qemu_global_unfit)
            return error_nomem(reader->reterr);
    }
    if (model->qemu_global || !decides_on_room(driver, property))
        return 0;
    model->qemu_global = mem_printf("%s.%s", driver, property);
    return model->qemu_global ? 0 : error_nomem(reader->reterr);
}

/* driver=DRIVER,property=PROPERTY,value=VALUE */
static int parse_global_list(const struct reader *reader, const struct argument *argument)
{
    struct qemu_options options;
    const char *driver, *property;
    int r = 0;

    if (!qemu_options_parse(argument->text, NULL, &options))
        return error_nomem(reader->reterr);
    driver = qemu_options_value(&options, "driver");
    property = qemu_options_value(&options, "property");
    if (driver && property)
        r = use_global(reader, argument, driver, property, qemu_options_value(&options, "value"));
    qemu_options_clear(&options);
    return r;
}

/* DRIVER.PROPERTY=VALUE, or the list (QEMU: qemu_global_option()). */
static int parse_global(const struct reader *reader, const struct argument *argument)
{
    autofree char *copy = strdup(argument->text);
    char *value, *property;

    if (!copy)
        return error_nomem(reader->reterr);
    value = strchr(copy, '=');
    if (value)
        *value++ = '\0';
    property = strchr(copy, '.');
    if (!property)
        return parse_global_list(reader, argument);
    *property++ = '\0';
    return use_global(reader, argument, copy, property, value);
}

/* --- all arguments --- */

struct known_option {
    const char *name;
    int (*parse)(const struct reader *reader, const struct argument *argument);
    bool alone; /* it has no value */
};

static const struct known_option known[] = {
    {"set", parse_set, false},
    {"device", commandline_device, false},
    {"nic", commandline_nic, false},
    {"net", commandline_net, false},
    {"vga", commandline_vga, false},
    {"audio", commandline_audio, false},
    {"soundhw", commandline_soundhw, false},
    {"virtfs", commandline_virtfs, false},
    {"virtfs_synth", commandline_virtfs, true},
    {"watchdog", commandline_watchdog, false},
    {"balloon", commandline_balloon, false},
    {"L", parse_folder, false},
    {"bios", parse_bios, false},
    {"pflash", parse_pflash, false},
    {"drive", parse_drive, false},
    {"machine", parse_machine_options, false},
    {"M", parse_machine_options, false},
    {"m", parse_memory_size, false},
    {"numa", parse_cells, false},
    {"readconfig", parse_readconfig, false},
    {"fw_cfg", parse_fw_cfg, false},
    {"cpu", parse_cpu, false},
    {"global", parse_global, false},
    {"acpitable", parse_acpitable, false},
    {"no-acpi", parse_no_acpi, true},
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
static int parse_next(const struct reader *reader, const struct node *arg,
                      const struct known_option **option, const struct node **before,
                      struct commandline_defaults *defaults)
{
    struct argument argument = {.option = *before,
                                .value = arg,
                                .text = node_attribute(arg, "value"),
                                .defaults = defaults};
    const struct known_option *is = *option;

    *before = arg;
    *option = is || !argument.text ? NULL : find_option(argument.text);
    if (*option && (*option)->alone) {
        is = *option;
        *option = NULL;
        argument.text = "";
    }
    return is && argument.text ? is->parse(reader, &argument) : 0;
}

int parse_commandline(const struct reader *reader, const struct node *root)
{
    const struct known_option *option = NULL;
    const struct node *before = NULL;
    struct commandline_defaults defaults = {0};
    int r = 0;

    for (const struct node *list = qemu_next(root->children, "commandline"); !r && list;
         list = qemu_next(list->next, "commandline")) {
        for (const struct node *arg = qemu_next(list->children, "arg"); !r && arg;
             arg = qemu_next(arg->next, "arg"))
            r = parse_next(reader, arg, &option, &before, &defaults);
    }
    commandline_apply_defaults(&reader->domain->model, &defaults);
    return r;
}
