/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * policy.h - what the admin wants, as plain data (file: lib/json/policy.c, domain:
 * lib/domxml/parse_policy.c, options: cmd)
 */
#ifndef VTOPO_MODEL_POLICY_H
#define VTOPO_MODEL_POLICY_H

#include "base/bdf.h"
#include "base/mem.h"

/* The words for mirror, clique and links, wherever they are read or written: ends with NULL, in the
 * order of the values. */
extern const char *const mirror_words[], *const clique_words[], *const links_words[];
/* The place of @text in such a list, -1: it is not in it. */
int policy_word(const char *const *words, const char *text);

enum mirror { MIRROR_NUMA, MIRROR_ROOT, MIRROR_SWITCH, MIRROR_EXACT };
enum unmapped_node { UNMAPPED_EXPANDER, UNMAPPED_NEAREST, UNMAPPED_STAY };
enum clique_mode {
    CLIQUE_OFF,
    CLIQUE_CDI,  /* as policy.devices and policy.cdi say */
    CLIQUE_AUTO, /* and what they leave open as the host's switches and ACS state say */
};
enum links { LINKS_STOCK, LINKS_HOST };
enum without_numa { WITHOUT_NUMA_LEAVE, WITHOUT_NUMA_GROUP };

/* What the policy says of one device, or of all of one vendor and device id.  A BDF beats an id. */
struct policy_device {
    bool by_bdf;
    struct bdf bdf;          /* by_bdf */
    uint16_t vendor, device; /* otherwise */
    int keep;                /* -1: not said; 1: leave it where it is */
    int node;                /* -2: not said; -1 or more: takes the place of the host's numa_node */
    int hotplug;             /* -1: not said; 1: a hot-pluggable root port of its own */
    int clique;              /* -1: not said; 0-15: P2P clique */
    int attach_pci;          /* -1: not said; 1: behind a PCIe-to-PCI bridge */
};

/* QEMU: hw/vfio/pci-quirks.c, the id has four bits. */
#define CLIQUE_MAX 15

/* What a CDI spec says of one device. */
struct policy_cdi {
    struct bdf bdf;
    int clique;     /* -1: not said */
    int attach_pci; /* -1: not said */
    char *file;
    long line;
};

/* A CDI spec that could not be read, in a folder where that is no failure. */
struct policy_problem {
    char *text; /* one sentence with file and line */
};

/* More bus numbers than a PCI segment has are never there. */
#define POLICY_SPARE_PORTS_MAX 255
/* The kernel numbers at most 1024 nodes (CONFIG_NODES_SHIFT 10). */
#define POLICY_NODE_MAX 1023

/* What a domain says of its own policy; -1: not said. */
struct policy_wish {
    int mirror, strict, links, clique, spare_ports;
    VEC(struct policy_device) devices;
};

struct vtopo_policy {
    enum mirror mirror;
    bool strict;
    bool adopt;
    bool move_nvme_disks;
    bool checks; /* tell all that spoils peer-to-peer; the host was read closely */
    unsigned spare_ports;
    enum unmapped_node unmapped_node;
    enum without_numa without_numa;
    enum clique_mode clique;
    enum links links;
    unsigned qemu_version;    /* as libvirt_version */
    unsigned libvirt_version; /* major * 1000000 + minor * 1000 + micro; 0: not said */
    VEC(struct policy_device)
    domain_devices; /* of the domain's own policy: go before the others, key by key */
    VEC(struct policy_device) devices;
    VEC(struct policy_cdi) cdi;          /* in the order of reading */
    VEC(struct policy_problem) problems; /* told as findings */
};

extern const struct vtopo_policy policy_default;
/* Of a device, and of a domain, that nobody speaks of. */
extern const struct policy_device policy_device_nothing;
extern const struct policy_wish policy_wish_nothing;

bool policy_device_says_nothing(const struct policy_device *device);
/* Do two entries speak of the same BDF, or of the same ids? */
bool policy_same_device(const struct policy_device *a, const struct policy_device *b);
/* Fills in what @device leaves unsaid. */
void policy_device_fill(struct policy_device *device, const struct policy_device *from);
/* "10de:2235": four hex digits each. */
bool policy_parse_ids(const char *text, uint16_t *ret_vendor, uint16_t *ret_device);

#endif
