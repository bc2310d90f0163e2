/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * removed.h - the text of controllers that are taken over, in the record and back in the domain
 */
#ifndef VTOPO_DOMXML_REMOVED_H
#define VTOPO_DOMXML_REMOVED_H

#include "base/buffer.h"
#include "domxml/domxml.h"
#include "domxml/edit.h"

#define RECORD_PREFIX "vtopo:"

/* An attribute of an element of the record: NAME="VALUE", with a blank before it. */
void record_add_attribute(struct buffer *out, const char *name, const char *value);

/* The value alone, without quotes. */
void record_add_escaped(struct buffer *out, const char *value);

/* Is it a <domain> with a PCI controller that can be taken over, and nothing else? */
bool removed_is_readable(const struct vtopo_domain *domain);
/* Adds an entry for each controller of @origin that the plan takes over. */
void removed_add(struct buffer *out, const struct vtopo_domain *origin,
                 const struct vtopo_plan *plan);
/* Puts those in again that the undo brings back. */
void removed_restore(struct edits *edits, const struct vtopo_domain *domain,
                     const struct undo *undo);

#endif
