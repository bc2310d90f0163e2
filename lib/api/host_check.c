/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host_check.c - the checks of a host as the public header gives them
 *
 * Takes:  a host, and the addresses of devices that are meant for one guest, or none.
 * Gives:  text or JSON of all findings or of the warnings, and how many there are.
 * Rule:   without addresses all GPUs and NICs are looked at; libvirt's hook is this machine's.
 * Not here: the questions (check_*.c), the findings of a plan (host_checks.c).
 */
#include "check/check.h"

#include "base/error.h"
#include "lsm/hook_access.h"
#include "report/host_check.h"
#include "report/json_check.h"
#include "vtopo/host.h"

/* The devices of a set as they are collected. */
struct wanted {
    struct check_device *items;
    size_t count, cap;
};

static int want(struct wanted *wanted, size_t function, struct vtopo_error **reterr)
{
    struct check_device *device = vec_add(wanted);

    if (!device)
        return error_nomem(reterr);
    *device = (struct check_device){.function = function, .whole = true};
    return 0;
}

static int want_named(const struct vtopo_host *host, const char *name, struct wanted *wanted,
                      struct vtopo_error **reterr)
{
    struct bdf bdf;
    size_t at;

    if (!bdf_parse(name, &bdf))
        return error_set(reterr, VTOPO_ERR_USAGE, "'%s' is not a PCI address like 0000:41:00.0",
                         name);
    at = host_find(host, &bdf);
    if (at == HOST_NONE)
        return error_set(reterr, VTOPO_ERR_HOST, "the host has no device %s", BDF_TEXT(&bdf));
    if (host->functions.items[at].port != PORT_NONE)
        return error_set(reterr, VTOPO_ERR_HOST,
                         "%s is a bridge or port, which cannot be given to a guest",
                         BDF_TEXT(&bdf));
    return want(wanted, at, reterr);
}

static int compare_devices(const void *a, const void *b)
{
    const struct check_device *first = a, *second = b;

    return (first->function > second->function) - (first->function < second->function);
}

/* A device that is named twice counts once. */
static void order(struct wanted *wanted)
{
    size_t different = 0;

    if (wanted->count)
        qsort(wanted->items, wanted->count, sizeof(*wanted->items), compare_devices);
    for (size_t i = 0; i < wanted->count; i++) {
        if (!i || wanted->items[i].function != wanted->items[different - 1].function)
            wanted->items[different++] = wanted->items[i];
    }
    wanted->count = different;
}

static int collect(const struct vtopo_host *host, const char *const *names, size_t count,
                   struct wanted *wanted, struct vtopo_error **reterr)
{
    int code = 0;

    for (size_t i = 0; !code && i < count; i++)
        code = want_named(host, names[i], wanted, reterr);
    for (size_t i = 0; !code && !count && i < host->functions.count; i++) {
        if (check_is_gpu_or_nic(host, &host->functions.items[i]))
            code = want(wanted, i, reterr);
    }
    order(wanted);
    return code;
}

static int print(const struct check_set *set, const struct check_results *results,
                 enum vtopo_host_style style, char **ret_text, struct vtopo_error **reterr)
{
    autobuffer struct buffer out = {0};
    char *text;

    if (style == VTOPO_HOST_JSON)
        check_to_json(set, results, &out);
    else
        check_print(set, results, &out);
    text = buffer_steal(&out);
    if (!text)
        return error_nomem(reterr);
    *ret_text = text;
    return 0;
}

static size_t count_warnings(const struct check_results *results)
{
    size_t count = 0;

    for (size_t i = 0; i < results->count; i++)
        count += finding_severity(results->items[i].id) > SEVERITY_INFO;
    return count;
}

int vtopo_host_check(const struct vtopo_host *host, const char *const *devices, size_t count,
                     bool warnings, enum vtopo_host_style style, char **ret_text, size_t *ret_found,
                     struct vtopo_error **reterr)
{
    struct check_results results = {0}, shown;
    struct wanted wanted = {0};
    struct hook_access hook = {.verdict = HOOK_ABSENT};
    struct check_set set = {.host = host, .everything = !count, .hook = &hook};
    int code = collect(host, devices, count, &wanted, reterr);

    if (!code && host->is_live)
        code = hook_access_read(&hook, reterr);
    set.devices = wanted.items;
    set.count = wanted.count;
    if (!code && (!check_host(&set, CHECK_ALL, &results) || !check_sort(&results)))
        code = error_nomem(reterr);
    shown = results;
    if (warnings) /* they come first */
        shown.count = count_warnings(&results);
    if (!code)
        code = print(&set, &shown, style, ret_text, reterr);
    if (!code)
        *ret_found = shown.count;
    check_results_clear(&results);
    hook_access_clear(&hook);
    free(wanted.items);
    return code;
}
