/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * link_rate.h - a link as NCCL reads and counts it
 *
 * After NVIDIA/nccl, commit 5067397c (2.30.7): ncclTopoGetXmlFromSys() of src/graph/xml.cc and
 * ncclTopoAddPci() of topo.cc.
 */
#ifndef VTOPO_PLAN_GROUND_LINK_RATE_H
#define VTOPO_PLAN_GROUND_LINK_RATE_H

#include "model/host.h"

/* NCCL counts width * speed / 80: 80 of these are 1 GB/s, and every number is a whole one. */
#define LINK_RATE_GB 80

/* What is read of the two ends of a link in /sys: speed and width are the least, apart from each
 * other; an unknown speed is left out, an unknown width is 0, and the least one all the same. */
struct host_link link_read(struct host_link one, struct host_link other);
/* Its bandwidth. */
unsigned link_rate(const struct host_link *link);

#endif
