/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host_json.c - the tree and the list for scripts
 *
 * Takes:  a host.
 * Gives:  JSON with the values and words of host descriptions (lib/json), and what is derived from
 *         them.
 */
#include "report/hostview.h"

#include "check/check.h"
#include "model/pci_class.h"
#include "report/host_text.h"

#include <inttypes.h>

static void print_optional(struct buffer *out, const char *key, const char *text)
{
    buffer_printf(out, ", \"%s\": ", key);
    if (text)
        print_string(out, text);
    else
        buffer_add(out, "null");
}

static void print_number(struct buffer *out, const char *key, int number)
{
    if (number < 0)
        buffer_printf(out, ", \"%s\": null", key);
    else
        buffer_printf(out, ", \"%s\": %d", key, number);
}

static void print_link(struct buffer *out, const char *key, const struct host_link *link)
{
    print_optional(
        out, key, link->speed || link->width ? link_format(link, (char[LINK_TEXT_SIZE]){0}) : NULL);
}

/* Opens an object that the caller closes. */
static void print_function(const struct view *view, size_t at, struct buffer *out)
{
    const struct host_function *function = &view->host->functions.items[at];
    autofree char *name = device_name(view->names, function);

    out->failed |= !name;
    buffer_printf(out, "{\"bdf\": \"%s\"", BDF_TEXT(&function->bdf));
    print_optional(out, "kind", port_word(function->port));
    print_optional(out, "name", name);
    buffer_printf(out, ", \"class\": \"0x%06" PRIx32 "\"", function->class_code);
    print_optional(out, "class_word", class_word(function->class_code));
    buffer_printf(out, ", \"vendor\": \"0x%04x\", \"device\": \"0x%04x\"", function->vendor,
                  function->device);
    print_number(out, "node", function->node);
    print_number(out, "iommu_group", function->iommu_group);
    print_number(out, "clique", view->clique[at]);
    print_optional(out, "driver", function->driver);
    print_optional(out, "netdev", function->netdev);
    print_optional(out, "physfn", function->is_vf ? BDF_TEXT(&function->physfn) : NULL);
    buffer_printf(out, ", \"vfs\": %u, \"vfs_total\": %u", function->vfs, function->vfs_total);
    print_link(out, "link_max", &function->link_max);
    print_link(out, "link_now", &function->link_now);
    buffer_printf(out, ", \"link_low\": %s", check_is_link_low(function) ? "true" : "false");
    print_optional(out, "acs",
                   function->port == PORT_ROOT || function->port == PORT_DOWNSTREAM
                       ? acs_state_name(check_acs_state(function, NULL))
                       : NULL);
}

static void print_bars(const struct host_function *function, struct buffer *out)
{
    size_t printed = 0;

    buffer_add(out, ", \"bars\": [");
    for (size_t i = 0; i < HOST_BARS; i++) {
        if (function->bars[i].size)
            buffer_printf(out, "%s\"%s\"", printed++ ? ", " : "",
                          bar_format(&function->bars[i], (char[BAR_TEXT_SIZE]){0}));
    }
    buffer_add(out, "]");
}

static void print_group(const struct view *view, size_t first, size_t size, struct buffer *out)
{
    const struct host_function *functions = view->host->functions.items;

    buffer_printf(out, "{\"iommu_group\": %d, \"functions\": [",
                  functions[view->by_group[first]].iommu_group);
    for (size_t i = first; i < first + size; i++)
        buffer_printf(out, "%s\"%s\"", i > first ? ", " : "",
                      BDF_TEXT(&functions[view->by_group[i]].bdf));
    buffer_add(out, "]}");
}

/* Once per group, because a group may be as large as the host. */
static void print_groups(const struct view *view, struct buffer *out)
{
    size_t printed = 0, size;

    buffer_add(out, "\n  ],\n  \"shared_groups\": [");
    for (size_t first = 0; first < view->host->functions.count; first += size) {
        size = group_size(view, first);
        if (!is_group_shared(view, first, size))
            continue;
        buffer_add(out, printed++ ? ",\n    " : "\n    ");
        print_group(view, first, size, out);
    }
}

static void print_mediated(const struct vtopo_host *host, struct buffer *out)
{
    buffer_add(out, "\n  ],\n  \"mdevs\": [");
    for (size_t i = 0; i < host->mdevs.count; i++) {
        const struct host_mdev *mdev = &host->mdevs.items[i];

        buffer_printf(out, "%s\n    {\"uuid\": \"%s\"", i ? "," : "", mdev->uuid);
        print_optional(out, "parent", mdev->software ? NULL : BDF_TEXT(&mdev->parent));
        print_optional(out, "type", mdev->type);
        print_optional(out, "type_name", mdev->type_name);
        print_number(out, "iommu_group", mdev->iommu_group);
        buffer_add(out, "}");
    }
    buffer_add(out, "\n  ],\n  \"vdpas\": [");
    for (size_t i = 0; i < host->vdpas.count; i++) {
        const struct host_vdpa *vdpa = &host->vdpas.items[i];

        buffer_printf(out, "%s\n    {\"name\": ", i ? "," : "");
        print_string(out, vdpa->name);
        print_optional(out, "parent", vdpa->software ? NULL : BDF_TEXT(&vdpa->parent));
        print_optional(out, "device", vdpa->device);
        buffer_add(out, "}");
    }
    buffer_add(out, "\n  ]\n}\n");
}

void view_list_json(const struct view *view, struct buffer *out)
{
    const struct vtopo_host *host = view->host;
    size_t printed = 0;

    buffer_add(out, "{\n  \"devices\": [");
    for (size_t i = 0; i < host->functions.count; i++) {
        const struct host_function *function = &host->functions.items[i];

        if (!is_assignable(function))
            continue;
        buffer_add(out, printed++ ? ",\n    " : "\n    ");
        print_function(view, i, out);
        print_bars(function, out);
        buffer_add(out, "}");
    }
    print_groups(view, out);
    print_mediated(host, out);
}

/* host_finish() has seen that paths are at most 256 bridges long. */
static void draw_level(const struct view *view, size_t first, size_t depth, struct buffer *out)
{
    for (size_t i = first; i != HOST_NONE; i = view->next[i]) {
        buffer_add(out, i == first ? "\n" : ",\n");
        buffer_add_times(out, "  ", depth);
        print_function(view, i, out);
        if (view->below[i] != HOST_NONE) {
            buffer_add(out, ", \"below\": [");
            draw_level(view, view->below[i], depth + 1, out);
            buffer_add(out, "]");
        }
        buffer_add(out, "}");
    }
}

static void draw_nodes(const struct vtopo_host *host, struct buffer *out)
{
    buffer_add(out, "{\n  \"nodes\": [");
    for (size_t i = 0; i < host->nodes.count; i++) {
        const struct host_node *node = &host->nodes.items[i];
        autofree char *cpus = idset_format(&node->cpus);

        out->failed |= !cpus;
        buffer_printf(out, "%s\n    {\"id\": %u, \"cpus\": \"%s\", \"memory_kib\": %" PRIu64,
                      i ? "," : "", node->id, cpus ? cpus : "", node->memory_kib);
        for (size_t k = 0; node->distances && k < host->nodes.count; k++)
            buffer_printf(out, k ? ", %u" : ", \"distances\": [%u", node->distances[k]);
        buffer_add(out, node->distances ? "]}" : "}");
    }
    buffer_add(out, "\n  ]");
}

void view_draw_json(const struct view *view, struct buffer *out)
{
    draw_nodes(view->host, out);
    buffer_add(out, ",\n  \"root_complexes\": [");
    for (size_t i = 0; i < view->roots.count; i++) {
        const struct host_function *first = &view->host->functions.items[view->roots.items[i]];

        buffer_printf(out, "%s\n    {\"root\": \"%04" PRIx32 ":%02x\", \"below\": [", i ? "," : "",
                      first->root.domain, first->root.bus);
        draw_level(view, view->roots.items[i], 3, out);
        buffer_add(out, "]}");
    }
    buffer_add(out, "\n  ]\n}\n");
}
