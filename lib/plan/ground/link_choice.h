/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link_choice.h - which speed and width of QEMU's a port says, so that its link counts so much */
#ifndef VTOPO_PLAN_GROUND_LINK_CHOICE_H
#define VTOPO_PLAN_GROUND_LINK_CHOICE_H

#include "plan/ground/link_rate.h"

/* QEMU's words for x-speed and x-width; NULL: it has none for this. */
const char *link_speed_word(unsigned speed);
const char *link_width_word(unsigned width);

/*
 * The link that a port says.
 *
 * @rate  what it is to count, read together with its other end: never more if that can be, and as
 *        near as can be.
 * @end   what the other end says; NULL: the same as the port.
 * @like  of several that do, the one that is most like this.
 */
struct host_link link_choose(unsigned rate, const struct host_link *end,
                             const struct host_link *like);
/* What a port counts that says @port. */
unsigned link_rate_with(const struct host_link *port, const struct host_link *end);

#endif
