/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mmio_tree_text.h - a tree of 64-bit BARs from a text, for suites and for tests/real/test_mmio.py
 *
 * "/" is between host bridges, "," between ports.  A port is "+" if it is hot-pluggable, then the
 * sizes of its BARs in MiB with ":" between them, or "[", the ports of a switch, "]".
 */
#ifndef VTOPO_TESTS_MMIO_TREE_TEXT_H
#define VTOPO_TESTS_MMIO_TREE_TEXT_H

#include "plan/budget/mmio_need.h"

#include <stdlib.h>

#define MIB (UINT64_C(1) << 20)

static size_t mmio_text_add(struct mmio_tree *tree, enum mmio_kind kind, size_t above, uint64_t mib,
                            bool hotplug)
{
    size_t node = mmio_tree_add(
        tree,
        &(struct mmio_node){.kind = kind, .above = above, .size = mib * MIB, .hotplug = hotplug});

    if (node == SIZE_MAX)
        abort();
    return node;
}

static const char *mmio_text_ports(struct mmio_tree *tree, const char *text, size_t above)
{
    for (;; text++) {
        bool hotplug = *text == '+';
        size_t port = mmio_text_add(tree, MMIO_PORT, above, 0, hotplug);

        text += hotplug;
        if (*text == '[') {
            size_t bridge = mmio_text_add(tree, MMIO_BRIDGE, port, 0, false);

            text = mmio_text_ports(tree, text + 1, bridge) + 1;
        } else {
            while (*text >= '0' && *text <= '9') {
                char *end;

                mmio_text_add(tree, MMIO_BAR, port, strtoull(text, &end, 10), false);
                text = end + (*end == ':');
            }
        }
        if (*text != ',')
            return text;
    }
}

static void mmio_tree_read(struct mmio_tree *tree, const char *text)
{
    mmio_tree_clear(tree);
    for (;; text++) {
        size_t bridge = mmio_text_add(tree, MMIO_HOST_BRIDGE, 0, 0, false);

        if (*text && *text != '/')
            text = mmio_text_ports(tree, text, bridge);
        if (*text != '/')
            return;
    }
}

#endif
