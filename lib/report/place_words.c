/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * place_words.c - see place_words.h
 *
 * Not here: what is given up (place_given_up.c).
 */
#include "report/place_words.h"

#include <string.h>

const char *distance_name(enum distance distance)
{
    switch (distance) {
    case DISTANCE_SWITCH:
        return "switch";
    case DISTANCE_SWITCHES:
        return "switches";
    case DISTANCE_ROOT:
        return "root";
    case DISTANCE_NODE:
        return "node";
    case DISTANCE_NODES:
        return "nodes";
    }
    return NULL;
}

const char *place_words_of_several(enum distance level)
{
    switch (level) {
    case DISTANCE_SWITCH:
        return "share a switch";
    case DISTANCE_SWITCHES:
        return "share a switch, with others between them";
    case DISTANCE_ROOT:
        return "share a root complex, and no switch";
    case DISTANCE_NODE:
        return "share a node, and no root complex";
    case DISTANCE_NODES:
        break;
    }
    return "are on several nodes";
}

const char *place_words_of_nic(enum distance level)
{
    switch (level) {
    case DISTANCE_SWITCH:
        return "below the same switch";
    case DISTANCE_SWITCHES:
        return "below the same switch, with others between them";
    case DISTANCE_ROOT:
        return "below the same root complex, and no common switch";
    case DISTANCE_NODE:
        return "on the same node, below another root complex";
    case DISTANCE_NODES:
        break;
    }
    return "on another node";
}

/* Are all of them, GPUs and NICs, below one switch? */
static bool all_together(const struct place *place, const struct place_proposal *p)
{
    const struct stock_item *items = place->stock.items.items;
    size_t first = p->gpus.count ? p->gpus.items[0] : p->nics.items[0];

    for (size_t i = 0; i < p->gpus.count; i++) {
        if (items[p->gpus.items[i]].place != items[first].place)
            return false;
    }
    for (size_t i = 0; i < p->nics.count; i++) {
        if (items[p->nics.items[i]].place != items[first].place)
            return false;
    }
    return true;
}

static bool is_below_switch(const struct place *place, const struct place_proposal *p)
{
    size_t item = p->gpus.count ? p->gpus.items[0] : p->nics.items[0];
    size_t lowest = place->stock.items.items[item].lowest;

    return lowest != HOST_NONE && place->stock.host->functions.items[lowest].port == PORT_UPSTREAM;
}

static void add_gpus(const struct place_proposal *p, struct buffer *out)
{
    if (p->gpus.count == 1)
        buffer_add(out, "1 GPU");
    else if (p->gpus.count)
        buffer_printf(out, "%zu GPUs %s", p->gpus.count, place_words_of_several(p->gpu_level));
}

static void add_nics(const struct place_proposal *p, struct buffer *out)
{
    if (!p->nics.count)
        return;
    buffer_add(out, out->length ? ", " : "");
    if (!p->gpus.count && p->nics.count == 1)
        buffer_add(out, "1 NIC");
    else if (!p->gpus.count)
        buffer_printf(out, "%zu NICs %s", p->nics.count, place_words_of_several(p->nic_level));
    else if (p->nics.count == 1)
        buffer_printf(out, "the NIC is %s", place_words_of_nic(p->nic_level));
    else if (p->nic_level == DISTANCE_SWITCH)
        buffer_add(out, "each with a NIC below its switch");
    else
        buffer_printf(out, "the farthest NIC is %s", place_words_of_nic(p->nic_level));
}

char *place_summary(const struct place *place, const struct place_proposal *proposal)
{
    struct buffer out = {0};

    if (proposal->gpus.count + proposal->nics.count > 1 && all_together(place, proposal)) {
        buffer_printf(&out, "all below one %s",
                      is_below_switch(place, proposal) ? "switch" : "port");
        return buffer_steal(&out);
    }
    add_gpus(proposal, &out);
    add_nics(proposal, &out);
    return buffer_steal(&out);
}

/* Those of the devices. */
char *place_nodes(const struct place *place, const struct place_proposal *proposal)
{
    const struct vtopo_host *host = place->stock.host;
    struct idset nodes = {0};
    autofree char *list = NULL;
    bool done = true;
    size_t count;

    for (size_t i = 0; done && i < place->stock.items.count; i++) {
        const struct stock_item *item = &place->stock.items.items[i];
        bool chosen = false;

        for (size_t k = 0; k < proposal->units.count; k++)
            chosen = chosen || proposal->units.items[k] == item->unit;
        if (chosen && item->node != HOST_NONE)
            done = idset_add(&nodes, host->nodes.items[item->node].id);
    }
    count = idset_size(&nodes);
    list = done ? idset_format(&nodes) : NULL;
    idset_free(&nodes);
    if (!list)
        return NULL;
    if (!count)
        return strdup(host->nodes.count ? "node not known" : "a host without nodes");
    return mem_printf("node%s %s", count == 1 ? "" : "s", list);
}
