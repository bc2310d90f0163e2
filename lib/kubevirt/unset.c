/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * unset.c - see unset.h
 *
 * Takes:  the text of a domain that KubeVirt shows.
 * Gives:  a text that libvirt takes.
 * Rule:   between two calls KubeVirt reads the domain into its schema and writes it anew. There a
 *         <numatune> always has a <memory> (NumaTuneMemory in pkg/virt-launcher/virtwrap/api/
 *         schema.go is no pointer, and neither attribute is "omitempty"). Of one that has
 *         <memnode>s only, as hooks write it, it makes <memory mode="" nodeset="">, which libvirt
 *         refuses, so it means what it came from: nothing. A <cell> without vCPUs whose memory is
 *         0 comes back from KubeVirt before 1.9 as <cell cpus="" unit="KiB">, which libvirt refuses
 *         as well, and without the <acpi> of the device that it was for: it goes, and is made anew.
 *         All other bytes stay.
 */
#include "kubevirt/unset.h"

#include "base/error.h"
#include "domxml/domxml.h"

static bool is_unset(const struct scan *scan, const char *text, size_t element)
{
    const struct scan_element *e = &scan->elements.items[element];

    for (size_t i = 0; i < e->attributes; i++) {
        const struct span value = scan->attributes.items[e->first_attribute + i].value;

        if (value.begin != value.end)
            return false;
    }
    return e->attributes && e->first_child == SCAN_NONE &&
           scan_is_blank(text, e->start.end, e->end.begin);
}

/* SCAN_NONE: there is none. */
static size_t find_unset(const struct scan *scan, const char *text)
{
    size_t tune = scan->elements.count ? scan_child(scan, text, 0, "numatune") : SCAN_NONE;
    size_t memory = tune == SCAN_NONE ? SCAN_NONE : scan_child(scan, text, tune, "memory");

    return memory != SCAN_NONE && is_unset(scan, text, memory) ? memory : SCAN_NONE;
}

static bool is_unset_cell(const struct scan *scan, const char *text, size_t element)
{
    const struct scan_element *e = &scan->elements.items[element];
    const struct scan_attribute *cpus = scan_attribute(scan, text, element, "cpus");

    return scan_span_is(text, e->name, "cell") && !scan_attribute(scan, text, element, "memory") &&
           cpus && cpus->value.begin == cpus->value.end;
}

static bool remove_unset_cells(struct edits *edits, const struct scan *scan, const char *text)
{
    size_t cpu = scan->elements.count ? scan_child(scan, text, 0, "cpu") : SCAN_NONE;
    size_t numa = cpu == SCAN_NONE ? SCAN_NONE : scan_child(scan, text, cpu, "numa");
    bool any = false;

    for (size_t cell = numa == SCAN_NONE ? SCAN_NONE : scan->elements.items[numa].first_child;
         cell != SCAN_NONE; cell = scan->elements.items[cell].next) {
        if (!is_unset_cell(scan, text, cell))
            continue;
        edits_remove(edits, cell);
        any = true;
    }
    return any;
}

int kubevirt_remove_unset(const char *text, size_t length, char **ret_text, size_t *ret_length,
                          struct vtopo_error **reterr)
{
    struct scan scan = {0};
    size_t offset, element;
    enum scan_result result = scan_text(text, length, &scan, &offset);
    struct edits edits = {.text = text, .length = length, .scan = &scan};
    int r = result == SCAN_NOMEM ? error_nomem(reterr) : 0;
    bool any;

    *ret_text = NULL;
    /* What is no domain is refused with its line by who reads it. */
    element = result == SCAN_OK ? find_unset(&scan, text) : SCAN_NONE;
    if (element != SCAN_NONE)
        edits_remove(&edits, element);
    any = result == SCAN_OK && remove_unset_cells(&edits, &scan, text);
    if (element != SCAN_NONE || any)
        r = domxml_finish(&edits, true, ret_text, ret_length, reterr);
    scan_clear(&scan);
    return r;
}
