/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * node_words.c - see node_words.h
 *
 * Takes:  nodes and their distances.
 * Gives:  which of them share a line, and the distances of a line.
 * Rule:   a machine with four GPUs of Grace Blackwell has 34 nodes, 32 of them for memory of GPUs:
 *         a table of them all would hide the two that matter.
 */
#include "report/node_words.h"

static bool is_bare(const struct vtopo_host *host, size_t at)
{
    return host_node_is_bare(&host->nodes.items[at]);
}

/* Are both as far from all that are not bare? */
static bool is_alike(const struct vtopo_host *host, size_t a, size_t b)
{
    const struct host_node *nodes = host->nodes.items;

    if (!nodes[a].distances != !nodes[b].distances)
        return false;
    for (size_t i = 0; nodes[a].distances && i < host->nodes.count; i++) {
        if (!is_bare(host, i) && nodes[a].distances[i] != nodes[b].distances[i])
            return false;
    }
    return true;
}

size_t node_run(const struct vtopo_host *host, size_t first)
{
    size_t count = 1;

    while (is_bare(host, first) && first + count < host->nodes.count &&
           is_bare(host, first + count) && is_alike(host, first, first + count) &&
           host->nodes.items[first + count].id == host->nodes.items[first].id + count)
        count++;
    return count;
}

/* ", 80 to 2-9" */
static void add_run(const struct vtopo_host *host, const unsigned *distances, size_t first,
                    size_t count, struct buffer *out)
{
    unsigned id = host->nodes.items[first].id;

    buffer_printf(out, ", %u to %u", distances[first], id);
    if (count > 1)
        buffer_printf(out, "-%u", host->nodes.items[first + count - 1].id);
}

void node_distances(const struct vtopo_host *host, size_t at, struct buffer *out)
{
    const unsigned *distances = host->nodes.items[at].distances;
    const char *before = ", distances";
    size_t count;

    if (!distances)
        return;
    for (size_t i = 0; i < host->nodes.count; i++) {
        if (is_bare(host, i))
            continue;
        buffer_printf(out, "%s %u", before, distances[i]);
        before = "";
    }
    for (size_t i = 0; !is_bare(host, at) && i < host->nodes.count; i += count) {
        count = 1;
        if (!is_bare(host, i))
            continue;
        while (i + count < host->nodes.count && is_bare(host, i + count) &&
               distances[i + count] == distances[i])
            count++;
        add_run(host, distances, i, count, out);
    }
}
