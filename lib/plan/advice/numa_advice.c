/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * numa_advice.c - see numa_advice.h
 *
 * Takes:  what --cells make would add.
 * Gives:  its elements, with a word on where each goes.
 * Rule:   as libvirt prints them.
 * Not here: what is made (plan/cells), how it is written into a domain (domxml).
 */
#include "plan/advice/numa_advice.h"

#include "base/buffer.h"

#include <stdio.h>

/* A list of numbers; a failure is the buffer's. */
static void write_set(const struct idset *set, struct buffer *text)
{
    autofree char *numbers = idset_format(set);

    if (numbers)
        buffer_add(text, numbers);
    else
        text->failed = true;
}

static void write_topology(const struct made_cells *made, struct buffer *text)
{
    if (made->sockets)
        buffer_printf(
            text,
            "<topology sockets='%u' dies='1' cores='%u' threads='%u'/> <!-- inside <cpu> -->\n",
            made->sockets, made->cores, made->threads);
}

static void write_distances(const struct made_cells *made, const struct made_cell *cell,
                            struct buffer *text)
{
    buffer_add(text, "    <distances>\n");
    for (size_t i = 0; i < made->count; i++)
        buffer_printf(text, "      <sibling id='%zu' value='%u'/>\n", i, cell->distances[i]);
    buffer_add(text, "    </distances>\n  </cell>\n");
}

static void write_cell(const struct made_cells *made, size_t id, struct buffer *text)
{
    const struct made_cell *cell = &made->items[id];

    buffer_printf(text, "  <cell id='%zu'", id);
    if (!idset_empty(&cell->vcpus)) {
        buffer_add(text, " cpus='");
        write_set(&cell->vcpus, text);
        buffer_add(text, "'");
    }
    buffer_printf(text, " memory='%llu' unit='KiB'%s>\n", (unsigned long long)cell->memory_kib,
                  cell->distances ? "" : "/");
    if (cell->distances)
        write_distances(made, cell, text);
}

static void write_numa(const struct made_cells *made, struct buffer *text)
{
    buffer_add(text, "<numa> <!-- inside <cpu> -->\n");
    for (size_t i = 0; i < made->count; i++)
        write_cell(made, i, text);
    buffer_add(text, "</numa>\n");
}

static void write_pages(const struct made_cells *made, struct buffer *text)
{
    char last[32] = "";

    if (made->count > 2)
        snprintf(last, sizeof(last), "-%zu", made->count - 1);
    if (made->page_kib)
        buffer_printf(text,
                      "<page size='%llu' unit='KiB' nodeset='1%s'/> <!-- inside "
                      "<memoryBacking><hugepages> -->\n",
                      (unsigned long long)made->page_kib, last);
}

/* A kernel without NUMA support has nothing to bind to. */
static bool is_bound(const struct made_cell *cell)
{
    return cell->tied && cell->node != HOST_NONE;
}

static void write_numatune(const struct made_cells *made, struct buffer *text)
{
    bool any = false;

    for (size_t i = 0; i < made->count; i++) {
        if (!is_bound(&made->items[i]))
            continue;
        buffer_printf(text, "%s  <memnode cellid='%zu' mode='%s' nodeset='%u'/>\n",
                      any ? "" : "<numatune>\n", i, made->memory_mode, made->items[i].node_id);
        any = true;
    }
    if (any)
        buffer_add(text, "</numatune>\n");
}

static void write_cputune(const struct made_cells *made, struct buffer *text)
{
    for (size_t i = 0; i < made->pins.count; i++) {
        buffer_printf(text, "%s  <vcpupin vcpu='%u' cpuset='", i ? "" : "<cputune>\n",
                      made->pins.items[i].vcpu);
        write_set(&made->pins.items[i].cpus, text);
        buffer_add(text, "'/>\n");
    }
    if (made->pins.count)
        buffer_add(text, "</cputune>\n");
}

char *numa_advice_format(const struct made_cells *made)
{
    autobuffer struct buffer text = {0};

    write_topology(made, &text);
    if (made->state == MADE_ALL)
        write_numa(made, &text);
    write_pages(made, &text);
    write_numatune(made, &text);
    write_cputune(made, &text);
    if (text.length) /* the last line feed */
        text.text[--text.length] = '\0';
    return buffer_steal(&text);
}
