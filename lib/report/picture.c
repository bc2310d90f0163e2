/* SPDX-License-Identifier: GPL-2.0-or-later */
/* picture.c - see picture.h */
#include "report/picture.h"

#include "base/error.h"
#include "draw/scene_dot.h"
#include "draw/scene_svg.h"
#include "report/plan_scene.h"

int picture_print(const struct vtopo_plan *plan, enum picture_language language, char **ret_text,
                  struct vtopo_error **reterr)
{
    struct buffer out = {0};
    struct scene scene;
    char *text;

    plan_scene_make(plan, &scene);
    if (language == PICTURE_SVG)
        scene_to_svg(&scene, true, &out);
    else
        scene_to_dot(&scene, &out);
    scene_clear(&scene);
    text = buffer_steal(&out);
    if (!text)
        return error_nomem(reterr);
    *ret_text = text;
    return 0;
}
