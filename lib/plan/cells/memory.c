/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memory.c - how much memory each cell has, and how it is bound
 *
 * Takes:  <memory>, memory devices, huge pages; the memory and huge pages of the nodes.
 * Gives:  the memory of each cell; the mode of <memnode>; huge pages that become those of all
 *         cells.
 * Rule:   evenly, in whole pages (2 MiB where there are no huge ones); what is left over goes to
 *         the first ones, and less than a page to the last.  The sum is <memory> without the
 *         memory devices, as libvirt counts.  The host itself needs some of what a node has.
 */
#include "plan/cells/work.h"

#include <string.h>

#define KIB_PER_MIB 1024u
#define KIB_PER_HUGE_PAGE 2048u

uint64_t memory_page_kib(const struct domain *domain)
{
    uint64_t size = domain->huge_pages ? KIB_PER_HUGE_PAGE : 0;

    for (size_t i = 0; i < domain->pages.count; i++) {
        const struct domain_pages *pages = &domain->pages.items[i];

        if (idset_has(&pages->cells, 0))
            return pages->size_kib;
        if (idset_empty(&pages->cells))
            size = pages->size_kib;
    }
    return size;
}

static uint64_t devices_kib(const struct domain *domain)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < domain->memory_devices.count; i++)
        sum += domain->memory_devices.items[i].size_kib;
    return sum;
}

static uint64_t memory_of_all(const struct domain *domain)
{
    uint64_t devices = devices_kib(domain);

    return devices < domain->memory_kib ? domain->memory_kib - devices : 0;
}

bool memory_divide(struct cells_work *work)
{
    struct made_cells *made = work->made;
    uint64_t page = memory_page_kib(domain_of(work)), memory = memory_of_all(domain_of(work));
    uint64_t unit = page ? page : KIB_PER_HUGE_PAGE, parts = memory / unit;

    for (size_t i = 0; i < made->count; i++)
        made->items[i].memory_kib = (parts / made->count + (i < parts % made->count)) * unit;
    made->items[made->count - 1].memory_kib += memory % unit;
    return true;
}

/* --- does it fit? --- */

/* What all cells on the node have, and what is plugged into them. */
static uint64_t memory_on(const struct cells_work *work, size_t node)
{
    const struct domain *domain = domain_of(work);
    uint64_t memory_kib = 0;

    for (size_t i = 0; i < work->made->count; i++) {
        const struct made_cell *cell = &work->made->items[i];

        if (!cell->tied || cell->node != node)
            continue;
        memory_kib += cell->memory_kib;
        for (size_t k = 0; k < domain->memory_devices.count; k++) {
            if (domain->memory_devices.items[k].node == (int)i)
                memory_kib += domain->memory_devices.items[k].taken_kib;
        }
    }
    return memory_kib;
}

/* NULL: the host does not say. */
static const struct host_pages *pages_of(const struct host_node *node, uint64_t size_kib)
{
    static const struct host_pages none;

    if (!node->pages.count || !size_kib)
        return NULL;
    for (size_t i = 0; i < node->pages.count; i++) {
        if (node->pages.items[i].size_kib == size_kib)
            return &node->pages.items[i];
    }
    return &none;
}

const struct made_cell *memory_shortage(const struct cells_work *work)
{
    for (size_t i = 0; i < work->made->count; i++) {
        const struct made_cell *cell = &work->made->items[i];
        const struct host_node *node = cell->tied ? node_of_cell(work, cell) : NULL;
        uint64_t page = memory_page_kib(domain_of(work)), need;
        const struct host_pages *pages = node ? pages_of(node, page) : NULL;

        if (!node)
            continue;
        need = memory_on(work, cell->node);
        if (!node_has_memory(host_of(work), node) ||
            (node->memory_kib && need >= node->memory_kib) || (pages && need / page > pages->total))
            return cell;
    }
    return NULL;
}

static bool describe_shortage(struct cells_work *work, const struct made_cell *cell)
{
    const struct host_node *node = node_of_cell(work, cell);
    uint64_t page = memory_page_kib(domain_of(work)), need = memory_on(work, cell->node);
    const struct host_pages *pages = pages_of(node, page);
    size_t cells = work->made->count;

    if (pages && need / page > pages->total)
        return cells_stop(work, MADE_REFUSED,
                          "no cells fit: of %zu cell%s the one on node %u would have %llu MiB in "
                          "huge pages of %llu KiB, and that node has %llu of these",
                          cells, cells > 1 ? "s" : "", cell->node_id,
                          (unsigned long long)(need / KIB_PER_MIB), (unsigned long long)page,
                          (unsigned long long)pages->total);
    return cells_stop(work, MADE_REFUSED,
                      "no cells fit: of %zu cell%s the one on node %u would have %llu MiB, and "
                      "that node has %llu MiB, of which the host itself needs some",
                      cells, cells > 1 ? "s" : "", cell->node_id,
                      (unsigned long long)(need / KIB_PER_MIB),
                      (unsigned long long)(node->memory_kib / KIB_PER_MIB));
}

/* What is free now need not be free when the guest starts, and the other way round. */
static bool note_what_is_left(struct cells_work *work, const struct made_cell *cell)
{
    const struct host_node *node = node_of_cell(work, cell);
    uint64_t page = memory_page_kib(domain_of(work)), need = memory_on(work, cell->node), left;
    const struct host_pages *pages = node ? pages_of(node, page) : NULL;
    autofree char *subject = mem_printf("cell %zu", (size_t)(cell - work->made->items));

    if (!subject)
        return false;
    if (!node || (page && !pages) || (!page && !node->memory_free_kib))
        return true;
    left = page ? pages->free * page : node->memory_free_kib;
    if (need <= left)
        return true;
    return cells_note(work, FINDING_MEMORY_LEFT, subject,
                      "gets %llu MiB of host node %u, which now has %llu MiB left%s; a guest that "
                      "is to take them there alone (\"strict\") does not start while they are in "
                      "use, and policy cells_memory \"preferred\" lets it take others",
                      (unsigned long long)(need / KIB_PER_MIB), cell->node_id,
                      (unsigned long long)(left / KIB_PER_MIB), page ? " in huge pages" : "");
}

/* A memory device keeps its <node>. */
static bool check_devices(struct cells_work *work)
{
    const struct domain *domain = domain_of(work);

    for (size_t i = 0; i < domain->memory_devices.count; i++) {
        int node = domain->memory_devices.items[i].node;

        if (node >= 0 && (size_t)node >= work->made->count)
            return cells_stop(work, MADE_REFUSED,
                              "a memory device belongs to cell %d (<target><node>), and there "
                              "would be %zu cell%s",
                              node, work->made->count, work->made->count > 1 ? "s" : "");
    }
    return true;
}

static bool check_pages(struct cells_work *work)
{
    uint64_t page = memory_page_kib(domain_of(work)), memory = memory_of_all(domain_of(work));

    if (page && memory % page)
        return cells_stop(work, MADE_REFUSED,
                          "the memory of the cells (%llu KiB) is no multiple of the huge page "
                          "(%llu KiB), so one of them could not be in huge pages",
                          (unsigned long long)memory, (unsigned long long)page);
    if (page && memory / page < work->made->count)
        return cells_stop(work, MADE_REFUSED,
                          "no cells fit: %zu need at least one huge page of %llu KiB each, and "
                          "the memory is %llu KiB",
                          work->made->count, (unsigned long long)page, (unsigned long long)memory);
    for (size_t i = 0; i < work->made->count; i++) {
        if (!work->made->items[i].memory_kib)
            return cells_stop(work, MADE_REFUSED, "%s",
                              "its <memory> is too small to be divided, or is all in memory "
                              "devices");
    }
    return true;
}

/* Pages for cell 0 alone, which a domain without cells counts as, become those of all cells. */
static bool choose_pages(struct cells_work *work)
{
    const struct domain *domain = domain_of(work);
    bool done = true;

    for (size_t i = 0; work->made->count > 1 && i < domain->pages.count; i++) {
        if (!idset_has(&domain->pages.items[i].cells, 0) || work->made->page_nodeset)
            continue;
        work->made->page_nodeset = strdup(domain->pages.items[i].nodeset);
        done = work->made->page_nodeset;
    }
    return done;
}

bool memory_check(struct cells_work *work)
{
    const struct made_cell *small;
    bool done = check_devices(work) && check_pages(work);

    if (!done || cells_stopped(work))
        return done;
    small = memory_shortage(work);
    if (small)
        return describe_shortage(work, small);
    done = choose_pages(work);
    for (size_t i = 0; done && i < work->made->count; i++)
        done = note_what_is_left(work, &work->made->items[i]);
    return done;
}

/* --- the mode --- */

void memory_choose_mode(struct cells_work *work)
{
    static const char *const modes[] = {"strict", "preferred", "interleave", "restrictive"};
    const char *mode = domain_of(work)->memory_mode;

    work->made->memory_mode = work->wish->preferred ? "preferred" : "strict";
    for (size_t i = 0; mode && i < sizeof(modes) / sizeof(*modes); i++) {
        if (!strcmp(mode, modes[i]))
            work->made->memory_mode = modes[i];
    }
}
