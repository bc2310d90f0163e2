/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * place_json.c - proposals for programs
 *
 * Gives:  schemas/place.schema.json.
 */
#include "report/hold_words.h"
#include "report/place_view.h"

#include "json/writer.h"

#include <inttypes.h>
#include <stdio.h>

static void write_device(const struct place_view *view, size_t function, const char *kind,
                         void *context)
{
    const struct stock *stock = &view->place->stock;
    const struct host_function *f = &stock->host->functions.items[function];
    autofree char *name = device_short_name(view->names, f);
    size_t top = place_view_switch(view, function);
    char root[sizeof("pci00000000:00")];
    struct json_writer *json = context;

    json->out.failed |= !name;
    snprintf(root, sizeof(root), "pci%04" PRIx32 ":%02x", f->root.domain, f->root.bus);
    json_open(json, NULL, '{');
    json_text(json, "pciBusID", BDF_TEXT(&f->bdf));
    json_text(json, "kind", kind);
    json_text(json, "name", name);
    json_text(json, "pcieRoot", root);
    json_text(json, "switch",
              top == HOST_NONE ? NULL : BDF_TEXT(&stock->host->functions.items[top].bdf));
    json_number_or_null(json, "numaNode", host_node_of(stock->host, f));
    json_number_or_null(json, "iommu_group", f->iommu_group);
    json_text(json, "driver", f->driver);
    json_text(json, "physfn", f->is_vf ? BDF_TEXT(&f->physfn) : NULL);
    json_text(json, "held_by", stock->holds[function] ? hold_name(stock->holds[function]) : NULL);
    json_close(json, '}');
}

static void write_share(struct json_writer *json, const struct vtopo_host *host,
                        const struct place_share *share)
{
    autofree char *list = idset_format(&share->list);
    const struct host_node *node =
        share->node == HOST_NONE ? NULL : &host->nodes.items[share->node];

    json->out.failed |= !list;
    json_open(json, NULL, '{');
    json_number_or_null(json, "node", node ? (int)node->id : -1);
    json_flag(json, "has_devices", share->has_devices);
    json_text(json, "cpus", list);
    json_number(json, "cpus_free", share->free_cpus);
    json_number(json, "memory_kib", share->memory_kib);
    if (node && node->memory_free_kib)
        json_number(json, "memory_free_kib", node->memory_free_kib);
    else
        json_nothing(json, "memory_free_kib");
    json_open(json, "huge_pages", '[');
    for (size_t i = 0; node && i < node->pages.count; i++) {
        json_open(json, NULL, '{');
        json_number(json, "size_kib", node->pages.items[i].size_kib);
        json_number(json, "free", node->pages.items[i].free);
        json_close(json, '}');
    }
    json_close(json, ']');
    json_close(json, '}');
}

static void write_elements(struct json_writer *json, const struct place_view *view, size_t at)
{
    autobuffer struct buffer xml = {0};

    place_view_xml(view, at, &xml);
    json->out.failed |= xml.failed;
    json_text(json, "devices_xml", xml.failed ? NULL : xml.text);
}

static void write_proposal(struct json_writer *json, const struct place_view *view, size_t at)
{
    const struct place_proposal *p = &view->place->proposals.items[at];
    autofree char *summary = place_summary(view->place, p);
    struct sentences given_up;

    json->out.failed |= !summary;
    json_open(json, NULL, '{');
    json_text(json, "summary", summary);
    json_text(json, "gpus_within", distance_name(p->gpu_level));
    json_text(json, "nics_within", distance_name(p->nic_level));
    json_open(json, "devices", '[');
    place_view_for_each(view, p, write_device, json);
    json_close(json, ']');
    json_open(json, "nodes", '[');
    for (size_t i = 0; i < p->shares.count; i++)
        write_share(json, view->place->stock.host, &p->shares.items[i]);
    json_close(json, ']');
    place_given_up(view->place, view->request, p, &given_up);
    sentences_write(&given_up, "given_up", json);
    sentences_clear(&given_up);
    write_elements(json, view, at);
    json_close(json, '}');
}

void place_view_json(const struct place_view *view, struct buffer *out)
{
    struct json_writer json = {.out = *out, .ascii = true};
    struct sentences unknown;

    json_open(&json, NULL, '{');
    json_text(&json, "format", "vtopo-place");
    json_number(&json, "version", 1);
    json_number(&json, "ways", view->place->proposals.count);
    json_flag(&json, "vms_asked", view->request->owners);
    place_unknown(view->place, view->request, &unknown);
    sentences_write(&unknown, "unknown", &json);
    sentences_clear(&unknown);
    json_open(&json, "proposals", '[');
    for (size_t i = 0; i < view->place->proposals.count && i < view->most; i++)
        write_proposal(&json, view, i);
    json_close(&json, ']');
    json_close(&json, '}');
    *out = json.out;
}
