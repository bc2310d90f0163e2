/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * planner.h - what the steps behind the layout share
 *
 * Every step returns 0 or a negative VTOPO_ERR_* code with planner.reterr filled in.
 */
#ifndef VTOPO_PLAN_GROUND_PLANNER_H
#define VTOPO_PLAN_GROUND_PLANNER_H

#include "base/error.h"
#include "plan/ground/facts.h"
#include "plan/ground/layout.h"
#include "plan/ground/plan.h"

struct planner {
    struct facts facts;
    struct vtopo_plan *plan;
    struct vtopo_error **reterr;
    const struct plan_chain *chains; /* the host's, one per card */
    struct concessions conceded;
};

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
/* Of which devices will the guest see the link?  When all addresses are known. */
void plan_find_shown_links(const struct domain *input, struct vtopo_plan *plan);
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

/* locality.c: vCPUs and memory that are bound to other nodes than their cell's devices. */
int plan_bound(struct planner *p);

/* p2p.c: what of the domain keeps its GPUs and NICs from reaching each other. */
int plan_p2p(struct planner *p);
/* host_checks.c: what on the host spoils peer-to-peer of the devices. */
int plan_checks(struct planner *p);

/* numa_advice.c: the <numa>, <numatune> and <cputune> that would fit.  NULL: out of memory. */
char *plan_advice(const struct planner *p);

/* For an entry of plan.devices. */
static inline const char *plan_subject(const struct planner *p, const struct plan_device *device,
                                       char text[BDF_TEXT_SIZE])
{
    const struct domain_device *d = &p->facts.base->devices.items[device->device];

    return d->source_id ? d->source_id : bdf_format(&device->host, text);
}

static inline int plan_node_of(const struct planner *p, const struct plan_device *device)
{
    return device->policy.node >= -1
               ? device->policy.node
               : host_node_of(p->facts.host, &p->facts.host->functions.items[device->function]);
}

static inline bool plan_is_alone(const struct planner *p, const struct plan_device *device)
{
    return p->facts.host->functions.items[device->function].is_vf ||
           (device->kind != DEVICE_HOSTDEV_PCI && device->kind != DEVICE_INTERFACE_HOSTDEV);
}

/* Add a finding or fail with VTOPO_ERR_NOMEM. */
#define plan_finding(p, ...)                                                                       \
    (finding_add(&(p)->plan->findings, __VA_ARGS__) ? 0 : error_nomem((p)->reterr))

#endif
