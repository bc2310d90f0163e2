/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * function.c - what the directory of a PCI function says
 *
 * Takes:  an open directory below devices/, as drivers/pci/pci-sysfs.c of Linux fills it.
 * Gives:  ids, node, driver, BARs, links, SR-IOV, config space.
 * Rule:   class, vendor and device are always there; everything else may be absent and is then
 *         unknown.
 * Not here: where the function is in the tree (sysfs.c), what kind of port it is (port.c).
 */
#include "sysfs/function.h"

#include "base/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define CONFIG_MAX 4096
#define VFS_MAX 256 /* more than any GPU has */

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

static int read_ids(const struct place *place, struct host_function *function)
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

/* "0x0000000090000000 0x0000000090ffffff 0x0000000000040200": first, last, flags. */
static bool parse_resource(const char *line, struct host_bar *ret_bar)
{
    unsigned long long number[3];
    char *end;

    for (int i = 0; i < 3; i++) {
        if (strncmp(line, "0x", 2) || line[2] == '\0')
            return false;
        errno = 0;
        number[i] = strtoull(line, &end, 16);
        if (errno || end == line + 1 || *end != (i < 2 ? ' ' : '\0'))
            return false;
        line = end + 1;
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

/* The first six lines are the BARs, of bridges too (enum in include/linux/pci.h). */
static int read_bars(const struct place *place, struct host_function *function)
{
    autofree char *text = NULL;
    char *save = NULL, *line;
    int code = place_read(place, "resource", &text);

    if (code || !text)
        return code;
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
    autofree char *speed = NULL;
    int width = 0;
    int code = place_read(place, speed_name, &speed);

    if (!code && speed && !parse_speed(speed, &ret_link->speed))
        code = place_wrong(place, speed_name, speed, "not a link speed");
    if (!code)
        code = place_read_int(place, width_name, 0, WIDTH_UNKNOWN, &width);
    if (!code)
        ret_link->width = width == WIDTH_UNKNOWN ? 0 : (unsigned)width;
    return code;
}

static int read_driver(const struct place *place, struct host_function *function)
{
    int code = place_read_link_name(place, "driver", &function->driver);

    if (!code && function->driver && !is_plain_name(function->driver))
        code = place_wrong(place, "driver", function->driver, "not the name of a driver");
    return code;
}

static int read_iommu_group(const struct place *place, struct host_function *function)
{
    autofree char *name = NULL;
    char *end;
    unsigned long group;
    int code = place_read_link_name(place, "iommu_group", &name);

    if (code || !name)
        return code;
    group = strtoul(name, &end, 10);
    if (*name < '0' || *name > '9' || *end || strlen(name) > 9)
        return place_wrong(place, "iommu_group", name, "not the number of a group");
    function->iommu_group = (int)group;
    return 0;
}

/*
 * An interface may have any name; one that would spoil a message or a description counts as none.
 */
static int read_netdev(const struct place *place, struct host_function *function)
{
    struct place net;
    struct names names = {0};
    autofree char *path = mem_printf("%s/net", place->path);
    int code = path ? place_open(place->tree, path, &net) : error_nomem(place->tree->reterr);

    if (code)
        return code;
    if (net.fd >= 0)
        code = place_list(&net, &names);
    for (size_t i = 0; i < names.count && !function->netdev; i++) {
        if (is_plain_name(names.items[i]))
            function->netdev = steal(names.items[i]);
    }
    names_clear(&names);
    place_close(&net);
    return code;
}

static int read_physfn(const struct place *place, struct host_function *function)
{
    autofree char *physfn = NULL;
    int code = place_read_link_name(place, "physfn", &physfn);

    if (code || !physfn)
        return code;
    function->is_vf = true;
    if (!is_bdf_name(physfn, &function->physfn))
        return place_wrong(place, "physfn", physfn, "not a PCI address");
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

/* "558   : NVIDIA A40-2B": sets *ret_type to the rest of the line of this number.  False: out of
 * memory. */
static bool find_type(const char *list, unsigned long id, char **ret_type)
{
    for (const char *line = list; line; line = strchr(line, '\n')) {
        char *end;
        unsigned long number;

        line += *line == '\n';
        number = strtoul(line, &end, 10);
        end += strspn(end, " ");
        if (*line < '0' || *line > '9' || number != id || *end != ':')
            continue;
        end += 1 + strspn(end + 1, " ");
        *ret_type = strndup(end, strcspn(end, "\n"));
        return *ret_type;
    }
    return true;
}

/* The name of type @id in the list of types that @function, a directory, could become now. */
static int look_up_type(const struct tree *tree, const char *function, int id, char **ret_type)
{
    struct place nvidia;
    autofree char *list = NULL;
    autofree char *path = mem_printf("%s/nvidia", function);
    int code = path ? place_open(tree, path, &nvidia) : error_nomem(tree->reterr);

    if (code)
        return code;
    if (nvidia.fd >= 0)
        code = place_read(&nvidia, "creatable_vgpu_types", &list);
    place_close(&nvidia);
    if (code || !list)
        return code;
    return find_type(list, (unsigned long)id, ret_type) ? 0 : error_nomem(tree->reterr);
}

/* The same of its card's virtual functions, which are in one directory with it, until one knows the
 * type. */
static int look_up_type_of_card(const struct place *place, const struct bdf *physfn, int id,
                                char **ret_type)
{
    int folder = (int)(strrchr(place->path, '/') - place->path);
    autofree char *path = mem_printf("%.*s/%s", folder, place->path, BDF_TEXT(physfn));
    struct place card;
    int code = path ? place_open(place->tree, path, &card) : error_nomem(place->tree->reterr);
    bool more = !code && card.fd >= 0;

    if (code)
        return code;
    for (unsigned i = 0; more && !*ret_type && i < VFS_MAX; i++) {
        char link[sizeof("virtfn") + 10];
        autofree char *name = NULL, *function = NULL;
        struct bdf bdf;

        snprintf(link, sizeof(link), "virtfn%u", i);
        code = place_read_link_name(&card, link, &name);
        more = !code && name && is_bdf_name(name, &bdf);
        if (!more)
            continue;
        function = mem_printf("%.*s/%s", folder, place->path, name);
        code = function ? look_up_type(place->tree, function, id, ret_type)
                        : error_nomem(place->tree->reterr);
        more = !code;
    }
    place_close(&card);
    return code;
}

/*
 * What NVIDIA's driver says of a virtual function that is a vGPU (its Virtual GPU Software User
 * Guide).  The number of its type has a name in the list of what can be made; with every vGPU that
 * list gets shorter, but not at once for all.
 */
static int read_vgpu_type(const struct place *place, struct host_function *function)
{
    struct place nvidia;
    autofree char *type = NULL;
    autofree char *path = mem_printf("%s/nvidia", place->path);
    int current = 0;
    int code = path ? place_open(place->tree, path, &nvidia) : error_nomem(place->tree->reterr);

    if (code)
        return code;
    if (nvidia.fd >= 0)
        code = place_read_int(&nvidia, "current_vgpu_type", 0, INT32_MAX, &current);
    place_close(&nvidia);
    if (code || !current)
        return code;
    code = look_up_type(place->tree, place->path, current, &type);
    if (!code && !type)
        code = look_up_type_of_card(place, &function->physfn, current, &type);
    if (!code && type && is_printable_name(type))
        function->vgpu_type = steal(type);
    return code;
}

static int read_link(const struct place *place, struct host_function *function)
{
    int code = read_more_ids(place, function);

    if (!code)
        code = read_link_state(place, "max_link_speed", "max_link_width", &function->link_max);
    return code;
}

/* How the function is now. */
static int read_state(const struct place *place, struct host_function *function)
{
    int code = read_driver(place, function);

    if (!code && function->is_vf)
        code = read_vgpu_type(place, function);
    if (!code)
        code =
            read_link_state(place, "current_link_speed", "current_link_width", &function->link_now);
    return code;
}

/* What people want to see, and neither a plan nor a check needs. */
static int read_rest(const struct place *place, struct host_function *function)
{
    int code = read_netdev(place, function);

    return code ? code : read_sriov(place, function);
}

int function_read(const struct place *place, bool everything, unsigned details,
                  struct host_function *function)
{
    int code = read_ids(place, function);
    bool bridge = function_is_bridge(function), checks = everything || details & HOST_CHECKS;

    function->node = -1;
    function->iommu_group = -1;
    if (!code)
        code = place_read_int(place, "numa_node", -1, IDSET_LIMIT - 1, &function->node);
    if (!code)
        code = read_iommu_group(place, function);
    if (!code)
        code = read_physfn(place, function);
    if (!code && (everything || !bridge))
        code = read_bars(place, function);
    if (!code && (checks || bridge))
        code = place_read_bytes(place, "config", CONFIG_MAX, &function->config,
                                &function->config_size);
    if (!code && (checks || details & HOST_LINKS))
        code = read_link(place, function);
    if (!code && checks)
        code = read_state(place, function);
    return code || !everything ? code : read_rest(place, function);
}
