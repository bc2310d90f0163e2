/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * prepare_modprobe.c - what modprobe, driverctl and the boot loader are told
 *
 * Not here: which devices go which way (prepare/drivers.c).
 */
#include "report/prepare_view.h"

#include "model/coherent_gpu.h"

#include <string.h>

const char *prepare_vfio_driver(const struct host_function *function)
{
    return function_is_coherent_gpu(function) ? COHERENT_GPU_DRIVER : "vfio-pci";
}

void prepare_view_command_line(const struct prepare_view *view, struct buffer *out)
{
    bool any = false;

    for (size_t i = 0; i < view->prepare->argument_count; i++) {
        const struct prepare_argument *argument = &view->prepare->arguments[i];

        if (argument->advice != ARGUMENT_ADD && argument->advice != ARGUMENT_USEFUL)
            continue;
        buffer_printf(out, "%s%s", any ? " " : "", argument->text);
        any = true;
    }
    buffer_add(out, "\n");
}

static bool goes_by_id(const struct prepare_view *view, size_t at)
{
    return view->prepare->devices.items[at].by_id && prepare_is_first_of_id(view, at);
}

static void add_ids(const struct prepare_view *view, struct buffer *out)
{
    bool any = false;

    for (size_t i = 0; i < view->prepare->devices.count; i++) {
        const struct host_function *f = prepare_function(view, i);

        if (!goes_by_id(view, i))
            continue;
        buffer_printf(out, "%s%04x:%04x", any ? "," : "options vfio-pci ids=", f->vendor,
                      f->device);
        any = true;
    }
    buffer_add(out, any ? "\n" : "");
    if (!any)
        prepare_add_comment(out, "No id is of these devices alone: see driverctl.");
}

void prepare_view_modprobe(const struct prepare_view *view, struct buffer *out)
{
    const struct prepare *p = view->prepare;

    prepare_add_comment(out, "For /etc/modprobe.d: vfio-pci takes devices by their ids, before "
                             "other drivers do.");
    add_ids(view, out);
    for (size_t i = 0; i < p->modules.count; i++)
        buffer_printf(out, "softdep %s pre: vfio-pci\n", p->modules.items[i].name);
    for (size_t i = 0; i < p->modules.count; i++) {
        if (p->modules.items[i].blacklist)
            buffer_printf(out, "blacklist %s\n", p->modules.items[i].name);
    }
}

static void add_reason(const struct prepare_view *view, size_t at, struct buffer *out)
{
    const struct host_function *f = prepare_function(view, at);
    size_t other = view->prepare->devices.items[at].taken_too;

    if (function_is_coherent_gpu(f))
        prepare_add_comment(out,
                            "The memory that %s shares with the processor is given to a guest "
                            "by " COHERENT_GPU_DRIVER " alone (Linux 6.8 or later).",
                            BDF_TEXT(&f->bdf));
    else if (other != HOST_NONE)
        prepare_add_comment(out, "The id %04x:%04x would take %s, too, which stays with the host.",
                            f->vendor, f->device,
                            BDF_TEXT(&view->prepare->host->functions.items[other].bdf));
    else
        prepare_add_comment(out,
                            "The id %04x:%04x is that of virtual functions, also of those that are "
                            "made later.",
                            f->vendor, f->device);
}

void prepare_view_driverctl(const struct prepare_view *view, struct buffer *out)
{
    bool any = false;

    for (size_t i = 0; i < view->prepare->devices.count; i++) {
        const struct host_function *f = prepare_function(view, i);

        if (view->prepare->devices.items[i].by_id)
            continue;
        if (prepare_is_first_of_id(view, i))
            add_reason(view, i, out);
        buffer_printf(out, "driverctl set-override %s %s\n", BDF_TEXT(&f->bdf),
                      prepare_vfio_driver(f));
        any = true;
    }
    if (!any)
        prepare_add_comment(out, "Nothing: vfio-pci takes all of them by their ids (modprobe).");
}
