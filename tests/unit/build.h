/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * build.h - small hosts and domains for tests of the planner, from a few words
 *
 * Takes:  tables of host functions, and calls that add cells, controllers and devices to a domain.
 * Gives:  a world: host, domain, policy, and the plan that is made of them; what the plan built, as
 *         one line of text.
 * Rule:   a word that is wrong fails the test that says it. BDFs of the host are written "41:00.0"
 *         or "0001:41:00.0"; places in the guest are written as the XML gives them,
 *         "BUS:SLOT.FUNCTION" with the controller's index as BUS.
 * Not here: what XML says (lib/domxml), how real hosts are read (lib/sysfs, lib/json).
 */
#ifndef VTOPO_TESTS_BUILD_H
#define VTOPO_TESTS_BUILD_H

#include "base/error.h"
#include "plan/ground/occupancy.h"
#include "plan/ground/plan.h"

#include "suite.h"

#define GPU 0x030200
#define NIC 0x020000
#define AUDIO 0x040300

/* A host function; its root complex is the bus of the topmost one above it. */
struct row {
    const char *bdf;
    const char *parent; /* NULL: on the root bus */
    enum port_kind port;
    int node;
    uint32_t class_code;
    const char *physfn; /* makes it a VF */
    uint16_t vendor, device;
    uint64_t bar64, bar32, io; /* bytes */
};

struct world {
    struct vtopo_host host;
    struct domain domain;
    struct vtopo_policy policy;
    struct vtopo_plan *plan; /* of make_plan() */
    struct vtopo_error *error;
    char *text; /* of layout() */
};

/* A q35 domain with a root bus and nothing else, the built-in policy, a host without anything. */
void world_init(struct world *w);
/* The domain of world_init() as one of i440fx. */
void world_become_pc(struct world *w);
/* And as one of aarch64's machine virt, with UEFI. */
void world_become_virt(struct world *w);
void world_clear(struct world *w);

/* Behind the nodes that they are on. */
void add_functions(struct world *w, const struct row *rows, size_t count);
#define ADD_FUNCTIONS(w, rows) add_functions((w), (rows), sizeof(rows) / sizeof(*(rows)))
/* Nodes 0 to @nodes - 1 with @cpus CPUs and 64 GiB each; distances are 10, 20, 30... */
void add_nodes(struct world *w, unsigned nodes, unsigned cpus);
struct host_node *add_node(struct world *w, unsigned id, const char *cpus);
void add_mdev(struct world *w, const char *uuid, const char *parent);
void add_vdpa(struct world *w, const char *name, const char *parent);

/* An emulator of this path, the default one of x86_64; known with versions (7002022 is 7.2.22) and
 * "q35" standing for @machine, or in another state without all that. */
void add_emulator(struct world *w, const char *path, unsigned qemu, unsigned libvirt,
                  const char *machine);
void add_unknown_emulator(struct world *w, const char *path, enum emulator_state state);

/* Cells with @vcpus vCPUs each, @cells of them, bound to nothing. */
void add_cells(struct world *w, unsigned cells, unsigned vcpus);
void bind_memory(struct world *w, unsigned cell, const char *nodes); /* <memnode> */
void pin_vcpus(struct world *w, const char *vcpus,
               const char *cpus); /* <vcpupin> for each of them */
/* Cells 0 to @n - 1, each bound to the node of its number, on a host with these nodes. */
void add_bound_cells(struct world *w, unsigned n);

/* @place NULL: no address. */
struct domain_controller *add_controller(struct world *w, unsigned index,
                                         enum controller_model model, const char *place);
struct domain_device *add_device(struct world *w, enum device_kind kind, const char *host,
                                 const char *place);
struct domain_device *add_hostdev(struct world *w, const char *host, const char *place);
/* @id: an mdev's uuid or a vDPA device's path. */
struct domain_device *add_named(struct world *w, enum device_kind kind, const char *id,
                                const char *place);
/* Something that is no host device. */
struct domain_device *add_other(struct world *w, const char *label, const char *place);
struct policy_device *add_wish(struct world *w, const char *host); /* says nothing yet */

/* A plan or a failure: what plan_make() returns. */
int make_plan(struct world *w);
/* Fails the test unless there is a plan. */
void plan_or_fail(struct world *w);
/* Takes the plan over into the domain, as if the XML had been rewritten, and forgets the plan. */
void rewrite(struct world *w);
/* Takes out what rewrite() put in. */
void undo(struct world *w);

/*
 * What was built: "cell0{rp(41:00.0) rp-up(dp(42:00.0) dp(43:00.0))}", with the host BDFs of the
 * cards, "spare" for an empty port, "rp-pci(1:44:00.1)" for a PCIe-to-PCI bridge with its slots,
 * and "filler" for one that only fills an index; "none{...}" for an expander without a cell and
 * "pcie.0{...}" for what is built without one.
 */
const char *layout(struct world *w);
/* Guest places of the moved devices in the order of the domain: "1:00.0 2:00.0*" (*:
 * multifunction). */
const char *places(struct world *w);

const struct plan_device *device_of(const struct world *w, const char *host);
/* The port that a card hangs on. */
const struct plan_controller *port_of(const struct world *w, const char *host);
/* The @nth expander of the plan, from 0. */
const struct plan_controller *expander(const struct world *w, size_t nth);
/* The text of the first such finding, NULL: there is none. */
const char *finding_of(const struct world *w, enum finding_id id);
/* How many subjects such findings have. */
size_t findings_of(const struct world *w, enum finding_id id);
const struct plan_budget *budget_of(const struct world *w, const char *name);

struct host_function *function_of(struct world *w, const char *host);
/*
 * 4096 bytes of config space with a PCI Express capability at 0x40, then extended capabilities with
 * the registers at +4 and +6, each behind the one before.
 */
void add_config_space(struct world *w, const char *host, uint16_t device_control);
void add_extended_capability(struct world *w, const char *host, uint16_t id, uint16_t capability,
                             uint16_t control);
/* 256 bytes of config space of a bridge: a PCI Express capability of version 2 at 0x40. */
void add_express_port(struct world *w, const char *host, uint32_t capabilities2, uint16_t control2);
void cut_config(struct world *w, const char *host, size_t size);
/* The first result with the subject, NULL: there is none. */
struct check_result;
struct check_results;
const struct check_result *result_of(const struct check_results *results, enum finding_id id,
                                     const char *host);
/* Checks these devices, NULL last; none: all GPUs and NICs. */
void run_checks(struct world *w, unsigned questions, struct check_results *results, ...);

/* "1:00.0* -": where the domain has its devices, * multifunction, - without an address; w->text. */
const char *device_places(struct world *w);

struct bdf bdf_of(const char *text);
/* Appends to *@text (NULL: starts it). */
void text_append(char **text, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
