/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host_scene.h - a host as a picture */
#ifndef VTOPO_REPORT_HOST_SCENE_H
#define VTOPO_REPORT_HOST_SCENE_H

#include "draw/scene.h"
#include "report/hostview.h"

/* Failures stay in the scene; to be cleared in any case.  Owners are shown where the view has them.
 */
void host_scene_make(const struct view *view, struct scene *ret_scene);

/* What is below one bridge, or on one root bus. */
struct host_spot {
    size_t first; /* of its functions, place in host.functions */
    size_t box;   /* of the bridge or root bus */
    int node;     /* that the box is in; -1: none */
};

/*
 * host_card.c: the box of the card that a function is on: of the functions of its slot, and the
 * virtual functions of these.
 */
size_t host_card_add(const struct view *view, const struct host_spot *spot, size_t at,
                     struct scene *scene);
/* Is it the first function of its card? */
bool host_card_starts(const struct view *view, const struct host_spot *spot, size_t at);

#endif
