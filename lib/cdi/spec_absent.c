/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spec_absent.c - in place of spec.c where vtopo is built without libyaml (VTOPO_CDI)
 *
 * Takes:  a CDI spec.
 * Gives:  an error, so that no spec that has words of vtopo's is passed over in silence.
 */
#include "cdi/cdi.h"

#include "base/error.h"

int cdi_parse(const char *text, size_t length, const char *name, struct vtopo_policy *policy,
              struct vtopo_error **reterr)
{
    (void)text;
    (void)length;
    (void)policy;
    return error_set(reterr, VTOPO_ERR_FILE, "%s: this vtopo is built without CDI", name);
}
