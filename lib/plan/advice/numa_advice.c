/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * numa_advice.c - see numa_advice.h
 *
 * Takes:  the nodes of the assigned devices, the host's CPUs and memory; the domain's vCPUs, memory
 *         and what binds them already.
 * Gives:  cells and what ties them to nodes, as data and as XML.
 * Rule:   what binds the domain already is followed: pins, else the CPUs of all vCPUs, else the
 *         nodes of the memory; where nothing does, the devices' nodes, and more of them, nearest
 *         first, until memory and vCPUs fit.  vCPUs and memory in equal parts, pinned vCPUs with
 *         their node; guest cores are not divided, and a cell is a whole number of sockets.  Where
 *         equal parts of the vCPUs do not fit, they go by the nodes' CPUs; a guest that has more
 *         vCPUs than CPUs is not refused for that.  vCPUs are pinned to all CPUs of their node that
 *         the domain may use: those of single CPUs would put two guests onto the same ones.
 */
#include "plan/advice/numa_advice.h"

#include "base/buffer.h"

#include <limits.h>
#include <string.h>

#define KIB_PER_MIB 1024u
#define KIB_PER_HUGE_PAGE 2048u
#define KIB_PER_GIB (1024u * 1024u)

/* --- what the domain says already --- */

/* The only node that all of the CPUs are on; HOST_NONE: there is none. */
static size_t node_of_cpus(const struct vtopo_host *host, const struct idset *cpus)
{
    for (size_t i = 0; i < host->nodes.count && !idset_empty(cpus); i++) {
        if (idset_common(cpus, &host->nodes.items[i].cpus) == idset_size(cpus))
            return i;
    }
    return HOST_NONE;
}

/* Of each vCPU the node that its pin ties it to, as a place in host.nodes; HOST_NONE: none does. */
struct homes {
    size_t *of;
    bool any;
    struct idset cpus; /* that the vCPUs may run on, if each is bound to some; else empty */
};

static bool add_all(const struct idset *from, struct idset *to)
{
    bool done = true;

    for (size_t id = idset_next(from, 0); done && id < IDSET_LIMIT; id = idset_next(from, id + 1))
        done = idset_add(to, id);
    return done;
}

/* A vCPU without a pin has those of <vcpu cpuset>. */
static bool find_cpus(const struct domain *domain, size_t vcpus, struct idset *cpus)
{
    size_t pinned = 0;
    bool done = true;

    for (size_t i = 0; done && i < domain->pins.count; i++) {
        pinned += domain->pins.items[i].vcpu < vcpus;
        done = add_all(&domain->pins.items[i].cpus, cpus);
    }
    if (pinned < vcpus && idset_empty(&domain->vcpu_cpuset))
        idset_free(cpus);
    else if (pinned < vcpus)
        done = done && add_all(&domain->vcpu_cpuset, cpus);
    return done;
}

static bool find_homes(const struct facts *facts, size_t vcpus, struct homes *homes)
{
    const struct domain *domain = facts->base;

    homes->of = malloc((vcpus + 1) * sizeof(*homes->of));
    for (size_t v = 0; homes->of && v < vcpus; v++)
        homes->of[v] = HOST_NONE;
    for (size_t i = 0; homes->of && i < domain->pins.count; i++) {
        const struct domain_pin *pin = &domain->pins.items[i];

        if (pin->vcpu >= vcpus)
            continue;
        homes->of[pin->vcpu] = node_of_cpus(facts->host, &pin->cpus);
        homes->any |= homes->of[pin->vcpu] != HOST_NONE;
    }
    return homes->of && find_cpus(domain, vcpus, &homes->cpus);
}

/* --- the nodes --- */

static bool has_cell(const struct numa_advice *advice, unsigned id)
{
    for (size_t i = 0; i < advice->count; i++) {
        if (advice->items[i].node_id == id)
            return true;
    }
    return false;
}

bool numa_advice_has_node(const struct numa_advice *advice, int node)
{
    return node >= 0 && has_cell(advice, (unsigned)node);
}

static bool add_cell(struct numa_advice *advice, const struct host_node *node, unsigned id)
{
    struct numa_cell *cell;

    if (has_cell(advice, id))
        return true;
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

static bool add_nodes_of_devices(const struct vtopo_host *host, const int *nodes, size_t count,
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
    return advice->count || add_any_node(host, advice);
}

/* What says on which nodes the cells are. */
enum bound { BOUND_NOT, BOUND_PINS, BOUND_CPUS, BOUND_MEMORY };

static bool is_bound_to(const struct domain *domain, const struct homes *homes, enum bound by,
                        const struct host_node *node)
{
    return by == BOUND_CPUS ? idset_common(&homes->cpus, &node->cpus)
                            : idset_has(&domain->memory_nodes, node->id);
}

/* What is bound to all nodes is bound to none. */
static bool is_bound_by(const struct facts *facts, const struct homes *homes, enum bound by)
{
    size_t count = 0, usable = 0;

    for (size_t i = 0; i < facts->host->nodes.count; i++) {
        const struct host_node *node = &facts->host->nodes.items[i];

        usable += has_memory(facts->host, node) && !idset_empty(&node->cpus);
        count += is_bound_to(facts->base, homes, by, node);
    }
    return count && count < usable;
}

static enum bound find_bound(const struct facts *facts, const struct homes *homes)
{
    if (homes->any)
        return BOUND_PINS;
    if (is_bound_by(facts, homes, BOUND_CPUS))
        return BOUND_CPUS;
    return is_bound_by(facts, homes, BOUND_MEMORY) ? BOUND_MEMORY : BOUND_NOT;
}

static bool add_bound_nodes(const struct facts *facts, const struct homes *homes, enum bound by,
                            struct numa_advice *advice)
{
    const struct vtopo_host *host = facts->host;
    size_t vcpus = facts->base->vcpus;
    bool done = true;

    for (size_t v = 0; done && by == BOUND_PINS && v < vcpus; v++) {
        if (homes->of[v] != HOST_NONE)
            done = add_cell(advice, &host->nodes.items[homes->of[v]],
                            host->nodes.items[homes->of[v]].id);
    }
    for (size_t i = 0; done && by != BOUND_PINS && i < host->nodes.count; i++) {
        if (is_bound_to(facts->base, homes, by, &host->nodes.items[i]))
            done = add_cell(advice, &host->nodes.items[i], host->nodes.items[i].id);
    }
    return done;
}

/* The node that is nearest to those that there are; NULL: there is no other one. */
static const struct host_node *nearest_other(const struct vtopo_host *host,
                                             const struct numa_advice *advice)
{
    const struct host_node *nearest = NULL;
    unsigned least = 0;

    for (size_t i = 0; i < host->nodes.count; i++) {
        const struct host_node *node = &host->nodes.items[i];
        unsigned distance = UINT_MAX;

        if (has_cell(advice, node->id) || !has_memory(host, node) || idset_empty(&node->cpus))
            continue;
        for (size_t c = 0; c < advice->count; c++) {
            const struct host_node *from = advice->items[c].node;

            if (from && from->distances && from->distances[i] < distance)
                distance = from->distances[i];
        }
        if (!nearest || distance < least) {
            nearest = node;
            least = distance;
        }
    }
    return nearest;
}

/* --- their CPUs --- */

/* The CPUs of the node, or of a host without NUMA information, that the domain may use. */
static bool collect_cpus(const struct facts *facts, struct numa_cell *cell)
{
    const struct vtopo_host *host = facts->host;
    const struct idset *allowed = &facts->base->vcpu_cpuset;
    struct idset all = {0};
    bool ok = !cell->node || idset_copy(&cell->node->cpus, &all), any;

    for (size_t i = 0; ok && !cell->node && i < host->cpus.count; i++)
        ok = host->cpus.items[i].id >= IDSET_LIMIT || idset_add(&all, host->cpus.items[i].id);
    any = ok && idset_common(&all, allowed);
    for (size_t id = idset_next(&all, 0); ok && id < IDSET_LIMIT; id = idset_next(&all, id + 1))
        ok = (any && !idset_has(allowed, id)) || idset_add(&cell->cpuset, id);
    idset_free(&all);
    return ok;
}

/* --- vCPUs and memory --- */

static bool takes_vcpus(const struct numa_cell *cell)
{
    return !cell->node || !idset_empty(&cell->node->cpus);
}

static size_t cells_with_cpus(const struct numa_advice *advice)
{
    size_t n = 0;

    for (size_t i = 0; i < advice->count; i++)
        n += takes_vcpus(&advice->items[i]);
    return n;
}

/* Of the huge pages that a domain without cells uses, which count as those of cell 0; 0: unknown.
 */
static uint64_t page_size(const struct domain *domain)
{
    uint64_t size = 0;

    for (size_t i = 0; i < domain->pages.count; i++) {
        const struct domain_pages *pages = &domain->pages.items[i];

        if (idset_has(&pages->cells, 0))
            return pages->size_kib;
        if (idset_empty(&pages->cells))
            size = pages->size_kib;
    }
    return size;
}

/* What a cell's memory is to be a multiple of: the pages, else the largest unit that the domain's
 * memory comes in. */
static uint64_t memory_unit(const struct domain *domain, size_t cells)
{
    static const uint64_t units[] = {KIB_PER_GIB, KIB_PER_HUGE_PAGE, KIB_PER_MIB};
    uint64_t memory = domain->memory_kib, page = page_size(domain);

    for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
        if (memory % units[i] == 0 && memory / units[i] >= cells && (!page || !(units[i] % page)))
            return units[i];
    }
    return page ? page : 1;
}

/* Equal parts; what is left over goes to the first ones, and the rest of a unit to the last. */
static void divide_memory(const struct domain *domain, struct numa_advice *advice)
{
    uint64_t unit = memory_unit(domain, advice->count), parts = domain->memory_kib / unit;

    for (size_t i = 0; i < advice->count; i++)
        advice->items[i].memory_kib = (parts / advice->count + (i < parts % advice->count)) * unit;
    advice->items[advice->count - 1].memory_kib += domain->memory_kib % unit;
}

static size_t vcpus_of(const struct domain *domain)
{
    return domain->vcpus ? domain->vcpus : 1;
}

static size_t threads_of(const struct domain *domain)
{
    return domain->threads && vcpus_of(domain) % domain->threads == 0 ? domain->threads : 1;
}

static bool add_vcpus(struct numa_cell *cell, size_t first, size_t count)
{
    bool done = true;

    for (size_t v = first; done && v < first + count; v++)
        done = v >= IDSET_LIMIT || idset_add(&cell->vcpus, v);
    return done;
}

/* Guest cores of each cell, in equal parts; what is left over goes to the first ones. */
static void count_equally(size_t cores, const struct numa_advice *advice, size_t *counts)
{
    size_t with_cpus = cells_with_cpus(advice), n = 0;

    for (size_t i = 0; i < advice->count; i++) {
        counts[i] =
            takes_vcpus(&advice->items[i]) ? cores / with_cpus + (n < cores % with_cpus) : 0;
        n += takes_vcpus(&advice->items[i]);
    }
}

static bool is_too_small(const struct numa_cell *cell, size_t vcpus)
{
    return cell->node && vcpus > idset_size(&cell->cpuset);
}

/* Each core where the fewest are for the CPUs of the node. */
static void count_by_cpus(size_t cores, const struct numa_advice *advice, size_t *counts)
{
    for (size_t i = 0; i < advice->count; i++)
        counts[i] = 0;
    for (size_t core = 0; core < cores; core++) {
        size_t best = advice->count;

        for (size_t i = 0; i < advice->count; i++) {
            size_t cpus = idset_size(&advice->items[i].cpuset);

            if (cpus && (best == advice->count ||
                         (counts[i] + 1) * idset_size(&advice->items[best].cpuset) <
                             (counts[best] + 1) * cpus))
                best = i;
        }
        if (best < advice->count)
            counts[best]++;
    }
}

/* Whole cores. */
static bool divide_vcpus(const struct domain *domain, struct numa_advice *advice)
{
    size_t threads = threads_of(domain), cores = vcpus_of(domain) / threads, next = 0;
    autofree size_t *counts = calloc(advice->count + 1, sizeof(*counts));
    bool done = counts, fit = true;

    if (!counts)
        return false;
    if (!cells_with_cpus(advice))
        return add_vcpus(&advice->items[0], 0, vcpus_of(domain));
    count_equally(cores, advice, counts);
    for (size_t i = 0; i < advice->count; i++)
        fit = fit && !is_too_small(&advice->items[i], counts[i] * threads);
    if (!fit)
        count_by_cpus(cores, advice, counts);
    for (size_t i = 0; done && i < advice->count; i++) {
        done = add_vcpus(&advice->items[i], next, counts[i] * threads);
        next += counts[i] * threads;
    }
    return done;
}

/* Pinned ones go with their node, the others where the fewest are, in whole cores. */
static bool place_vcpus(const struct facts *facts, const struct homes *homes,
                        struct numa_advice *advice)
{
    size_t vcpus = vcpus_of(facts->base), threads = threads_of(facts->base);
    bool done = true;

    for (size_t v = 0; done && v < vcpus && v < IDSET_LIMIT; v++) {
        size_t core = v / threads * threads, home = homes->of[v];
        struct numa_cell *least = NULL;

        for (size_t t = core; home == HOST_NONE && t < core + threads && t < vcpus; t++)
            home = homes->of[t];
        for (size_t i = 0; i < advice->count; i++) {
            struct numa_cell *cell = &advice->items[i];

            if (home != HOST_NONE ? cell->node == &facts->host->nodes.items[home]
                                  : !least || idset_size(&cell->vcpus) < idset_size(&least->vcpus))
                least = cell;
        }
        if (home == HOST_NONE) { /* the whole core */
            done = add_vcpus(least, v, threads);
            v += threads - 1;
        } else {
            done = add_vcpus(least, v, 1);
        }
    }
    return done;
}

/* Of all cells on its node; the host itself needs some of what the node has. */
static bool has_room(const struct vtopo_host *host, const struct numa_advice *advice,
                     const struct numa_cell *cell)
{
    uint64_t memory_kib = 0;

    for (size_t i = 0; i < advice->count; i++)
        memory_kib += advice->items[i].node == cell->node ? advice->items[i].memory_kib : 0;
    return !cell->node || (has_memory(host, cell->node) &&
                           (!cell->node->memory_kib || memory_kib < cell->node->memory_kib));
}

/* @cpus: too few CPUs are a shortage, too. */
static const struct numa_cell *find_shortage(const struct vtopo_host *host,
                                             const struct numa_advice *advice, bool cpus)
{
    for (size_t i = 0; i < advice->count; i++) {
        const struct numa_cell *cell = &advice->items[i];

        if (!has_room(host, advice, cell) || (cpus && is_too_small(cell, idset_size(&cell->vcpus))))
            return cell;
    }
    return NULL;
}

/*
 * Do the vCPUs share CPUs as it is?  Pins say on which CPUs each runs; without them those are all
 * that <vcpu cpuset> names, or all of the host's.
 */
static bool shares_cpus(const struct facts *facts, const struct homes *homes)
{
    const struct idset *allowed = &facts->base->vcpu_cpuset;
    size_t cpus = 0;

    for (size_t i = 0; i < facts->host->nodes.count; i++) {
        const struct idset *of_node = &facts->host->nodes.items[i].cpus;

        cpus += idset_empty(allowed) ? idset_size(of_node) : idset_common(of_node, allowed);
    }
    return homes->any || vcpus_of(facts->base) > cpus;
}

static void clear_cells(struct numa_advice *advice)
{
    for (size_t i = 0; i < advice->count; i++) {
        idset_free(&advice->items[i].cpuset);
        idset_free(&advice->items[i].vcpus);
    }
}

/* Fills the cells for the nodes that there are. */
static bool fill_cells(const struct facts *facts, const struct homes *homes,
                       struct numa_advice *advice)
{
    bool done = true;

    qsort(advice->items, advice->count, sizeof(*advice->items), compare_cells);
    clear_cells(advice);
    for (size_t i = 0; done && i < advice->count; i++) {
        advice->items[i] =
            (struct numa_cell){.node = advice->items[i].node, .node_id = advice->items[i].node_id};
        done = collect_cpus(facts, &advice->items[i]);
    }
    divide_memory(facts->base, advice);
    if (!done)
        return false;
    return homes->any ? place_vcpus(facts, homes, advice) : divide_vcpus(facts->base, advice);
}

/* More nodes until all fits, unless the domain itself says which. */
static bool fit_cells(const struct facts *facts, const struct homes *homes, bool bound,
                      struct numa_advice *advice)
{
    const struct host_node *other;
    bool done = fill_cells(facts, homes, advice);

    while (done && !bound && find_shortage(facts->host, advice, true) &&
           (other = nearest_other(facts->host, advice)))
        done = add_cell(advice, other, other->id) && fill_cells(facts, homes, advice);
    return done;
}

/* The host node of each cell's vCPUs is not among those of the memory: no cell can follow both. */
static bool describe_contradiction(const struct facts *facts, const struct homes *homes,
                                   struct numa_advice *advice)
{
    bool bound = is_bound_by(facts, homes, BOUND_MEMORY);
    const struct idset *memory = &facts->base->memory_nodes;
    autofree char *nodes = NULL;

    for (size_t i = 0; bound && !advice->shortage && i < advice->count; i++) {
        if (idset_has(memory, advice->items[i].node_id))
            continue;
        nodes = idset_format(memory);
        advice->shortage = mem_printf(
            "no cells fit: vCPUs are bound to CPUs of host node %u and the memory (<numatune>) to %s, and a cell has both",
            advice->items[i].node_id, nodes ? nodes : "");
        return nodes && advice->shortage;
    }
    return true;
}

static bool describe_pages(const struct domain *domain, struct numa_advice *advice)
{
    uint64_t page = page_size(domain);

    if (!page || advice->shortage || domain->memory_kib / page >= advice->count)
        return true;
    advice->shortage = mem_printf(
        "no cells fit: %zu need at least one huge page of %llu KiB each, and the memory is %llu KiB",
        advice->count, (unsigned long long)page, (unsigned long long)domain->memory_kib);
    return advice->shortage;
}

static bool describe_shortage(const struct facts *facts, const struct homes *homes,
                              struct numa_advice *advice)
{
    /* Memory that the domain binds to nodes without CPUs says nothing of where vCPUs run. */
    bool cpus = !advice->has_cells && cells_with_cpus(advice) && !shares_cpus(facts, homes);
    const struct numa_cell *cell = find_shortage(facts->host, advice, cpus);
    bool full;

    if (!cell || advice->shortage)
        return true;
    full = cell->memory_kib <= cell->node->memory_kib && !has_room(facts->host, advice, cell);
    advice->shortage = mem_printf(
        "%s: of %zu cell%s %s on node %u would have %llu MiB and %zu vCPUs, and that node has %llu MiB%s and %zu CPUs for it",
        advice->has_cells ? "they do not fit the nodes" : "no cells fit", advice->count,
        advice->count > 1 ? "s" : "", advice->has_cells && advice->count > 1 ? "one" : "the one",
        cell->node_id, (unsigned long long)(cell->memory_kib / KIB_PER_MIB),
        idset_size(&cell->vcpus), (unsigned long long)(cell->node->memory_kib / KIB_PER_MIB),
        full ? ", not all of them free," : "", idset_size(&cell->cpuset));
    return advice->shortage;
}

/* --- the topology --- */

static const struct numa_cell *cell_with(const struct numa_advice *advice, size_t vcpu)
{
    for (size_t i = 0; i < advice->count; i++) {
        if (idset_has(&advice->items[i].vcpus, vcpu))
            return &advice->items[i];
    }
    return NULL;
}

/* Is every block of so many vCPUs in one cell? */
static bool are_blocks_whole(const struct numa_advice *advice, size_t vcpus, size_t size)
{
    for (size_t v = 0; v < vcpus; v++) {
        if (cell_with(advice, v) != cell_with(advice, v / size * size))
            return false;
    }
    return true;
}

/* Whole dies suffice.  libvirt makes a socket of each vCPU where there is no <topology>
 * (qemuBuildSmpCommandLine()). */
static void choose_topology(const struct domain *domain, struct numa_advice *advice)
{
    size_t vcpus = vcpus_of(domain), threads = threads_of(domain);
    size_t parts = (size_t)domain->sockets * (domain->dies ? domain->dies : 1);
    size_t size = parts && vcpus % parts == 0 ? vcpus / parts : 0;

    if (advice->count < 2 || (size && are_blocks_whole(advice, vcpus, size)))
        return;
    for (size = vcpus; size > 1; size--) {
        if (vcpus % size == 0 && size % threads == 0 && are_blocks_whole(advice, vcpus, size))
            break;
    }
    advice->threads = (unsigned)(size % threads ? 1 : threads);
    advice->cores = (unsigned)(size / advice->threads);
    advice->sockets = (unsigned)(vcpus / size);
}

/* --- cells that are there --- */

/* One node for each cell, in order; where there are fewer nodes, or the domain is bound to fewer,
 * several cells share one. */
static bool tie_cells(const struct facts *facts, bool bound, struct numa_advice *advice)
{
    const struct domain *domain = facts->base;
    struct numa_advice tied = {.has_cells = true};
    const struct host_node *other;
    bool done = true;

    while (done && !bound && advice->count < domain->cells.count &&
           (other = nearest_other(facts->host, advice)))
        done = add_cell(advice, other, other->id);
    if (done)
        qsort(advice->items, advice->count, sizeof(*advice->items), compare_cells);
    for (size_t i = 0; done && i < domain->cells.count; i++) {
        size_t count = advice->count < domain->cells.count ? advice->count : domain->cells.count;
        const struct numa_cell *from = &advice->items[i * count / domain->cells.count];
        struct numa_cell *cell = vec_add(&tied);

        done = cell;
        if (cell)
            *cell = (struct numa_cell){.node = from->node,
                                       .node_id = from->node_id,
                                       .memory_kib = domain->cells.items[i].memory_kib};
        done = done && collect_cpus(facts, cell) &&
               idset_copy(&domain->cells.items[i].vcpus, &cell->vcpus);
    }
    clear_cells(advice);
    free(advice->items);
    *advice = tied;
    return done;
}

/* --- their XML --- */

static void write_topology(const struct numa_advice *advice, struct buffer *text)
{
    if (advice->sockets)
        buffer_printf(text,
                      "<topology sockets='%u' cores='%u' threads='%u'/> <!-- inside <cpu> -->\n",
                      advice->sockets, advice->cores, advice->threads);
}

/* A list of numbers; a failure is the buffer's. */
static void write_set(const struct idset *set, struct buffer *text)
{
    autofree char *numbers = idset_format(set);

    if (numbers)
        buffer_add(text, numbers);
    else
        text->failed = true;
}

static void write_numa(const struct numa_advice *advice, struct buffer *text)
{
    buffer_add(text, "<numa> <!-- inside <cpu> -->\n");
    for (size_t i = 0; i < advice->count; i++) {
        const struct numa_cell *s = &advice->items[i];

        buffer_printf(text, "  <cell id='%zu'", i);
        if (!idset_empty(&s->vcpus)) {
            buffer_add(text, " cpus='");
            write_set(&s->vcpus, text);
            buffer_add(text, "'");
        }
        buffer_printf(text, " memory='%llu' unit='KiB'/>\n", (unsigned long long)s->memory_kib);
    }
    buffer_add(text, "</numa>\n");
}

static void write_numatune(const struct numa_advice *advice, struct buffer *text)
{
    if (!advice->items[0].node)
        return; /* a kernel without NUMA support has nothing to bind to */
    buffer_printf(text, "<numatune>\n  <memory mode='%s' nodeset='", advice->memory_mode);
    write_set(&advice->memory_nodes, text);
    buffer_add(text, "'/>\n");
    for (size_t i = 0; i < advice->count; i++)
        buffer_printf(text, "  <memnode cellid='%zu' mode='%s' nodeset='%u'/>\n", i,
                      advice->memory_mode, advice->items[i].node_id);
    buffer_add(text, "</numatune>\n");
}

static void write_pin(const struct numa_cell *s, size_t vcpu, struct buffer *text)
{
    buffer_printf(text, "  <vcpupin vcpu='%zu' cpuset='", vcpu);
    write_set(&s->cpuset, text);
    buffer_add(text, "'/>\n");
}

/* Is the vCPU of this cell to be pinned? */
static bool needs_pin(const struct numa_advice *advice, const struct numa_cell *cell, size_t vcpu)
{
    return advice->pins && !idset_empty(&cell->cpuset) && !idset_has(&advice->pinned, vcpu);
}

static void write_cputune(const struct numa_advice *advice, struct buffer *text)
{
    bool any = false;

    for (size_t i = 0; i < advice->count; i++) {
        const struct numa_cell *s = &advice->items[i];

        for (size_t v = idset_next(&s->vcpus, 0); v < IDSET_LIMIT;
             v = idset_next(&s->vcpus, v + 1)) {
            if (!needs_pin(advice, s, v))
                continue;
            if (!any)
                buffer_add(text, "<cputune>\n");
            any = true;
            write_pin(s, v, text);
        }
    }
    if (any)
        buffer_add(text, "</cputune>\n");
}

static void write_pages(const struct numa_advice *advice, struct buffer *text)
{
    if (advice->page_kib)
        buffer_printf(text,
                      "<page size='%llu' unit='KiB' nodeset='0-%zu'/> <!-- inside "
                      "<memoryBacking><hugepages>, in place of the one for 0 -->\n",
                      (unsigned long long)advice->page_kib, advice->count - 1);
}

/* --- */

/* libvirt's word for it; NULL: none of them, or none is given. */
static const char *known_mode(const char *mode)
{
    static const char *const modes[] = {"strict", "preferred", "interleave", "restrictive"};

    for (size_t i = 0; mode && i < sizeof(modes) / sizeof(*modes); i++) {
        if (!strcmp(mode, modes[i]))
            return modes[i];
    }
    return NULL;
}

/* The domain's own binding of memory stays, and cells outside of it are added. */
static bool choose_memory(const struct domain *domain, struct numa_advice *advice)
{
    const char *mode = known_mode(domain->memory_mode);
    bool done = true, keep = mode && !idset_empty(&domain->memory_nodes);

    advice->memory_mode = mode ? mode : "strict";
    if (keep && !idset_copy(&domain->memory_nodes, &advice->memory_nodes))
        return false;
    for (size_t i = 0; done && i < advice->count; i++) {
        if (keep && advice->count == 1 && !strcmp(mode, "preferred"))
            break; /* one node is all that it takes */
        done = idset_add(&advice->memory_nodes, advice->items[i].node_id);
    }
    if (mode && !strcmp(mode, "preferred") && idset_size(&advice->memory_nodes) > 1)
        advice->memory_mode = "strict";
    return done;
}

/* Pages for cell 0 alone, which a domain without cells counts as, become those of all cells. */
static void choose_pages(const struct domain *domain, struct numa_advice *advice)
{
    for (size_t i = 0; advice->count > 1 && i < domain->pages.count; i++) {
        if (idset_has(&domain->pages.items[i].cells, 0))
            advice->page_kib = domain->pages.items[i].size_kib;
    }
}

static bool choose_pins(const struct facts *facts, bool bound, struct numa_advice *advice)
{
    const struct domain *domain = facts->base;
    bool done = true;

    for (size_t i = 0; done && i < domain->pins.count; i++)
        done = idset_add(&advice->pinned, domain->pins.items[i].vcpu);
    advice->pins = !(bound && advice->count == 1 && !idset_empty(&domain->vcpu_cpuset));
    return done;
}

static bool choose_new_cells(const struct facts *facts, const struct homes *homes, bool bound,
                             struct numa_advice *advice)
{
    bool done = fit_cells(facts, homes, bound, advice);

    if (done) {
        choose_topology(facts->base, advice);
        choose_pages(facts->base, advice);
    }
    return done && describe_pages(facts->base, advice);
}

static bool choose(const struct facts *facts, const int *nodes, size_t count,
                   struct numa_advice *advice)
{
    struct homes homes = {0};
    bool done = find_homes(facts, vcpus_of(facts->base), &homes);
    enum bound by = done ? find_bound(facts, &homes) : BOUND_NOT;

    done = done && (by != BOUND_NOT ? add_bound_nodes(facts, &homes, by, advice)
                                    : add_nodes_of_devices(facts->host, nodes, count, advice));
    if (done && facts->base->cells.count)
        done = tie_cells(facts, by != BOUND_NOT, advice);
    else
        done = done && choose_new_cells(facts, &homes, by != BOUND_NOT, advice);
    done = done && (by == BOUND_NOT || describe_contradiction(facts, &homes, advice)) &&
           describe_shortage(facts, &homes, advice) && choose_pins(facts, by != BOUND_NOT, advice);
    idset_free(&homes.cpus);
    free(homes.of);
    return done && choose_memory(facts->base, advice);
}

bool numa_advice_make(const struct facts *facts, const int *nodes, size_t count,
                      struct numa_advice *ret_advice)
{
    struct numa_advice advice = {0};
    bool done = choose(facts, nodes, count, &advice);

    if (!done)
        numa_advice_clear(&advice);
    *ret_advice = advice;
    return done;
}

char *numa_advice_format(const struct numa_advice *advice)
{
    autobuffer struct buffer text = {0};

    write_topology(advice, &text);
    if (!advice->has_cells)
        write_numa(advice, &text);
    write_pages(advice, &text);
    write_numatune(advice, &text);
    write_cputune(advice, &text);
    if (text.length) /* the last line feed */
        text.text[--text.length] = '\0';
    return buffer_steal(&text);
}

void numa_advice_clear(struct numa_advice *advice)
{
    clear_cells(advice);
    free(advice->items);
    free(advice->shortage);
    idset_free(&advice->memory_nodes);
    idset_free(&advice->pinned);
    *advice = (struct numa_advice){0};
}
