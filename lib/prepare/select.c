/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * select.c - which devices are prepared, and which are left to the host
 *
 * Takes:  the devices that are named, or none; what holds each function (place/holds.h).
 * Gives:  devices with those that go with them, and what is left out, with the reason.
 * Rule:   without names all GPUs and NICs.  What the host is seen to use is never among them: the
 *         interface with the default route, the console, a disk that is mounted, and whatever
 *         shares an IOMMU group with such.  Of what only a driver has, nothing tells whether the
 *         host uses it: that is for whoever names it; a GPU is one of these only where it may be
 * the screen, and the host description is one that does not say so.
 */
#include "prepare/prepare.h"

#include "base/error.h"
#include "base/search.h"
#include "check/check.h"
#include "model/assignable.h"
#include "model/named_function.h"
#include "model/pci_class.h"
#include "place/companions.h"
#include "place/stock.h"

#include <string.h>

#define CLASS_VGA 0x0300
#define VENDOR_NVIDIA 0x10de

struct selection {
    struct prepare *p;
    struct companions companions;
    bool *seen;      /* of each function: it is a device, or left out */
    size_t *keepers; /* of those that go together, where they begin in .companions: one of them that
                        the host keeps; HOST_NONE: there is none */
};

static const struct host_function *function_at(const struct prepare *p, size_t function)
{
    return &p->host->functions.items[function];
}

/* --- what is wanted --- */

/* Does the host say anything of what it does with its functions? */
static bool knows_uses(const struct vtopo_host *host)
{
    for (size_t i = 0; i < host->functions.count; i++) {
        if (host->functions.items[i].use != HOST_USE_UNKNOWN)
            return true;
    }
    return false;
}

/* Is it one of which nobody knows?  @uses: the host says what it does with its functions. */
static bool is_doubtful(const struct prepare *p, size_t function, bool uses)
{
    const struct host_function *f = function_at(p, function);

    if (p->holds[function] != HOLD_DRIVER)
        return false;
    return class_is_network(f->class_code) || (f->class_code >> 8 == CLASS_VGA && !uses);
}

static bool add_left_out(struct selection *s, size_t function, size_t holder)
{
    struct prepare_left_out *added = s->seen[function] ? NULL : vec_add(&s->p->left_out);
    bool done = added || s->seen[function];

    if (added)
        *added = (struct prepare_left_out){function, holder, s->p->holds[holder]};
    s->seen[function] = true;
    return done;
}

static void find_keepers(struct selection *s)
{
    const struct companions *c = &s->companions;

    for (size_t i = 0; i < c->count; i++)
        s->keepers[i] = HOST_NONE;
    for (size_t i = 0; i < c->count; i++) {
        size_t *keeper = &s->keepers[c->first[c->members[i]]];

        if (*keeper == HOST_NONE && s->p->holds[c->members[i]] > HOLD_DRIVER)
            *keeper = c->members[i];
    }
}

static enum prepare_kind kind_of(const struct vtopo_host *host, const struct host_function *f)
{
    if (!check_is_gpu_or_nic(host, f))
        return PREPARE_OTHER;
    return class_is_network(f->class_code) ? PREPARE_NIC : PREPARE_GPU;
}

static bool add_device(struct selection *s, size_t function, enum prepare_kind kind)
{
    struct prepare_device *added = s->seen[function] ? NULL : vec_add(&s->p->devices);
    bool done = added || s->seen[function];

    if (added)
        *added = (struct prepare_device){.function = function, .kind = kind};
    s->seen[function] = true;
    return done;
}

/* It, and what goes with it. */
static bool take(struct selection *s, size_t function)
{
    const struct companions *c = &s->companions;
    size_t keeper = s->keepers[c->first[function]];
    bool done = true;

    /* Then so is all that goes with it. */
    if (s->seen[function])
        return true;
    if (keeper != HOST_NONE)
        return add_left_out(s, function, keeper);
    for (size_t i = 0; done && i < c->size[function]; i++) {
        size_t member = c->members[c->first[function] + i];
        enum prepare_kind kind = kind_of(s->p->host, function_at(s->p, member));

        if (kind == PREPARE_OTHER && member != function)
            kind = PREPARE_COMPANION;
        done = add_device(s, member, kind);
    }
    return done;
}

/* --- named ones, or all --- */

/* A virtual function of a GPU of NVIDIA's. */
static bool is_vgpu(const struct host_function *f)
{
    return f->is_vf && f->vendor == VENDOR_NVIDIA && class_is_gpu(f->class_code);
}

static int take_named(struct selection *s, const char *name, struct vtopo_error **reterr)
{
    const struct prepare *p = s->p;
    size_t function;
    int r = find_named_function(p->host, name, &function, reterr);

    if (r)
        return r;
    if (is_vgpu(function_at(p, function)))
        return error_set(
            reterr, VTOPO_ERR_REFUSED,
            "%s becomes a vGPU by its own driver, and vfio-pci does not take it: write "
            "the number of a type into nvidia/current_vgpu_type of its folder in /sys",
            BDF_TEXT(&function_at(p, function)->bdf));
    return take(s, function) ? 0 : error_nomem(reterr);
}

/* Those of which nobody knows keep all that goes with them: they are for whoever names them. */
static void keep_doubtful(struct selection *s)
{
    const struct companions *c = &s->companions;
    bool uses = knows_uses(s->p->host);

    for (size_t i = 0; i < c->count; i++) {
        size_t *keeper = &s->keepers[c->first[c->members[i]]];

        if (*keeper == HOST_NONE && is_doubtful(s->p, c->members[i], uses))
            *keeper = c->members[i];
    }
}

static bool take_all(struct selection *s)
{
    const struct prepare *p = s->p;
    bool done = true;

    keep_doubtful(s);
    for (size_t i = 0; done && i < p->host->functions.count; i++)
        done = !stock_is_item(p->host, i) || take(s, i);
    return done;
}

static int compare_devices(const void *left, const void *right)
{
    const struct prepare_device *a = left, *b = right;

    return (a->function > b->function) - (a->function < b->function);
}

static int compare_left_out(const void *left, const void *right)
{
    const struct prepare_left_out *a = left, *b = right;

    return (a->function > b->function) - (a->function < b->function);
}

static int select_devices(const char *const *names, size_t count, struct selection *s,
                          struct vtopo_error **reterr)
{
    int r = 0;

    s->seen = calloc(s->p->host->functions.count + 1, sizeof(*s->seen));
    s->keepers = calloc(s->p->host->functions.count + 1, sizeof(*s->keepers));
    if (!companions_find(s->p->host, &s->companions) || !s->seen || !s->keepers)
        return error_nomem(reterr);
    find_keepers(s);
    for (size_t i = 0; !r && i < count; i++)
        r = take_named(s, names[i], reterr);
    return r || count || take_all(s) ? r : error_nomem(reterr);
}

int prepare_select(const char *const *names, size_t count, struct prepare *p,
                   struct vtopo_error **reterr)
{
    struct selection s = {.p = p};
    int r = select_devices(names, count, &s, reterr);

    companions_clear(&s.companions);
    free(s.seen);
    free(s.keepers);
    if (p->devices.count)
        qsort(p->devices.items, p->devices.count, sizeof(*p->devices.items), compare_devices);
    if (p->left_out.count)
        qsort(p->left_out.items, p->left_out.count, sizeof(*p->left_out.items), compare_left_out);
    return r;
}

static int compare_function(const void *key, const void *item)
{
    size_t function = *(const size_t *)key, other = ((const struct prepare_device *)item)->function;

    return (function > other) - (function < other);
}

const struct prepare_device *prepare_find(const struct prepare *prepare, size_t function)
{
    return search_find(&function, prepare->devices.items, prepare->devices.count,
                       sizeof(*prepare->devices.items), compare_function);
}
