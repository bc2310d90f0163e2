/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * initiator_elements.c - cells for the memory of GPUs as elements of a domain
 *
 * Takes:  initiators; whether the domain's own cells have distances.
 * Gives:  <cell>, <sibling>, <acpi nodeset>, as libvirt prints them.
 * Rule:   every distance that is known, in both directions: libvirt fills in those of the other
 *         direction, and what it has filled in could not be told from somebody's own. Where a cell
 *         of the domain has distances, only those to the new ones are written, one by one.
 * Not here: where they go (model/additions.def), the <numa> of cells that are made
 *         (cell_elements.c).
 */
#include "plan/cells/initiators.h"

#include "base/buffer.h"

#include <stdio.h>

static unsigned distance(const struct initiators *initiators, size_t from, size_t to)
{
    return initiators->distances[from * initiators->total + to];
}

bool initiators_know_distances(const struct initiators *initiators, size_t cell)
{
    for (size_t i = 0; i < initiators->total; i++) {
        if (i != cell && distance(initiators, cell, i))
            return true;
    }
    return false;
}

void initiators_write_distances(const struct initiators *initiators, size_t cell,
                                const char *indent, struct buffer *text)
{
    buffer_printf(text, "%s<distances>\n", indent);
    for (size_t i = 0; i < initiators->total; i++) {
        if (distance(initiators, cell, i))
            buffer_printf(text, "%s  <sibling id='%zu' value='%u'/>\n", indent, i,
                          distance(initiators, cell, i));
    }
    buffer_printf(text, "%s</distances>", indent);
}

void initiators_write_cell(const struct initiators *initiators, size_t cell, const char *indent,
                           struct buffer *text)
{
    autofree char *deeper = mem_printf("%s  ", indent);
    bool known = initiators_know_distances(initiators, cell);

    text->failed |= !deeper;
    buffer_printf(text, "%s<cell id='%zu' memory='0' unit='KiB'%s>", indent, cell,
                  known ? "" : "/");
    if (!known || !deeper)
        return;
    buffer_add(text, "\n");
    initiators_write_distances(initiators, cell, deeper, text);
    buffer_printf(text, "\n%s</cell>", indent);
}

bool initiators_add_to_devices(const struct initiators *initiators, struct additions *additions)
{
    bool done = true;

    for (size_t i = 0; done && i < initiators->items.count; i++) {
        const struct initiator *one = &initiators->items.items[i];
        char last[16] = "";

        if (one->count > 1)
            snprintf(last, sizeof(last), "-%u", one->first + one->count - 1);
        done = additions_add_to(additions, ADDITION_DEVICE_ACPI, BDF_TEXT(&one->host),
                                mem_printf("<acpi nodeset='%u%s'/>", one->first, last));
    }
    return done;
}

/* To those that are new. */
static bool add_siblings(const struct initiators *initiators, size_t cell, const char *of,
                         struct additions *additions)
{
    bool done = true;

    for (size_t i = initiators->before; done && i < initiators->total; i++) {
        if (distance(initiators, cell, i))
            done = additions_add_to(
                additions, ADDITION_CELL_SIBLING, of,
                mem_printf("<sibling id='%zu' value='%u'/>", i, distance(initiators, cell, i)));
    }
    return done;
}

static bool add_distances(const struct initiators *initiators, size_t cell, const char *of,
                          struct additions *additions)
{
    autobuffer struct buffer text = {0};

    initiators_write_distances(initiators, cell, "", &text);
    return additions_add_to(additions, ADDITION_CELL_DISTANCES, of, buffer_steal(&text));
}

/* What a cell of the domain says of the others. */
static bool add_to_cell(const struct initiators *initiators, size_t cell, bool siblings,
                        struct additions *additions)
{
    char of[ADDITION_OF_SIZE];

    snprintf(of, sizeof(of), "%zu", cell);
    if (!initiators_know_distances(initiators, cell))
        return true;
    return siblings ? add_siblings(initiators, cell, of, additions)
                    : add_distances(initiators, cell, of, additions);
}

static bool add_cell(const struct initiators *initiators, size_t cell, struct additions *additions)
{
    autobuffer struct buffer text = {0};

    initiators_write_cell(initiators, cell, "", &text);
    return additions_add(additions, ADDITION_NUMA_CELL, buffer_steal(&text));
}

bool initiators_add_cells(const struct facts *facts, const struct initiators *initiators,
                          struct additions *additions)
{
    bool done = true;

    for (size_t i = 0; done && initiators->items.count && i < initiators->total; i++)
        done = i < initiators->before
                   ? add_to_cell(initiators, i, facts->base->cell_distances, additions)
                   : add_cell(initiators, i, additions);
    return done;
}
