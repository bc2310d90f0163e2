/* SPDX-License-Identifier: GPL-2.0-or-later */
/* picture.h - a plan as a picture, in the languages that there are */
#ifndef VTOPO_REPORT_PICTURE_H
#define VTOPO_REPORT_PICTURE_H

#include "plan/ground/plan.h"

enum picture_language { PICTURE_SVG, PICTURE_DOT };

/*
 * @ret_text  NUL-terminated UTF-8; free with free()
 *
 * Returns 0, VTOPO_ERR_NOMEM.
 */
int picture_print(const struct vtopo_plan *plan, enum picture_language language, char **ret_text,
                  struct vtopo_error **reterr);

#endif
