/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * overrides.h - write a plan's overrides and aliases into a domain's text, and take marked ones out
 */
#ifndef VTOPO_DOMXML_OVERRIDES_H
#define VTOPO_DOMXML_OVERRIDES_H

#include "domxml/domxml.h"
#include "domxml/edit.h"

/* Sets model.idle_prefix, once overrides are marked; false: out of memory. */
bool overrides_find_idle_prefix(struct vtopo_domain *domain);
/* Each false: the plan, or the undo, is not one of this domain. */
bool overrides_write(struct edits *edits, const struct vtopo_domain *domain,
                     const struct vtopo_plan *plan);
bool overrides_undo(struct edits *edits, const struct vtopo_domain *domain,
                    const struct undo *undo);

#endif
