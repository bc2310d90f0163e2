/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hold_words.c - see hold_words.h */
#include "report/hold_words.h"

#include "base/kinds.h"
#include "base/mem.h"
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

static const char *short_words(const struct host_function *f, enum hold hold)
{
    static const char *const uses[] = {
        [HOST_USE_UP] = "up",
        [HOST_USE_MEMBER] = "a part of another interface",
        [HOST_USE_ROUTE] = "default route",
        [HOST_USE_CONSOLE] = "console",
        [HOST_USE_DISK] = "disk in use",
    };

    switch (hold) {
    case HOLD_VFS:
        return "has VFs";
    case HOLD_MEDIATED:
        return "has mdevs or vDPA";
    case HOLD_USE:
        return f->use > HOST_USE_NONE ? uses[f->use] : "";
    default:
        return "";
    }
}

void hold_describe_short(const struct host_function *function, enum hold hold, struct buffer *out)
{
    const char *netdev = function->netdev ? function->netdev : "",
               *how = short_words(function, hold);

    if (*netdev || *how)
        buffer_printf(out, " (%s%s%s)", netdev, *netdev && *how ? ", " : "", how);
}

/* --- several --- */

/* Is nothing said of it that is its own, such as a name?  Then all of a kind share a sentence. */
static bool may_share(const struct vtopo_host *host, const struct held *held)
{
    if (held->function != held->holder)
        return false;
    return held->hold == HOLD_VFS || held->hold == HOLD_MEDIATED ||
           (held->hold == HOLD_DRIVER && !host->functions.items[held->holder].netdev);
}

static bool find_sentences(const struct vtopo_host *host, const struct held *held, size_t count,
                           struct kinds *ret)
{
    autofree struct kinds_key *keys = calloc(count + 1, sizeof(*keys));

    *ret = (struct kinds){0};
    for (size_t i = 0; keys && i < count; i++) {
        keys[i].left_out = !may_share(host, &held[i]);
        keys[i].number = held[i].hold;
        if (held[i].hold == HOLD_DRIVER)
            keys[i].text = host->functions.items[held[i].holder].driver;
    }
    return keys && kinds_make(keys, count, ret);
}

static void describe_from(const struct vtopo_host *host, const struct owners *owners,
                          const struct held *held, const struct kinds *kinds, size_t at,
                          struct sentences *ret)
{
    struct buffer text = {0};
    size_t said = 0;

    for (size_t i = at; i != KINDS_NONE; i = kinds->next[i])
        buffer_printf(&text, "%s%s", said++ ? ", " : "",
                      BDF_TEXT(&host->functions.items[held[i].function].bdf));
    buffer_add(&text, said > 1 ? ": each " : " ");
    if (held[at].holder != held[at].function)
        buffer_printf(&text, "goes with %s, which ",
                      BDF_TEXT(&host->functions.items[held[at].holder].bdf));
    hold_describe(host, owners, held[at].holder, held[at].hold, &text);
    sentences_add(ret, buffer_steal(&text));
}

void hold_describe_all(const struct vtopo_host *host, const struct owners *owners,
                       const struct held *held, size_t count, struct sentences *ret)
{
    struct kinds kinds;
    bool done = find_sentences(host, held, count, &kinds);

    ret->failed = ret->failed || !done;
    for (size_t i = 0; done && i < count; i++) {
        if (held[i].hold != HOLD_NONE && (kinds.first[i] == i || kinds.first[i] == KINDS_NONE))
            describe_from(host, owners, held, &kinds, i, ret);
    }
    kinds_clear(&kinds);
}
