/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pairs.c - see pairs.h
 *
 * Rule:   modes as NVIDIA's virtualization reference architecture tables them (whole GPUs: P2P;
 * GPU, vGPU or MIG slice with a NIC: RDMA; time-sliced vGPUs: NVLink only; MIG slices: none), and
 * none for two kinds that it has no row for. A GPU of another maker is no peer of one of NVIDIA's,
 * and its virtual functions are whole GPUs. Not here: what NCCL sees (nccl_path.c), registers
 * (check_acs.c, check_ats.c).
 */
#include "peer/pairs.h"

#include "check/check.h"
#include "model/vgpu_type.h"
#include "plan/ground/planner.h"

#include <string.h>

#define VENDOR_NVIDIA 0x10de

struct maker {
    const struct vtopo_plan *plan;
    const struct vtopo_host *host;
    const struct domain *domain;
    struct nccl_graph guest, links, file;
    size_t gpus; /* of the peers */
    struct pairs *pairs;
};

const char *peer_kind_name(enum peer_kind kind)
{
    static const char *const names[] = {
        [PEER_NONE] = NULL, [PEER_GPU] = "gpu", [PEER_VGPU] = "vgpu",
        [PEER_MIG] = "mig", [PEER_NIC] = "nic", [PEER_VDPA] = "vdpa",
    };

    return names[kind];
}

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
        [PAIR_WORKS] = "yes",
        [PAIR_DETOUR] = "detour",
        [PAIR_FAILS] = "no",
        [PAIR_UNSURE] = "unknown",
    };

    return names[verdict];
}

const char *pair_obstacle_name(enum pair_obstacle obstacle)
{
    switch (obstacle) {
    case OBSTACLE_HOST:
        return "host";
    case OBSTACLE_PLACEMENT:
        return "placement";
    case OBSTACLE_ACS:
        return "acs";
    case OBSTACLE_ACS_DETOUR:
        return "acs-detour";
    case OBSTACLE_ATS:
        return "ats";
    case OBSTACLE_CLIQUE:
        return "clique";
    case OBSTACLE_UNREAD:
        return "unread";
    case OBSTACLE_IOMMUFD:
        return "iommufd";
    case OBSTACLE_IOMMU:
        return "guest-iommu";
    }
    return "";
}

const char *peer_vgpu_type(const struct plan_device *device, const struct vtopo_host *host,
                           const struct domain *domain)
{
    const struct domain_device *named = &domain->devices.items[device->device];
    const struct host_mdev *mdev;

    if (device->function == HOST_NONE)
        return NULL;
    if (named->kind != DEVICE_HOSTDEV_MDEV)
        return host->functions.items[device->function].vgpu_type;
    mdev = named->source_id ? host_find_mdev(host, named->source_id) : NULL;
    return mdev ? mdev->type_name : NULL;
}

static enum peer_kind gpu_kind(const struct plan_device *device, const struct vtopo_host *host,
                               const struct domain *domain)
{
    const struct host_function *function = &host->functions.items[device->function];
    bool mdev = domain->devices.items[device->device].kind == DEVICE_HOSTDEV_MDEV;
    const char *type = peer_vgpu_type(device, host, domain);

    if (!mdev && (!function->is_vf || function->vendor != VENDOR_NVIDIA))
        return PEER_GPU;
    return type && vgpu_type_is_mig(type) ? PEER_MIG : PEER_VGPU;
}

enum peer_kind peer_kind_of(const struct plan_device *device, const struct vtopo_host *host,
                            const struct domain *domain)
{
    enum device_kind kind = domain->devices.items[device->device].kind;
    const struct host_function *function;

    if (device->function == HOST_NONE || kind == DEVICE_DISK_NVME)
        return PEER_NONE;
    function = &host->functions.items[device->function];
    if (!check_is_gpu_or_nic(host, function))
        return PEER_NONE;
    if (function->class_code >> 16 != 0x02)
        return gpu_kind(device, host, domain);
    return kind == DEVICE_INTERFACE_VDPA ? PEER_VDPA : PEER_NIC;
}

static bool is_gpu(enum peer_kind kind)
{
    return kind == PEER_GPU || kind == PEER_VGPU || kind == PEER_MIG;
}

static enum peer_kind kind_at(const struct maker *m, size_t device)
{
    return peer_kind_of(&m->plan->devices.items[device], m->host, m->domain);
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

    if (is_gpu(a) && is_gpu(b))
        return gpu_pair_mode(a, b,
                             functions[m->plan->devices.items[one].function].vendor ==
                                 functions[m->plan->devices.items[other].function].vendor);
    return a == PEER_VDPA || b == PEER_VDPA ? PAIR_NONE : PAIR_RDMA;
}

/* What each result of the checks means for a pair. */
static unsigned obstacle_of(enum finding_id id)
{
    switch (id) {
    case FINDING_ACS_OPEN:
    case FINDING_ACS_BLOCKS:
    case FINDING_ACS_ABSENT:
        return OBSTACLE_ACS;
    case FINDING_ACS_INDIRECT:
        return OBSTACLE_ACS_DETOUR;
    case FINDING_ATS_OFF:
    case FINDING_ATS_ABSENT:
        return OBSTACLE_ATS;
    case FINDING_CONFIG_UNREAD:
        return OBSTACLE_UNREAD;
    default:
        return 0;
    }
}

static struct check_device check_device_of(const struct maker *m, size_t device)
{
    const struct plan_device *d = &m->plan->devices.items[device];
    enum device_kind kind = m->domain->devices.items[d->device].kind;

    return (struct check_device){d->function,
                                 kind == DEVICE_HOSTDEV_PCI || kind == DEVICE_INTERFACE_HOSTDEV};
}

/* Ports and devices as they are set up on the host. */
static bool ask_checks(const struct maker *m, struct pair *pair)
{
    struct check_device devices[] = {check_device_of(m, pair->one),
                                     check_device_of(m, pair->other)};
    struct check_set set = {.host = m->host, .devices = devices, .count = 2};
    struct check_results results = {0};
    bool done;

    if (devices[0].function == devices[1].function)
        return true;
    if (devices[0].function > devices[1].function) {
        struct check_device first = devices[1];

        devices[1] = devices[0];
        devices[0] = first;
    }
    done = check_host(&set, CHECK_ACS | CHECK_ATS | CHECK_UNREAD, &results);
    for (size_t i = 0; i < results.count; i++)
        pair->obstacles |= obstacle_of(results.items[i].id);
    check_results_clear(&results);
    return done;
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

/* @anywhere: NCCL tries also without a common switch. */
static enum pair_verdict judge(unsigned obstacles, bool anywhere)
{
    unsigned fatal =
        OBSTACLE_PLACEMENT | OBSTACLE_ACS | OBSTACLE_IOMMUFD | (anywhere ? 0 : OBSTACLE_HOST);

    if (obstacles & fatal)
        return PAIR_FAILS;
    if (obstacles & (OBSTACLE_UNREAD | OBSTACLE_CLIQUE | OBSTACLE_IOMMU))
        return PAIR_UNSURE;
    return obstacles & (OBSTACLE_HOST | OBSTACLE_ACS_DETOUR | OBSTACLE_ATS) ? PAIR_DETOUR
                                                                            : PAIR_WORKS;
}

static bool find_obstacles(const struct maker *m, struct pair *pair)
{
    bool anywhere = pair->mode == PAIR_P2P && nccl_does_p2p_anywhere(&m->host->processor, m->gpus);
    bool done = true;

    if (pair->mode != PAIR_P2P && pair->mode != PAIR_RDMA)
        return true;
    if (!nccl_is_near(pair->with_file.type)) {
        pair->obstacles |= OBSTACLE_HOST;
    } else {
        if (!nccl_is_near(pair->guest.type) && !anywhere)
            pair->obstacles |= OBSTACLE_PLACEMENT;
        done = ask_checks(m, pair);
    }
    if (lacks_clique(m, pair))
        pair->obstacles |= OBSTACLE_CLIQUE;
    if (m->domain->iommufd)
        pair->obstacles |= OBSTACLE_IOMMUFD;
    if (m->domain->guest_iommu)
        pair->obstacles |= OBSTACLE_IOMMU;
    pair->verdict = judge(pair->obstacles, anywhere);
    return done;
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

    if (!is_gpu(kind_at(m, one)) && !is_gpu(kind_at(m, other)))
        return true;
    pair = vec_add(&m->pairs->items);
    if (!pair)
        return false;
    *pair = (struct pair){.one = one, .other = other, .mode = mode_of(m, one, other)};
    pair->guest = path_in(&m->guest, guest_processor(m), one, other);
    pair->links = path_in(&m->links, guest_processor(m), one, other);
    pair->with_file = path_in(&m->file, &m->host->processor, one, other);
    return find_obstacles(m, pair);
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
        m->gpus += is_gpu(kind_at(m, node->device));
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
    autofree struct host_link *ports = calloc(plan->controllers.count + 1, sizeof(*ports));

    for (size_t i = 0; ports && i < plan->controllers.count; i++) {
        ports[i] = plan_link_of_host(plan, m->host, i);
        if (!ports[i].speed)
            ports[i] = nccl_stock_port(plan->controllers.items[i].model);
    }
    return ports && nccl_graph_of_guest(plan, m->host, m->domain, ports, &m->links);
}

bool pairs_make(const struct vtopo_plan *plan, const struct vtopo_host *host,
                const struct domain *domain, struct pairs *ret_pairs)
{
    struct maker m = {.plan = plan, .host = host, .domain = domain, .pairs = ret_pairs};
    bool done;

    *ret_pairs = (struct pairs){0};
    if (plan->outcome == PLAN_UNCHANGED)
        return true;
    done = nccl_graph_of_guest(plan, host, domain, NULL, &m.guest) && make_links(&m) &&
           nccl_graph_of_host(plan, host, domain, &m.file);
    if (done) {
        nccl_flatten(&m.file, host);
        done = find_peers(&m) && add_pairs(&m);
    }
    nccl_graph_clear(&m.guest);
    nccl_graph_clear(&m.links);
    nccl_graph_clear(&m.file);
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
