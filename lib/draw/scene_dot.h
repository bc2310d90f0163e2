/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scene_dot.h - a scene in Graphviz's language */
#ifndef VTOPO_DRAW_SCENE_DOT_H
#define VTOPO_DRAW_SCENE_DOT_H

#include "base/buffer.h"
#include "draw/scene.h"

/* A failure of the scene is one of the buffer. */
void scene_to_dot(const struct scene *scene, struct buffer *out);

#endif
