/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * port.c - what kind of port a function is
 *
 * Takes:  a function's class and config space, the kind of the bridge above it, its directory.
 * Gives:  its port kind.
 * Rule:   function.h. Config space may be anything (model/pcicap.h).
 */
#include "sysfs/function.h"

#include "base/error.h"
#include "base/mem.h"
#include "model/pcicap.h"

#include <string.h>

/* Config space: PCI Local Bus Specification 3.0, 6.1; PCI Express Base Specification 6.0, 7.5. */
#define CONFIG_HEADER_TYPE 0x0e
#define CONFIG_HEADER_SIZE 0x40

#define CLASS_BRIDGE_PCI 0x0604u
#define CLASS_BRIDGE_CARDBUS 0x0607
#define CLASS_BRIDGE_SEMI 0x0609
#define CLASS_BRIDGE_PCI_SUBTRACTIVE 0x060401

/* All ones: a device that sleeps or is gone; also the ids of a virtual function. */
static bool has_header(const struct host_function *function)
{
    return function->config_size >= CONFIG_HEADER_SIZE &&
           (function->config[0] != 0xff || function->config[1] != 0xff);
}

static bool is_bridge_class(uint32_t class_code)
{
    uint32_t class = class_code >> 8;

    return class == CLASS_BRIDGE_PCI || class == CLASS_BRIDGE_CARDBUS || class == CLASS_BRIDGE_SEMI;
}

bool function_is_bridge(const struct host_function *function)
{
    return is_bridge_class(function->class_code);
}

/* As the kernel does, by header type: 0 is a device, 1 a bridge, 2 a CardBus bridge. */
static bool is_bridge(const struct host_function *function)
{
    unsigned type = has_header(function) ? function->config[CONFIG_HEADER_TYPE] & 0x7fU : 0x7fU;

    return type <= 2 ? type != 0 : is_bridge_class(function->class_code);
}

#define TYPE_ABSENT (-1)
#define TYPE_UNREADABLE (-2)

/* The Device/Port Type of the PCIe capability, or one of the above. */
static int express_type(const struct host_function *function)
{
    size_t at;

    switch (pcicap_find(function->config, function->config_size, PCICAP_EXPRESS, &at)) {
    case PCICAP_FOUND:
        return function->config[at + 2] >> 4;
    case PCICAP_ABSENT:
        return TYPE_ABSENT;
    default:
        return TYPE_UNREADABLE;
    }
}

static enum port_kind kind_of_type(int type)
{
    switch (type) {
    case 4:
        return PORT_ROOT;
    case 5:
        return PORT_UPSTREAM;
    case 6:
        return PORT_DOWNSTREAM;
    default:
        return PORT_BRIDGE;
    }
}

/* Counts the function in the directory @name of @place as a bridge or as something else, by its
 * class. */
static int count_bridge(const struct place *place, const char *name, size_t *bridges,
                        size_t *others)
{
    autofree char *path = mem_printf("%.*s/%s", (int)place->length, place->path, name);
    uint32_t class_code = 0;
    struct place below;
    int code = path ? place_open_below(place, path, strlen(path), &below)
                    : error_nomem(place->tree->reterr);

    if (code)
        return code;
    if (below.fd >= 0)
        code = place_read_hex(&below, "class", 0xffffff, &class_code);
    place_close(&below);
    ++*(is_bridge_class(class_code) ? bridges : others);
    return code;
}

/* @ret is true if there is a function directly below, and every one is a bridge. */
static int only_bridges_below(const struct place *place, bool *ret)
{
    struct names names = {0};
    size_t bridges = 0, others = 0;
    struct bdf bdf;
    autofree char *path = mem_printf("%.*s", (int)place->length, place->path);
    int code = path ? tree_list(place->tree, path, &names) : error_nomem(place->tree->reterr);

    for (size_t i = 0; !code && i < names.count; i++) {
        if (bdf_parse_name(names.items[i], strlen(names.items[i]), &bdf))
            code = count_bridge(place, names.items[i], &bridges, &others);
    }
    names_clear(&names);
    *ret = bridges && !others;
    return code;
}

int function_read_port(const struct place *place, const struct host_function *function,
                       enum port_kind above, enum port_kind *ret_port)
{
    int type = express_type(function), code;
    bool only_bridges;

    *ret_port = PORT_NONE;
    if (!is_bridge(function))
        return 0;
    *ret_port = PORT_BRIDGE;
    if (type != TYPE_UNREADABLE) {
        *ret_port = kind_of_type(type);
        return 0;
    }
    if (function->class_code == CLASS_BRIDGE_PCI_SUBTRACTIVE || above == PORT_BRIDGE)
        return 0;
    if (above == PORT_NONE || above == PORT_UPSTREAM) {
        *ret_port = above == PORT_NONE ? PORT_ROOT : PORT_DOWNSTREAM;
        return 0;
    }
    code = only_bridges_below(place, &only_bridges);
    if (!code && only_bridges)
        *ret_port = PORT_UPSTREAM;
    return code;
}

/* drivers/pci/pcie/portdrv.c of Linux, pcie_portdrv_probe(): it takes root, upstream and downstream
 * ports only. */
enum port_kind function_port_of_driver(const struct host_function *function, const char *driver,
                                       enum port_kind above)
{
    if (strcmp(driver, "pcieport") || function->class_code != CLASS_BRIDGE_PCI << 8)
        return PORT_NONE;
    switch (above) {
    case PORT_NONE:
        return PORT_ROOT;
    case PORT_UPSTREAM:
        return PORT_DOWNSTREAM;
    case PORT_ROOT:
    case PORT_DOWNSTREAM:
        return PORT_UPSTREAM;
    default:
        return PORT_NONE;
    }
}
