/* SPDX-License-Identifier: GPL-2.0-or-later */
/* holds.c - see holds.h */
#include "place/holds.h"

#include "check/checker.h"
#include "model/assignable.h"
#include "model/pci_class.h"
#include "place/companions.h"

#include <stdlib.h>

static void hold(enum hold *holds, size_t function, enum hold by)
{
    if (function != HOST_NONE && holds[function] < by)
        holds[function] = by;
}

/* Is it a further function of a graphics card or NIC? */
static bool is_companion(const struct vtopo_host *host, const struct host_function *f)
{
    struct bdf first = f->bdf;
    size_t at;

    first.function = 0;
    at = host_find(host, &first);
    return at != HOST_NONE && check_is_gpu_or_nic(host, &host->functions.items[at]);
}

/*
 * What is neither a GPU nor a NIC is here as the companion of one in its IOMMU group: the audio
 * function of a graphics card is nobody's, a disk or the keyboard's USB controller may well be.
 */
static bool is_likely_used(const struct vtopo_host *host, const struct host_function *f)
{
    return class_base(f->class_code) == CLASS_STORAGE ||
           (check_is_usb(f) && !is_companion(host, f));
}

static enum hold by_host(const struct vtopo_host *host, const struct host_function *f)
{
    bool peer = check_is_gpu_or_nic(host, f);

    /* Whoever has bound such a driver knows that it was the console. */
    if (!check_is_held_by_host(f))
        return f->driver || f->use != HOST_USE_CONSOLE ? HOLD_NONE : HOLD_USE;
    if (f->use > HOST_USE_NONE)
        return HOLD_USE;
    if (f->use == HOST_USE_NONE)
        return HOLD_NONE;
    if (peer || f->netdev)
        return HOLD_DRIVER;
    return is_likely_used(host, f) ? HOLD_USE : HOLD_NONE;
}

static enum hold by_vm(const struct owners *owners, const char *device)
{
    size_t count = 0;
    const struct owner *first = owners ? owners_find(owners, device, &count) : NULL;

    if (!count)
        return HOLD_NONE;
    return owners_run(first, count) ? HOLD_RUNNING : HOLD_DEFINED;
}

static void hold_parents(const struct vtopo_host *host, enum hold *holds)
{
    for (size_t i = 0; i < host->functions.count; i++) {
        const struct host_function *f = &host->functions.items[i];

        if (f->is_vf)
            hold(holds, host_find(host, &f->physfn), HOLD_VFS);
    }
    for (size_t i = 0; i < host->mdevs.count; i++) {
        if (!host->mdevs.items[i].software)
            hold(holds, host_find(host, &host->mdevs.items[i].parent), HOLD_MEDIATED);
    }
    for (size_t i = 0; i < host->vdpas.count; i++) {
        if (!host->vdpas.items[i].software)
            hold(holds, host_find(host, &host->vdpas.items[i].parent), HOLD_MEDIATED);
    }
}

enum hold *holds_find(const struct vtopo_host *host, const struct owners *owners)
{
    enum hold *holds = calloc(host->functions.count + 1, sizeof(*holds));

    for (size_t i = 0; holds && i < host->functions.count; i++) {
        const struct host_function *f = &host->functions.items[i];

        if (!is_assignable(f))
            continue;
        holds[i] = by_host(host, f);
        hold(holds, i, by_vm(owners, BDF_TEXT(&f->bdf)));
    }
    if (holds)
        hold_parents(host, holds);
    return holds;
}

static void add_companions(const struct companions *companions, const enum hold *holds,
                           struct hold_reason *reasons)
{
    size_t size;

    for (size_t first = 0; first < companions->count; first += size) {
        size_t most = companions->members[first];

        size = companions->size[most];
        for (size_t i = first; i < first + size; i++) {
            if (holds[companions->members[i]] > holds[most])
                most = companions->members[i];
        }
        for (size_t i = first; i < first + size; i++) {
            struct hold_reason *reason = &reasons[companions->members[i]];

            if (reason->hold == HOLD_NONE)
                *reason = (struct hold_reason){holds[most], most};
        }
    }
}

struct hold_reason *holds_of_host(const struct vtopo_host *host)
{
    autofree enum hold *holds = holds_find(host, NULL);
    struct hold_reason *reasons = calloc(host->functions.count + 1, sizeof(*reasons));
    struct companions companions = {0};
    bool done = holds && reasons && companions_find(host, &companions);

    for (size_t i = 0; done && i < host->functions.count; i++)
        reasons[i] = (struct hold_reason){holds[i], i};
    if (done)
        add_companions(&companions, holds, reasons);
    for (size_t i = 0; done && i < host->functions.count; i++) {
        const struct host_function *f = &host->functions.items[i];

        if (reasons[i].hold == HOLD_NONE && is_assignable(f) && check_is_held_by_host(f) &&
            f->use != HOST_USE_NONE)
            reasons[i].hold = HOLD_DRIVER;
    }
    companions_clear(&companions);
    if (done)
        return reasons;
    free(reasons);
    return NULL;
}
