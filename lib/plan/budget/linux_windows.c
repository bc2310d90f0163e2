/* SPDX-License-Identifier: GPL-2.0-or-later */
/* linux_windows.c - see linux_windows.h */
#include "plan/budget/linux_windows.h"

#include <stdlib.h>

#define MIB_BITS 20
#define ORDERS (64 - MIB_BITS)

/* All that is below a bridge. */
struct window {
    uint64_t size;
    uint64_t aligns[ORDERS]; /* sizes of what is aligned to 1 MiB and less, to 2 MiB... */
    unsigned most;           /* the largest of these orders */
};

static uint64_t add(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static uint64_t round_up(uint64_t value, uint64_t align)
{
    return value <= UINT64_MAX - align ? (value + align - 1) / align * align : UINT64_MAX;
}

/* Of an alignment, or of a BAR, which is aligned to its size. */
static unsigned order_of(uint64_t align)
{
    unsigned order = 0;

    while (order + 1 < ORDERS && UINT64_C(1) << (order + MIB_BITS) < align)
        order++;
    return order;
}

/* calculate_mem_align() */
static uint64_t align_of(const struct window *window)
{
    uint64_t sum = 0, least = 0;

    for (unsigned order = 0; order <= window->most; order++) {
        uint64_t align = UINT64_C(1) << (order + MIB_BITS);

        if (!sum)
            least = align;
        else if (round_up(add(sum, least), least) < align)
            least = align >> 1;
        sum = add(sum, window->aligns[order]);
    }
    return least;
}

static void put(struct window *window, uint64_t size, uint64_t align)
{
    unsigned order = order_of(align);

    if (!size)
        return;
    window->size = add(window->size, size);
    if (size <= align)
        window->aligns[order] = add(window->aligns[order], size);
    window->most = order > window->most ? order : window->most;
}

/* What is below comes behind, so that one way through the tree suffices. */
static void measure(const struct mmio_tree *tree, struct window *windows, uint64_t *ret_sizes)
{
    for (size_t i = tree->nodes.count; i-- > 0;) {
        const struct mmio_node *node = &tree->nodes.items[i];
        uint64_t align = align_of(&windows[i]);

        ret_sizes[i] = 0;
        if (node->kind == MMIO_HOST_BRIDGE)
            continue;
        if (node->kind == MMIO_BAR) {
            put(&windows[node->above], node->size,
                UINT64_C(1) << (order_of(node->size) + MIB_BITS));
            continue;
        }
        ret_sizes[i] = round_up(windows[i].size, align);
        put(&windows[node->above], ret_sizes[i], align);
    }
}

static bool is_on_expander(const struct mmio_tree *tree, size_t node)
{
    const struct mmio_node *nodes = tree->nodes.items;

    return nodes[node].kind == MMIO_PORT && nodes[node].above &&
           nodes[nodes[node].above].kind == MMIO_HOST_BRIDGE;
}

bool linux_windows_find(const struct mmio_tree *tree, uint64_t *ret_wanted)
{
    size_t count = tree->nodes.count + 1;
    autofree struct window *windows = calloc(count, sizeof(*windows));
    autofree uint64_t *given = calloc(count, sizeof(*given));

    if (!windows || !given || !mmio_find_given(tree, given))
        return false;
    measure(tree, windows, ret_wanted);
    for (size_t i = 0; i < tree->nodes.count; i++) {
        if (!is_on_expander(tree, i) || ret_wanted[i] <= given[i])
            ret_wanted[i] = 0;
    }
    return true;
}
