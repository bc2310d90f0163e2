/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * numa_advice.c - the guest NUMA cells that would fit this host and these devices
 *
 * Takes:  the nodes of the assigned devices, the host's CPUs, the domain's vCPUs and memory.
 * Gives:  <numa>, <numatune> and <cputune> as text, ready to paste.
 * Rule:   a cell for each node with an assigned device; vCPUs and memory in equal parts; guest
 * cores are not divided; vCPUs on whole cores, the threads of a core together.
 */
#include "plan/ground/planner.h"

#include <string.h>

#define KIB_PER_MIB 1024u
#define KIB_PER_HUGE_PAGE 2048u
#define KIB_PER_GIB (1024u * 1024u)

/* One cell to be. */
struct share {
    const struct host_node *node; /* NULL: a host without NUMA information, which has all CPUs */
    unsigned id;
    size_t first_vcpu, vcpus;
    uint64_t memory_kib;
    struct idset cpuset; /* of the node */
    size_t *cpus;        /* the same in the order in which they are handed out */
    size_t cpu_count;
};

struct shares {
    struct share *items;
    size_t count, cap;
};

static bool add_share(struct shares *shares, const struct host_node *node, unsigned id)
{
    struct share *share;

    for (size_t i = 0; i < shares->count; i++) {
        if (shares->items[i].id == id)
            return true;
    }
    share = vec_add(shares);
    if (share)
        *share = (struct share){.node = node, .id = id};
    return share != NULL;
}

static int compare_shares(const void *left, const void *right)
{
    const struct share *a = left, *b = right;

    return (a->id > b->id) - (a->id < b->id);
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
static bool add_any_node(const struct vtopo_host *host, struct shares *shares)
{
    for (size_t i = 0; i < host->nodes.count; i++) {
        if (has_memory(host, &host->nodes.items[i]))
            return add_share(shares, &host->nodes.items[i], host->nodes.items[i].id);
    }
    return add_share(shares, NULL, 0);
}

/* The nodes of the devices that the guest gets. */
static bool collect_nodes(const struct planner *p, struct shares *shares)
{
    for (size_t i = 0; i < p->plan->devices.count; i++) {
        const struct plan_device *device = &p->plan->devices.items[i];
        const struct host_node *node = NULL;
        int id;
        size_t at;

        if (device->function == HOST_NONE || device->fate == FATE_UNASSIGNED)
            continue;
        id = plan_node_of(p, device);
        at = host_find_node(p->facts.host, id);
        if (at != HOST_NONE)
            node = &p->facts.host->nodes.items[at];
        if (id < 0 || (!node && p->facts.host->nodes.count) ||
            (node && !has_memory(p->facts.host, node)))
            continue;
        if (!add_share(shares, node, (unsigned)id))
            return false;
    }
    if (!shares->count)
        return add_any_node(p->facts.host, shares);
    qsort(shares->items, shares->count, sizeof(*shares->items), compare_shares);
    return true;
}

/* The CPUs of the node, or of a host without NUMA information. */
static bool collect_cpus(const struct vtopo_host *host, struct share *share)
{
    bool ok = true;

    if (share->node)
        return idset_copy(&share->node->cpus, &share->cpuset);
    for (size_t i = 0; ok && i < host->cpus.count; i++)
        ok = host->cpus.items[i].id >= IDSET_LIMIT ||
             idset_add(&share->cpuset, host->cpus.items[i].id);
    return ok;
}

/* Core by core. */
static bool order_cpus(const struct vtopo_host *host, struct share *share)
{
    struct idset left = {0}; /* those that are not in the order yet */
    bool ok = collect_cpus(host, share) && idset_copy(&share->cpuset, &left);

    share->cpus = calloc(idset_size(&share->cpuset) + 1, sizeof(*share->cpus));
    for (size_t id = idset_next(&left, 0); ok && share->cpus && id < IDSET_LIMIT;
         id = idset_next(&left, id + 1)) {
        const struct host_cpu *cpu = host_find_cpu(host, id);

        share->cpus[share->cpu_count++] = id;
        for (size_t s = cpu ? idset_next(&cpu->siblings, 0) : IDSET_LIMIT; s < IDSET_LIMIT;
             s = idset_next(&cpu->siblings, s + 1)) {
            if (s == id || !idset_has(&left, s))
                continue;
            share->cpus[share->cpu_count++] = s;
            idset_remove(&left, s);
        }
    }
    idset_free(&left);
    return ok && share->cpus;
}

static size_t shares_with_cpus(const struct shares *shares)
{
    size_t n = 0;

    for (size_t i = 0; i < shares->count; i++)
        n += !shares->items[i].node || !idset_empty(&shares->items[i].node->cpus);
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
static void divide(const struct domain *domain, struct shares *shares)
{
    size_t with_cpus = shares_with_cpus(shares), vcpus = domain->vcpus ? domain->vcpus : 1;
    size_t threads = domain->threads && vcpus % domain->threads == 0 ? domain->threads : 1;
    size_t cores = vcpus / threads, next = 0, n = 0;
    uint64_t unit = memory_unit(domain->memory_kib, shares->count),
             parts = domain->memory_kib / unit;

    for (size_t i = 0; i < shares->count; i++) {
        struct share *s = &shares->items[i];

        s->memory_kib = (parts / shares->count + (i < parts % shares->count)) * unit;
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

static bool write_numa(const struct shares *shares, char **text)
{
    bool ok = mem_append(text, "<numa> <!-- inside <cpu> -->\n");

    for (size_t i = 0; ok && i < shares->count; i++) {
        const struct share *s = &shares->items[i];
        size_t last = s->first_vcpu + s->vcpus - 1;

        ok = mem_append(text, "  <cell id='%zu'", i);
        if (ok && s->vcpus == 1)
            ok = mem_append(text, " cpus='%zu'", s->first_vcpu);
        else if (ok && s->vcpus)
            ok = mem_append(text, " cpus='%zu-%zu'", s->first_vcpu, last);
        ok = ok &&
             mem_append(text, " memory='%llu' unit='KiB'/>\n", (unsigned long long)s->memory_kib);
    }
    return ok && mem_append(text, "</numa>\n");
}

static bool write_numatune(const struct shares *shares, char **text)
{
    bool ok = true;

    if (!shares->items[0].node)
        return true; /* a kernel without NUMA support has nothing to bind to */
    ok = mem_append(text, "<numatune>\n  <memory mode='strict' nodeset='");
    for (size_t i = 0; ok && i < shares->count; i++)
        ok = mem_append(text, "%s%u", i ? "," : "", shares->items[i].id);
    ok = ok && mem_append(text, "'/>\n");
    for (size_t i = 0; ok && i < shares->count; i++)
        ok = mem_append(text, "  <memnode cellid='%zu' mode='strict' nodeset='%u'/>\n", i,
                        shares->items[i].id);
    return ok && mem_append(text, "</numatune>\n");
}

/* A cell with more vCPUs than its node has CPUs is pinned to the node as a whole. */
static bool write_pin(const struct share *s, size_t n, char **text)
{
    autofree char *all = NULL;

    if (n < s->cpu_count && s->vcpus <= s->cpu_count)
        return mem_append(text, "  <vcpupin vcpu='%zu' cpuset='%zu'/>\n", s->first_vcpu + n,
                          s->cpus[n]);
    all = idset_format(&s->cpuset);
    return all && mem_append(text, "  <vcpupin vcpu='%zu' cpuset='%s'/>\n", s->first_vcpu + n, all);
}

static bool write_cputune(const struct shares *shares, char **text)
{
    bool ok = true, any = false;

    for (size_t i = 0; ok && i < shares->count; i++) {
        const struct share *s = &shares->items[i];

        for (size_t n = 0; ok && n < s->vcpus && s->cpu_count; n++) {
            ok = (any || mem_append(text, "<cputune>\n")) && write_pin(s, n, text);
            any = true;
        }
    }
    return ok && (!any || mem_append(text, "</cputune>\n"));
}

char *plan_advice(const struct planner *p)
{
    struct shares shares = {0};
    char *text = NULL;
    bool ok = collect_nodes(p, &shares);

    for (size_t i = 0; ok && i < shares.count; i++)
        ok = order_cpus(p->facts.host, &shares.items[i]);
    if (ok) {
        divide(p->facts.base, &shares);
        ok = write_numa(&shares, &text) && write_numatune(&shares, &text) &&
             write_cputune(&shares, &text);
    }
    for (size_t i = 0; i < shares.count; i++) {
        idset_free(&shares.items[i].cpuset);
        free(shares.items[i].cpus);
    }
    free(shares.items);
    if (ok) {
        text[strlen(text) - 1] = '\0'; /* the last line feed */
        return text;
    }
    free(text);
    return NULL;
}
