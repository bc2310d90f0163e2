/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * print_window.c - print_window FIRMWARE KEY=VALUE... TREE: what vtopo expects of a guest's
 * firmware
 *
 * One line: fits (yes or no), and in MiB what is needed, where the window starts and its size.
 * FIRMWARE is a place in enum mmio_firmware; sizes are in MiB.  TREE: host bridges with / between
 * them, each of ports with commas between them; a port is + if it is hot-pluggable, then sizes of
 * BARs with colons between them, or [ports of a switch].  test_mmio.py boots the same.
 */
#include "plan/budget/mmio_need.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIB (UINT64_C(1) << 20)

static struct mmio_tree tree;

static size_t add(enum mmio_kind kind, size_t above, uint64_t size, bool hotplug)
{
    size_t node = mmio_tree_add(&tree, &(struct mmio_node){kind, above, size, hotplug, false});

    if (node == SIZE_MAX)
        exit(7);
    return node;
}

/* @kind of the ports: those of a switch and those of a host bridge are the same. */
static const char *parse_ports(const char *text, size_t above)
{
    for (;; text++) {
        bool hotplug = *text == '+';
        size_t port = add(MMIO_PORT, above, 0, hotplug);

        text += hotplug;
        if (*text == '[') {
            text = parse_ports(text + 1, add(MMIO_BRIDGE, port, 0, false)) + 1;
        } else {
            while (*text >= '0' && *text <= '9') {
                char *end;

                add(MMIO_BAR, port, strtoull(text, &end, 10) * MIB, false);
                text = end + (*end == ':');
            }
        }
        if (*text != ',')
            return text;
    }
}

static void parse_tree(const char *text)
{
    for (;; text++) {
        size_t bridge = add(MMIO_HOST_BRIDGE, 0, 0, false);

        if (*text && *text != '/')
            text = parse_ports(text, bridge);
        if (*text != '/')
            return;
    }
}

int main(int argc, char **argv)
{
    struct mmio_space space = {.bits = 40, .pci64 = -1};
    struct mmio_memory memory = {.hole64 = UINT64_C(32) << 30};
    struct mmio_verdict verdict;
    unsigned reach = 0;

    if (argc < 3)
        return 2;
    for (int i = 2; i < argc - 1; i++) {
        char *value = strchr(argv[i], '=');
        uint64_t number = value ? strtoull(value + 1, NULL, 10) : 0;

        if (!value)
            return 2;
        *value = '\0';
        if (!strcmp(argv[i], "bits"))
            space.bits = (unsigned)number;
        else if (!strcmp(argv[i], "vendor"))
            space.vendor = (enum mmio_vendor)number;
        else if (!strcmp(argv[i], "pages_1g"))
            space.pages_1g = number;
        else if (!strcmp(argv[i], "la57"))
            space.la57 = number;
        else if (!strcmp(argv[i], "asked"))
            space.asked = number * MIB;
        else if (!strcmp(argv[i], "memory"))
            memory.size = memory.most = number * MIB;
        else if (!strcmp(argv[i], "most"))
            memory.most = number * MIB;
        else if (!strcmp(argv[i], "slots"))
            memory.slots = (unsigned)number;
        else if (!strcmp(argv[i], "reach"))
            reach = (unsigned)number;
        else
            return 2;
    }
    space.amd_hole = space.vendor == MMIO_AMD && space.bits >= 40;
    space.low_room = 900 * MIB;
    mmio_space_add_memory(&space, &memory);
    parse_tree(argv[argc - 1]);
    if (!mmio_judge((enum mmio_firmware)strtoul(argv[1], NULL, 10), &space,
                    UINT64_C(1) << (reach ? reach : space.bits), &tree, &verdict))
        return 7;
    printf("%s %llu %llu %llu\n", verdict.fits ? "yes" : "no",
           (unsigned long long)(verdict.need / MIB), (unsigned long long)(verdict.base / MIB),
           (unsigned long long)(verdict.size / MIB));
    mmio_tree_clear(&tree);
    return 0;
}
