/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * planner.h - what the plan_*.c files share: one planner works on one plan
 *
 * Every step returns 0 or a negative VTOPO_ERR_* code with planner.reterr filled in.
 */
#ifndef VTOPO_PLAN_GROUND_PLANNER_H
#define VTOPO_PLAN_GROUND_PLANNER_H

#include "base/error.h"
#include "plan/ground/facts.h"
#include "plan/ground/plan.h"

#define PLAN_SWITCHES 32 /* more levels than any real host has; deeper ones are left out */

/* The switches above a card, topmost first: host functions, or places in plan.controllers. */
struct plan_chain {
    size_t count;
    size_t at[PLAN_SWITCHES];
};

/* How much of what the policy asks for is built; less only where all of it does not fit
 * (concede.c). */
struct fidelity {
    unsigned spare_ports; /* on each expander */
    bool merged;          /* one expander for each cell */
    bool flat;            /* mirror exact: one switch for each switch tree */
};

/* Why a layout does not fit. */
struct misfit {
    char *why;        /* "bus numbers: 270 needed, 256 there"; NULL: it fits */
    const char *cure; /* what makes room: "fewer devices need less"; static */
};

struct planner {
    struct facts facts;
    struct vtopo_plan *plan;
    struct vtopo_error **reterr;
    struct plan_chain *chains; /* layout.c: the host's, one per card */
    struct fidelity fidelity;
    struct misfit misfit;
    bool least; /* reckon with no ports but those that are there: libvirt may add fewer than it is
                   reckoned with */
};

/* adopt.c: mark what others made and is taken over.  @stays: for each device of @domain, which
 * it changes. */
int plan_adopt(struct planner *p, struct domain *domain, const bool *stays);

/* policy_of.c */
/*
 * What the policy says of a host function: each key by BDF or, where that leaves it unsaid, by
 * vendor and device id. Of several entries for one BDF or id the first counts; what the domain
 * itself says goes before all else.
 */
struct policy_device plan_policy_of(const struct planner *p, const struct host_function *function);
/* Tells of entries that are for no device of the domain. */
int plan_policy(struct planner *p);

/* assigned.c: the assigned devices, found on the host; which of them move. */
int plan_devices(struct planner *p);
/* The plan's entry for a device of the domain; NULL: it is no assigned device. */
const struct plan_device *plan_device_at(const struct vtopo_plan *plan, size_t device);
/* Does a device of the domain move? */
bool plan_moves(const struct vtopo_plan *plan, size_t device);
/* For each device of the input: it stays whatever place it has (policy keep, nvme_disks).  NULL:
 * out of memory. */
bool *plan_wishes_to_stay(const struct planner *p);
/* Devices that must not move, because another function of their guest slot stays and needs its
 * function 0. */
int plan_shared_slots(struct planner *p);
/* What to call an assigned device's host side in messages and findings. */
const char *plan_subject(const struct planner *p, const struct plan_device *device,
                         char text[BDF_TEXT_SIZE]);

/* cards.c: moved devices become cards, ascending by host address. */
int plan_cards(struct planner *p);
/* Does a device have a port to itself whatever else is in its host slot: VF, mdev, vDPA, disk? */
bool plan_is_alone(const struct planner *p, const struct plan_device *device);

/* cells.c */
/* The host node that a device counts as being on: the policy's word, else the host's; -1: none. */
int plan_node_of(const struct planner *p, const struct plan_device *device);
/* Gives every device its node and cell; devices whose node has no cell: as the policy says. */
int plan_cells(struct planner *p);

/* concede.c: the layout with its numbers, with as much fidelity as fits. */
int plan_ladder(struct planner *p);
/* It does not fit, and why: VTOPO_ERR_REFUSED, on which plan_ladder() tries less.  @cure is static.
 */
int plan_misfit(struct planner *p, const char *cure, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* layout.c: the controllers of the layout and the port of every card. */
int plan_layout(struct planner *p);

/* hotplug.c: ports that firmware has no room for as hot-pluggable ones. */
int plan_hotplug(struct planner *p);

/* number.c: indexes, chassis, slots and bus ranges. */
int plan_number(struct planner *p);

/* function0.c: slots whose devices nobody will see. */
int plan_function0(struct planner *p);

/* cdi_word.c: the first CDI spec that says the word of a function, NULL: none; VTOPO_ERR_FILE if
 * they contradict. */
enum cdi_word { CDI_CLIQUE, CDI_ATTACH_PCI };
int plan_cdi_of(const struct planner *p, const struct bdf *bdf, enum cdi_word word,
                const struct policy_cdi **ret_said);

/* clique.c: P2P cliques of GPUs. */
int plan_clique(struct planner *p);

/* override_wish.c: wish for a property of a device or of a port; a domain's own word on a device is
 * looked up before. */
int plan_override_device(struct planner *p, size_t device, const char *name, const char *type,
                         const char *value);
int plan_override_controller(struct planner *p, size_t controller, const char *name,
                             const char *type, const char *value);
/* When all aliases of ports are known: the aliases of what has overrides, and the record of them.
 */
int plan_overrides(struct planner *p);
/* Are exactly these overrides and aliases in the input? */
bool plan_overrides_are_realised(const struct vtopo_plan *plan, const struct domain *domain);

/* links.c: links of the host for our ports, as wishes for overrides. */
int plan_links(struct planner *p);
/* The link of the host that a port of ours stands for, asked for or not; 0: unknown, or none. */
struct host_link plan_link_of_host(const struct vtopo_plan *plan, const struct vtopo_host *host,
                                   size_t controller);
/* versions.c */
/* Is libvirt older than overrides, so that only QEMU's -set is left? */
bool plan_needs_command_line(const struct planner *p);
/* Is it known that QEMU is at least this (8001000 is 8.1)? */
bool plan_qemu_is(const struct planner *p, unsigned version);

/* guest_bdf.c: guest BDFs before and after. */
int plan_predict(struct planner *p);

/* differences.c: what the guest will see otherwise than the host has it, as findings. */
int plan_compare(struct planner *p);
/* Is the input already what the plan wants? */
bool plan_is_realised(const struct vtopo_plan *plan, const struct domain *domain);
/* If it is not: what would change, into plan.difference. */
int plan_describe_difference(struct planner *p);

/* table.c: what the layout needs against what there is, all of it, numbered or not. */
int plan_count(struct planner *p);

/* address_space.c: the I/O and memory space that the assigned devices need. */
int plan_count_space(struct planner *p);
/* Does it fit?  After plan_count(). */
int plan_budget(struct planner *p);
/* Windows of 4 KiB that firmware has for I/O BARs below ports. */
size_t plan_io_windows(const struct planner *p);
/* Has an assigned device, in the guest, an I/O BAR of its host function? */
bool plan_has_io(const struct planner *p, const struct plan_device *device);

/* locality.c: vCPUs and memory that are bound to other nodes than their cell's devices. */
int plan_bound(struct planner *p);

/* p2p.c: what of the domain keeps its GPUs and NICs from reaching each other. */
int plan_p2p(struct planner *p);
/* host_checks.c: what on the host spoils peer-to-peer of the devices. */
int plan_checks(struct planner *p);

/* numa_advice.c: the <numa>, <numatune> and <cputune> that would fit.  NULL: out of memory. */
char *plan_advice(const struct planner *p);

/* Add a finding or fail with VTOPO_ERR_NOMEM. */
#define plan_finding(p, ...)                                                                       \
    (finding_add(&(p)->plan->findings, __VA_ARGS__) ? 0 : error_nomem((p)->reterr))

#endif
