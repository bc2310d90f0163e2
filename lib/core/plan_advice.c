/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan_advice.c - the guest NUMA cells that would fit this host and these devices
 *
 * Takes:  the nodes of the assigned devices, the host's CPUs, the domain's vCPUs and memory.
 * Gives:  <numa>, <numatune> and <cputune> as text, ready to paste.
 * Rule:   a cell for each node with an assigned device; vCPUs and memory in equal parts; vCPUs on whole cores, the
 *         threads of a core together.
 */
#include "core/planner.h"

#define KIB_PER_MIB 1024u
#define KIB_PER_GIB (1024u * 1024u)

/* One cell to be. */
struct share {
    const struct host_node *node; /* NULL: a host without NUMA information */
    unsigned id;
    size_t first_vcpu, vcpus;
    uint64_t memory_kib;
    size_t *cpus; /* of the node, in the order in which they are handed out */
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

/* The nodes of the devices that the guest gets; a node without memory cannot be a cell. */
static bool collect_nodes(const struct planner *p, struct shares *shares)
{
    for (size_t i = 0; i < p->plan->devices.count; i++) {
        const struct plan_device *device = &p->plan->devices.items[i];
        const struct host_node *node = NULL;
        int id;
        size_t at;

        if (device->function == HOST_NONE || device->fate == FATE_UNASSIGNED)
            continue;
        id = host_node_of(p->host, &p->host->functions.items[device->function]);
        at = host_find_node(p->host, id);
        if (at != HOST_NONE)
            node = &p->host->nodes.items[at];
        if (id < 0 || (!node && p->host->nodes.count))
            continue;
        if (!add_share(shares, node, (unsigned)id))
            return false;
    }
    if (!shares->count && p->host->nodes.count &&
        !add_share(shares, &p->host->nodes.items[0], p->host->nodes.items[0].id))
        return false;
    if (shares->count)
        qsort(shares->items, shares->count, sizeof(*shares->items), compare_shares);
    return shares->count || add_share(shares, NULL, 0);
}

static const struct host_cpu *cpu_of(const struct vtopo_host *host, size_t id)
{
    for (size_t i = 0; i < host->cpus.count; i++) {
        if (host->cpus.items[i].id == id)
            return &host->cpus.items[i];
    }
    return NULL;
}

/* The node's CPUs core by core. */
static bool order_cpus(const struct planner *p, struct share *share)
{
    struct idset done = {0};
    const struct idset *cpus;
    bool ok = true;

    if (!share->node)
        return true;
    cpus = &share->node->cpus;
    share->cpus = calloc(idset_size(cpus) + 1, sizeof(*share->cpus));
    if (!share->cpus)
        return false;
    for (size_t id = idset_next(cpus, 0); ok && id < IDSET_LIMIT; id = idset_next(cpus, id + 1)) {
        const struct host_cpu *cpu = cpu_of(p->host, id);

        if (idset_has(&done, id))
            continue;
        share->cpus[share->cpu_count++] = id;
        ok = idset_add(&done, id);
        for (size_t s = cpu ? idset_next(&cpu->siblings, 0) : IDSET_LIMIT; ok && s < IDSET_LIMIT;
             s = idset_next(&cpu->siblings, s + 1)) {
            if (idset_has(&done, s) || !idset_has(cpus, s))
                continue;
            share->cpus[share->cpu_count++] = s;
            ok = idset_add(&done, s);
        }
    }
    idset_free(&done);
    return ok;
}

static size_t shares_with_cpus(const struct shares *shares)
{
    size_t n = 0;

    for (size_t i = 0; i < shares->count; i++)
        n += !shares->items[i].node || !idset_empty(&shares->items[i].node->cpus);
    return n;
}

/* Equal parts; what is left over goes to the first ones.  Memory in whole GiB or MiB where it comes in them. */
static void divide(const struct domain *domain, struct shares *shares)
{
    size_t with_cpus = shares_with_cpus(shares), vcpus = domain->vcpus ? domain->vcpus : 1;
    uint64_t memory = domain->memory_kib, unit = KIB_PER_GIB, parts;
    size_t next = 0, n = 0;

    if (memory % unit || memory / unit < shares->count)
        unit = KIB_PER_MIB;
    if (memory % unit || memory / unit < shares->count)
        unit = 1;
    parts = memory / unit;
    for (size_t i = 0; i < shares->count; i++) {
        struct share *s = &shares->items[i];

        s->memory_kib = (parts / shares->count + (i < parts % shares->count)) * unit;
        s->first_vcpu = next;
        if (!with_cpus && i == 0)
            s->vcpus = vcpus;
        else if (!s->node || !idset_empty(&s->node->cpus)) {
            s->vcpus = vcpus / with_cpus + (n < vcpus % with_cpus);
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
        ok = ok && mem_append(text, " memory='%llu' unit='KiB'/>\n", (unsigned long long)s->memory_kib);
    }
    return ok && mem_append(text, "</numa>\n");
}

static bool write_numatune(const struct shares *shares, char **text)
{
    bool ok = mem_append(text, "<numatune>\n  <memory mode='strict' nodeset='");

    for (size_t i = 0; ok && i < shares->count; i++)
        ok = mem_append(text, "%s%u", i ? "," : "", shares->items[i].id);
    ok = ok && mem_append(text, "'/>\n");
    for (size_t i = 0; ok && i < shares->count; i++)
        ok = mem_append(text, "  <memnode cellid='%zu' mode='strict' nodeset='%u'/>\n", i, shares->items[i].id);
    return ok && mem_append(text, "</numatune>");
}

/* A cell with more vCPUs than its node has CPUs is pinned to the node as a whole. */
static bool write_pin(const struct share *s, size_t n, char **text)
{
    autofree char *all = NULL;

    if (n < s->cpu_count && s->vcpus <= s->cpu_count)
        return mem_append(text, "  <vcpupin vcpu='%zu' cpuset='%zu'/>\n", s->first_vcpu + n, s->cpus[n]);
    all = idset_format(&s->node->cpus);
    return all && mem_append(text, "  <vcpupin vcpu='%zu' cpuset='%s'/>\n", s->first_vcpu + n, all);
}

static bool write_cputune(const struct shares *shares, char **text)
{
    bool ok = true, any = false;

    for (size_t i = 0; ok && i < shares->count; i++) {
        const struct share *s = &shares->items[i];

        for (size_t n = 0; ok && n < s->vcpus && s->cpu_count; n++) {
            ok = (any || mem_append(text, "\n<cputune>\n")) && write_pin(s, n, text);
            any = true;
        }
    }
    return ok && (!any || mem_append(text, "</cputune>"));
}

char *plan_advice(const struct planner *p)
{
    struct shares shares = {0};
    char *text = NULL;
    bool ok = collect_nodes(p, &shares);

    for (size_t i = 0; ok && i < shares.count; i++)
        ok = order_cpus(p, &shares.items[i]);
    if (ok) {
        divide(p->domain, &shares);
        ok = write_numa(&shares, &text) && write_numatune(&shares, &text) &&
             write_cputune(&shares, &text);
    }
    for (size_t i = 0; i < shares.count; i++)
        free(shares.items[i].cpus);
    free(shares.items);
    if (ok)
        return text;
    free(text);
    return NULL;
}
