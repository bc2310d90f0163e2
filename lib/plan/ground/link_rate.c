/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * link_rate.c - see link_rate.h
 *
 * Takes:  links.
 * Gives:  what NCCL makes of them.
 * Rule:   NCCL's own, with its numbers for what is unknown.
 * Not here: ways of several links (peer/nccl_path.c, star_rates.c).
 */
#include "plan/ground/link_rate.h"

static unsigned least_known(unsigned a, unsigned b)
{
    return !a || (b && b < a) ? b : a;
}

struct host_link link_read(struct host_link one, struct host_link other)
{
    return (struct host_link){least_known(one.speed, other.speed),
                              one.width < other.width ? one.width : other.width};
}

/* kvDictPciGen of topo.cc: 100 Mb/s a lane; what it does not know counts as 8 GT/s. */
static unsigned lane_speed(unsigned speed)
{
    static const unsigned speeds[][2] = {{25, 15}, {50, 30}, {160, 120}, {320, 240}, {640, 480}};

    for (size_t i = 0; i < sizeof(speeds) / sizeof(*speeds); i++) {
        if (speeds[i][0] == speed)
            return speeds[i][1];
    }
    return 60;
}

unsigned link_rate(const struct host_link *link)
{
    return (link->width ? link->width : 16) * lane_speed(link->speed);
}
