/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan.h - what will be built and where each card goes (the planner's result, as plain data)
 */
#ifndef VTOPO_PLAN_GROUND_PLAN_H
#define VTOPO_PLAN_GROUND_PLAN_H

#include "model/domain.h"
#include "model/finding.h"
#include "model/host.h"
#include "model/policy.h"
#include "model/undo.h"
#include "plan/ground/fate.h"
#include "plan/ground/peer_kind.h"

#define PLAN_NONE SIZE_MAX

/* A controller to write.  In the order of the array every parent comes before its children, and
 * indexes ascend. */
struct plan_controller {
    enum controller_model model; /* EXPANDER, ROOT_PORT, UPSTREAM, DOWNSTREAM or PCIE_TO_PCI */
    unsigned index;
    size_t parent;         /* place in plan.controllers; PLAN_NONE: pcie.0 */
    unsigned parent_index; /* the parent's controller index; 0: pcie.0 */
    unsigned slot, function;
    bool multifunction;     /* write multifunction='on' */
    unsigned bus_nr;        /* EXPANDER only: 1-254 */
    unsigned bus_nr_packed; /* EXPANDER only: the number if ranges had to be packed; no reason to
                               rewrite */
    unsigned buses;         /* EXPANDER only: bus numbers from bus_nr on that are its own */
    int cell;               /* EXPANDER only: guest node, -1: none */
    unsigned chassis, port; /* ROOT_PORT and DOWNSTREAM only */
    bool hotplug_off; /* DOWNSTREAM always, ROOT_PORT where firmware has no room for it, or may have
                         none */
    unsigned
        mem_reserve; /* ROOT_PORT: KiB of 32-bit memory that firmware keeps, 0: none asked for */
    uint64_t pref_reserve; /* ROOT_PORT: bytes of 64-bit memory that firmware keeps; a power of two,
                              0: none asked for */
    bool filler;           /* not a part of the layout: it takes an index that was left empty */
    bool spare;            /* an empty root port, policy spare_ports */
    bool hotplug_on;       /* ROOT_PORT of a card that must be hot-pluggable */
    char *alias;           /* NULL only for a filler that libvirt would add, too */
    /* What it stands for on the host, for people: */
    bool has_root; /* EXPANDER: root is set (in mirror numa only that of a card with own_root) */
    struct bdf root;
    int node;        /* EXPANDER: host node of its cards, -1: unknown */
    bool has_switch; /* UPSTREAM: switch_bdf, the host's upstream port */
    struct bdf switch_bdf;
    struct host_link link; /* what the port says, 0: QEMU's own; only with policy links "host" */
    bool link_in_target; /* as <target speed width>, a switch's port as QEMU's generic one; else by
                            overrides */
    struct bdf guest;    /* predicted BDF in the guest */
};

/* Who puts a device into a clique; of several the first one counts. */
enum clique_source {
    CLIQUE_NOBODY,
    CLIQUE_DOMAIN, /* an override of the domain's own */
    CLIQUE_POLICY,
    CLIQUE_CDI_SPEC,
    CLIQUE_HOST, /* --clique auto */
};

/* What the domain is to remember of a device that moves (places_last.c). */
enum place_memory {
    MEMORY_NOTHING,
    MEMORY_PLACE, /* where it was */
    MEMORY_MADE,  /* that it had no address */
};

/* One assigned device of the domain (or a network interface that may be one). */
struct plan_device {
    size_t device; /* place in domain.devices */
    enum device_kind kind;
    size_t function; /* place of the function whose place it takes in host.functions; in a finished
                        plan: in extract.host.functions; HOST_NONE: unknown */
    struct policy_device policy; /* what file and domain say of it, merged */
    enum device_fate fate;
    enum stay_reason reason;  /* FATE_STAYS */
    size_t card;              /* place in plan.cards; PLAN_NONE unless FATE_MOVED */
    unsigned guest_function;  /* FATE_MOVED */
    bool multifunction;       /* must say multifunction='on' */
    bool single;              /* needs a slot of its own */
    enum place_memory memory; /* FATE_MOVED */
    enum atomics_wish atomics;
    struct bdf host; /* function's BDF */
    int node;        /* host node that it counts to, -1: unknown */
    int cell;        /* guest cell of that node, -1: none */
    int nearest; /* without a cell: the one that is nearest by the host's distances, -1: unknown */
    struct address before;          /* address in the input */
    struct address after;           /* address in the output */
    bool before_known, after_known; /* the guest BDFs below could be predicted */
    struct bdf guest_before, guest_after;
    bool shows_link;                  /* the guest sees the link of the host's device */
    enum clique_source clique_source; /* who puts it into a P2P clique */
    int clique;                       /* 0-15; -1: none */
    bool clique_given;                /* QEMU gets it: it is a GPU */
    char *alias;                      /* to be written; NULL: it keeps its own, or needs none */
    enum peer_kind peer;              /* set when the plan is finished (extract.h), as is */
    char *vgpu_type;                  /* the name of its vGPU type; NULL: none, or unknown */
};

/*
 * A property that QEMU gets for a device or a port in addition to those that libvirt sets
 * (override_wish.c).  The step that wants one names the device, the property, its type and its
 * value; the alias is filled in when all aliases are known.
 */
struct plan_override {
    size_t device;     /* place in plan.devices, or PLAN_NONE */
    size_t controller; /* place in plan.controllers, or PLAN_NONE; both: a line of the record
                          (model/mark.h) */
    const char *name;  /* static */
    const char *type;  /* libvirt's word, "string", "unsigned", "signed" or "bool"; static */
    char *value;       /* letters, digits, and any of -_. */
    char *alias;
    bool command_line; /* -set, for a libvirt that has no overrides */
};

/* The assigned functions that share a host slot (VFs, mdevs, vDPA devices, NVMe disks: one each).
 */
struct plan_card {
    size_t port;     /* the controller that it hangs on, place in plan.controllers: a port, or a
                        PCIe-to-PCI bridge */
    unsigned slot;   /* there: 0, or 1-31 behind a bridge */
    struct bdf host; /* lowest assigned function */
    int node;        /* host node, -1: unknown */
    int cell;        /* -1: none */
    struct bdf root;
    size_t
        first_device; /* its devices are plan.devices with .card == this one; the first of them */
    bool hotplug;     /* must be hot-pluggable */
    bool port_off;    /* a port that it leaves is hotplug='off', so its new one is, too */
    bool atomics;     /* is to have PCIe atomics */
    bool own_port;    /* for one of these: in a root port of its own */
    bool attach_pci;  /* goes behind a PCIe-to-PCI bridge */
    bool own_root;    /* its root complex on the host has an expander of its own in every mirror */
};

/* An edit of a controller that vtopo did not make: only a bus number that libvirt would otherwise
 * choose. */
struct plan_bus_fix {
    unsigned index;
    unsigned bus_nr;
};

#define WIDTH_ELEMENT_SIZE 64 /* of "<maxphysaddr mode='passthrough' limit='46'/>" and the like */

/* The guest's physical addresses above 4 GiB, in the worst of the cases that can be. */
struct plan_space {
    bool there;                    /* it was counted, and the width of addresses is known */
    bool fits, may_fit;            /* in all cases, in some */
    bool old_fits;                 /* and in OVMF before 2022.11 */
    unsigned bits;                 /* of addresses */
    const char *firmware;          /* that is like this; static */
    uint64_t ram_end, hotplug_end; /* of memory, of what may be plugged in; 0: nothing may */
    uint64_t base, size;           /* of the window; SeaBIOS: of what goes into it */
    uint64_t need;                 /* of it */
    uint64_t limit;                /* where addresses end that work */
    /* What is added so that it fits (policy mmio): */
    char add_width[WIDTH_ELEMENT_SIZE]; /* <maxphysaddr>; "": none */
    bool add_pages;                     /* pdpe1gb */
    uint64_t add_asked;                 /* X-PciMmio64Mb, in MiB; 0: none */
    uint64_t add_hole;                  /* <pcihole64> of machine virt, in MiB; 0: none */
};

/* One line of the count: what the layout needs and what there is. */
struct plan_budget {
    const char *name; /* "bus numbers", machine.root_slots... static */
    uint64_t used, available;
    bool bytes;       /* print as sizes */
    bool unknown;     /* available cannot be known */
    const char *note; /* static; what is not sure of it; NULL: nothing */
};

struct plan_controllers {
    struct plan_controller *items;
    size_t count, cap;
};

struct plan_cards {
    struct plan_card *items;
    size_t count, cap;
};

struct plan_bus_fixes {
    struct plan_bus_fix *items;
    size_t count, cap;
};

struct plan_budgets {
    struct plan_budget *items;
    size_t count, cap;
};

struct plan_indexes {
    unsigned *items;
    size_t count, cap;
};

/* Is a program as new as something needs it?  The worse is the higher. */
enum version_verdict { VERSION_NEW, VERSION_UNKNOWN, VERSION_OLD };

enum plan_outcome {
    PLAN_LAYOUT,    /* a layout was made (it may be empty of controllers if nothing moves) */
    PLAN_UNCHANGED, /* the domain is left as it is; a finding says why */
};

/* What a plan keeps of its host and its domain, so that it can be printed without them
 * (extract.h). */
struct plan_extract {
    /* Functions, ascending: the assigned devices', their physical functions, all bridges above
     * these, and the first one of each PCI domain; the kind of processor; numbers, CPUs and memory
     * of all nodes.  Nothing else. */
    struct vtopo_host host;
    /* Name, cells (numbers and vCPUs), places and models of controllers, IOMMU and CPU; devices at
     * their indexes in the domain, empty but for the assigned ones. */
    struct domain domain;
};

struct vtopo_plan {
    enum plan_outcome outcome;
    enum mirror mirror;
    struct plan_controllers controllers;
    struct plan_cards cards;         /* ascending by host address */
    VEC(struct plan_device) devices; /* in the order of domain.devices */
    struct plan_indexes announced;   /* indexes of controllers that libvirt would add; ascending */
    struct plan_bus_fixes bus_fixes;
    struct plan_indexes ports_off; /* indexes of others' root ports that get hotplug='off' */
    struct plan_indexes removed;   /* indexes of others' root ports that go; descending */
    VEC(struct plan_override) overrides;
    struct additions additions; /* what is added besides */
    struct plan_budgets budgets;
    struct plan_space space;
    struct findings findings;
    struct undo undo;            /* to be done first: what a former rewrite put in goes */
    struct plan_indexes adopted; /* then: others' controllers that are taken over go; ascending */
    struct plan_extract extract; /* what is printed of host and domain */
    bool realised;    /* the domain already is what the plan wants: nothing is to be written */
    char *difference; /* what would change, in a few words; NULL: nothing would */
    /* Do QEMU and the host's kernel map BARs of one device for another with iommufd?  NEW where the
     * domain does not use it. */
    enum version_verdict iommufd_qemu, iommufd_kernel;
    char *lack;   /* why the guest does not get the host's topology although nothing would change,
                     in a few words; NULL: it does, or something would */
    char *source; /* the text of the domain that it was made from, if it was made from one */
    size_t source_length;
};

/*
 * Decide everything.  @domain is the domain as it is, marked controllers included; the plan is made
 * as if undo had been done, and none of it depends on where the devices that move were before.
 * Returns 0; VTOPO_ERR_HOST if the host lacks a device; VTOPO_ERR_DOMAIN if the domain contradicts
 * itself; VTOPO_ERR_FILE if CDI specs contradict each other; VTOPO_ERR_REFUSED if it does not fit
 * or a strict policy is not met; VTOPO_ERR_NOMEM.
 */
int plan_make(const struct vtopo_host *host, const struct domain *domain,
              const struct vtopo_policy *policy, struct vtopo_plan **ret_plan,
              struct vtopo_error **reterr);
void plan_free(struct vtopo_plan *plan);

#endif
