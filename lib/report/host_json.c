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
#include "model/host_tree.h"
#include "model/link_text.h"
#include "model/pci_class.h"
#include "model/version_text.h"
#include "report/hold_words.h"
#include "json/writer.h"

#include <inttypes.h>
#include <stdio.h>

static void write_link(struct json_writer *json, const char *key, const struct host_link *link)
{
    bool known = link->speed || link->width;

    json_text(json, key, known ? link_format(link, (char[LINK_TEXT_SIZE]){0}) : NULL);
}

static void write_hex(struct json_writer *json, const char *key, int digits, uint32_t number)
{
    char text[sizeof("0x00000000")];

    snprintf(text, sizeof(text), "0x%0*" PRIx32, digits, number);
    json_text(json, key, text);
}

/* Opens an object that the caller closes. */
static void open_function(struct json_writer *json, const struct view *view, size_t at)
{
    const struct host_function *function = &view->host->functions.items[at];
    autofree char *name = device_name(view->names, function);
    bool port = function->port == PORT_ROOT || function->port == PORT_DOWNSTREAM;

    json->out.failed |= !name;
    json_open(json, NULL, '{');
    json_text(json, "bdf", BDF_TEXT(&function->bdf));
    json_text(json, "kind", port_word(function->port));
    json_text(json, "name", name);
    write_hex(json, "class", 6, function->class_code);
    json_text(json, "class_word", class_word(function->class_code));
    write_hex(json, "vendor", 4, function->vendor);
    write_hex(json, "device", 4, function->device);
    json_number_or_null(json, "node", function->node);
    json_number_or_null(json, "iommu_group", function->iommu_group);
    json_number_or_null(json, "clique", view->clique[at]);
    json_text(json, "smmu", function->smmu);
    json_text(json, "driver", function->driver);
    json_text(json, "netdev", function->netdev);
    json_text(json, "physfn", function->is_vf ? BDF_TEXT(&function->physfn) : NULL);
    json_number(json, "vfs", function->vfs);
    json_number(json, "vfs_total", function->vfs_total);
    write_link(json, "link_max", &function->link_max);
    write_link(json, "link_now", &function->link_now);
    json_flag(json, "link_low", check_is_link_low(function));
    json_text(json, "acs", port ? acs_state_name(check_acs_state(function, NULL)) : NULL);
}

static void write_bars(struct json_writer *json, const struct host_function *function)
{
    json_open(json, "bars", '[');
    for (size_t i = 0; i < HOST_BARS; i++) {
        if (function->bars[i].size)
            json_text(json, NULL, bar_format(&function->bars[i], (char[BAR_TEXT_SIZE]){0}));
    }
    json_close(json, ']');
}

/* What the host does with it, or with that which goes with it. */
static void write_hold(struct json_writer *json, const struct view *view,
                       const struct hold_reason *held)
{
    const struct host_function *holder = &view->host->functions.items[held->holder];
    bool is_seen = held->hold == HOLD_USE && holder->use > HOST_USE_NONE;

    json_text(json, "held_by", held->hold ? hold_name(held->hold) : NULL);
    json_text(json, "because_of", held->hold ? BDF_TEXT(&holder->bdf) : NULL);
    json_text(json, "use", is_seen ? host_use_name(holder->use) : NULL);
}

/* @held: what the host does with it; NULL: nothing. */
static void write_owners(struct json_writer *json, const struct view *view, const char *device,
                         const struct hold_reason *held)
{
    const struct owner *first;
    size_t count;

    if (!view->owners)
        return;
    first = owners_find(view->owners, device, &count);
    json_text(json, "state", owners_state(first, count, held));
    if (held)
        write_hold(json, view, held);
    json_open(json, "owners", '[');
    for (size_t i = 0; i < count; i++) {
        json_open(json, NULL, '{');
        json->ascii = false; /* the names of VMs are libvirt's, and UTF-8 */
        json_text(json, "vm", first[i].name);
        json->ascii = true;
        json_flag(json, "running", first[i].now);
        json_flag(json, "defined", first[i].next);
        json_close(json, '}');
    }
    json_close(json, ']');
}

/* As Kubernetes' DRA calls them (resource.kubernetes.io/pciBusID, pcieRoot), and the switch. */
static void write_place(struct json_writer *json, const struct view *view, size_t at)
{
    const struct host_function *function = &view->host->functions.items[at];
    char root[sizeof("pci00000000:00")];
    size_t top;

    snprintf(root, sizeof(root), "pci%04" PRIx32 ":%02x", function->root.domain,
             function->root.bus);
    json_text(json, "pciBusID", BDF_TEXT(&function->bdf));
    json_text(json, "pcieRoot", root);
    json_number_or_null(json, "numaNode", function->node);
    json_text(json, "switch",
              host_switches_above(view->host, at, &top, 1)
                  ? BDF_TEXT(&view->host->functions.items[top].bdf)
                  : NULL);
}

static void write_devices(struct json_writer *json, const struct view *view)
{
    json_open(json, "devices", '[');
    for (size_t i = 0; i < view->host->functions.count; i++) {
        const struct host_function *function = &view->host->functions.items[i];

        if (!is_assignable(function))
            continue;
        open_function(json, view, i);
        write_bars(json, function);
        write_place(json, view, i);
        write_owners(json, view, BDF_TEXT(&function->bdf), &view->holds[i]);
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void write_group(struct json_writer *json, const struct view *view, size_t first,
                        size_t size)
{
    const struct host_function *functions = view->host->functions.items;

    json_open(json, NULL, '{');
    json_number_or_null(json, "iommu_group", functions[view->by_group[first]].iommu_group);
    json_open(json, "functions", '[');
    for (size_t i = first; i < first + size; i++)
        json_text(json, NULL, BDF_TEXT(&functions[view->by_group[i]].bdf));
    json_close(json, ']');
    json_close(json, '}');
}

/* Once per group, because a group may be as large as the host. */
static void write_groups(struct json_writer *json, const struct view *view)
{
    size_t size;

    json_open(json, "shared_groups", '[');
    for (size_t first = 0; first < view->host->functions.count; first += size) {
        size = group_size(view, first);
        if (is_group_shared(view, first, size))
            write_group(json, view, first, size);
    }
    json_close(json, ']');
}

static void write_mdevs(struct json_writer *json, const struct view *view)
{
    const struct vtopo_host *host = view->host;

    json_open(json, "mdevs", '[');
    for (size_t i = 0; i < host->mdevs.count; i++) {
        const struct host_mdev *mdev = &host->mdevs.items[i];

        json_open(json, NULL, '{');
        json_text(json, "uuid", mdev->uuid);
        json_text(json, "parent", mdev->software ? NULL : BDF_TEXT(&mdev->parent));
        json_text(json, "type", mdev->type);
        json_text(json, "type_name", mdev->type_name);
        json_number_or_null(json, "iommu_group", mdev->iommu_group);
        write_owners(json, view, mdev->uuid, NULL);
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void write_vdpa_owners(struct json_writer *json, const struct view *view, const char *device)
{
    autofree char *path = mem_printf("/dev/%s", device ? device : "");

    if (path)
        write_owners(json, view, path, NULL);
    else
        json->out.failed = true;
}

static void write_vdpas(struct json_writer *json, const struct view *view)
{
    const struct vtopo_host *host = view->host;

    json_open(json, "vdpas", '[');
    for (size_t i = 0; i < host->vdpas.count; i++) {
        const struct host_vdpa *vdpa = &host->vdpas.items[i];

        json_open(json, NULL, '{');
        json_text(json, "name", vdpa->name);
        json_text(json, "parent", vdpa->software ? NULL : BDF_TEXT(&vdpa->parent));
        json_text(json, "device", vdpa->device);
        write_vdpa_owners(json, view, vdpa->device);
        json_close(json, '}');
    }
    json_close(json, ']');
}

void view_list_json(const struct view *view, struct buffer *out)
{
    struct json_writer json = {.out = *out, .layout = JSON_ITEMS, .ascii = true};

    json_open(&json, NULL, '{');
    write_devices(&json, view);
    write_groups(&json, view);
    write_mdevs(&json, view);
    write_vdpas(&json, view);
    json_close(&json, '}');
    *out = json.out;
}

/* host_finish() has seen that paths are at most 256 bridges long. */
static void write_level(struct json_writer *json, const struct view *view, size_t first)
{
    json_open(json, "below", '[');
    for (size_t i = first; i != HOST_NONE; i = view->next[i]) {
        open_function(json, view, i);
        if (view->below[i] != HOST_NONE)
            write_level(json, view, view->below[i]);
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void write_node(struct json_writer *json, const struct vtopo_host *host,
                       const struct host_node *node)
{
    autofree char *cpus = idset_format(&node->cpus);

    json->out.failed |= !cpus;
    json_open(json, NULL, '{');
    json_number(json, "id", node->id);
    json_text(json, "cpus", cpus);
    json_flag(json, "initiator", node->initiator);
    json_number(json, "memory_kib", node->memory_kib);
    if (node->distances) {
        json_open(json, "distances", '[');
        for (size_t k = 0; k < host->nodes.count; k++)
            json_number(json, NULL, node->distances[k]);
        json_close(json, ']');
    }
    json_close(json, '}');
}

static void write_emulator(struct json_writer *json, const struct host_emulator *emulator)
{
    bool known = emulator->state == EMULATOR_KNOWN;

    json_open(json, NULL, '{');
    json_text(json, "path", emulator->path);
    json_text(json, "state", emulator_state_name(emulator->state));
    json_text(json, "qemu_version", known ? VERSION_TEXT(emulator->qemu_version) : NULL);
    json_text(json, "libvirt_version", known ? VERSION_TEXT(emulator->libvirt_version) : NULL);
    json_close(json, '}');
}

static void write_root_complex(struct json_writer *json, const struct view *view, size_t first)
{
    char root[sizeof("00000000:00")];

    snprintf(root, sizeof(root), "%04" PRIx32 ":%02x",
             view->host->functions.items[first].root.domain,
             view->host->functions.items[first].root.bus);
    json_open(json, NULL, '{');
    json_text(json, "root", root);
    write_level(json, view, first);
    json_close(json, '}');
}

void view_draw_json(const struct view *view, struct buffer *out)
{
    struct json_writer json = {.out = *out, .layout = JSON_ITEMS, .ascii = true};

    json_open(&json, NULL, '{');
    json_open(&json, "nodes", '[');
    for (size_t i = 0; i < view->host->nodes.count; i++)
        write_node(&json, view->host, &view->host->nodes.items[i]);
    json_close(&json, ']');
    json_open(&json, "emulators", '[');
    for (size_t i = 0; i < view->host->emulators.count; i++)
        write_emulator(&json, &view->host->emulators.items[i]);
    json_close(&json, ']');
    json_open(&json, "root_complexes", '[');
    for (size_t i = 0; i < view->roots.count; i++)
        write_root_complex(&json, view, view->roots.items[i]);
    json_close(&json, ']');
    json_close(&json, '}');
    *out = json.out;
}
