/* SPDX-License-Identifier: GPL-2.0-or-later */
/* devices.h - the steps from the domain's devices to cards, each with what it reads and makes */
#ifndef VTOPO_PLAN_DEVICES_DEVICES_H
#define VTOPO_PLAN_DEVICES_DEVICES_H

#include "plan/ground/card_list.h"
#include "plan/ground/policy_of.h"

/* adopt.c: marks in @domain the expanders of others that are taken over.  @stays: for each device.
 * @lone: the same, of those that would go nowhere else; may be NULL. */
int adopt_expanders(struct domain *domain, const bool *stays, const bool *lone,
                    const struct reporter *reporter);
/* back_ports.c: marks in @domain the ports that an undo has added, and whose devices all move. */
void back_ports_adopt(struct domain *domain, const bool *stays, const bool *lone);
bool back_ports_any(const struct domain *domain);
/* Which expanders of others could be taken over together with assigned devices; by index. */
int adoptable_expanders_find(const struct domain *domain, const bool *stays,
                             bool ret[DOMAIN_INDEXES], struct vtopo_error **reterr);
/* For each device of the input: it stays whatever place it has (policy keep, nvme_disks).  NULL:
 * out of memory. */
bool *devices_that_stay(const struct facts *facts, const struct policy_index *index);

/* assigned.c */
int assignments_find(const struct facts *facts, const struct policy_index *index,
                     struct assignments *ret, struct vtopo_error **reterr);
/* Is it one that the policy wants to be placed: any assigned device but, unless it says so, an
 * NVMe disk? */
bool device_is_placed(const struct facts *facts, const struct domain_device *device);
/* The host function whose place the device takes; HOST_NONE: the host has none such. */
size_t host_function_of(const struct vtopo_host *host, const struct domain_device *device);

/* slot_needs.c: sets "single" and "atomics". */
void slot_needs_find(const struct facts *facts, const struct assignments *assigned);
/* Must it be in a hot-pluggable port? */
bool slot_needs_hotplug(const struct facts *facts, const struct assignment *assignment);

/* who_moves.c */
int fates_decide(const struct facts *facts, const struct assignments *assigned, struct fates *ret,
                 struct reporter *reporter);
/* Policy unmapped_node "stay": what has no cell. */
void fates_of_unmapped(const struct facts *facts, const struct assignments *assigned,
                       const struct device_cell *cells, struct fates *fates);
/* What shares a guest slot with a device that stays and needs its function 0. */
int fates_of_shared_slots(const struct facts *facts, const struct assignments *assigned,
                          struct fates *fates, struct reporter *reporter);
/* Without cells: cards with no other card to share a switch with. */
int fates_of_lone_cards(const struct facts *facts, const struct assignments *assigned,
                        struct card_list *cards, struct fates *fates, struct vtopo_error **reterr);
/* The domain stays as it is. */
void fates_of_unchanged(const struct assignments *assigned, struct fates *fates);

/* networks.c: interfaces on networks, which may be pools of host devices. */
int networks_report(const struct domain *domain, struct reporter *reporter);

/* cells.c: the node and the cell of each assignment. */
struct cell_map;
int cells_find(const struct facts *facts, const struct assignments *assigned,
               const struct fates *fates, struct device_cell **ret_cells, struct cell_map **ret_map,
               struct vtopo_error **reterr);
/* What stays, what has no cell, and what several cells have a claim to. */
int cells_report(const struct facts *facts, const struct assignments *assigned,
                 const struct fates *fates, const struct device_cell *cells,
                 const struct cell_map *map, struct reporter *reporter);
/* Sets @stays of each device of the base that policy unmapped_node "stay" leaves where it is. */
int cells_find_unmapped(const struct facts *facts, const struct policy_index *index, bool *stays,
                        struct vtopo_error **reterr);
void cell_map_free(struct cell_map *map);
/* The cell of the base that stands for a node of the host; -1: none does.  False: out of memory. */
bool cell_of_host_node(const struct facts *facts, int node, int *ret_cell);
/* Does any cell of the base stand for a node?  False: out of memory. */
bool cells_are_tied(const struct facts *facts, bool *ret_tied);
/* Does no cell stand for any node? */
bool cell_map_is_empty(const struct cell_map *map, const struct vtopo_host *host);

/* missing_tie.c: "", or a cell that could stand for the node of a device, and by which element.
 * @rank: of the node among those of devices for which no cell stands.  NULL: out of memory. */
char *missing_tie_words(const struct facts *facts, int node, size_t rank);

/* cards.c */
int cards_make(const struct facts *facts, const struct assignments *assigned,
               const struct fates *fates, const struct device_cell *cells, struct card_list *ret,
               struct vtopo_error **reterr);

#endif
