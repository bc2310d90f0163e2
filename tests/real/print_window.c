/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * print_window.c - print_window FIRMWARE KEY=VALUE... TREE: what vtopo expects of a guest's
 * firmware
 *
 * One line: fits (yes or no), and in MiB what is needed, where the window starts and its size.
 * FIRMWARE is a place in enum mmio_firmware; sizes are in MiB.  TREE: unit/mmio_tree_text.h;
 * test_mmio.py boots the same.
 */
#include "../unit/mmio_tree_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct mmio_tree tree;

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
    mmio_tree_read(&tree, argv[argc - 1]);
    if (!mmio_judge((enum mmio_firmware)strtoul(argv[1], NULL, 10), &space,
                    UINT64_C(1) << (reach ? reach : space.bits), &tree, &verdict))
        return 7;
    printf("%s %llu %llu %llu\n", verdict.fits ? "yes" : "no",
           (unsigned long long)(verdict.need / MIB), (unsigned long long)(verdict.base / MIB),
           (unsigned long long)(verdict.size / MIB));
    mmio_tree_clear(&tree);
    return 0;
}
