/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * numa_advice.c - see numa_advice.h
 *
 * Takes:  the nodes of the assigned devices, the host's CPUs, the domain's vCPUs and memory.
 * Gives:  a cell for each node with an assigned device, and the XML of such cells.
 * Rule:   vCPUs and memory in equal parts; guest cores are not divided; vCPUs on whole cores, the
 *         threads of a core together.
 */
#include "plan/advice/numa_advice.h"

#include "base/buffer.h"

#include <string.h>

#define KIB_PER_MIB 1024u
#define KIB_PER_HUGE_PAGE 2048u
#define KIB_PER_GIB (1024u * 1024u)

/* --- the cells --- */

static bool add_cell(struct numa_advice *advice, const struct host_node *node, unsigned id)
{
    struct numa_cell *cell;

    for (size_t i = 0; i < advice->count; i++) {
        if (advice->items[i].node_id == id)
            return true;
    }
    cell = vec_add(advice);
    if (cell)
        *cell = (struct numa_cell){.node = node, .node_id = id};
    return cell != NULL;
}

static int compare_cells(const void *left, const void *right)
{
    const struct numa_cell *a = left, *b = right;

    return (a->node_id > b->node_id) - (a->node_id < b->node_id);
}

/* A cell cannot be bound to a node without memory; where no node says how much it has, all may have
 * some. */
static bool has_memory(const struct vtopo_host *host, const struct host_node *node)
{
    bool any = false;

    for (size_t i = 0; i < host->nodes.count; i++)
        any = any || host->nodes.items[i].memory_kib;
    return !any || node->memory_kib;
}

/* The lowest node with memory: for devices none of whose nodes can be a cell. */
static bool add_any_node(const struct vtopo_host *host, struct numa_advice *advice)
{
    for (size_t i = 0; i < host->nodes.count; i++) {
        if (has_memory(host, &host->nodes.items[i]))
            return add_cell(advice, &host->nodes.items[i], host->nodes.items[i].id);
    }
    return add_cell(advice, NULL, 0);
}

static bool add_cells(const struct vtopo_host *host, const int *nodes, size_t count,
                      struct numa_advice *advice)
{
    for (size_t i = 0; i < count; i++) {
        const struct host_node *node = NULL;
        size_t at = host_find_node(host, nodes[i]);

        if (at != HOST_NONE)
            node = &host->nodes.items[at];
        if (nodes[i] < 0 || (!node && host->nodes.count) || (node && !has_memory(host, node)))
            continue;
        if (!add_cell(advice, node, (unsigned)nodes[i]))
            return false;
    }
    if (!advice->count)
        return add_any_node(host, advice);
    qsort(advice->items, advice->count, sizeof(*advice->items), compare_cells);
    return true;
}

/* The CPUs of the node, or of a host without NUMA information. */
static bool collect_cpus(const struct vtopo_host *host, struct numa_cell *cell)
{
    bool ok = true;

    if (cell->node)
        return idset_copy(&cell->node->cpus, &cell->cpuset);
    for (size_t i = 0; ok && i < host->cpus.count; i++)
        ok = host->cpus.items[i].id >= IDSET_LIMIT ||
             idset_add(&cell->cpuset, host->cpus.items[i].id);
    return ok;
}

/* Core by core. */
static bool order_cpus(const struct vtopo_host *host, struct numa_cell *cell)
{
    struct idset left = {0}; /* those that are not in the order yet */
    bool ok = collect_cpus(host, cell) && idset_copy(&cell->cpuset, &left);

    cell->cpus = calloc(idset_size(&cell->cpuset) + 1, sizeof(*cell->cpus));
    for (size_t id = idset_next(&left, 0); ok && cell->cpus && id < IDSET_LIMIT;
         id = idset_next(&left, id + 1)) {
        const struct host_cpu *cpu = host_find_cpu(host, id);

        cell->cpus[cell->cpu_count++] = id;
        for (size_t s = cpu ? idset_next(&cpu->siblings, 0) : IDSET_LIMIT; s < IDSET_LIMIT;
             s = idset_next(&cpu->siblings, s + 1)) {
            if (s == id || !idset_has(&left, s))
                continue;
            cell->cpus[cell->cpu_count++] = s;
            idset_remove(&left, s);
        }
    }
    idset_free(&left);
    return ok && cell->cpus;
}

static size_t cells_with_cpus(const struct numa_advice *advice)
{
    size_t n = 0;

    for (size_t i = 0; i < advice->count; i++)
        n += !advice->items[i].node || !idset_empty(&advice->items[i].node->cpus);
    return n;
}

/* What a cell's memory is to be a multiple of: the largest unit that the domain's memory comes in.
 */
static uint64_t memory_unit(uint64_t memory, size_t cells)
{
    static const uint64_t units[] = {KIB_PER_GIB, KIB_PER_HUGE_PAGE, KIB_PER_MIB};

    for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
        if (memory % units[i] == 0 && memory / units[i] >= cells)
            return units[i];
    }
    return 1;
}

/* Equal parts; what is left over goes to the first ones. */
static void divide(const struct domain *domain, struct numa_advice *advice)
{
    size_t with_cpus = cells_with_cpus(advice), vcpus = domain->vcpus ? domain->vcpus : 1;
    size_t threads = domain->threads && vcpus % domain->threads == 0 ? domain->threads : 1;
    size_t cores = vcpus / threads, next = 0, n = 0;
    uint64_t unit = memory_unit(domain->memory_kib, advice->count),
             parts = domain->memory_kib / unit;

    for (size_t i = 0; i < advice->count; i++) {
        struct numa_cell *s = &advice->items[i];

        s->memory_kib = (parts / advice->count + (i < parts % advice->count)) * unit;
        s->first_vcpu = next;
        if (!with_cpus && i == 0)
            s->vcpus = vcpus;
        else if (!s->node || !idset_empty(&s->node->cpus)) {
            s->vcpus = (cores / with_cpus + (n < cores % with_cpus)) * threads;
            n++;
        }
        next += s->vcpus;
    }
}

/* --- their XML --- */

static void write_numa(const struct numa_advice *advice, struct buffer *text)
{
    buffer_add(text, "<numa> <!-- inside <cpu> -->\n");
    for (size_t i = 0; i < advice->count; i++) {
        const struct numa_cell *s = &advice->items[i];
        size_t last = s->first_vcpu + s->vcpus - 1;

        buffer_printf(text, "  <cell id='%zu'", i);
        if (s->vcpus == 1)
            buffer_printf(text, " cpus='%zu'", s->first_vcpu);
        else if (s->vcpus)
            buffer_printf(text, " cpus='%zu-%zu'", s->first_vcpu, last);
        buffer_printf(text, " memory='%llu' unit='KiB'/>\n", (unsigned long long)s->memory_kib);
    }
    buffer_add(text, "</numa>\n");
}

static void write_numatune(const struct numa_advice *advice, struct buffer *text)
{
    if (!advice->items[0].node)
        return; /* a kernel without NUMA support has nothing to bind to */
    buffer_add(text, "<numatune>\n  <memory mode='strict' nodeset='");
    for (size_t i = 0; i < advice->count; i++)
        buffer_printf(text, "%s%u", i ? "," : "", advice->items[i].node_id);
    buffer_add(text, "'/>\n");
    for (size_t i = 0; i < advice->count; i++)
        buffer_printf(text, "  <memnode cellid='%zu' mode='strict' nodeset='%u'/>\n", i,
                      advice->items[i].node_id);
    buffer_add(text, "</numatune>\n");
}

/* A cell with more vCPUs than its node has CPUs is pinned to the node as a whole.  False: out of
 * memory. */
static bool write_pins(const struct numa_cell *s, struct buffer *text)
{
    autofree char *all = idset_format(&s->cpuset);

    for (size_t n = 0; all && n < s->vcpus && s->cpu_count; n++) {
        buffer_printf(text, "  <vcpupin vcpu='%zu' cpuset='", s->first_vcpu + n);
        if (s->vcpus <= s->cpu_count)
            buffer_add_number(text, s->cpus[n]);
        else
            buffer_add(text, all);
        buffer_add(text, "'/>\n");
    }
    return all;
}

static bool write_cputune(const struct numa_advice *advice, struct buffer *text)
{
    bool any = false, done = true;

    for (size_t i = 0; i < advice->count; i++)
        any = any || (advice->items[i].vcpus && advice->items[i].cpu_count);
    if (!any)
        return true;
    buffer_add(text, "<cputune>\n");
    for (size_t i = 0; done && i < advice->count; i++)
        done = write_pins(&advice->items[i], text);
    buffer_add(text, "</cputune>\n");
    return done;
}

bool numa_advice_make(const struct facts *facts, const int *nodes, size_t count,
                      struct numa_advice *ret_advice)
{
    struct numa_advice advice = {0};
    bool done = add_cells(facts->host, nodes, count, &advice);

    for (size_t i = 0; done && i < advice.count; i++)
        done = order_cpus(facts->host, &advice.items[i]);
    if (done)
        divide(facts->base, &advice);
    else
        numa_advice_clear(&advice);
    *ret_advice = advice;
    return done;
}

char *numa_advice_format(const struct numa_advice *advice)
{
    autobuffer struct buffer out = {0};
    char *text;

    write_numa(advice, &out);
    write_numatune(advice, &out);
    if (!write_cputune(advice, &out))
        return NULL;
    text = buffer_steal(&out);
    if (text)
        text[strlen(text) - 1] = '\0'; /* the last line feed */
    return text;
}

void numa_advice_clear(struct numa_advice *advice)
{
    for (size_t i = 0; i < advice->count; i++) {
        idset_free(&advice->items[i].cpuset);
        free(advice->items[i].cpus);
    }
    free(advice->items);
    *advice = (struct numa_advice){0};
}
