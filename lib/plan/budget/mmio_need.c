/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mmio_need.c - see mmio_need.h */
#include "plan/budget/mmio_need.h"

#include <stdlib.h>
#include <string.h>

#define KIB (UINT64_C(1) << 10)
#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

/* Alignments are powers of two; sizes from files may be anything, and then nothing fits. */
static uint64_t round_up(uint64_t value, uint64_t align)
{
    return value <= UINT64_MAX - align ? (value + align - 1) / align * align : UINT64_MAX;
}

static uint64_t add(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static uint64_t power_of_two_above(uint64_t value)
{
    uint64_t power = 1;

    while (power < value && power <= UINT64_MAX / 2)
        power *= 2;
    return power;
}

/* What a BAR takes, or all that is below a bridge. */
struct region {
    uint64_t size, align;
    size_t node;
    bool padding, plain;
};

/* At work: the region of each node, and room for one list. */
struct work {
    const struct mmio_tree *tree;
    const struct mmio_window *window;
    enum mmio_firmware firmware;
    uint64_t padding;       /* OVMF: of a hot-pluggable port */
    struct region *regions; /* of each node */
    size_t *child, *next;   /* the first child of each node, and its next sibling; SIZE_MAX: none */
    struct region *list, *merged;
    size_t count;
    bool misaligned;
};

static bool work_start(struct work *work)
{
    size_t n = work->tree->nodes.count + 2;

    work->regions = calloc(n, sizeof(*work->regions));
    work->list = calloc(n, sizeof(*work->list));
    work->merged = calloc(n, sizeof(*work->merged));
    work->child = malloc(n * sizeof(*work->child));
    work->next = malloc(n * sizeof(*work->next));
    if (!work->regions || !work->list || !work->merged || !work->child || !work->next)
        return false;
    for (size_t i = 0; i < n; i++)
        work->child[i] = work->next[i] = SIZE_MAX;
    for (size_t i = work->tree->nodes.count; i-- > 0;) {
        const struct mmio_node *node = &work->tree->nodes.items[i];

        if (node->kind == MMIO_HOST_BRIDGE)
            continue;
        work->next[i] = work->child[node->above];
        work->child[node->above] = i;
    }
    return true;
}

static void work_end(struct work *work)
{
    free(work->regions);
    free(work->list);
    free(work->merged);
    free(work->child);
    free(work->next);
}

static bool is_bridge(const struct mmio_node *node)
{
    return node->kind == MMIO_PORT || node->kind == MMIO_BRIDGE;
}

static struct region bar_region(const struct mmio_tree *tree, size_t node)
{
    const struct mmio_node *n = &tree->nodes.items[node];
    uint64_t align = power_of_two_above(n->size < 4 * KIB ? 4 * KIB : n->size);

    return (struct region){.size = n->size < 4 * KIB ? 4 * KIB : n->size,
                           .align = align,
                           .node = node,
                           .plain = n->plain};
}

static void put(struct region *list, size_t *count, size_t at, const struct region *region)
{
    memmove(&list[at + 1], &list[at], (*count - at) * sizeof(*list));
    list[at] = *region;
    (*count)++;
}

/* --- OVMF --- */

/* InsertResourceNode(): from the head on. */
static void ovmf_insert(struct region *list, size_t *count, const struct region *region)
{
    uint64_t rest = region->size & (region->align - 1);
    size_t at = 0;

    for (; at < *count; at++) {
        const struct region *other = &list[at];

        if (region->align > other->align)
            break;
        if (region->align == other->align && (!rest || rest >= (other->size & (other->align - 1))))
            break;
    }
    put(list, count, at, region);
}

/* The list of what is directly below a node. */
static void ovmf_collect(struct work *work, size_t above)
{
    const struct mmio_node *nodes = work->tree->nodes.items;
    uint64_t padding = nodes[above].reserve ? nodes[above].reserve : work->padding;

    work->count = 0;
    for (size_t i = work->child[above]; i != SIZE_MAX; i = work->next[i]) {
        if (work->regions[i].size)
            ovmf_insert(work->list, &work->count, &work->regions[i]);
    }
    if (nodes[above].kind == MMIO_PORT && nodes[above].hotplug && padding)
        ovmf_insert(work->list, &work->count,
                    &(struct region){padding, padding, above, .padding = true});
}

/* A host bridge has one window for what is prefetchable and what is not: the lists are merged. */
static void ovmf_merge(struct work *work)
{
    size_t count = 0;

    for (size_t i = work->count; i-- > 0;) {
        if (work->list[i].plain)
            ovmf_insert(work->merged, &count, &work->list[i]);
    }
    for (size_t i = 0; i < work->count; i++) {
        if (!work->list[i].plain)
            ovmf_insert(work->merged, &count, &work->list[i]);
    }
    memcpy(work->list, work->merged, count * sizeof(*work->list));
}

/* CalculateResourceAperture() */
static struct region ovmf_aperture(const struct work *work, size_t node)
{
    struct region all = {.align = MIB, .node = node};
    uint64_t padding = 0;

    for (size_t i = 0; i < work->count; i++) {
        uint64_t *end = work->list[i].padding ? &padding : &all.size;

        *end = add(round_up(*end, work->list[i].align), work->list[i].size);
    }
    all.size = round_up(all.size > padding ? all.size : padding, MIB);
    if (work->count && work->list[0].align > all.align)
        all.align = work->list[0].align;
    return all;
}

/* The first place from @base on where the region is aligned and meets none of those before it. */
static uint64_t first_place(const struct work *work, uint64_t base, const struct region *region,
                            const uint64_t *places, size_t before)
{
    uint64_t place = round_up(base, region->align);

    for (size_t i = 0; i < before; i++) {
        const struct region *other = &work->regions[i];
        uint64_t end = add(places[i], other->size);

        if (work->tree->nodes.items[i].kind != MMIO_HOST_BRIDGE || !other->size || place >= end ||
            add(place, region->size) <= places[i])
            continue;
        place = round_up(end, region->align);
        i = (size_t)-1; /* those before may be in the way there */
    }
    return place;
}

/* *ret_any: there is something to place. */
static bool ovmf_place(struct work *work, uint64_t base, uint64_t *ret_end, bool *ret_any)
{
    autofree uint64_t *places = calloc(work->tree->nodes.count + 1, sizeof(*places));

    *ret_end = base;
    *ret_any = false;
    if (!places)
        return false;
    for (size_t i = 0; i < work->tree->nodes.count; i++) {
        const struct region *region = &work->regions[i];
        uint64_t end;

        if (work->tree->nodes.items[i].kind != MMIO_HOST_BRIDGE || !region->size)
            continue;
        *ret_any = true;
        places[i] = first_place(work, base, region, places, i);
        end = add(places[i], region->size);
        *ret_end = end > *ret_end ? end : *ret_end;
    }
    return true;
}

/* The region of each node. */
static void ovmf_measure(struct work *work)
{
    const struct mmio_node *nodes = work->tree->nodes.items;

    for (size_t i = work->tree->nodes.count; i-- > 0;) {
        if (nodes[i].kind == MMIO_BAR) {
            work->regions[i] = bar_region(work->tree, i);
            continue;
        }
        ovmf_collect(work, i);
        if (nodes[i].kind == MMIO_HOST_BRIDGE)
            ovmf_merge(work);
        work->regions[i] = ovmf_aperture(work, i);
    }
}

static bool ovmf_judge(struct work *work, uint64_t reach, struct mmio_verdict *ret)
{
    uint64_t end, alone;
    bool any;

    /* AAVMF keeps nothing (tried with 2025.02: eight BARs of 64 GiB and its window of 512). */
    if (work->firmware >= OVMF_202211 && work->firmware != AAVMF && ret->window.size > 32 * GIB)
        work->padding = power_of_two_above(ret->window.size >> 8);
    ovmf_measure(work);
    if (!ovmf_place(work, ret->window.base, &end, &any) || !ovmf_place(work, 0, &alone, &any))
        return false;
    ret->base = ret->window.base;
    ret->size = ret->window.size;
    ret->need = end - ret->base;
    ret->fits = !any || (ret->need <= ret->size && end <= reach);
    /* What does not fit is not to count what a window begins with that suits it less. */
    if (!ret->fits && (alone > ret->size || end == UINT64_MAX))
        ret->need = alone;
    return true;
}

/* --- SeaBIOS --- */

/* pci_region_create_entry() */
static void seabios_insert(struct region *list, size_t *count, const struct region *region)
{
    size_t at = 0;

    while (at < *count && (list[at].align > region->align ||
                           (list[at].align == region->align && list[at].size >= region->size)))
        at++;
    put(list, count, at, region);
}

static void seabios_add_children(struct work *work, size_t above, bool plain)
{
    for (size_t i = work->child[above]; i != SIZE_MAX; i = work->next[i]) {
        if (work->regions[i].plain == plain)
            seabios_insert(work->list, &work->count, &work->regions[i]);
    }
}

/* What is directly below a node, or below all host bridges; @plain: what is not prefetchable. */
static void seabios_collect(struct work *work, size_t above, bool plain)
{
    const struct mmio_node *nodes = work->tree->nodes.items;

    work->count = 0;
    if (nodes[above].kind != MMIO_HOST_BRIDGE) {
        seabios_add_children(work, above, plain);
        return;
    }
    for (size_t i = 0; i < work->tree->nodes.count; i++) {
        if (nodes[i].kind == MMIO_HOST_BRIDGE)
            seabios_add_children(work, i, plain);
    }
}

static uint64_t seabios_sum(const struct work *work)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < work->count; i++)
        sum = add(sum, work->list[i].size);
    return sum;
}

static uint64_t seabios_align(const struct work *work)
{
    return work->count ? work->list[0].align : 1;
}

static struct region seabios_window_of_port(const struct work *work, size_t node)
{
    bool slot = work->tree->nodes.items[node].kind == MMIO_PORT;
    uint64_t room = work->window->top >> 11, sum = seabios_sum(work);
    struct region all = {.align = 2 * MIB, .node = node};

    if (seabios_align(work) > all.align)
        all.align = seabios_align(work);
    if (slot && work->window->pads && room && (work->firmware < SEABIOS_1_17 || room > all.align))
        all.align = room; /* smaller than a BAR before 1.17, too */
    if (slot && all.align > sum)
        sum = all.align;
    all.size = round_up(sum, all.align);
    return all;
}

/* Where the list goes, one after the other, and what is below each.  A node comes after the one
 * above it, so that one way through the tree suffices. */
static bool seabios_map(struct work *work, uint64_t base)
{
    autofree uint64_t *bases = calloc(work->tree->nodes.count + 1, sizeof(*bases));

    if (!bases)
        return false;
    bases[0] = base;
    for (size_t i = 0; i < work->tree->nodes.count; i++) {
        const struct mmio_node *node = &work->tree->nodes.items[i];

        if (node->kind == MMIO_BAR || (node->kind == MMIO_HOST_BRIDGE && i))
            continue;
        seabios_collect(work, i, false);
        base = bases[i];
        for (size_t at = 0; at < work->count; at++) {
            size_t below = work->list[at].node;

            bases[below] = base;
            if (work->tree->nodes.items[below].kind == MMIO_BAR && base % work->list[at].align)
                work->misaligned = true;
            base = add(base, work->list[at].size);
        }
    }
    return true;
}

static uint64_t seabios_base(const struct mmio_window *window, const struct mmio_space *space,
                             uint64_t mem, uint64_t pref)
{
    uint64_t base = mmio_memory_end(space);
    uint64_t size = add(round_up(mem, GIB), round_up(pref, GIB));

    if (!window->top)
        return base;
    if (window->pads)
        size = round_up(size, window->top >> 3);
    if (size < window->top && base < window->top - size)
        base = window->top - size;
    if (space->amd_hole && base < AMD_HOLE_END && add(base, size) > AMD_HOLE_START && size <= base)
        base -= size;
    return base;
}

static bool has_host_bridge(const struct mmio_tree *tree)
{
    return tree->nodes.count && tree->nodes.items[0].kind == MMIO_HOST_BRIDGE;
}

static bool seabios_judge(struct work *work, const struct mmio_space *space, uint64_t reach,
                          struct mmio_verdict *ret)
{
    const struct mmio_node *nodes = work->tree->nodes.items;
    uint64_t mem, pref, mem_align, pref_align, base, start, end;

    ret->fits = true;
    if (!has_host_bridge(work->tree))
        return true;
    for (size_t i = work->tree->nodes.count; i-- > 0;) {
        if (nodes[i].kind == MMIO_BAR)
            work->regions[i] = bar_region(work->tree, i);
        if (!is_bridge(&nodes[i]))
            continue;
        seabios_collect(work, i, false);
        work->regions[i] = seabios_window_of_port(work, i);
    }
    seabios_collect(work, 0, true);
    mem = seabios_sum(work);
    mem_align = seabios_align(work);
    seabios_collect(work, 0, false);
    pref = seabios_sum(work);
    pref_align = seabios_align(work);
    if (!ret->window.pads && add(mem, pref) <= space->low_room)
        return true; /* all of it is below 4 GiB */
    base = seabios_base(&ret->window, space, mem, pref);
    start = round_up(round_up(base, mem_align), GIB);
    ret->base = mem ? start : UINT64_MAX;
    start = round_up(round_up(add(start, mem), pref_align), GIB);
    ret->base = ret->base < start ? ret->base : start;
    end = add(start, pref);
    if (!seabios_map(work, start))
        return false;
    ret->need = mem || pref ? end - ret->base : 0;
    ret->size = ret->need;
    ret->misplaced = work->misaligned;
    ret->fits =
        !(mem || pref) || (end <= reach && !work->misaligned && ret->base >= space->ram_end);
    return true;
}

/* --- */

bool mmio_judge(enum mmio_firmware firmware, const struct mmio_space *space, uint64_t reach,
                const struct mmio_tree *tree, struct mmio_verdict *ret)
{
    struct work work = {.tree = tree, .firmware = firmware, .window = &ret->window};
    bool there;

    *ret = (struct mmio_verdict){.window = mmio_window_of(firmware, space)};
    there = work_start(&work);
    if (there && firmware < MMIO_SEABIOS_FIRST)
        there = ovmf_judge(&work, reach, ret);
    else if (there)
        there = seabios_judge(&work, space, reach, ret);
    work_end(&work);
    return there;
}

bool mmio_find_given(const struct mmio_tree *tree, uint64_t *ret_sizes)
{
    struct work work = {.tree = tree, .firmware = AAVMF};
    bool there = work_start(&work);

    if (there)
        ovmf_measure(&work);
    for (size_t i = 0; there && i < tree->nodes.count; i++)
        ret_sizes[i] = work.regions[i].size;
    work_end(&work);
    return there;
}

size_t mmio_tree_add(struct mmio_tree *tree, const struct mmio_node *node)
{
    struct mmio_node *added = vec_add(&tree->nodes);

    if (!added)
        return SIZE_MAX;
    *added = *node;
    return tree->nodes.count - 1;
}

void mmio_tree_clear(struct mmio_tree *tree)
{
    free(tree->nodes.items);
    *tree = (struct mmio_tree){0};
}
