/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * star_rates.h - how much each link of one guest switch counts, which may stand for several
 * switches of the host
 */
#ifndef VTOPO_PLAN_GROUND_STAR_RATES_H
#define VTOPO_PLAN_GROUND_STAR_RATES_H

#include "model/host.h"

#include <stdbool.h>
#include <stdint.h>

/* What is at one end of the star: a card, a further switch, or all that is above. */
struct star_leaf {
    size_t above;    /* the bridge of the host that it hangs on: the switch, or one below it */
    unsigned own;    /* what its link there counts; STAR_NO_LINK: it has none */
    unsigned weight; /* for so many ends it stands */
    unsigned rate;   /* result: what the guest's link to it is to count */
    size_t group;    /* result: between the leaves of one group, named by a bridge of the host, the
                        guest counts less than the host; HOST_NONE: it is in none */
};

#define STAR_NO_LINK UINT32_MAX

/* What the link of the host above @function counts; STAR_NO_LINK: there is none. */
unsigned star_host_rate(const struct vtopo_host *host, size_t function);

/*
 * Sets rate and group of the @leaves.
 *
 * @top    the host's switch: its upstream port, above all of them.
 * @where  scratch: a number for each function of the host, all SIZE_MAX, and so afterwards.
 *
 * False: out of memory.
 */
bool star_set_rates(const struct vtopo_host *host, size_t top, struct star_leaf *leaves,
                    size_t count, size_t *where);

#endif
