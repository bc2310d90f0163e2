/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * prepare_text.c - what a host needs, for people
 *
 * Gives:  comments and, between them, what is to be written where, or to be run.
 */
#include "report/prepare_view.h"

#include "check/check.h"
#include "model/link_text.h"
#include "report/hold_words.h"

#include <stdlib.h>
#include <string.h>

static void add_device(const struct prepare_view *view, size_t at, struct buffer *out)
{
    const struct host_function *f = prepare_function(view, at);
    autofree char *name = device_short_name(view->names, f);

    out->failed |= !name;
    buffer_printf(out, "#   %-9s %s  %s  %s\n",
                  prepare_kind_name(view->prepare->devices.items[at].kind), BDF_TEXT(&f->bdf),
                  f->driver ? f->driver : "no driver", name ? name : "");
}

static void add_sentences(const struct prepare_view *view, const struct held *held, size_t count,
                          const char *before, const char *behind, struct buffer *out)
{
    struct sentences sentences = {0};

    hold_describe_all(view->prepare->host, NULL, held, count, &sentences);
    for (size_t i = 0; i < sentences.items.count; i++)
        prepare_add_comment(out, "%s%s%s", before, sentences.items.items[i], behind);
    out->failed |= sentences.failed;
    sentences_clear(&sentences);
}

/* What only a driver of the host has, and is yet among the devices. */
static void add_doubts(const struct prepare_view *view, struct buffer *out)
{
    const struct prepare *p = view->prepare;
    autofree struct held *held = calloc(p->devices.count + 1, sizeof(*held));

    out->failed |= !held;
    for (size_t i = 0; held && i < p->devices.count; i++) {
        size_t function = p->devices.items[i].function;

        held[i] = (struct held){function, function, p->holds[function]};
    }
    if (held)
        add_sentences(view, held, p->devices.count, "", ": see first that it does not.", out);
}

static void add_devices(const struct prepare_view *view, struct buffer *out)
{
    prepare_add_comment(out,
                        "These %zu can be given to guests when what follows is done. Nothing "
                        "was changed.",
                        view->prepare->devices.count);
    for (size_t i = 0; i < view->prepare->devices.count; i++)
        add_device(view, i, out);
    add_doubts(view, out);
}

static void add_left_out(const struct prepare_view *view, struct buffer *out)
{
    const struct prepare *p = view->prepare;
    autofree struct held *held = calloc(p->left_out.count + 1, sizeof(*held));
    bool doubtful = false;

    out->failed |= !held;
    for (size_t i = 0; held && i < p->left_out.count; i++) {
        const struct prepare_left_out *left = &p->left_out.items[i];

        held[i] = (struct held){left->function, left->holder, left->hold};
        doubtful = doubtful || left->hold == HOLD_DRIVER;
    }
    if (!held || !p->left_out.count)
        return;
    buffer_add(out, "#\n# These are left out:\n");
    add_sentences(view, held, p->left_out.count, "", "", out);
    if (doubtful)
        prepare_add_comment(out,
                            "Those of which nothing tells whether the host works with them can "
                            "be named.");
}

/* --- the kernel --- */

static void add_arguments(const struct prepare_view *view, enum argument_advice advice,
                          const char *what, struct buffer *out)
{
    autobuffer struct buffer list = {0};

    for (size_t i = 0; i < view->prepare->argument_count; i++) {
        if (view->prepare->arguments[i].advice == advice)
            buffer_printf(&list, "%s%s", list.length ? " " : "", view->prepare->arguments[i].text);
    }
    out->failed |= list.failed;
    if (list.length)
        prepare_add_comment(out, "%s: %s", what, list.text);
}

static bool adds_arguments(const struct prepare_view *view)
{
    for (size_t i = 0; i < view->prepare->argument_count; i++) {
        enum argument_advice advice = view->prepare->arguments[i].advice;

        if (advice == ARGUMENT_ADD || advice == ARGUMENT_USEFUL)
            return true;
    }
    return false;
}

static void add_kernel(const struct prepare_view *view, struct buffer *out)
{
    const struct prepare *p = view->prepare;

    buffer_add(out, "\n# --- 1. the kernel's command line ---\n");
    if (p->iommu_on)
        prepare_add_comment(out, "The IOMMU is on: there are IOMMU groups.");
    else
        prepare_add_comment(out,
                            "The IOMMU is off, or the kernel has none: there are no IOMMU "
                            "groups. Turn on VT-d, AMD-Vi (IOMMU) or the SMMU in the firmware.");
    if (!p->knows_command_line)
        prepare_add_comment(out, "What is on it is not known.");
    add_arguments(view, ARGUMENT_THERE, "it has already", out);
    add_arguments(view, ARGUMENT_REMOVE, "in the way, to be taken out", out);
    add_arguments(view, ARGUMENT_USEFUL,
                  "not needed, but the host's own devices are faster with it", out);
    if (!adds_arguments(view))
        return;
    prepare_add_comment(out, "Add in GRUB_CMDLINE_LINUX of /etc/default/grub, then update-grub "
                             "(Debian, Ubuntu); or grubby --update-kernel=ALL --args=... (Fedora, "
                             "RHEL); or in /etc/kernel/cmdline, then proxmox-boot-tool refresh:");
    prepare_view_command_line(view, out);
}

/* --- huge pages --- */

static void add_pages(const struct prepare_view *view, struct buffer *out)
{
    const struct vtopo_host *host = view->prepare->host;
    bool any = false;

    for (size_t i = 0; i < host->nodes.count; i++) {
        for (size_t k = 0; k < host->nodes.items[i].pages.count; k++) {
            const struct host_pages *pages = &host->nodes.items[i].pages.items[k];
            char text[SIZE_TEXT_SIZE];

            if (!pages->total)
                continue;
            prepare_add_comment(out, "Node %u has %llu huge pages of %s, %llu of them free.",
                                host->nodes.items[i].id, (unsigned long long)pages->total,
                                size_format(pages->size_kib * 1024, text),
                                (unsigned long long)pages->free);
            any = true;
        }
    }
    if (any || !host->nodes.count)
        return;
    prepare_add_comment(
        out, "No node is known to have huge pages, which guests with devices are faster with: "
             "default_hugepagesz=1G hugepagesz=1G hugepages=0:N,1:N on the command line (nodes "
             "since Linux 5.16), and <memoryBacking><hugepages/> in the domain.");
}

/* --- */

static bool any_by_id(const struct prepare_view *view)
{
    for (size_t i = 0; i < view->prepare->devices.count; i++) {
        if (view->prepare->devices.items[i].by_id)
            return true;
    }
    return false;
}

static bool all_by_id(const struct prepare_view *view)
{
    for (size_t i = 0; i < view->prepare->devices.count; i++) {
        if (!view->prepare->devices.items[i].by_id)
            return false;
    }
    return true;
}

static bool all_bound(const struct prepare_view *view)
{
    for (size_t i = 0; i < view->prepare->devices.count; i++) {
        const char *driver = prepare_function(view, i)->driver;

        if (!driver || !strstr(driver, "vfio"))
            return false;
    }
    return true;
}

void prepare_view_text(const struct prepare_view *view, struct buffer *out)
{
    add_devices(view, out);
    add_left_out(view, out);
    add_kernel(view, out);
    add_pages(view, out);
    buffer_add(out, "\n# --- 2. their driver ---\n");
    if (all_bound(view))
        prepare_add_comment(out, "All of them have a VFIO driver now; what follows is for the next "
                                 "boot, unless it is in place.");
    prepare_add_comment(out, "libvirt, Nova and Proxmox bind a device when a guest starts, and "
                             "need this only where the host's driver does not let go of it; "
                             "KubeVirt needs it.");
    if (any_by_id(view)) {
        buffer_add(out, "\n# /etc/modprobe.d/vfio.conf, then update-initramfs -u (Debian, Ubuntu, "
                        "Proxmox) or dracut -f (Fedora, RHEL):\n");
        prepare_view_modprobe(view, out);
        buffer_add(out, "\n# /etc/modules-load.d/vfio.conf:\nvfio-pci\n");
    }
    if (!all_by_id(view)) {
        buffer_add(out, "\n# With driverctl, which keeps it for every boot:\n");
        prepare_view_driverctl(view, out);
    }
    buffer_add(out, "\n# --- 3. who assigns them ---\n");
    prepare_add_comment(out, "vtopo-host prepare --format nova, kubevirt or proxmox prints their "
                             "words; vtopo-host place says which devices belong together.");
}
