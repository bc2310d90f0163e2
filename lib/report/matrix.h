/* SPDX-License-Identifier: GPL-2.0-or-later */
/* matrix.h - a plan as `nvidia-smi topo -m` would show it, on the host and in the guest */
#ifndef VTOPO_REPORT_MATRIX_H
#define VTOPO_REPORT_MATRIX_H

#include "plan/ground/plan.h"

/*
 * @colour    differing words are coloured, too
 * @ret_text  NUL-terminated UTF-8; free with free()
 *
 * Returns 0, VTOPO_ERR_NOMEM.
 */
int matrix_print(const struct vtopo_plan *plan, bool colour, char **ret_text,
                 struct vtopo_error **reterr);

#endif
