/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * place_xml.c - a proposal as elements for <devices>
 *
 * Rule:   no guest addresses: libvirt chooses them, and vtopo-xml then places the devices.
 */
#include "model/host_tree.h"
#include "report/device_element.h"
#include "report/place_view.h"

#include "model/pci_class.h"

static const char *kind_of(const struct place_view *view, size_t function)
{
    const struct stock *stock = &view->place->stock;

    for (size_t i = 0; i < stock->items.count; i++) {
        if (stock->items.items[i].function == function)
            return stock->items.items[i].gpu ? "gpu" : "nic";
    }
    return "other";
}

void place_view_for_each(const struct place_view *view, const struct place_proposal *proposal,
                         void (*call)(const struct place_view *view, size_t function,
                                      const char *kind, void *context),
                         void *context)
{
    const struct stock *stock = &view->place->stock;

    for (size_t i = 0; i < proposal->units.count; i++) {
        const struct stock_unit *unit = &stock->units.items[proposal->units.items[i]];

        for (size_t k = unit->first; k < unit->first + unit->count; k++)
            call(view, stock->members.items[k], kind_of(view, stock->members.items[k]), context);
    }
}

size_t place_view_switch(const struct place_view *view, size_t function)
{
    size_t top;

    return host_switches_above(view->place->stock.host, function, &top, 1) ? top : HOST_NONE;
}

/* "0000:41:00.0: NVIDIA A100X, node 0, switch 0000:3b:00.0" */
static void add_comment(const struct place_view *view, size_t function, struct buffer *out)
{
    const struct vtopo_host *host = view->place->stock.host;
    const struct host_function *f = &host->functions.items[function];
    autofree char *name = device_short_name(view->names, f);
    size_t top = place_view_switch(view, function);
    int node = host_node_of(host, f);
    struct buffer text = {0};

    buffer_printf(&text, "%s: %s", BDF_TEXT(&f->bdf), name ? name : "");
    if (node >= 0 && host->nodes.count)
        buffer_printf(&text, ", node %d", node);
    if (top != HOST_NONE)
        buffer_printf(&text, ", switch %s", BDF_TEXT(&host->functions.items[top].bdf));
    if (f->is_vf)
        buffer_printf(&text, ", virtual function of %s", BDF_TEXT(&f->physfn));
    out->failed |= !name || text.failed;
    if (!text.failed)
        comment_add(text.text, 4, out);
    buffer_clear(&text);
}

static void add_function(const struct place_view *view, size_t function, const char *kind,
                         void *context)
{
    struct buffer *out = context;

    (void)kind;
    add_comment(view, function, out);
    device_element_add(&view->place->stock.host->functions.items[function], 4, NULL, out);
}

void place_view_xml(const struct place_view *view, size_t at, struct buffer *out)
{
    place_view_for_each(view, &view->place->proposals.items[at], add_function, out);
}
