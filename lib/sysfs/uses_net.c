/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * uses_net.c - which functions have a network interface that the host uses
 *
 * Takes:  class/net; of the routes of process 1 what is beside the tree.
 * Gives:  HOST_USE_NONE to HOST_USE_ROUTE.
 * Rule:   an interface is used if it is up, or a part of another one ("master", "upper_NAME"; of a
 *         bridge, bond, Open vSwitch, VLAN...).  The default route leads through it if it names it,
 *         or what it is a part of.
 */
#include "sysfs/beside.h"
#include "sysfs/uses.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>

#define INTERFACE_UP 1u /* IFF_UP */
#define UPPER "upper_"
#define UPPERS_MAX 8 /* an interface in a bond in a VLAN in a bridge */

struct networks {
    const struct tree *tree;
    struct vtopo_host *host;
    char *routes, *routes6; /* NULL: not known */
};

/*
 * "eth0\t00000000\t0100A8C0\t0003\t0\t0\t0\t00000000\t...": interface, destination, gateway,
 * flags, three numbers, mask (fib_route_seq_show() of Linux).
 */
static bool is_default(const char *line, const char *name)
{
    size_t length = strlen(name);

    if (strncmp(line, name, length) || line[length] != '\t')
        return false;
    for (int column = 0; line && column < 8; column++) {
        if ((column == 1 || column == 7) && strncmp(line, "00000000", 8))
            return false;
        line = strchr(line, '\t');
        line += line ? 1 : 0;
    }
    return true;
}

/* "00000000000000000000000000000000 00 ... eth0": rt6_info_route() had it so. */
static bool is_default6(const char *line, const char *name)
{
    size_t end = strcspn(line, "\n"), length = strlen(name);

    return !strncmp(line, "00000000000000000000000000000000 00 ", 36) && end > length &&
           line[end - length - 1] == ' ' && !strncmp(line + end - length, name, length);
}

static bool any_line(const char *text, const char *name,
                     bool (*matches)(const char *line, const char *name))
{
    for (const char *line = text; line && *line; line += *line == '\n') {
        if (matches(line, name))
            return true;
        line += strcspn(line, "\n");
    }
    return false;
}

static bool has_route(const struct networks *networks, const char *name)
{
    return any_line(networks->routes, name, is_default) ||
           any_line(networks->routes6, name, is_default6);
}

/* What the interface in the folder is a part of; "" where it is of none. */
static void find_upper(const struct networks *networks, const char *folder, char *ret_name,
                       size_t size)
{
    const struct tree silent = {.fd = networks->tree->fd, .name = networks->tree->name};
    struct names names;

    *ret_name = '\0';
    if (tree_list(&silent, folder, &names))
        return;
    for (size_t i = 0; i < names.count && !*ret_name; i++) {
        if (!strncmp(names.items[i], UPPER, strlen(UPPER)))
            snprintf(ret_name, size, "%s", names.items[i] + strlen(UPPER));
    }
    names_clear(&names);
}

static enum host_use use_of(const struct networks *networks, const struct class_device *device)
{
    char name[SHORT_TEXT], folder[SHORT_TEXT + 32], flags[SHORT_TEXT];
    enum host_use use = HOST_USE_UNKNOWN;

    if (uses_attribute(networks->tree, device->path, "flags", flags))
        use = strtoul(flags, NULL, 16) & INTERFACE_UP ? HOST_USE_UP : HOST_USE_NONE;
    if (has_route(networks, device->name))
        return HOST_USE_ROUTE;
    find_upper(networks, device->path, name, sizeof(name));
    for (int i = 0; *name && i < UPPERS_MAX; i++) {
        use = HOST_USE_MEMBER;
        if (has_route(networks, name))
            return HOST_USE_ROUTE;
        snprintf(folder, sizeof(folder), "devices/virtual/net/%s", name);
        find_upper(networks, folder, name, sizeof(name));
    }
    return use;
}

static int note_interface(const struct class_device *device, void *context)
{
    struct networks *networks = context;

    if (device->function != HOST_NONE)
        uses_note(networks->host, device->function, use_of(networks, device));
    return 0;
}

int uses_read_net(const struct tree *tree, struct vtopo_host *host)
{
    struct networks networks = {tree, host, NULL, NULL};
    int code = beside_read(tree, "proc/1/net", "route", &networks.routes);

    if (!code)
        code = beside_read(tree, "proc/1/net", "ipv6_route", &networks.routes6);
    if (!code)
        code = uses_for_each(tree, host, "class/net", note_interface, &networks);
    free(networks.routes);
    free(networks.routes6);
    return code;
}
