/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host_draw.c - the host as a tree
 *
 * Takes:  a host.
 * Gives:  nodes, emulators, then each root complex with what is below it.
 * Rule:   what nobody asks about takes no room: ports with nothing below them, and functions of the
 *         chipset, are one line per bridge.
 */
#include "report/hostview.h"

#include "check/check.h"
#include "model/link_text.h"
#include "model/pci_class.h"
#include "model/version_text.h"
#include "report/branch.h"
#include "report/node_words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* What is drawn left of a line: a branch per level.  Paths have at most 256 bridges. */
#define PREFIX_SIZE (256 * sizeof(BRANCH_THROUGH) + 1)

struct drawing {
    const struct view *view;
    struct buffer *out;
    char prefix[PREFIX_SIZE];
};

static void draw_node_line(const struct vtopo_host *host, size_t at, struct buffer *out)
{
    const struct host_node *node = &host->nodes.items[at];
    autofree char *cpus = idset_format(&node->cpus);

    out->failed |= !cpus;
    if (!cpus)
        return;
    buffer_printf(out, "node %u: %s%s", node->id, *cpus ? "CPUs " : "no CPUs", cpus);
    if (node->initiator)
        buffer_add(out, ", of a device");
    if (node->memory_kib)
        buffer_printf(out, ", %" PRIu64 " MiB", node->memory_kib / 1024);
    node_distances(host, at, out);
    buffer_add(out, "\n");
}

/* "nodes 2-9: no CPUs, no memory, for that of devices, distances 80 120" */
static void draw_bare_line(const struct vtopo_host *host, size_t first, size_t count,
                           struct buffer *out)
{
    const struct host_node *node = &host->nodes.items[first];

    buffer_printf(out, count > 1 ? "nodes %u-%u" : "node %u", node->id,
                  node[count > 1 ? count - 1 : 0].id);
    buffer_add(out, ": no CPUs, no memory, for that of devices");
    node_distances(host, first, out);
    buffer_add(out, "\n");
}

static void draw_nodes(const struct vtopo_host *host, struct buffer *out)
{
    size_t count;

    if (!host->nodes.count)
        buffer_add(out, "no NUMA nodes\n");
    for (size_t i = 0; i < host->nodes.count; i += count) {
        count = node_run(host, i);
        if (host_node_is_bare(&host->nodes.items[i]))
            draw_bare_line(host, i, count, out);
        else
            draw_node_line(host, i, out);
    }
}

/* What libvirt's capability cache says of each, or why it says nothing. */
static void draw_emulators(const struct vtopo_host *host, struct buffer *out)
{
    for (size_t i = 0; i < host->emulators.count; i++) {
        const struct host_emulator *emulator = &host->emulators.items[i];

        buffer_printf(out, "emulator %s: ", emulator->path);
        if (emulator->state == EMULATOR_KNOWN)
            buffer_printf(out, "QEMU %s, asked by libvirt %s", VERSION_TEXT(emulator->qemu_version),
                          VERSION_TEXT(emulator->libvirt_version));
        else
            buffer_printf(out, "version unknown, libvirt's capability cache is %s",
                          emulator_state_name(emulator->state));
        buffer_add(out, "\n");
    }
}

static bool is_empty_port(const struct view *view, size_t at)
{
    return view->host->functions.items[at].port != PORT_NONE && view->below[at] == HOST_NONE;
}

/* Functions that share a line with others of their kind. */
static bool is_gathered(const struct view *view, size_t at)
{
    return is_empty_port(view, at) || is_chipset(&view->host->functions.items[at]);
}

static void draw_node(struct buffer *out, const struct view *view,
                      const struct host_function *function)
{
    if (view->host->nodes.count > 1 && function->node >= 0)
        buffer_printf(out, "  node %d", function->node);
    else if (view->host->nodes.count > 1)
        buffer_add(out, "  node unknown");
}

/*
 * Which end of a link is to blame for its being slow is seen at the lower end: a port with a lesser
 * device below it does what it can.
 */
static void draw_link(struct buffer *out, const struct host_function *function)
{
    const struct host_link *now = &function->link_now;
    bool low = check_is_link_low(function) &&
               (function->port == PORT_NONE || function->port == PORT_UPSTREAM);

    if (!now->speed && !now->width)
        return;
    buffer_printf(out, "  %s", link_format(now, (char[LINK_TEXT_SIZE]){0}));
    if (low)
        buffer_printf(out, " (can %s)",
                      link_format(&function->link_max, (char[LINK_TEXT_SIZE]){0}));
}

/* What the port does with requests between cards below its switch, or to its side of the root
 * complex. */
static void draw_acs(struct buffer *out, const struct host_function *function)
{
    const char *state = acs_state_name(check_acs_state(function, NULL));

    if (state && (function->port == PORT_DOWNSTREAM || function->port == PORT_ROOT))
        buffer_printf(out, "  ACS %s", state);
}

static void draw_group(struct buffer *out, const struct view *view, size_t at)
{
    int group = view->host->functions.items[at].iommu_group;

    if (group >= 0)
        buffer_printf(out, "  group %d%s", group, view->shared[at] ? " (shared)" : "");
}

void view_draw_device(const struct view *view, size_t at, struct buffer *out)
{
    const struct host_function *function = &view->host->functions.items[at];
    autofree char *name = device_name(view->names, function);

    if (!name) {
        out->failed = true;
        return;
    }
    buffer_printf(out, "%s: %s", class_word(function->class_code), name);
    draw_node(out, view, function);
    draw_group(out, view, at);
    draw_link(out, function);
    if (view->clique[at] >= 0)
        buffer_printf(out, "  clique %d", view->clique[at]);
    if (function->is_vf)
        buffer_printf(out, "  VF of %s", BDF_TEXT(&function->physfn));
    if (function->vfs_total)
        buffer_printf(out, "  %u/%u VFs", function->vfs, function->vfs_total);
    if (function->driver)
        buffer_printf(out, "  [%s]", function->driver);
    if (function->netdev)
        buffer_printf(out, "  %s", function->netdev);
}

void view_draw_port(const struct view *view, size_t at, struct buffer *out)
{
    const struct host_function *port = &view->host->functions.items[at];

    buffer_add(out, port_word(port->port));
    draw_link(out, port);
    draw_acs(out, port);
}

/* "├─ 0000:3b:00.0 upstream port  16.0 GT/s x16" */
static void draw_line(struct drawing *drawing, size_t at, bool last)
{
    const struct host_function *function = &drawing->view->host->functions.items[at];
    struct buffer *out = drawing->out;

    buffer_printf(out, "%s%s%s ", drawing->prefix, last ? BRANCH_LAST : BRANCH_NEXT,
                  BDF_TEXT(&function->bdf));
    if (function->port == PORT_NONE) {
        view_draw_device(drawing->view, at, out);
    } else {
        view_draw_port(drawing->view, at, out);
    }
    buffer_add(out, "\n");
}

static void draw_gathered_line(struct drawing *drawing, size_t first, bool ports, bool last)
{
    const struct view *view = drawing->view;
    size_t count = 0;
    struct buffer list = {0};

    for (size_t i = first; i != HOST_NONE; i = view->next[i]) {
        if (!is_gathered(view, i) || is_empty_port(view, i) != ports)
            continue;
        if (count < 4)
            buffer_printf(&list, " %s", BDF_TEXT(&view->host->functions.items[i].bdf));
        count++;
    }
    if (count)
        buffer_printf(drawing->out, "%s%s%zu %s:%s%s\n", drawing->prefix,
                      last ? BRANCH_LAST : BRANCH_NEXT, count,
                      ports       ? count > 1 ? "empty ports" : "empty port"
                      : count > 1 ? "functions of the chipset"
                                  : "function of the chipset",
                      list.text ? list.text : "", count > 4 ? " ..." : "");
    drawing->out->failed |= list.failed;
    buffer_clear(&list);
}

/* Empty ports, chipset: what is there of them, among @first and what follows it. */
static void find_gathered(const struct view *view, size_t first, bool *ports, bool *chipset)
{
    *ports = *chipset = false;
    for (size_t i = first; i != HOST_NONE; i = view->next[i]) {
        *ports |= is_empty_port(view, i);
        *chipset |= is_chipset(&view->host->functions.items[i]);
    }
}

static bool is_last(const struct view *view, size_t at)
{
    for (size_t i = view->next[at]; i != HOST_NONE; i = view->next[i]) {
        if (!is_gathered(view, i))
            return false;
    }
    return true;
}

/* host_finish() has seen that paths are at most 256 bridges long. */
static void draw_level(struct drawing *drawing, size_t first)
{
    const struct view *view = drawing->view;
    size_t length = strlen(drawing->prefix);
    bool ports, chipset;

    find_gathered(view, first, &ports, &chipset);
    for (size_t i = first; i != HOST_NONE; i = view->next[i]) {
        bool last;

        if (is_gathered(view, i))
            continue;
        last = !ports && !chipset && is_last(view, i);
        draw_line(drawing, i, last);
        snprintf(drawing->prefix + length, sizeof(drawing->prefix) - length, "%s",
                 last ? BRANCH_NONE : BRANCH_THROUGH);
        draw_level(drawing, view->below[i]);
        drawing->prefix[length] = '\0';
    }
    if (ports)
        draw_gathered_line(drawing, first, true, !chipset);
    if (chipset)
        draw_gathered_line(drawing, first, false, true);
}

/* Those that functions of the root complex are behind; nearly always it is one. */
static void draw_smmus(const struct vtopo_host *host, const struct bdf *root, struct buffer *out)
{
    const char *last = "";

    for (size_t i = 0; i < host->functions.count; i++) {
        const struct host_function *function = &host->functions.items[i];

        if (!function->smmu || !bdf_equal(&function->root, root) || !strcmp(function->smmu, last))
            continue;
        buffer_printf(out, "  %s", function->smmu);
        last = function->smmu;
    }
}

void view_draw_text(const struct view *view, struct buffer *out)
{
    struct drawing drawing = {.view = view, .out = out};

    draw_nodes(view->host, out);
    draw_emulators(view->host, out);
    for (size_t i = 0; i < view->roots.count; i++) {
        const struct host_function *first = &view->host->functions.items[view->roots.items[i]];

        buffer_printf(out, "\nroot complex %04" PRIx32 ":%02x", first->root.domain,
                      first->root.bus);
        draw_smmus(view->host, &first->root, out);
        buffer_add(out, "\n");
        draw_level(&drawing, view->roots.items[i]);
    }
}
