/* SPDX-License-Identifier: GPL-2.0-or-later */
/* port_link.h - which links of the host the plan's ports stand for */
#ifndef VTOPO_PLAN_GROUND_PORT_LINK_H
#define VTOPO_PLAN_GROUND_PORT_LINK_H

#include "plan/ground/plan.h"

/* QEMU's words for x-speed and x-width; NULL: it has none for this. */
const char *link_speed_word(unsigned speed);
const char *link_width_word(unsigned width);

/* Of each of plan.controllers the host function at the lower end of its link, the card's or the
 * switch's; HOST_NONE: nothing is there. */
void port_find_lower_ends(const struct vtopo_plan *plan, const struct vtopo_host *host,
                          size_t *ret_ends);
/* Of each of plan.controllers the link of the host, asked for or not; 0: unknown, or none.  False:
 * out of memory. */
bool port_find_links(const struct vtopo_plan *plan, const struct vtopo_host *host,
                     struct host_link *ret_links);

#endif
