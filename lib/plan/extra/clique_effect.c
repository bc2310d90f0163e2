/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * clique_effect.c - what keeps a P2P clique from QEMU, and what keeps it from having an effect
 *
 * Takes:  the cliques of plan.devices; what is known of QEMU, of the guest and of the host's ports.
 * Gives:  cliques that are held back, and findings.
 * Rule:   a clique that QEMU does not take as far as the machine type or the policy goes, so that
 *         the guest would not start, is not written, whoever asked for it; the domain's own stays.
 *         One that the host's ACS speaks against is somebody's word: it is written, and a finding
 *         says what will come of it.
 * Not here: who is in which clique (clique.c, clique_auto.c).
 */
#include "base/buffer.h"
#include "check/p2p_groups.h"
#include "plan/extra/clique.h"
#include "plan/ground/versions.h"

/* --- QEMU --- */

/*
 * From Turing on (TU102 is 1e02, what came before is below) a GPU has its MSI-X capability where
 * QEMU puts the clique's; QEMU before 8.1 knows no other place for it (f6b30c1984f7).
 */
#define TURING 0x1e00
#define QEMU_OF_TURING 8001000

static bool needs_new_qemu(const struct facts *facts, const struct plan_device *device)
{
    return device->clique_given && device->clique_source != CLIQUE_DOMAIN &&
           facts->host->functions.items[device->function].device >= TURING;
}

/* The GPUs that only a new QEMU gives a clique. */
static bool name_them(const struct facts *facts, const struct vtopo_plan *plan,
                      struct buffer *names)
{
    for (size_t i = 0; i < plan->devices.count; i++) {
        const struct plan_device *device = &plan->devices.items[i];

        if (needs_new_qemu(facts, device))
            buffer_printf(names, "%s%s", names->length ? ", " : "", BDF_TEXT(&device->host));
    }
    return !names->failed;
}

/* NULL: out of memory. */
static char *name_old_qemu(const struct facts *facts)
{
    if (qemu_version_verdict(facts, QEMU_OF_TURING) == VERSION_OLD)
        return qemu_name_witness(facts);
    return mem_printf(
        "the machine type is of an older one (machine type %s8.1 or later shows that this one is new enough, or policy qemu_version)",
        machine_version_prefix(facts));
}

/* A machine type without a version, "q35", says nothing where libvirt's list of them is not known:
 * libvirt makes of it the newest that QEMU has, so that a definition that has been stored always
 * says something. */
int cliques_hold_back(const struct facts *facts, struct vtopo_plan *plan,
                      const struct reporter *reporter)
{
    autobuffer struct buffer names = {0};
    autofree char *why = NULL;

    if (qemu_is_at_least(facts, QEMU_OF_TURING))
        return 0;
    if (!name_them(facts, plan, &names))
        return error_nomem(reporter->reterr);
    if (!names.length)
        return 0;
    if (!qemu_looks_older(facts, QEMU_OF_TURING))
        return report_finding(
            reporter, FINDING_CLIQUE_QEMU_UNKNOWN, "domain",
            "P2P cliques of %s need QEMU 8.1 or later, and nothing shows that this is one (machine type %s8.1 or later does, or policy qemu_version): an older one does not start the guest",
            names.text, machine_version_prefix(facts));
    for (size_t i = 0; i < plan->devices.count; i++) {
        if (needs_new_qemu(facts, &plan->devices.items[i]))
            plan->devices.items[i].clique_given = false;
    }
    why = name_old_qemu(facts);
    if (!why)
        return error_nomem(reporter->reterr);
    return report_finding(
        reporter, FINDING_CLIQUE_QEMU, "domain",
        "P2P cliques of %s are not written: these GPUs need QEMU 8.1 or later for them, and %s",
        names.text, why);
}

/* --- neighbours --- */

bool clique_neighbours_find(const struct facts *facts, const struct vtopo_plan *plan,
                            struct clique_neighbours *ret)
{
    *ret = (struct clique_neighbours){
        .items = calloc(plan->devices.count + 1, sizeof(*ret->items)),
    };
    for (size_t i = 0; ret->items && i < plan->devices.count; i++) {
        const struct plan_device *device = &plan->devices.items[i];
        size_t top = HOST_NONE;

        if (device->clique_given && device->function != HOST_NONE)
            top = p2p_top_switch(facts->host, device->function);
        if (top != HOST_NONE)
            ret->items[ret->count++] = (struct clique_neighbour){device, top};
    }
    return ret->items;
}

int clique_report_partial(const struct facts *facts, const struct clique_neighbours *neighbours,
                          const struct plan_device *device, const struct reporter *reporter)
{
    size_t top = p2p_top_switch(facts->host, device->function);

    for (size_t i = 0; top != HOST_NONE && i < neighbours->count; i++) {
        const struct clique_neighbour *other = &neighbours->items[i];

        if (other->top == top &&
            host_common_switch(facts->host, device->function, other->device->function) != HOST_NONE)
            return report_detail(
                reporter, FINDING_CLIQUE_PARTIAL, BDF_TEXT(&device->host),
                "has no P2P clique, and ", BDF_TEXT(&other->device->host),
                " below the same host switch has one: the guest's driver will do no P2P over PCIe between them");
    }
    return 0;
}

/* Of one that is held back it is said why. */
static int report_all_partial(const struct facts *facts, const struct vtopo_plan *plan,
                              const struct clique_neighbours *neighbours,
                              const struct reporter *reporter)
{
    int r = 0;

    for (size_t i = 0; !r && i < plan->devices.count; i++) {
        const struct plan_device *device = &plan->devices.items[i];

        if (!device->clique_given && device->clique < 0 && device_takes_clique(facts, device))
            r = clique_report_partial(facts, neighbours, device, reporter);
    }
    return r;
}

/* --- ports of the host --- */

/* What is wrong with a port, whichever it is. */
static const char *name_fault(unsigned faults)
{
    if (faults & ACS_FAULT_UNREAD)
        return "the ACS state of that port cannot be read (root can read it)";
    if (faults & ACS_FAULT_ABSENT)
        return "that port has no ACS and takes a guest's addresses for the host's";
    if (faults & ACS_FAULT_OPEN)
        return "that lets it take a guest's addresses for the host's (it should be 0x005d)";
    if (faults & ACS_FAULT_BLOCKS)
        return "that may stop what one sends to the other (it should be 0x005d)";
    return "that redirects what one sends to the other (it should be 0x005d, which lets through what ATS has translated)";
}

bool clique_describe_fault(const struct facts *facts, const struct bdf *other,
                           const struct obstacle_port *port, struct clique_fault *ret)
{
    const struct bdf *bdf = &facts->host->functions.items[port->port].bdf;

    ret->what = name_fault(port->faults);
    if (port->faults & (ACS_FAULT_UNREAD | ACS_FAULT_ABSENT))
        ret->which = mem_printf("%s because of port %s", BDF_TEXT(other), BDF_TEXT(bdf));
    else
        ret->which = mem_printf("%s because of port %s, whose ACS Control is 0x%04x",
                                BDF_TEXT(other), BDF_TEXT(bdf), port->control);
    return ret->which;
}

static const char *name_source(enum clique_source source)
{
    switch (source) {
    case CLIQUE_DOMAIN:
        return "an override of the domain";
    case CLIQUE_CDI_SPEC:
        return "a CDI spec";
    default:
        return "the policy";
    }
}

static int report_against(const struct facts *facts, const struct plan_device *device,
                          const struct clique_neighbour *other, const struct obstacle_port *port,
                          const struct reporter *reporter)
{
    struct clique_fault fault;
    autofree char *before = NULL, *which = NULL, *after = NULL;

    if (!clique_describe_fault(facts, &other->device->host, port, &fault))
        return error_nomem(reporter->reterr);
    which = fault.which;
    before = mem_printf("is in P2P clique %d by %s, but has no safe way to ", device->clique,
                        name_source(device->clique_source));
    after = mem_printf(": %s; what the two send to each other may get lost or reach wrong memory",
                       fault.what);
    if (!before || !after)
        return error_nomem(reporter->reterr);
    return report_detail(reporter, FINDING_CLIQUE_AGAINST_ACS, BDF_TEXT(&device->host), before,
                         which, after);
}

/* One finding for a device, with the first one that is in its clique and behind such a port. */
static int report_all_against(const struct facts *facts, const struct obstacles *obstacles,
                              const struct clique_neighbours *neighbours,
                              const struct reporter *reporter)
{
    int r = 0;

    for (size_t i = 0; !r && i < neighbours->count; i++) {
        const struct clique_neighbour *one = &neighbours->items[i];

        for (size_t k = i + 1; !r && k < neighbours->count; k++) {
            const struct clique_neighbour *other = &neighbours->items[k];
            struct obstacle_port port;

            if (other->top != one->top || other->device->clique != one->device->clique ||
                one->device->clique < 0 ||
                !obstacles_find_port(obstacles, one->device->function, other->device->function,
                                     P2P_FAULTS_KNOWN, &port))
                continue;
            r = report_against(facts, one->device, other, &port, reporter);
            break;
        }
    }
    return r;
}

int cliques_report_effect(const struct facts *facts, const struct obstacles *obstacles,
                          const struct vtopo_plan *plan, const struct reporter *reporter)
{
    struct clique_neighbours neighbours;
    int r = clique_neighbours_find(facts, plan, &neighbours) ? 0 : error_nomem(reporter->reterr);

    if (!r && facts->base->kvm_hidden)
        r = report_finding(
            reporter, FINDING_CLIQUE_HIDDEN, "domain",
            "<kvm><hidden state='on'/> hides the hypervisor, and NVIDIA's driver looks for P2P cliques only where it sees one: they will have no effect");
    else if (!r)
        r = report_all_against(facts, obstacles, &neighbours, reporter);
    /* With "auto" clique_auto.c says why a GPU has none. */
    if (!r && facts->policy->clique == CLIQUE_CDI)
        r = report_all_partial(facts, plan, &neighbours, reporter);
    free(neighbours.items);
    return r;
}
