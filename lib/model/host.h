/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host.h - the host as plain data
 *
 * Filled by an adapter (lib/sysfs from a sysfs tree, lib/json from a host description), never
 * changed afterwards. An adapter that was given a domain fills in only what that domain's devices
 * need: the functions, the bridges above them, their IOMMU groups' members, and the nodes. The plan
 * of a domain must not depend on whether more than that is there.  What else it is to read for
 * those functions is said by enum host_details.
 */
#ifndef VTOPO_MODEL_HOST_H
#define VTOPO_MODEL_HOST_H

#include "base/bdf.h"
#include "base/idset.h"
#include "base/mem.h"
#include "model/host_emulator.h"
#include "model/host_firmware.h"
#include "model/host_vm.h"

#include <stddef.h>
#include <stdint.h>

#define HOST_NONE SIZE_MAX /* no such index */

/* What an adapter reads of a domain's functions besides their places; bits. */
enum host_details {
    HOST_PLACES = 0,
    HOST_LINKS = 1,     /* maximum link speed and width, subsystem ids, the kind of processor */
    HOST_CHECKS = 2,    /* what checks look at (check.h): links, drivers, config space of devices,
                           which wakes them up */
    HOST_EMULATOR = 4,  /* what libvirt knows of the domain's emulator, and only of the live host */
    HOST_ADDRESSES = 8, /* where they have large BARs: how wide the processor's addresses are */
};

/*
 * What a function is in the PCIe tree: the Device/Port Type of the PCI Express Capabilities
 * register (PCI Express Base Specification 6.0, 7.5.3.2). Where config space cannot be read (an
 * ordinary user sees 64 bytes) the adapter concludes it from the place: see lib/sysfs.
 */
enum port_kind {
    PORT_NONE,       /* an endpoint */
    PORT_ROOT,       /* root port */
    PORT_UPSTREAM,   /* upstream port of a switch */
    PORT_DOWNSTREAM, /* downstream port of a switch */
    PORT_BRIDGE,     /* any other bridge: PCIe-to-PCI, PCI-to-PCI, host bridge of an older kind */
};

struct host_bar {
    uint64_t size; /* bytes, 0: not implemented */
    bool io;       /* I/O ports, otherwise memory */
    bool wide;     /* 64-bit memory */
    bool prefetch; /* prefetchable memory */
};
#define HOST_BARS 6

struct host_link {
    unsigned speed; /* hundreds of MT/s: 25, 50, 80, 160, 320, 640; 0: unknown */
    unsigned width; /* lanes; 0: unknown */
};

/*
 * What the host itself is seen to do with a function; of several things the last here.  That it has
 * a driver bound to it is no such thing.
 */
enum host_use {
    HOST_USE_UNKNOWN, /* what would tell was not read, or there is no such thing for its kind */
    HOST_USE_NONE,    /* a network function none of whose interfaces is up */
    HOST_USE_UP,      /* an interface of it is up */
    HOST_USE_MEMBER,  /* an interface of it is a part of another: bridge, bond, VLAN... */
    HOST_USE_ROUTE,   /* the default route leads through an interface of it */
    HOST_USE_CONSOLE, /* the screen that firmware chose, or one that the kernel draws on */
    HOST_USE_DISK,    /* a disk of it is mounted, swapped to, or a part of another */
};

/* "up"; NULL: HOST_USE_UNKNOWN. */
const char *host_use_name(enum host_use use);
/* False: it is no such name. */
bool host_use_parse(const char *name, enum host_use *ret_use);

struct host_function {
    struct bdf bdf;
    struct bdf root; /* root complex: domain and bus of pciDDDD:BB; slot and function are 0 */
    size_t parent;   /* index of the bridge above in host.functions, HOST_NONE on the root bus */
    enum port_kind port;
    uint32_t class_code; /* 24 bits: 0x030200 */
    uint16_t vendor, device, subsystem_vendor, subsystem_device;
    uint8_t revision;
    int node;                /* NUMA node as the kernel says it, -1: unknown */
    bool is_vf;              /* SR-IOV virtual function */
    struct bdf physfn;       /* of a VF */
    unsigned vfs, vfs_total; /* of a PF: enabled, possible; 0, 0: no SR-IOV */
    int iommu_group;         /* -1: none */
    char *driver;            /* NULL: none bound */
    char *smmu;      /* the SMMUv3 it is behind, "smmu3.0x11000000"; NULL: none or unknown */
    char *vgpu_type; /* name of the vGPU type of a VF (NVIDIA's), NULL: none or unknown */
    char *netdev;    /* first network interface name by byte order, NULL: none */
    enum host_use use;
    struct host_bar bars[HOST_BARS];
    struct host_link link_max, link_now;
    unsigned char *config; /* configuration space as far as it could be read; may be NULL */
    size_t config_size;    /* 0, 64, 256 or 4096 in practice */
};

/* Huge pages of one size that a node has. */
struct host_pages {
    uint64_t size_kib, total, free;
};

struct host_node {
    unsigned id;                  /* node numbers may be sparse */
    struct idset cpus;            /* online; empty: a CPU-less node */
    bool initiator;               /* of a device that starts requests itself: a generic initiator */
    uint64_t memory_kib;          /* 0: none or unknown */
    uint64_t memory_free_kib;     /* memory_kib 0: unknown */
    VEC(struct host_pages) pages; /* ascending by size; empty: unknown */
    unsigned *distances;          /* one per entry of host.nodes, in that order; NULL: unknown */
};

/* A CPU's place: what is needed to hand out whole cores. */
struct host_cpu {
    unsigned id;
    unsigned package, core; /* numbers of the kernel; cores are unique in a package only */
    struct idset siblings;  /* threads of the same core, itself included */
};

/* What the processors are: all of one kind. */
struct host_processor {
    char vendor[13];        /* as CPUID leaf 0 spells it, "GenuineIntel"; "": unknown */
    unsigned family, model; /* as Linux counts them, extended ones included */
    unsigned bits;        /* of a guest's physical addresses, if it has this processor; 0: unknown,
                             and what follows too */
    unsigned kernel_bits; /* of the host's own, where memory encryption takes some; 0: all, or
                             it is not known */
    unsigned guest_bits;  /* of those that a guest's page tables reach (KVM's GuestPhysBits) */
    bool pages_1g, la57;  /* it has pages of 1 GiB, 5-level page tables, for guests */
};

struct host_mdev {
    char uuid[37];
    bool software;     /* it is on no PCI function, and parent says nothing */
    struct bdf parent; /* the function (PF or VF) it was made on */
    char *type;        /* type directory, e.g. nvidia-222; NULL: unknown */
    char *type_name;   /* e.g. "GRID T4-4Q"; NULL: unknown */
    int iommu_group;
};

struct host_vdpa {
    char *device; /* character device below /dev, e.g. "vhost-vdpa-0"; NULL: not bound to vhost_vdpa
                   */
    char *name;   /* on the vdpa bus, e.g. "vdpa0" */
    bool software; /* VDUSE, simulators: it is on no PCI function, and parent says nothing */
    struct bdf
        parent; /* the PCI function that it belongs to, also when an auxiliary device is between */
};

#define KERNEL_RELEASE_SIZE 65 /* utsname has that many */

struct vtopo_host {
    VEC(struct host_function)
    functions;                   /* ascending by bdf, each once; parents may come after children */
    VEC(struct host_node) nodes; /* ascending by id; empty: a host without NUMA information */
    VEC(struct host_cpu) cpus;   /* ascending by id; may be empty: unknown */
    struct idset isolated;       /* CPUs without load balancing (isolcpus) */
    struct host_processor processor;
    char kernel[KERNEL_RELEASE_SIZE]; /* release, "6.12.43-amd64"; "": unknown */
    VEC(struct host_mdev) mdevs;      /* ascending by uuid */
    VEC(struct host_vdpa) vdpas;      /* ascending by name */
    struct host_emulators emulators;  /* of others nothing is known */
    struct host_vms vms;              /* who has its devices */
    struct host_firmwares firmwares;  /* the same; only for domains with large BARs */
    bool is_live;                     /* this machine as it is now */
};

/* Vendor and device in one number. */
static inline uint32_t host_function_id(const struct host_function *function)
{
    return (uint32_t)function->vendor << 16 | function->device;
}

/* Letters, digits and any of -_.+~, at most 64 in all. */
bool host_is_kernel_release(const char *text);
/* Index of the function, or HOST_NONE. */
size_t host_find(const struct vtopo_host *host, const struct bdf *bdf);
/* Index of the node, or HOST_NONE. */
size_t host_find_node(const struct vtopo_host *host, int id);
/* NULL: it is not known. */
/* It has neither CPUs nor memory, and is there for memory that a device may bring. */
bool host_node_is_bare(const struct host_node *node);
const struct host_cpu *host_find_cpu(const struct vtopo_host *host, size_t id);
const struct host_mdev *host_find_mdev(const struct vtopo_host *host, const char *uuid);
/* By character device, "/dev/vhost-vdpa-0". */
const struct host_vdpa *host_find_vdpa(const struct vtopo_host *host, const char *path);

/*
 * The node a function counts as on: what the kernel says, or, where the host has one node or none,
 * that one (0): such kernels often say -1; bare nodes do not count.  -1: unknown.
 */
int host_node_of(const struct vtopo_host *host, const struct host_function *function);

/*
 * Put what an adapter collected into the order that struct vtopo_host promises: sort functions,
 * nodes (and the distances, which come in the order that the nodes have before the call), CPUs,
 * mdevs and vdpas.
 * @parents is parallel to functions before the call: the BDF of the bridge above each, or a
 * NULL pointer where there is none; sets the parent indices. Fails with VTOPO_ERR_HOST if anything
 * is there twice; if a parent, a VF's physical function, the function of an mdev or vDPA device, or
 * the node of a function is missing; if a parent is not a bridge, parents form a loop or root
 * complexes differ along a path.
 */
struct vtopo_error;
int host_finish(struct vtopo_host *host, const struct bdf *const *parents,
                struct vtopo_error **reterr);

void host_clear(struct vtopo_host *host); /* frees what is inside */

#endif
