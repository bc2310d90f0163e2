/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * policy.h - what the admin wants, as plain data
 *
 * What can be said is listed in policy_keys.def; policy_key.h reads and writes values by key.
 */
#ifndef VTOPO_MODEL_POLICY_H
#define VTOPO_MODEL_POLICY_H

#include "base/bdf.h"
#include "base/idset.h"
#include "base/mem.h"

enum mirror { MIRROR_NUMA, MIRROR_ROOT, MIRROR_SWITCH, MIRROR_EXACT };
enum unmapped_node { UNMAPPED_EXPANDER, UNMAPPED_NEAREST, UNMAPPED_STAY };
enum clique_mode {
    CLIQUE_OFF,
    CLIQUE_CDI,  /* as policy.devices and policy.cdi say */
    CLIQUE_AUTO, /* and what they leave open as the host's switches and ACS state say */
};
enum links { LINKS_STOCK, LINKS_HOST };
enum vacated {
    VACATED_KEEP,
    VACATED_OFF, /* hotplug='off' */
    VACATED_DROP /* removed, where that changes nothing else */
};
enum without_numa { WITHOUT_NUMA_LEAVE, WITHOUT_NUMA_GROUP };
enum nvme_disks { NVME_DISKS_STAY, NVME_DISKS_MOVE };
enum mmio_policy {
    MMIO_CHECK, /* say what is missing */
    MMIO_AUTO,  /* and add it */
    MMIO_OFF,
};
enum atomics { ATOMICS_KEEP, ATOMICS_IGNORE };
enum deliver { DELIVER_NOTHING, DELIVER_NCCL = 1, DELIVER_PLAN = 2 }; /* bits */
enum smmu {
    SMMU_OFF,
    SMMU_EXPANDER,
    SMMU_ACCEL,    /* whose tables the host's SMMUv3 walks */
    SMMU_ACCEL_ATS /* and for which devices may translate themselves */
};
enum initiators_policy { INITIATORS_OFF, INITIATORS_AUTO };
enum cells_policy {
    CELLS_ADVISE, /* say what make would add */
    CELLS_MAKE,
};
enum cells_pin {
    CELLS_PIN_NODE, /* all CPUs of the node */
    CELLS_PIN_CORE, /* one each, on whole cores */
    CELLS_PIN_NONE
};
enum cells_memory { CELLS_MEMORY_STRICT, CELLS_MEMORY_PREFERRED };
enum rewrite { REWRITE_OFF, REWRITE_AUTO };
enum on_start {
    ON_START_WARN,
    ON_START_REFUSE, /* it is stopped, once */
    ON_START_REPAIR, /* the same, if vtopod is about to rewrite the definition */
};

#define POLICY_KEY(name, type, initial, values, places)
#define DEVICE_KEY(name, values, places) int name;
/*
 * What the policy says of one device, or of all of one vendor and device id.  A BDF beats an id.
 * The value of a key that is not set is one below the lowest.
 */
struct policy_device {
    bool by_bdf;
    struct bdf bdf;          /* by_bdf */
    uint16_t vendor, device; /* otherwise */
#include "model/policy_keys.def"
};
#undef POLICY_KEY
#undef DEVICE_KEY

/* What is said of one device of a domain, known by its alias there. */
struct policy_alias {
    char *alias;
    struct policy_device keys; /* for no BDF and no ids */
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

#define DEVICE_KEY(name, values, places)
#define POLICY_KEY(name, type, initial, values, places) int name;
#define POLICY_LIST(name, highest, places) struct idset name;
/* What a domain says of its own policy; -1: the key is not set. */
struct policy_wish {
#include "model/policy_keys.def"
    VEC(struct policy_device) devices;
};
#undef POLICY_KEY

#define POLICY_KEY(name, type, initial, values, places) type name;
#define POLICY_LIST(name, highest, places) struct idset name;
struct vtopo_policy {
#include "model/policy_keys.def"
    bool mirror_given; /* by a caller, so for this run: it goes before atomics */
    /* libvirt itself says qemu_version, or libvirt_version, and not the admin. */
    bool qemu_learned, libvirt_learned;
    bool checks; /* report all that spoils peer-to-peer; the host was read closely */
    VEC(struct policy_alias) aliases; /* go before all other entries, key by key */
    VEC(struct policy_device)
    domain_devices; /* of the domain's own policy: go before the others, key by key */
    VEC(struct policy_device) devices;
    VEC(struct policy_cdi) cdi;          /* in the order of reading */
    VEC(struct policy_problem) problems; /* reported as findings */
};
#undef POLICY_KEY
#undef DEVICE_KEY

extern const struct vtopo_policy policy_default;
/* Of a device, and of a domain, for which nothing is set. */
extern const struct policy_device policy_device_unset;
extern const struct policy_wish policy_wish_unset;

/* Is no key set? */
bool policy_device_is_unset(const struct policy_device *device);
/* Are both for the same BDF, or for the same ids? */
bool policy_same_device(const struct policy_device *a, const struct policy_device *b);
/* Sets the keys that are not set in @device as they are in @from. */
void policy_device_fill(struct policy_device *device, const struct policy_device *from);
/*
 * The first entry that is for the same BDF, or the same ids, as one before it.
 *
 * @ret_index  @count: there is none
 * Returns 0, or VTOPO_ERR_NOMEM without an error.
 */
int policy_find_double(const struct policy_device *entries, size_t count, size_t *ret_index);
/* "10de:2235": four hex digits each. */
bool policy_parse_ids(const char *text, uint16_t *ret_vendor, uint16_t *ret_device);

#endif
