/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scene_parts.h - what pictures of hosts and of plans have in common */
#ifndef VTOPO_REPORT_SCENE_PARTS_H
#define VTOPO_REPORT_SCENE_PARTS_H

#include "draw/scene.h"
#include "model/host.h"

/* The lines of the frame of a node. */
void scene_describe_node(const struct vtopo_host *host, const struct host_node *node, size_t box,
                         struct scene *scene);
/* What the link above a function carries: "15.8 of 31.5 GB/s" where it could carry more. */
void scene_set_host_link(const struct host_function *function, size_t box, struct scene *scene);

#endif
