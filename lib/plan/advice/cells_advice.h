/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cells_advice.h - what --cells make would give a domain's devices, in words */
#ifndef VTOPO_PLAN_ADVICE_CELLS_ADVICE_H
#define VTOPO_PLAN_ADVICE_CELLS_ADVICE_H

#include "plan/cells/made_cells.h"
#include "plan/ground/assignment.h"
#include "plan/ground/fate.h"

struct cells_advice {
    const struct facts *facts;
    const struct assignments *assigned;
    const struct fates *fates;
    const struct made_cells *made;
};

/* Goes behind a sentence that ends without a full stop: "; with what --cells make adds (below)
 * every device gets its node", and the elements; or why there can be none.  NULL: out of memory. */
char *cells_advice_format(const struct cells_advice *advice);

#endif
