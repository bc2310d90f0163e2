/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plan_scene.h - a plan as a picture: the host beside the guest */
#ifndef VTOPO_REPORT_PLAN_SCENE_H
#define VTOPO_REPORT_PLAN_SCENE_H

#include "draw/scene.h"
#include "report/plan_leaves.h"

/* Failures stay in the scene; to be cleared in any case. */
void plan_scene_make(const struct vtopo_plan *plan, struct scene *ret_scene);

/* In which a side of the picture is made. */
struct plan_side {
    const struct vtopo_plan *plan;
    const struct plan_leaves *leaves;
    struct scene *scene;
    size_t *boxes; /* of each leaf */
};

/* plan_scene_host.c, plan_scene_guest.c: a panel with everything in it. */
void plan_scene_add_host(const struct plan_side *side);
void plan_scene_add_guest(const struct plan_side *side);

/* plan_scene.c: what a device looks like (NULL: there is none), and a mark, "" for none. */
enum box_style plan_scene_style(const struct plan_device *device);
void plan_scene_add_mark(struct scene *scene, size_t box, char *text);

/* plan_frames.c: frames around leaves that follow each other, the outermost first. */
struct plan_frames {
    const struct plan_side *side;
    size_t panel;
    const size_t *order; /* places of the leaves; NULL: as they come */
    size_t count;
    size_t (*levels)(const struct plan_leaf *leaf); /* how many frames are around it */
    /* What tells the frame from the one before. */
    size_t (*key)(const struct plan_leaf *leaf, size_t level);
    /*
     * The new frame around the leaves from @first to behind @last of the order; @parent: it has
     * none, its leaves are in that.
     */
    size_t (*open)(const struct plan_frames *frames, size_t level, size_t first, size_t last,
                   size_t parent);
    size_t (*add)(const struct plan_frames *frames, const struct plan_leaf *leaf, size_t parent);
};

const struct plan_leaf *plan_frames_leaf(const struct plan_frames *frames, size_t at);
void plan_frames_add(const struct plan_frames *frames);

#endif
