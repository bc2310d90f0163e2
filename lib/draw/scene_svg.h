/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scene_svg.h - a scene as SVG */
#ifndef VTOPO_DRAW_SCENE_SVG_H
#define VTOPO_DRAW_SCENE_SVG_H

#include "base/buffer.h"
#include "draw/scene.h"

/* @alone: as of svg_open().  A failure of the scene is one of the buffer. */
void scene_to_svg(const struct scene *scene, bool alone, struct buffer *out);

#endif
