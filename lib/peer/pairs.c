/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pairs.c - see pairs.h
 *
 * Rule:   modes as NVIDIA's virtualization reference architecture tables them (whole GPUs: P2P;
 *         GPU, vGPU or MIG slice with a NIC: RDMA; time-sliced vGPUs: NVLink only; MIG slices:
 *         none), and none for two kinds that it has no row for. A GPU of another maker is no peer
 *         of one of NVIDIA's.
 * Not here: what NCCL sees (nccl_path.c), registers on the way (obstacles.c).
 */
#include "peer/pairs.h"

#include "check/nvlink.h"
#include "model/machine.h"
#include "plan/ground/port_link.h"

#include <string.h>

#define VENDOR_NVIDIA 0x10de

struct maker {
    const struct vtopo_plan *plan;
    const struct vtopo_host *host;
    const struct domain *domain;
    struct nccl_graph guest, links, file;
    struct obstacles *obstacles;
    struct pairs *pairs;
};

const char *pair_mode_name(enum pair_mode mode)
{
    static const char *const names[] = {
        [PAIR_NONE] = "none",
        [PAIR_NVLINK] = "nvlink",
        [PAIR_P2P] = "p2p",
        [PAIR_RDMA] = "rdma",
    };

    return names[mode];
}

const char *pair_verdict_name(enum pair_verdict verdict)
{
    static const char *const names[] = {
        [PAIR_WORKS] = "yes", [PAIR_LATER] = "not yet",  [PAIR_DETOUR] = "detour",
        [PAIR_FAILS] = "no",  [PAIR_UNSURE] = "unknown",
    };

    return names[verdict];
}

const char *pair_nvlink_name(enum pair_nvlink nvlink)
{
    static const char *const names[] = {
        [PAIR_NO_NVLINK] = NULL,
        [PAIR_MAYBE_NVLINK] = "unknown",
        [PAIR_BOARD_NVLINK] = "board",
    };

    return names[nvlink];
}

static enum peer_kind kind_at(const struct maker *m, size_t device)
{
    return m->plan->devices.items[device].peer;
}

static enum pair_mode gpu_pair_mode(enum peer_kind one, enum peer_kind other, bool one_maker)
{
    if (!one_maker || one != other || one == PEER_MIG)
        return PAIR_NONE;
    return one == PEER_GPU ? PAIR_P2P : PAIR_NVLINK;
}

static enum pair_mode mode_of(const struct maker *m, size_t one, size_t other)
{
    enum peer_kind a = kind_at(m, one), b = kind_at(m, other);
    const struct host_function *functions = m->host->functions.items;

    if (peer_is_gpu(a) && peer_is_gpu(b))
        return gpu_pair_mode(a, b,
                             functions[m->plan->devices.items[one].function].vendor ==
                                 functions[m->plan->devices.items[other].function].vendor);
    return a == PEER_VDPA || b == PEER_VDPA ? PAIR_NONE : PAIR_RDMA;
}

/* Slices of a GPU have none, and a vGPU of a card has none that anybody could see. */
static enum pair_nvlink nvlink_between(const struct maker *m, size_t one, size_t other)
{
    const struct host_function *functions = m->host->functions.items;
    const struct host_function *a = &functions[m->plan->devices.items[one].function];
    const struct host_function *b = &functions[m->plan->devices.items[other].function];

    if (!peer_is_gpu(kind_at(m, one)) || !peer_is_gpu(kind_at(m, other)) ||
        mode_of(m, one, other) == PAIR_NONE || a->vendor != VENDOR_NVIDIA)
        return PAIR_NO_NVLINK;
    return nvlink_of(a) != NVLINK_UNKNOWN && nvlink_of(b) != NVLINK_UNKNOWN ? PAIR_BOARD_NVLINK
                                                                            : PAIR_MAYBE_NVLINK;
}

/* The guest's driver takes two GPUs for peers only below switches that it knows, or if they are in
 * one clique. */
static bool lacks_clique(const struct maker *m, const struct pair *pair)
{
    const struct plan_device *one = &m->plan->devices.items[pair->one];
    const struct plan_device *other = &m->plan->devices.items[pair->other];
    bool in_one = one->clique_given && other->clique_given && one->clique >= 0 &&
                  one->clique == other->clique && !m->domain->kvm_hidden;

    return pair->mode == PAIR_P2P && !in_one &&
           m->host->functions.items[one->function].vendor == VENDOR_NVIDIA;
}

/* @anywhere: NCCL tries also without a common switch. @running: the guest has started. */
static enum pair_verdict judge(unsigned obstacles, bool anywhere, bool running, bool iommufd_fails)
{
    unsigned detours =
        OBSTACLE_HOST | OBSTACLE_ACS_DETOUR | OBSTACLE_ATS | (running ? OBSTACLE_ATS_LATER : 0);
    unsigned fatal = OBSTACLE_PLACEMENT | OBSTACLE_ACS | OBSTACLE_CLIQUE |
                     (iommufd_fails ? OBSTACLE_IOMMUFD : 0) | (anywhere ? 0 : OBSTACLE_HOST);

    if (obstacles & fatal)
        return PAIR_FAILS;
    if (obstacles & (OBSTACLE_UNREAD | OBSTACLE_IOMMU | OBSTACLE_IOMMUFD))
        return PAIR_UNSURE;
    if (obstacles & detours)
        return PAIR_DETOUR;
    return obstacles & OBSTACLE_ATS_LATER ? PAIR_LATER : PAIR_WORKS;
}

/* QEMU hides the PCI Express capability of a device on a conventional bus (hw/vfio/pci.c). */
static bool is_conventional(const struct maker *m)
{
    const struct machine *machine = domain_machine(&m->plan->extract.domain);

    return machine->rewritten && !machine->express;
}

static void find_obstacles(const struct maker *m, struct pair *pair)
{
    const struct plan_device *devices = m->plan->devices.items;
    enum version_verdict qemu = m->plan->iommufd_qemu, kernel = m->plan->iommufd_kernel;
    bool anywhere =
        pair->mode == PAIR_P2P && nccl_does_p2p_anywhere(&m->host->processor, m->pairs->gpus);

    if (pair->mode != PAIR_P2P && pair->mode != PAIR_RDMA)
        return;
    if (!nccl_is_near(pair->with_file.type)) {
        pair->obstacles |= OBSTACLE_HOST;
    } else {
        if ((!nccl_is_near(pair->guest.type) && !anywhere) || is_conventional(m))
            pair->obstacles |= OBSTACLE_PLACEMENT;
        pair->obstacles |= obstacles_between(m->obstacles, devices[pair->one].function,
                                             devices[pair->other].function);
    }
    if (lacks_clique(m, pair))
        pair->obstacles |= OBSTACLE_CLIQUE;
    if (qemu != VERSION_NEW || kernel != VERSION_NEW)
        pair->obstacles |= OBSTACLE_IOMMUFD;
    if (m->domain->guest_iommu)
        pair->obstacles |= OBSTACLE_IOMMU;
    pair->verdict = judge(pair->obstacles, anywhere, m->domain->running,
                          qemu == VERSION_OLD || kernel == VERSION_OLD);
}

/* What the CPUID of the guest says: the host's processor, or who knows what. */
static const struct host_processor *guest_processor(const struct maker *m)
{
    static const struct host_processor unknown;

    return m->domain->cpu_is_host ? &m->host->processor : &unknown;
}

static struct nccl_path path_in(const struct nccl_graph *graph,
                                const struct host_processor *processor, size_t one, size_t other)
{
    return nccl_path_between(graph, processor, nccl_find_device(graph, one),
                             nccl_find_device(graph, other));
}

static bool add_pair(struct maker *m, size_t one, size_t other)
{
    struct pair *pair;

    if (!peer_is_gpu(kind_at(m, one)) && !peer_is_gpu(kind_at(m, other)))
        return true;
    pair = vec_add(&m->pairs->items);
    if (!pair)
        return false;
    *pair = (struct pair){.one = one, .other = other, .mode = mode_of(m, one, other)};
    pair->nvlink = nvlink_between(m, one, other);
    pair->guest = path_in(&m->guest, guest_processor(m), one, other);
    pair->links = path_in(&m->links, guest_processor(m), one, other);
    pair->with_file = path_in(&m->file, &m->host->processor, one, other);
    find_obstacles(m, pair);
    return true;
}

/* Ports of one NIC, which NCCL takes for one: the first stands for all. */
static bool is_next_function(const struct maker *m, size_t device)
{
    const struct plan_device *next = &m->plan->devices.items[device], *last;

    if (!m->pairs->peers.count)
        return false;
    last = &m->plan->devices.items[m->pairs->peers.items[m->pairs->peers.count - 1]];
    return bdf_same_slot(&last->guest_after, &next->guest_after);
}

/* The graph has the devices that the guest gets at a known address, in the order of the guest. */
static bool find_peers(struct maker *m)
{
    for (size_t i = 0; i < m->file.nodes.count; i++) {
        const struct nccl_node *node = &m->file.nodes.items[i];
        size_t *peer;

        if (node->kind != NCCL_DEVICE || kind_at(m, node->device) == PEER_NONE ||
            is_next_function(m, node->device))
            continue;
        peer = vec_add(&m->pairs->peers);
        if (!peer)
            return false;
        *peer = node->device;
        m->pairs->gpus += peer_is_gpu(kind_at(m, node->device));
    }
    return true;
}

static bool add_pairs(struct maker *m)
{
    for (size_t i = 0; i < m->pairs->peers.count; i++) {
        for (size_t k = i + 1; k < m->pairs->peers.count; k++) {
            if (!add_pair(m, m->pairs->peers.items[i], m->pairs->peers.items[k]))
                return false;
        }
    }
    return true;
}

/* The guest as it would be with --links host. */
static bool make_links(struct maker *m)
{
    const struct vtopo_plan *plan = m->plan;
    autofree struct port_link *links = calloc(plan->controllers.count + 1, sizeof(*links));
    autofree struct host_link *ports = calloc(plan->controllers.count + 1, sizeof(*ports));

    if (!links || !ports || !port_find_links(plan, m->host, links))
        return false;
    for (size_t i = 0; i < plan->controllers.count; i++) {
        ports[i] = links[i].link;
        if (!ports[i].speed)
            ports[i] = nccl_stock_port(plan->controllers.items[i].model);
    }
    return nccl_graph_of_guest(plan, ports, &m->links);
}

/* All that takes as much time as there are devices. */
static bool make_graphs(struct maker *m)
{
    return nccl_graph_of_guest(m->plan, NULL, &m->guest) && make_links(m);
}

static bool make(struct maker *m, size_t peers_max)
{
    bool done = nccl_graph_of_host(m->plan, &m->file);

    if (!done)
        return false;
    nccl_flatten(&m->file, m->host);
    done = find_peers(m);
    if (!done || m->pairs->peers.count > peers_max)
        return done;
    m->obstacles = obstacles_new(m->host);
    return m->obstacles && make_graphs(m) && add_pairs(m);
}

bool pairs_make(const struct vtopo_plan *plan, size_t peers_max, struct pairs *ret_pairs)
{
    struct maker m = {.plan = plan,
                      .host = &plan->extract.host,
                      .domain = &plan->extract.domain,
                      .pairs = ret_pairs};
    bool done;

    *ret_pairs = (struct pairs){0};
    if (plan->outcome == PLAN_UNCHANGED)
        return true;
    done = make(&m, peers_max);
    nccl_graph_clear(&m.guest);
    nccl_graph_clear(&m.links);
    nccl_graph_clear(&m.file);
    obstacles_free(m.obstacles);
    if (!done)
        pairs_clear(ret_pairs);
    return done;
}

void pairs_clear(struct pairs *pairs)
{
    free(pairs->peers.items);
    free(pairs->items.items);
    *pairs = (struct pairs){0};
}
