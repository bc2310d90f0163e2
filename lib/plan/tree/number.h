/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * number.h - the steps that make a layout, each of which adds its part or finds that it does not
 * fit
 *
 * All return 0; VTOPO_ERR_REFUSED, with layout.shortage unless it is an error of another kind;
 * VTOPO_ERR_NOMEM.
 */
#ifndef VTOPO_PLAN_TREE_NUMBER_H
#define VTOPO_PLAN_TREE_NUMBER_H

#include "plan/ground/layout.h"
#include "plan/ground/occupancy.h"

/* controllers.c: the tree of controllers and the port of every card. */
int layout_add_controllers(const struct layout_input *in, const struct concessions *conceded,
                           struct layout *layout, struct vtopo_error **reterr);

/* hotplug.c: ports that firmware has no room for as hot-pluggable ones. */
int layout_set_hotplug(const struct layout_input *in, const struct concessions *conceded,
                       struct layout *layout, struct vtopo_error **reterr);

/* mem_reserve.c: what the ports that cards leave keep of 32-bit memory. */
int layout_set_mem_reserve(const struct layout_input *in, struct layout *layout,
                           struct vtopo_error **reterr);

/* pref_reserve.c: what they keep of 64-bit memory, for guests that assign it anew. */
int layout_set_pref_reserve(const struct layout_input *in, struct layout *layout,
                            struct vtopo_error **reterr);

/*
 * vacated.c: the root ports that devices leave empty, when the policy has them switched off or
 * removed.  Before the numbers; after them those whose index nobody took over stay (*@ret_changed);
 * after hotplug.c all ports that are off are one list, and there is a finding.
 */
int layout_find_vacated(const struct layout_input *in, struct layout *layout,
                        struct vtopo_error **reterr);
int vacated_keep_unfilled(const struct layout_input *in, const struct occupancy *use,
                          struct layout *layout, bool *ret_changed, struct vtopo_error **reterr);
int layout_settle_vacated(const struct layout_input *in, struct layout *layout,
                          struct vtopo_error **reterr);
/* spare_ports.c: refuses where libvirt would put something into one. */
int layout_check_spare_ports(const struct layout_input *in, const struct layout *layout,
                             struct vtopo_error **reterr);

/* number.c: indexes, chassis, slots and bus ranges. */
int layout_number(const struct layout_input *in, bool fewest, struct layout *layout,
                  struct vtopo_error **reterr);
/* "LIMIT: NEEDED needed, AVAILABLE there" */
enum limit { LIMIT_SLOTS, LIMIT_BUSES, LIMIT_INDEXES, LIMIT_CHASSIS };
int layout_set_limit(const struct facts *facts, struct layout *layout, struct vtopo_error **reterr,
                     enum limit limit, size_t needed, size_t available);

/* alias.c: the second user of a name becomes NAME-2, and so on; false: out of memory. */
bool aliases_make_unique(const struct domain *domain, struct layout *layout);

/* index.c */
int indexes_set(const struct facts *facts, struct occupancy *use, struct layout *layout,
                struct vtopo_error **reterr);
int indexes_fill_gaps(const struct layout_input *in, struct occupancy *use, struct layout *layout,
                      struct vtopo_error **reterr);
/* What libvirt would add below our indexes; of a layout that has all its controllers. */
int layout_announce(const struct layout_input *in, struct layout *layout,
                    struct vtopo_error **reterr);

/* slot.c */
int slots_set(const struct facts *facts, struct occupancy *use, struct layout *layout,
              struct vtopo_error **reterr);
/* Fillers from @first on, in a layout of which all others have their numbers. */
int fillers_place(const struct layout_input *in, size_t first, struct layout *layout,
                  struct vtopo_error **reterr);
int chassis_set(const struct facts *facts, struct occupancy *use, struct layout *layout,
                struct vtopo_error **reterr);

/* bus.c */
int bus_numbers_set(const struct facts *facts, const struct occupancy *use, struct layout *layout,
                    struct vtopo_error **reterr);

#endif
