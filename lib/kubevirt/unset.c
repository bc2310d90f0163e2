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
 *         refuses, so it means what it came from: nothing. All other bytes stay.
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

int kubevirt_remove_unset(const char *text, size_t length, char **ret_text, size_t *ret_length,
                          struct vtopo_error **reterr)
{
    struct scan scan = {0};
    size_t offset, element;
    enum scan_result result = scan_text(text, length, &scan, &offset);
    int r = result == SCAN_NOMEM ? error_nomem(reterr) : 0;

    *ret_text = NULL;
    /* What is no domain is refused with its line by who reads it. */
    element = result == SCAN_OK ? find_unset(&scan, text) : SCAN_NONE;
    if (element != SCAN_NONE) {
        struct edits edits = {.text = text, .length = length, .scan = &scan};

        edits_remove(&edits, element);
        r = domxml_finish(&edits, true, ret_text, ret_length, reterr);
    }
    scan_clear(&scan);
    return r;
}
