/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan_frames.c - frames around leaves
 *
 * Takes:  leaves in an order, and what tells their frames apart, level by level.
 * Gives:  a box for each frame and each leaf, parents first.
 * Rule:   leaves that follow each other and have the same keys down to a level are in one frame of
 *         that level.
 * Not here: what the frames are (plan_scene_host.c, plan_scene_guest.c).
 */
#include "report/plan_scene.h"

const struct plan_leaf *plan_frames_leaf(const struct plan_frames *frames, size_t at)
{
    return &frames->side->leaves->items[frames->order ? frames->order[at] : at];
}

/* Behind the last leaf that is in the same frame of this level as the one at @first. */
static size_t end_of_frame(const struct plan_frames *frames, size_t first, size_t end, size_t level)
{
    const struct plan_leaf *leaf = plan_frames_leaf(frames, first);
    size_t at = first + 1;

    while (at < end && frames->levels(plan_frames_leaf(frames, at)) > level &&
           frames->key(plan_frames_leaf(frames, at), level) == frames->key(leaf, level))
        at++;
    return at;
}

/* As deep as switches are in each other: see host_finish(). */
static void add_level(const struct plan_frames *frames, size_t first, size_t end, size_t level,
                      size_t parent)
{
    size_t next;

    for (size_t at = first; at < end; at = next) {
        const struct plan_leaf *leaf = plan_frames_leaf(frames, at);

        next = at + 1;
        if (frames->levels(leaf) <= level) {
            frames->side->boxes[leaf - frames->side->leaves->items] =
                frames->add(frames, leaf, parent);
            continue;
        }
        next = end_of_frame(frames, at, end, level);
        add_level(frames, at, next, level + 1, frames->open(frames, level, at, next, parent));
    }
}

void plan_frames_add(const struct plan_frames *frames)
{
    add_level(frames, 0, frames->count, 0, frames->panel);
}
