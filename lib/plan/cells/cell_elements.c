/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cell_elements.c - see cell_elements.h
 *
 * Takes:  made cells.
 * Gives:  the nodeset of <page>, <vcpupin>, <memnode>, <topology>, <numa>.
 * Rule:   as libvirt prints them (virDomainNumaDefFormatXML(), virDomainCputuneDefFormat()...), so
 *         that its dump is what was written.
 * Not here: where they go (model/additions.def).
 */
#include "plan/cells/cell_elements.h"

#include "base/buffer.h"
#include "plan/cells/initiators.h"

static void write_distances(const struct made_cells *made, const struct made_cell *cell,
                            struct buffer *text)
{
    buffer_add(text, "    <distances>\n");
    for (size_t i = 0; i < made->count; i++)
        buffer_printf(text, "      <sibling id='%zu' value='%u'/>\n", i, cell->distances[i]);
    buffer_add(text, "    </distances>");
}

static void write_cell(const struct made_cells *made, size_t id, struct buffer *text)
{
    const struct made_cell *cell = &made->items[id];
    bool known = made->initiators ? initiators_know_distances(made->initiators, id)
                                  : cell->distances != NULL;
    autofree char *vcpus = idset_format(&cell->vcpus);

    text->failed |= !vcpus;
    buffer_printf(text, "  <cell id='%zu'", id);
    if (vcpus && *vcpus)
        buffer_printf(text, " cpus='%s'", vcpus);
    buffer_printf(text, " memory='%llu' unit='KiB'%s>\n", (unsigned long long)cell->memory_kib,
                  known ? "" : "/");
    if (!known)
        return;
    if (made->initiators)
        initiators_write_distances(made->initiators, id, "    ", text);
    else
        write_distances(made, cell, text);
    buffer_add(text, "\n  </cell>\n");
}

static char *numa_of(const struct made_cells *made)
{
    autobuffer struct buffer text = {0};

    buffer_add(&text, "<numa>\n");
    for (size_t i = 0; i < made->count; i++)
        write_cell(made, i, &text);
    for (size_t i = made->count; made->initiators && i < made->initiators->total; i++) {
        initiators_write_cell(made->initiators, i, "  ", &text);
        buffer_add(&text, "\n");
    }
    buffer_add(&text, "</numa>");
    return buffer_steal(&text);
}

static bool extend_pages(const struct made_cells *made, struct additions *additions)
{
    return !made->page_nodeset ||
           additions_change(additions, ADDITION_PAGE_NODESET, made->page_nodeset,
                            mem_printf("0-%zu", made->count - 1));
}

static bool add_pins(const struct made_cells *made, struct additions *additions)
{
    bool done = true;

    for (size_t i = 0; done && i < made->pins.count; i++) {
        autofree char *cpus = idset_format(&made->pins.items[i].cpus);

        done = cpus && additions_add(additions, ADDITION_VCPUPIN,
                                     mem_printf("<vcpupin vcpu='%u' cpuset='%s'/>",
                                                made->pins.items[i].vcpu, cpus));
    }
    return done;
}

/* A kernel without NUMA support has nothing to bind to. */
static bool add_memnodes(const struct made_cells *made, struct additions *additions)
{
    bool done = true;

    for (size_t i = 0; done && i < made->count; i++) {
        if (made->items[i].tied && made->items[i].node != HOST_NONE)
            done = additions_add(additions, ADDITION_NUMATUNE_MEMNODE,
                                 mem_printf("<memnode cellid='%zu' mode='%s' nodeset='%u'/>", i,
                                            made->memory_mode, made->items[i].node_id));
    }
    return done;
}

bool cell_elements_add(const struct made_cells *made, struct additions *additions)
{
    bool done =
        extend_pages(made, additions) && add_pins(made, additions) && add_memnodes(made, additions);

    /* The form of libvirt 9.0; later ones write clusters='1', too. */
    if (done && made->topology.sockets)
        done = additions_add(additions, ADDITION_CPU_TOPOLOGY,
                             mem_printf("<topology sockets='%u' dies='1' cores='%u' threads='%u'/>",
                                        made->topology.sockets, made->topology.cores,
                                        made->topology.threads));
    if (done && made->state == MADE_ALL)
        done = additions_add(additions, ADDITION_CPU_NUMA, numa_of(made));
    return done;
}
