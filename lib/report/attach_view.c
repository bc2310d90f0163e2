/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * attach_view.c - see attach_view.h
 *
 * Gives:  the element with the guest's address, and what is to be known before it is plugged in.
 */
#include "report/attach_view.h"

#include "model/assignable.h"
#include "model/high_memory.h"
#include "model/host_tree.h"
#include "model/link_text.h"
#include "model/machine.h"
#include "report/device_element.h"
#include "report/hold_words.h"
#include "json/writer.h"

#include <string.h>

/* Any port has room for as much; some firmware keeps more (plan/budget/mmio_need.h). */
#define ROOM_OF_A_PORT (UINT64_C(2) << 20)

static const struct host_function *function_of(const struct attach_view *view)
{
    return &view->host->functions.items[view->function];
}

char *attach_problem_words(const struct attach_view *view)
{
    const char *bdf = BDF_TEXT(&function_of(view)->bdf);
    int node = view->attach->node, cell = view->attach->cell;

    switch (view->attach->problem) {
    case ATTACH_NO_NODE:
        return mem_printf("the host does not say on which node %s is", bdf);
    case ATTACH_NO_CELL:
        return mem_printf("no guest cell stands for node %d, which %s is on: vtopo-define --cells "
                          "make gives a guest cells, for its next start",
                          node, bdf);
    case ATTACH_NO_EXPANDER:
        return mem_printf(
            "no expander of the guest belongs to cell %d, which stands for node %d of "
            "%s: vtopo-define --spare-ports 1 makes ports below those that there are "
            "devices for, for its next start",
            cell, node, bdf);
    case ATTACH_NO_PORT:
        return mem_printf(
            "no root port below the expanders of cell %d, which stands for node %d of "
            "%s, is empty: vtopo-define --spare-ports 1 makes one, for the guest's "
            "next start",
            cell, node, bdf);
    case ATTACH_ALL_OFF:
        return mem_printf("the root ports below the expanders of cell %d, which stands for node %d "
                          "of %s, that are empty have hotplug='off'",
                          cell, node, bdf);
    case ATTACH_NO_HOTPLUG:
        return mem_printf("nothing can be plugged into expanders of machine type %s, where guests "
                          "find devices on their nodes (cell %d stands for node %d of %s): put it "
                          "into the definition, for the guest's next start",
                          domain_machine(view->domain)->name, cell, node, bdf);
    case ATTACH_FOUND:
        break;
    }
    return strdup("");
}

/* --- what is to be known --- */

static void note_hold(const struct attach_view *view, struct sentences *ret)
{
    enum hold hold = view->holds[view->function];
    struct buffer text = {0};

    if (hold == HOLD_NONE)
        return;
    buffer_printf(&text, "%s ", BDF_TEXT(&function_of(view)->bdf));
    hold_describe(view->host, view->owners, view->function, hold, &text);
    sentences_add(ret, buffer_steal(&text));
}

static void note_group(const struct attach_view *view, struct sentences *ret)
{
    const struct host_function *f = function_of(view);
    struct buffer list = {0};

    for (size_t i = 0; f->iommu_group >= 0 && i < view->host->functions.count; i++) {
        const struct host_function *other = &view->host->functions.items[i];

        if (i != view->function && other->iommu_group == f->iommu_group && is_assignable(other))
            buffer_printf(&list, "%s%s", list.length ? ", " : "", BDF_TEXT(&other->bdf));
    }
    if (list.length)
        sentences_add(ret, mem_printf("%s shares its IOMMU group: a guest gets all of it, or the "
                                      "rest has a VFIO driver or none",
                                      list.text));
    ret->failed = ret->failed || list.failed;
    buffer_clear(&list);
    if (f->iommu_group < 0)
        sentences_add(ret, mem_printf("it is in no IOMMU group: no guest can have it before the "
                                      "IOMMU is on (vtopo-host prepare)"));
}

static void note_room(const struct attach_view *view, struct sentences *ret)
{
    uint64_t size = host_high_memory(function_of(view));
    char text[SIZE_TEXT_SIZE];

    if (size > ROOM_OF_A_PORT)
        sentences_add(ret,
                      mem_printf("its BARs need %s of 64-bit memory, and firmware may keep less "
                                 "below an empty port: then the guest has none for it before "
                                 "it is booted with it",
                                 size_format(size, text)));
}

static void note_switch(const struct attach_view *view, struct sentences *ret)
{
    size_t other = attach_find_neighbour(view->host, view->domain, view->function);
    size_t common;

    if (other == HOST_NONE)
        return;
    common = host_common_switch(view->host, view->function, other);
    sentences_add(ret, mem_printf("on the host it shares switch %s with %s, which it does not in "
                                  "the guest: ports of guest switches are not hot-pluggable",
                                  BDF_TEXT(&view->host->functions.items[common].bdf),
                                  BDF_TEXT(&view->host->functions.items[other].bdf)));
}

static void note_fit(const struct attach_view *view, struct sentences *ret)
{
    if (view->attach->fit == ATTACH_CELL)
        sentences_add(ret, mem_printf("the port is below another expander than that of its root "
                                      "complex, on the same node"));
    if (view->only_live)
        sentences_add(ret, mem_printf("in the guest's definition something else is at that port: "
                                      "attach it to the running guest alone"));
}

static void find_notes(const struct attach_view *view, struct sentences *ret)
{
    *ret = (struct sentences){0};
    note_hold(view, ret);
    note_fit(view, ret);
    note_switch(view, ret);
    note_group(view, ret);
    note_room(view, ret);
    if (!view->owners)
        sentences_add(ret, mem_printf("libvirt was not asked: other VMs may have it"));
}

/* --- */

static const char *fit_words(enum attach_fit fit)
{
    switch (fit) {
    case ATTACH_OWN:
        return "the port of its card";
    case ATTACH_ROOT:
        return "below the expander of its root complex";
    case ATTACH_CELL:
        return "below an expander of its node";
    case ATTACH_NOT:
        break;
    }
    return "";
}

static void add_address(const struct attach_view *view, struct buffer *out)
{
    autofree char *address =
        mem_printf("<address type='pci' domain='0x0000' bus='0x%02x' slot='0x00' function='0x0'/>",
                   view->attach->port->index);

    out->failed |= !address;
    if (address)
        device_element_add(function_of(view), 0, address, out);
}

void attach_view_xml(const struct attach_view *view, struct buffer *out)
{
    autofree char *name = device_short_name(view->names, function_of(view));
    autofree char *title =
        mem_printf("%s: %s, node %d; controller %u, cell %d, %s", BDF_TEXT(&function_of(view)->bdf),
                   name ? name : "", view->attach->node, view->attach->port->index,
                   view->attach->cell, fit_words(view->attach->fit));
    struct sentences notes;

    find_notes(view, &notes);
    out->failed |= !name || !title || notes.failed;
    if (title)
        comment_add(title, 0, out);
    for (size_t i = 0; i < notes.items.count; i++)
        comment_add(notes.items.items[i], 0, out);
    sentences_clear(&notes);
    add_address(view, out);
}

void attach_view_json(const struct attach_view *view, struct buffer *out)
{
    static const char *const fits[] = {
        [ATTACH_CELL] = "cell", [ATTACH_ROOT] = "root", [ATTACH_OWN] = "card"};
    struct json_writer json = {.out = *out, .ascii = true};
    autobuffer struct buffer xml = {0};
    struct sentences notes;

    add_address(view, &xml);
    find_notes(view, &notes);
    json_open(&json, NULL, '{');
    json_text(&json, "format", "vtopo-place-port");
    json_number(&json, "version", 1);
    json_text(&json, "pciBusID", BDF_TEXT(&function_of(view)->bdf));
    json_number_or_null(&json, "numaNode", view->attach->node);
    json_number_or_null(&json, "cell", view->attach->cell);
    json_number(&json, "controller", view->attach->port->index);
    json_text(&json, "alias", view->attach->port->alias);
    json_text(&json, "fit", fits[view->attach->fit]);
    sentences_write(&notes, "notes", &json);
    json_text(&json, "device_xml", xml.failed ? NULL : xml.text);
    json_close(&json, '}');
    json.out.failed |= xml.failed;
    sentences_clear(&notes);
    *out = json.out;
}
