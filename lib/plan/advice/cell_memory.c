/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cell_memory.c - cells that their host node cannot hold
 *
 * Takes:  <memnode>, the memory of cells and memory devices, huge pages; what the nodes have.
 * Gives:  a finding for each node that the cells tied to it alone need more of than it has.
 * Rule:   all of a node is more than a guest can have: the host itself needs some.  What the host
 *         does not say (its huge pages, of a domain that is tied) is not asked for.
 */
#include "plan/advice/advice.h"

#include "base/buffer.h"

/* Of the huge pages that the cell uses; 0: none. */
static uint64_t page_of(const struct domain *domain, unsigned cell)
{
    uint64_t size = 0;

    for (size_t i = 0; i < domain->pages.count; i++) {
        if (idset_has(&domain->pages.items[i].cells, cell))
            return domain->pages.items[i].size_kib;
        if (idset_empty(&domain->pages.items[i].cells))
            size = domain->pages.items[i].size_kib;
    }
    return size;
}

/* With what is plugged into it. */
static uint64_t memory_of(const struct domain *domain, unsigned cell)
{
    uint64_t memory = cell < domain->cells.count ? domain->cells.items[cell].memory_kib : 0;

    for (size_t i = 0; i < domain->memory_devices.count; i++) {
        if (domain->memory_devices.items[i].node == (int)cell)
            memory += domain->memory_devices.items[i].taken_kib;
    }
    return memory;
}

struct need {
    uint64_t memory_kib;
    uint64_t page_kib, pages; /* in pages of the size that the first of the cells has */
    unsigned first;           /* the lowest of them */
    struct buffer cells;      /* "0, 1" */
};

static void add_need(const struct domain *domain, unsigned cell, struct need *need)
{
    uint64_t page = page_of(domain, cell), memory = memory_of(domain, cell);

    if (!need->cells.length) {
        need->first = cell;
        need->page_kib = page;
    }
    need->memory_kib += memory;
    if (page && page == need->page_kib)
        need->pages += memory / page;
    buffer_printf(&need->cells, "%s%u", need->cells.length ? ", " : "", cell);
}

static void find_need(const struct domain *domain, unsigned node, struct need *need)
{
    for (size_t i = 0; i < domain->memnodes.count; i++) {
        const struct domain_memnode *m = &domain->memnodes.items[i];

        if (idset_size(&m->nodes) == 1 && idset_has(&m->nodes, node))
            add_need(domain, m->cell, need);
    }
}

/* SIZE_MAX: the host does not say. */
static uint64_t pages_on(const struct host_node *node, uint64_t size_kib)
{
    for (size_t i = 0; i < node->pages.count; i++) {
        if (node->pages.items[i].size_kib == size_kib)
            return node->pages.items[i].total;
    }
    return node->pages.count && size_kib ? 0 : UINT64_MAX;
}

static int report(const struct host_node *node, const struct need *need,
                  const struct reporter *reporter)
{
    autofree char *subject = mem_printf("cell %u", need->first);
    bool pages = need->pages > pages_on(node, need->page_kib);

    if (!subject || need->cells.failed)
        return error_nomem(reporter->reterr);
    if (pages)
        return report_finding(
            reporter, FINDING_CELL_LARGE, subject,
            "host node %u is to hold %llu huge pages of %llu KiB for the cells that are tied to it (%s), and has %llu: the guest does not start",
            node->id, (unsigned long long)need->pages, (unsigned long long)need->page_kib,
            need->cells.text, (unsigned long long)pages_on(node, need->page_kib));
    return report_finding(
        reporter, FINDING_CELL_LARGE, subject,
        "host node %u is to hold %llu MiB for the cells that are tied to it (%s), and has %llu MiB, of which the host itself needs some",
        node->id, (unsigned long long)(need->memory_kib / 1024), need->cells.text,
        (unsigned long long)(node->memory_kib / 1024));
}

int cell_memory_report(const struct facts *facts, const struct reporter *reporter)
{
    int r = 0;

    for (size_t i = 0; !r && i < facts->host->nodes.count; i++) {
        const struct host_node *node = &facts->host->nodes.items[i];
        struct need need = {0};

        find_need(facts->base, node->id, &need);
        if (need.cells.length && ((node->memory_kib && need.memory_kib >= node->memory_kib) ||
                                  need.pages > pages_on(node, need.page_kib)))
            r = report(node, &need, reporter);
        else if (need.cells.failed)
            r = error_nomem(reporter->reterr);
        buffer_clear(&need.cells);
    }
    return r;
}
