/* SPDX-License-Identifier: GPL-2.0-or-later */
/* port_link.h - which links of the host the plan's ports stand for, and what they say */
#ifndef VTOPO_PLAN_GROUND_PORT_LINK_H
#define VTOPO_PLAN_GROUND_PORT_LINK_H

#include "plan/ground/plan.h"

struct port_link {
    size_t end;            /* the host function at the lower end, the card's or the switch's;
                              HOST_NONE: nothing is there */
    struct host_link link; /* what the port is to say, asked for or not; 0: unknown, or none */
    size_t group; /* between the ends of one group, named by a bridge of the host, the guest counts
                     less bandwidth than the host; HOST_NONE: it is in none */
    bool less;    /* no speed and width makes the link count as much as is wanted */
};

/* Of each of plan.controllers.  False: out of memory. */
bool port_find_links(const struct vtopo_plan *plan, const struct vtopo_host *host,
                     struct port_link *ret_links);

/* What a device below a port says in the guest. */
struct host_link port_link_of_device(const struct vtopo_host *host,
                                     const struct plan_device *device);

#endif
