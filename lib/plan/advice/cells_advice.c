/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cells_advice.c - see cells_advice.h
 *
 * Takes:  the cells that a domain lacks, its devices.
 * Gives:  in words: who gets a node by them and who does not, what they cut, their elements.
 * Rule:   devices that have no cell for one reason are named together.
 * Not here: the cells (plan/cells), when there is something to advise (plan/make.c).
 */
#include "plan/advice/cells_advice.h"

#include "base/buffer.h"
#include "plan/advice/numa_advice.h"
#include "plan/cells/node_without_cell.h"

#include <string.h>

/* Of a device that the guest gets: the host node; -1: it does not get it, or nobody knows. */
static int node_of(const struct cells_advice *advice, size_t assignment)
{
    const struct assignment *a = &advice->assigned->items[assignment];

    return a->function != HOST_NONE && advice->fates->items[assignment].fate != FATE_UNASSIGNED
               ? assignment_node(advice->facts, a)
               : -1;
}

/* NULL: the device's node has a cell, or it has no node. */
static const char *why_without_cell(const struct cells_advice *advice, size_t assignment)
{
    const struct made_cells *made = advice->made;
    int node = node_of(advice, assignment);

    return node < 0 || made_cells_have_node(made, node)
               ? NULL
               : node_why_without_cell(made, advice->facts->host, node);
}

/* The devices from @first on that have no cell for the reason that it has none for. */
static void name_alike(const struct cells_advice *advice, size_t first, struct buffer *text)
{
    const char *why = why_without_cell(advice, first);

    for (size_t i = first; i < advice->assigned->count; i++) {
        const char *other = why_without_cell(advice, i);

        if (other && !strcmp(other, why))
            buffer_printf(text, "%s%s (node %d)", i == first ? "; for " : ", ",
                          BDF_TEXT(&advice->assigned->items[i].host), node_of(advice, i));
    }
    buffer_printf(text, " there would be no cell, because %s", why);
}

static bool is_named(const struct cells_advice *advice, size_t assignment)
{
    const char *why = why_without_cell(advice, assignment);

    for (size_t i = 0; i < assignment; i++) {
        const char *other = why_without_cell(advice, i);

        if (other && !strcmp(other, why))
            return true;
    }
    return false;
}

/* "; for 0000:44:00.0 (node 1) there would be no cell, because ..."; "" if all have one.  NULL: out
 * of memory. */
static char *name_unmapped(const struct cells_advice *advice)
{
    autobuffer struct buffer text = {0};

    for (size_t i = 0; i < advice->assigned->count; i++) {
        if (why_without_cell(advice, i) && !is_named(advice, i))
            name_alike(advice, i, &text);
    }
    return buffer_steal(&text);
}

/* Whose node becomes known, and whose does not. */
static const char *who_gets_a_node(const struct cells_advice *advice, bool some_unmapped)
{
    bool unknown = false;

    for (size_t i = 0; i < advice->assigned->count; i++)
        unknown =
            unknown || (advice->assigned->items[i].function != HOST_NONE &&
                        advice->fates->items[i].fate != FATE_UNASSIGNED && node_of(advice, i) < 0);
    if (!advice->facts->host->nodes.count)
        return "every device gets a cell (the host has no NUMA nodes)";
    if (some_unmapped)
        return "other devices get their node";
    return unknown ? "every device whose node the host knows gets it"
                   : "every device gets its node";
}

/* "" if its cells cut no sockets of the domain's own <topology>; NULL: out of memory. */
static char *name_cut_sockets(const struct made_topology *suits)
{
    if (!suits->sockets)
        return strdup("");
    return mem_printf("; its cells cut sockets of the <topology> that is there (VTOPO-0093): with "
                      "<topology sockets='%u' cores='%u' threads='%u'/> in its place each cell has "
                      "whole sockets",
                      suits->sockets, suits->cores, suits->threads);
}

char *cells_advice_format(const struct cells_advice *advice)
{
    const struct made_cells *made = advice->made;
    autofree char *elements = NULL, *unmapped = NULL, *cut = NULL;

    if (made->why)
        return mem_printf("; %s", made->why);
    elements = numa_advice_format(made);
    unmapped = name_unmapped(advice);
    cut = name_cut_sockets(&made->would_suit);
    if (!elements || !unmapped || !cut)
        return NULL;
    return mem_printf("; with what --cells make adds (below) %s%s%s\n%s",
                      who_gets_a_node(advice, *unmapped), unmapped, cut, elements);
}
