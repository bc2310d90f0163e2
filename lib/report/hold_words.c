/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hold_words.c - see hold_words.h */
#include "report/hold_words.h"

#include "base/printable.h"

#include <string.h>

static const char *const names[] = {
    [HOLD_NONE] = "none",       [HOLD_DRIVER] = "driver", [HOLD_DEFINED] = "defined",
    [HOLD_RUNNING] = "running", [HOLD_VFS] = "vfs",       [HOLD_MEDIATED] = "mediated",
    [HOLD_USE] = "host",
};

const char *hold_name(enum hold hold)
{
    return names[hold];
}

static void describe_vms(const struct owners *owners, const struct host_function *f,
                         struct buffer *out)
{
    size_t count = 0, start;
    const struct owner *first = owners ? owners_find(owners, BDF_TEXT(&f->bdf), &count) : NULL;

    buffer_add(out, owners_run(first, count) ? "is in " : "is defined for ");
    for (size_t i = 0; i < count; i++) {
        buffer_add(out, i ? " and VM '" : "VM '");
        start = out->length;
        buffer_add(out, first[i].name);
        if (!out->failed)
            printable(out->text + start, false);
        buffer_add(out, first[i].now ? "', which runs" : "'");
    }
}

static void describe_use(const struct host_function *f, struct buffer *out)
{
    static const char *const uses[] = {
        [HOST_USE_UP] = "has a network interface that is up",
        [HOST_USE_MEMBER] = "has a network interface that is a part of another",
        [HOST_USE_ROUTE] = "has the default route",
        [HOST_USE_CONSOLE] = "has the host's console",
        [HOST_USE_DISK] = "has a disk that is mounted or held",
    };

    if (f->use <= HOST_USE_NONE) {
        buffer_printf(out, "is held by the host's driver %s", f->driver);
        return;
    }
    buffer_add(out, uses[f->use]);
    if (f->netdev)
        buffer_printf(out, " (%s)", f->netdev);
}

static void describe_driver(const struct host_function *f, struct buffer *out)
{
    buffer_printf(out, "is held by the host's driver %s", f->driver ? f->driver : "");
    if (f->netdev)
        buffer_printf(out, " (%s)", f->netdev);
    buffer_add(out, ", and nothing tells whether the host works with it");
}

void hold_describe(const struct vtopo_host *host, const struct owners *owners, size_t function,
                   enum hold hold, struct buffer *out)
{
    const struct host_function *f = &host->functions.items[function];

    switch (hold) {
    case HOLD_NONE:
        return;
    case HOLD_DRIVER:
        describe_driver(f, out);
        return;
    case HOLD_DEFINED:
    case HOLD_RUNNING:
        describe_vms(owners, f, out);
        return;
    case HOLD_VFS:
        buffer_add(out, "has virtual functions, which vanish with its driver");
        return;
    case HOLD_MEDIATED:
        buffer_add(out, "has mdevs or vDPA devices");
        return;
    case HOLD_USE:
        describe_use(f, out);
        return;
    }
}

/* --- several --- */

/* Is the same said of both, without a name of their own in it? */
static bool is_same(const struct vtopo_host *host, const struct held *a, const struct held *b)
{
    const struct host_function *one = &host->functions.items[a->holder],
                               *other = &host->functions.items[b->holder];

    if (a->hold != b->hold || a->function != a->holder || b->function != b->holder)
        return false;
    if (a->hold == HOLD_DRIVER)
        return !one->netdev && !other->netdev && !strcmp(one->driver, other->driver);
    return a->hold == HOLD_VFS || a->hold == HOLD_MEDIATED;
}

static bool is_said_before(const struct vtopo_host *host, const struct held *held, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (is_same(host, &held[i], &held[at]))
            return true;
    }
    return false;
}

static void describe_from(const struct vtopo_host *host, const struct owners *owners,
                          const struct held *held, size_t count, struct sentences *ret)
{
    struct buffer text = {0};
    size_t said = 0;

    for (size_t i = 0; i < count; i++) {
        if (i && !is_same(host, &held[0], &held[i]))
            continue;
        buffer_printf(&text, "%s%s", said++ ? ", " : "",
                      BDF_TEXT(&host->functions.items[held[i].function].bdf));
    }
    buffer_add(&text, said > 1 ? ": each " : " ");
    if (held->holder != held->function)
        buffer_printf(&text, "goes with %s, which ",
                      BDF_TEXT(&host->functions.items[held->holder].bdf));
    hold_describe(host, owners, held->holder, held->hold, &text);
    sentences_add(ret, buffer_steal(&text));
}

void hold_describe_all(const struct vtopo_host *host, const struct owners *owners,
                       const struct held *held, size_t count, struct sentences *ret)
{
    for (size_t i = 0; i < count; i++) {
        if (held[i].hold != HOLD_NONE && !is_said_before(host, held, i))
            describe_from(host, owners, &held[i], count - i, ret);
    }
}
