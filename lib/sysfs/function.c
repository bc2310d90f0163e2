/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * function.c - what the directory of a PCI function says
 *
 * Takes:  an open directory below devices/, as drivers/pci/pci-sysfs.c of Linux fills it.
 * Gives:  ids, port kind, node, driver, BARs, links, SR-IOV, config space.
 * Rule:   class, vendor and device are always there; everything else may be absent and is then
 *         unknown.
 * Not here: where the function is in the tree (functions.c), what kind of port it is (port.c), how
 *         config space of bridges is read (bridge_config.c), types of vGPUs (vgpu.c).
 */
#include "sysfs/function.h"

#include "base/error.h"
#include "base/hex.h"

#include <stdlib.h>
#include <string.h>

#define CONFIG_MAX 4096
#define UEVENT_SIZE 4096
#define RESOURCE_SIZE 512 /* of seven lines */
#define DRIVER_SIZE 32    /* longer names are no matter here */

/* Flags in the third column of "resource": include/linux/ioport.h. */
#define RESOURCE_IO 0x100u
#define RESOURCE_MEM 0x200u
#define RESOURCE_PREFETCH 0x2000u
#define RESOURCE_MEM_64 0x100000u

static int read_required(const struct place *place, const char *name, uint32_t max,
                         uint32_t *ret_value)
{
    const uint32_t absent = UINT32_MAX;
    int code;

    *ret_value = absent;
    code = place_read_hex(place, name, max, ret_value);
    if (!code && *ret_value == absent)
        code = error_set(place->tree->reterr, VTOPO_ERR_HOST, "'%s/%s' has no '%s'",
                         place->tree->name, place->path, name);
    return code;
}

static int read_id_files(const struct place *place, struct host_function *function)
{
    uint32_t vendor, device;
    int code = read_required(place, "class", 0xffffff, &function->class_code);

    if (!code)
        code = read_required(place, "vendor", 0xffff, &vendor);
    if (!code)
        code = read_required(place, "device", 0xffff, &device);
    if (code)
        return code;
    function->vendor = (uint16_t)vendor;
    function->device = (uint16_t)device;
    return 0;
}

/* Hexadecimal digits, 1 to @most of them, that end with @end; steps over them and it. */
static bool parse_digits(const char **text, int most, char end, uint32_t *ret_number)
{
    int digit;

    for (*ret_number = 0; (digit = hex_digit(**text)) >= 0; (*text)++) {
        if (!most--)
            return false;
        *ret_number = *ret_number << 4 | (uint32_t)digit;
    }
    return *(*text)++ == end;
}

/* The value in the line "KEY=value" of a uevent, NULL: it has no such line. */
static const char *find_value(const char *text, const char *key)
{
    size_t length = strlen(key);

    while (text && strncmp(text, key, length)) {
        text = strchr(text, '\n');
        text += text ? 1 : 0;
    }
    return text ? text + length : NULL;
}

/*
 * drivers/pci/pci-driver.c of Linux, pci_uevent(): "PCI_CLASS=30200", "PCI_ID=10DE:20B0"; and
 * "DRIVER=" before them if there is one.  One file says what three others say.
 */
static bool parse_uevent(const char *text, struct host_function *function,
                         char ret_driver[DRIVER_SIZE])
{
    const char *class = find_value(text, "PCI_CLASS="), *ids = find_value(text, "PCI_ID=");
    const char *driver = find_value(text, "DRIVER=");
    uint32_t class_code, vendor, device;
    size_t length = driver ? strcspn(driver, "\n") : 0;

    if (!class || !ids || !parse_digits(&class, 6, '\n', &class_code) ||
        !parse_digits(&ids, 4, ':', &vendor) || !parse_digits(&ids, 4, '\n', &device))
        return false;
    function->class_code = class_code;
    function->vendor = (uint16_t)vendor;
    function->device = (uint16_t)device;
    if (length < DRIVER_SIZE) {
        memcpy(ret_driver, driver ? driver : "", length);
        ret_driver[length] = '\0';
    }
    return true;
}

/* @ret_driver: "" where it is not known here. */
static int read_ids(const struct place *place, struct host_function *function,
                    char ret_driver[DRIVER_SIZE])
{
    char text[UEVENT_SIZE + 1];
    ssize_t size;
    int code = place_read_bytes(place, "uevent", text, UEVENT_SIZE, &size);

    *ret_driver = '\0';
    if (code)
        return code;
    text[size < 0 ? 0 : size] = '\0';
    return parse_uevent(text, function, ret_driver) ? 0 : read_id_files(place, function);
}

static int read_more_ids(const struct place *place, struct host_function *function)
{
    uint32_t subsystem_vendor = 0, subsystem_device = 0, revision = 0;
    int code = place_read_hex(place, "subsystem_vendor", 0xffff, &subsystem_vendor);

    if (!code)
        code = place_read_hex(place, "subsystem_device", 0xffff, &subsystem_device);
    if (!code)
        code = place_read_hex(place, "revision", 0xff, &revision);
    function->subsystem_vendor = (uint16_t)subsystem_vendor;
    function->subsystem_device = (uint16_t)subsystem_device;
    function->revision = (uint8_t)revision;
    return code;
}

/* "0x" and at most 16 digits; steps over them. */
static bool parse_number(const char **text, uint64_t *ret_number)
{
    int digits = 0, digit;

    if ((*text)[0] != '0' || (*text)[1] != 'x')
        return false;
    *text += 2;
    for (*ret_number = 0; (digit = hex_digit(**text)) >= 0; (*text)++) {
        if (*ret_number >> 60)
            return false;
        *ret_number = *ret_number << 4 | (uint64_t)digit;
        digits++;
    }
    return digits;
}

/* "0x0000000090000000 0x0000000090ffffff 0x0000000000040200": first, last, flags. */
static bool parse_resource(const char *line, struct host_bar *ret_bar)
{
    uint64_t number[3];

    for (int i = 0; i < 3; i++) {
        if (!parse_number(&line, &number[i]) || *line != (i < 2 ? ' ' : '\0'))
            return false;
        line++;
    }
    *ret_bar = (struct host_bar){0};
    if (!(number[2] & (RESOURCE_IO | RESOURCE_MEM)) || (!number[0] && !number[1]))
        return true;
    if (number[1] < number[0] || number[1] - number[0] == UINT64_MAX)
        return false;
    *ret_bar = (struct host_bar){
        .size = number[1] - number[0] + 1,
        .io = number[2] & RESOURCE_IO,
        .wide = number[2] & RESOURCE_MEM_64,
        .prefetch = number[2] & RESOURCE_PREFETCH,
    };
    return true;
}

/*
 * The first six lines are the BARs, of bridges too (enum in include/linux/pci.h); what is behind
 * them is not read.
 */
static int read_bars(const struct place *place, struct host_function *function)
{
    char text[RESOURCE_SIZE + 1], *save = NULL, *line;
    ssize_t size;
    int code = place_read_bytes(place, "resource", text, RESOURCE_SIZE, &size);

    if (code || size < 0)
        return code;
    text[size] = '\0';
    line = strtok_r(text, "\n", &save);
    for (size_t i = 0; i < HOST_BARS; i++) {
        if (!line || !parse_resource(line, &function->bars[i]))
            return place_wrong(place, "resource", line ? line : "", "not a resource line");
        line = strtok_r(NULL, "\n", &save);
    }
    return 0;
}

/* "16.0 GT/s PCIe", "8 GT/s" (before Linux 5.7), "Unknown", "Unknown speed". */
static bool parse_speed(const char *text, unsigned *ret_speed)
{
    char *end;
    unsigned long whole, tenth = 0;

    *ret_speed = 0;
    if (!strncmp(text, "Unknown", strlen("Unknown")))
        return true;
    if (*text < '0' || *text > '9')
        return false;
    whole = strtoul(text, &end, 10);
    if (end[0] == '.' && end[1] >= '0' && end[1] <= '9') {
        tenth = (unsigned long)(end[1] - '0');
        end += 2;
    }
    if (strncmp(end, " GT/s", strlen(" GT/s")) || whole > 4096)
        return false;
    *ret_speed = (unsigned)(whole * 10 + tenth);
    return true;
}

/* The kernel says 0 (now) or 255 (at most) lanes where it does not know. */
#define WIDTH_UNKNOWN 255

static int read_link_state(const struct place *place, const char *speed_name,
                           const char *width_name, struct host_link *ret_link)
{
    char speed[SHORT_TEXT];
    bool found;
    int width = 0;
    int code = place_read_short(place, speed_name, speed, &found);

    if (!code && found && !parse_speed(speed, &ret_link->speed))
        code = place_wrong(place, speed_name, speed, "not a link speed");
    if (!code)
        code = place_read_int(place, width_name, 0, WIDTH_UNKNOWN, &width);
    if (!code)
        ret_link->width = width == WIDTH_UNKNOWN ? 0 : (unsigned)width;
    return code;
}

static int read_driver(const struct place *place, struct host_function *function)
{
    char text[PATH_MAX];
    const char *name;
    int code = place_read_link_name(place, "driver", text, &name);

    if (code || !name)
        return code;
    if (!is_plain_name(name))
        return place_wrong(place, "driver", name, "not the name of a driver");
    function->driver = strdup(name);
    return function->driver ? 0 : error_nomem(place->tree->reterr);
}

int place_read_iommu_group(const struct place *place, int *ret_group)
{
    char text[PATH_MAX];
    const char *name, *digit;
    int code = place_read_link_name(place, "iommu_group", text, &name);

    *ret_group = -1;
    if (code || !name)
        return code;
    *ret_group = 0;
    for (digit = name; *digit >= '0' && *digit <= '9' && digit - name < 9; digit++)
        *ret_group = *ret_group * 10 + (*digit - '0');
    if (digit == name || *digit)
        return place_wrong(place, "iommu_group", name, "not the number of a group");
    return 0;
}

/*
 * An interface may have any name; one that would spoil a message or a description counts as none.
 */
static int read_netdev(const struct place *place, struct host_function *function)
{
    struct names names = {0};
    autofree char *path = mem_printf("%.*s/net", (int)place->length, place->path);
    int code = path ? tree_list(place->tree, path, &names) : error_nomem(place->tree->reterr);

    for (size_t i = 0; i < names.count && !function->netdev; i++) {
        if (is_plain_name(names.items[i]))
            function->netdev = steal(names.items[i]);
    }
    names_clear(&names);
    return code;
}

static int read_physfn(const struct place *place, struct host_function *function)
{
    char text[PATH_MAX];
    const char *name;
    int code = place_read_link_name(place, "physfn", text, &name);

    if (code || !name)
        return code;
    function->is_vf = true;
    if (!bdf_parse_name(name, strlen(name), &function->physfn))
        return place_wrong(place, "physfn", name, "not a PCI address");
    return 0;
}

static int read_sriov(const struct place *place, struct host_function *function)
{
    int vfs = 0, total = 0;
    int code = place_read_int(place, "sriov_totalvfs", 0, 65535, &total);

    if (!code)
        code = place_read_int(place, "sriov_numvfs", 0, 65535, &vfs);
    function->vfs = (unsigned)vfs;
    function->vfs_total = (unsigned)total;
    return code;
}

static int read_config(const struct place *place, struct host_function *function)
{
    unsigned char bytes[CONFIG_MAX];
    ssize_t size;
    int code = place_read_bytes(place, "config", bytes, sizeof(bytes), &size);

    if (code || size < 0)
        return code;
    function->config = malloc((size_t)size + 1);
    if (!function->config)
        return error_nomem(place->tree->reterr);
    memcpy(function->config, bytes, (size_t)size);
    function->config_size = (size_t)size;
    return 0;
}

/* How far config space is read, and what the function is in the tree. */
static int read_port(const struct place *place, bool whole, const char *driver,
                     enum port_kind above, struct host_function *function)
{
    int code = 0;

    if (!whole)
        function->port = function_port_of_driver(function, driver, above);
    /* Of root ports and upstream ports nobody asks more than that. */
    if (function->port == PORT_ROOT || function->port == PORT_UPSTREAM)
        return 0;
    if (whole)
        code = read_config(place, function);
    else if (function_is_bridge(function))
        code = bridge_config_read(place, false, function);
    return code ? code : function_read_port(place, function, above, &function->port);
}

/* Who holds it: of a virtual function that is a vGPU that is not the host, whatever the driver. */
static int read_holder(const struct place *place, struct host_function *function)
{
    int code = read_driver(place, function);

    return !code && function->is_vf ? function_read_vgpu_type(place, function) : code;
}

static int read_place(const struct place *place, struct host_function *function)
{
    int code = place_read_int(place, "numa_node", -1, IDSET_LIMIT - 1, &function->node);

    if (!code)
        code = place_read_iommu_group(place, &function->iommu_group);
    if (!code)
        code = read_physfn(place, function);
    if (!code)
        code = read_holder(place, function);
    return code ? code : read_bars(place, function);
}

static int read_link(const struct place *place, struct host_function *function)
{
    int code = read_more_ids(place, function);

    if (!code)
        code = read_link_state(place, "max_link_speed", "max_link_width", &function->link_max);
    return code;
}

/* How the function is now. */
static int read_state(const struct place *place, bool has_holder, struct host_function *function)
{
    int code = has_holder ? 0 : read_holder(place, function);

    return code ? code
                : read_link_state(place, "current_link_speed", "current_link_width",
                                  &function->link_now);
}

/*
 * drivers/iommu/arm/arm-smmu-v3 of Linux calls them "smmu3.0x0000000011000000", by the address of
 * their registers; other IOMMUs (dmar0, ivhd0) are no matter here.
 */
static int read_smmu(const struct place *place, struct host_function *function)
{
    static const char prefix[] = "smmu3.";
    char text[PATH_MAX];
    const char *name;
    int code = place_read_link_name(place, "iommu", text, &name);

    if (code || !name || strncmp(name, prefix, strlen(prefix)) != 0)
        return code;
    if (!is_plain_name(name))
        return place_wrong(place, "iommu", name, "not the name of an SMMUv3");
    function->smmu = strdup(name);
    return function->smmu ? 0 : error_nomem(place->tree->reterr);
}

/* What people want to see, and neither a plan nor a check needs. */
static int read_rest(const struct place *place, struct host_function *function)
{
    int code = read_netdev(place, function);

    if (!code)
        code = read_smmu(place, function);
    return code ? code : read_sriov(place, function);
}

int function_read(const struct place *place, const struct function_wish *wish, bool wanted,
                  enum port_kind above, struct host_function *function)
{
    char driver[DRIVER_SIZE];
    bool checks = wish->everything || wish->details & HOST_CHECKS, placed;
    int code = read_ids(place, function, driver);

    function->node = -1;
    function->iommu_group = -1;
    if (!code)
        code = read_port(place, checks, driver, above, function);
    placed = wanted || function->port == PORT_NONE;
    if (!code && placed)
        code = read_place(place, function);
    if (!code && (checks || wish->details & HOST_LINKS))
        code = read_link(place, function);
    if (!code && checks)
        code = read_state(place, placed, function);
    return code || !wish->everything ? code : read_rest(place, function);
}
