/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host_checks.c - what on the host spoils peer-to-peer of the domain's devices, as findings
 *
 * Takes:  the assigned devices, the host.
 * Gives:  findings of the checks (check.h).
 * Rule:   without policy checks only what is certain from what every plan is made from: IOMMU
 *         groups, and ACS of ports, whose config space says what kind of port they are. A device
 *         that neither host nor guest uses (its address is of type unassigned) is no stranger in
 *         its group.
 * Not here: the questions (check_*.c); nodes, which cells.c reports.
 */
#include "plan/advice/advice.h"

#include "check/checker.h"

#define ALWAYS CHECK_ACS
#define ON_REQUEST                                                                                 \
    (CHECK_NO_GROUP | CHECK_DRIVERS | CHECK_ACS | CHECK_ATS | CHECK_ORDERING | CHECK_LINKS |       \
     CHECK_COHERENT | CHECK_UNREAD)

/* Is the function itself given, not something that is made on it? */
static bool is_whole(const struct facts *facts, const struct plan_device *device)
{
    enum device_kind kind = facts->base->devices.items[device->device].kind;

    return kind != DEVICE_HOSTDEV_MDEV && kind != DEVICE_INTERFACE_VDPA;
}

/* The whole ones of a function first. */
static int compare_devices(const void *a, const void *b)
{
    const struct check_device *first = a, *second = b;

    if (first->function != second->function)
        return (first->function > second->function) - (first->function < second->function);
    return second->whole - first->whole;
}

/* What the command line assigns is no stranger in its group.  Gives how many. */
static size_t collect_qemu_devices(const struct facts *facts, struct check_device *devices)
{
    size_t count = 0;

    for (size_t i = 0; i < facts->base->qemu_devices.count; i++) {
        const struct domain_qemu_device *d = &facts->base->qemu_devices.items[i];
        size_t function = d->source_known ? host_find(facts->host, &d->source) : HOST_NONE;

        if (function != HOST_NONE)
            devices[count++] = (struct check_device){.function = function, .whole = true};
    }
    return count;
}

/* @unassigned: also those that libvirt does not give to the guest.  Gives how many. */
static size_t collect(const struct facts *facts, const struct vtopo_plan *plan, bool unassigned,
                      struct check_device *devices)
{
    size_t count = 0, different = 0;

    for (size_t i = 0; i < plan->devices.count; i++) {
        const struct plan_device *device = &plan->devices.items[i];

        if (device->function != HOST_NONE && (unassigned || device->fate != FATE_UNASSIGNED))
            devices[count++] =
                (struct check_device){device->function, is_whole(facts, device),
                                      facts->base->devices.items[device->device].managed};
    }
    if (unassigned)
        count += collect_qemu_devices(facts, &devices[count]);
    qsort(devices, count, sizeof(*devices), compare_devices);
    for (size_t i = 0; i < count; i++) {
        if (!i || devices[i].function != devices[different - 1].function)
            devices[different++] = devices[i];
    }
    return different;
}

/* A finding for each; what is the same for several is joined behind all (finding_groups.h). */
static int report_checks(const struct check_set *set, unsigned questions,
                         const struct reporter *reporter)
{
    struct check_results results = {0};
    int r = check_host(set, questions, &results) ? 0 : error_nomem(reporter->reterr);

    for (size_t i = 0; !r && i < results.count; i++)
        r = check_add_finding(&results.items[i], reporter->findings)
                ? 0
                : error_nomem(reporter->reterr);
    check_results_clear(&results);
    return r;
}

int host_checks_report(const struct facts *facts, const struct vtopo_plan *plan,
                       const struct reporter *reporter)
{
    size_t most = plan->devices.count + facts->base->qemu_devices.count;
    autofree struct check_device *devices = calloc(most + 1, sizeof(*devices));
    struct check_set set = {.host = facts->host, .devices = devices};
    int r;

    if (!devices)
        return error_nomem(reporter->reterr);
    set.count = collect(facts, plan, true, devices);
    r = report_checks(&set, CHECK_GROUPS, reporter);
    set.count = collect(facts, plan, false, devices);
    return r ? r : report_checks(&set, facts->policy->checks ? ON_REQUEST : ALWAYS, reporter);
}
