/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * initiators.c - which cells the memory of coherent GPUs gets
 *
 * Takes:  the assigned devices, the host's nodes, the host nodes of the domain's cells, what is
 *         known of QEMU and libvirt, policy initiators.
 * Gives:  cells for each GPU, with their distances; or what is in the way.
 * Rule:   a GPU has as many as the host has for it, eight at most; where the GPUs of a node have
 *         less together, each has the same number. The first GPU of a node has the first of them:
 *         nothing says which are whose (model/coherent_gpu.c). Nothing is done for a GPU whose
 *         <hostdev> names cells, or in a domain that has such cells: they are somebody's.
 * Source: libvirt 11.8 (<acpi nodeset>), QEMU 9.0 (acpi-generic-initiator), which takes 128 nodes.
 * Not here: how they are written (initiator_elements.c).
 */
#include "plan/cells/initiators.h"

#include "base/buffer.h"
#include "model/coherent_gpu.h"
#include "model/machine.h"
#include "plan/cells/cell_nodes.h"
#include "plan/ground/version_need.h"

#define MOST_NODES 128 /* QEMU's MAX_NODES */
#define FEW_NODES 16   /* CONFIG_NODES_SHIFT=4 */

static const struct version_need need = {11008000, 9000000, "libvirt 11.8 and QEMU 9.0"};

struct gpu {
    size_t device;
    struct bdf host;
    int node;
};

struct search {
    const struct facts *facts;
    VEC(struct gpu) gpus; /* ascending by host address */
    VEC(size_t) nodes;    /* place in host.nodes of each cell that is made */
    struct initiators *ret;
};

/* --- the GPUs --- */

/* A virtual function has no memory that is coherent. */
static bool wants_cells(const struct facts *facts, const struct assignment *assignment)
{
    const struct domain_device *device = &facts->base->devices.items[assignment->device];
    const struct host_function *function = assignment_function(facts, assignment);

    return assignment->kind == DEVICE_HOSTDEV_PCI && function && !function->is_vf &&
           function_is_coherent_gpu(function) && device->address.kind != ADDRESS_UNASSIGNED &&
           !device->acpi_nodes;
}

static int compare_gpus(const void *a, const void *b)
{
    return bdf_compare(&((const struct gpu *)a)->host, &((const struct gpu *)b)->host);
}

static bool find_gpus(struct search *s, const struct assignments *assigned)
{
    for (size_t i = 0; i < assigned->count; i++) {
        const struct assignment *a = &assigned->items[i];
        struct gpu *gpu;

        if (!wants_cells(s->facts, a))
            continue;
        gpu = vec_add(&s->gpus);
        if (!gpu)
            return false;
        *gpu = (struct gpu){a->device, a->host, assignment_node(s->facts, a)};
    }
    if (s->gpus.count)
        qsort(s->gpus.items, s->gpus.count, sizeof(*s->gpus.items), compare_gpus);
    return true;
}

/* --- their nodes --- */

static size_t count_serving(const struct vtopo_host *host, int node)
{
    size_t count = 0;

    for (size_t i = 0; i < host->nodes.count; i++)
        count += host_node_serves(host, &host->nodes.items[i], node);
    return count;
}

static size_t count_gpus(const struct search *s, int node, size_t below)
{
    size_t count = 0;

    for (size_t i = 0; i < below; i++)
        count += s->gpus.items[i].node == node;
    return count;
}

/* How many each GPU of the node has. */
static size_t share_of(const struct search *s, int node)
{
    size_t share = count_serving(s->facts->host, node) / count_gpus(s, node, s->gpus.count);

    return share < COHERENT_GPU_NODES ? share : COHERENT_GPU_NODES;
}

static bool add_nodes(struct search *s, int node, size_t skip, size_t count)
{
    const struct vtopo_host *host = s->facts->host;

    for (size_t i = 0; count && i < host->nodes.count; i++) {
        size_t *place;

        if (!host_node_serves(host, &host->nodes.items[i], node))
            continue;
        if (skip) {
            skip--;
            continue;
        }
        place = vec_add(&s->nodes);
        if (!place)
            return false;
        *place = i;
        count--;
    }
    return true;
}

static bool add_cells(struct search *s)
{
    for (size_t i = 0; i < s->gpus.count; i++) {
        const struct gpu *gpu = &s->gpus.items[i];
        size_t share = share_of(s, gpu->node), skip = share * count_gpus(s, gpu->node, i);
        unsigned first = (unsigned)(s->ret->before + s->nodes.count);
        struct initiator *one;

        if (!share)
            continue;
        one = vec_add(&s->ret->items);
        if (!one || !add_nodes(s, gpu->node, skip, share))
            return false;
        *one = (struct initiator){gpu->device, gpu->host, first, (unsigned)share};
    }
    s->ret->total = s->ret->before + s->nodes.count;
    return true;
}

static bool find_distances(struct search *s, const size_t *before)
{
    struct initiators *ret = s->ret;

    ret->distances = calloc(ret->total * ret->total + 1, sizeof(*ret->distances));
    for (size_t i = 0; ret->distances && i < ret->total * ret->total; i++) {
        size_t from = i / ret->total, to = i % ret->total;

        ret->distances[i] =
            from == to ? TO_ITSELF
                       : cell_distance(
                             s->facts->host,
                             from < ret->before ? before[from] : s->nodes.items[from - ret->before],
                             to < ret->before ? before[to] : s->nodes.items[to - ret->before]);
    }
    return ret->distances;
}

/* --- what is in the way --- */

static bool stop(struct search *s, enum finding_id id, char *why)
{
    s->ret->id = id;
    s->ret->why = why;
    return why;
}

static bool has_cells(const struct search *s, const struct gpu *gpu)
{
    bool any = false;

    for (size_t i = 0; i < s->ret->items.count; i++)
        any = any || s->ret->items.items[i].device == gpu->device;
    return any;
}

/* "0009:01:00.0, 0019:01:00.0"; @all: those with cells, too. */
static void name_gpus(const struct search *s, bool all, struct buffer *text)
{
    bool any = false;

    for (size_t i = 0; i < s->gpus.count; i++) {
        if (!all && has_cells(s, &s->gpus.items[i]))
            continue;
        buffer_printf(text, "%s%s", any ? ", " : "", BDF_TEXT(&s->gpus.items[i].host));
        any = true;
    }
}

/* NULL: out of memory. */
static char *text_of_lack(const struct search *s, bool all, const char *why)
{
    autobuffer struct buffer text = {0};

    buffer_add(&text, "the guest gets no NUMA nodes for the memory of ");
    name_gpus(s, all, &text);
    buffer_printf(&text, ", and its driver cannot add that memory there: %s", why);
    return buffer_steal(&text);
}

/* Takes over @why. */
static bool stop_lacking(struct search *s, char *why)
{
    char *text = why ? text_of_lack(s, true, why) : NULL;

    free(why);
    return stop(s, FINDING_INITIATORS_LACKING, text);
}

static bool note_left_out(struct search *s)
{
    if (s->ret->items.count == s->gpus.count)
        return true;
    s->ret->left_out = text_of_lack(s, false, "the host shows too few on the node of its CPUs");
    return s->ret->left_out;
}

static const struct domain_cell *find_bare_cell(const struct domain *domain)
{
    for (size_t i = 0; i < domain->cells.count; i++) {
        const struct domain_cell *cell = &domain->cells.items[i];

        if (idset_empty(&cell->vcpus) && !cell->memory_kib)
            return cell;
    }
    return NULL;
}

static bool stop_by_cell(struct search *s, const struct domain_cell *cell)
{
    autobuffer struct buffer text = {0};

    buffer_printf(
        &text,
        "what it has of cells without vCPUs and memory (cell %u is the first) stays as it "
        "is, and so does what names them: no <acpi nodeset> is added for the memory of ",
        cell->id);
    name_gpus(s, true, &text);
    return stop(s, FINDING_INITIATORS_KEPT, buffer_steal(&text));
}

static bool look_for_acpi(struct search *s)
{
    for (size_t i = 0; i < s->gpus.count; i++) {
        if (s->facts->base->devices.items[s->gpus.items[i].device].acpi)
            return stop_lacking(s, mem_printf("<acpi> of %s is somebody's, and names no nodes",
                                              BDF_TEXT(&s->gpus.items[i].host)));
    }
    for (size_t i = 0; i < s->facts->base->devices.count; i++) {
        const struct domain_device *device = &s->facts->base->devices.items[i];

        if (device->acpi_nodes && device->acpi_most >= s->ret->before)
            return stop_lacking(s, mem_printf("<acpi nodeset> of %s names cell %u, which is not "
                                              "there, and would be theirs",
                                              BDF_TEXT(&device->source), device->acpi_most));
    }
    return true;
}

/* The first thing, if there is one. */
static bool look_for_obstacle(struct search *s)
{
    const struct domain_cell *bare = find_bare_cell(s->facts->base);
    char *why;

    if (bare)
        return stop_by_cell(s, bare);
    if (!s->nodes.count)
        return stop_lacking(s, mem_printf("the host's kernel shows none for them (Linux 5.10 or "
                                          "later does, if the firmware has them)"));
    if (s->ret->total > MOST_NODES)
        return stop_lacking(s, mem_printf("with them it would have %zu, and QEMU takes %d",
                                          s->ret->total, MOST_NODES));
    if (!version_need_lack(s->facts, &need, &why))
        return false;
    return why ? stop_lacking(s, why) : look_for_acpi(s);
}

/* --- */

static bool search(struct search *s, const struct assignments *assigned, const size_t *before)
{
    if (!find_gpus(s, assigned))
        return false;
    if (!s->gpus.count)
        return true;
    if (!add_cells(s) || !look_for_obstacle(s))
        return false;
    if (!s->ret->why)
        return note_left_out(s) && find_distances(s, before);
    s->ret->items.count = 0;
    s->ret->total = s->ret->before;
    return true;
}

bool initiators_find(const struct facts *facts, const struct assignments *assigned,
                     const size_t *nodes, size_t cells, struct initiators *ret)
{
    struct search s = {.facts = facts, .ret = ret};
    bool done = true;

    *ret = (struct initiators){.before = cells, .total = cells};
    if (facts->policy->initiators != INITIATORS_OFF && cells &&
        domain_machine(facts->base)->coherent_gpus && facts->base->acpi == ACPI_ON)
        done = search(&s, assigned, nodes);
    free(s.gpus.items);
    free(s.nodes.items);
    return done;
}

void initiators_clear(struct initiators *initiators)
{
    free(initiators->items.items);
    free(initiators->distances);
    free(initiators->left_out);
    free(initiators->why);
    *initiators = (struct initiators){0};
}

static int report_made(const struct initiators *initiators, const struct reporter *reporter)
{
    autobuffer struct buffer list = {0};

    for (size_t i = 0; i < initiators->items.count; i++) {
        const struct initiator *one = &initiators->items.items[i];

        buffer_printf(&list, "%scell%s %u", i ? ", " : "", one->count > 1 ? "s" : "", one->first);
        if (one->count > 1)
            buffer_printf(&list, " to %u", one->first + one->count - 1);
        buffer_printf(&list, " for %s", BDF_TEXT(&one->host));
    }
    if (list.failed)
        return error_nomem(reporter->reterr);
    return report_finding(reporter, FINDING_INITIATORS_MADE, "domain",
                          "the memory of GPUs gets NUMA nodes in the guest, as on the host: %s",
                          list.text);
}

int initiators_report(const struct initiators *initiators, const struct reporter *reporter)
{
    int r;

    if (initiators->why)
        return report_finding(reporter, initiators->id, "domain", "%s", initiators->why);
    if (!initiators->items.count)
        return 0;
    r = report_made(initiators, reporter);
    if (!r && initiators->left_out)
        r = report_finding(reporter, FINDING_INITIATORS_LACKING, "domain", "%s",
                           initiators->left_out);
    if (r || initiators->total <= FEW_NODES)
        return r;
    return report_finding(
        reporter, FINDING_MANY_NODES, "domain",
        "the guest has %zu NUMA nodes: a kernel built for %d (Debian's for arm64; "
        "CONFIG_NODES_SHIFT=4) leaves out those beyond, all of the memory of "
        "GPUs",
        initiators->total, FEW_NODES);
}
