/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record.h - the record in a domain's text: write it, and take it out
 */
#ifndef VTOPO_DOMXML_RECORD_H
#define VTOPO_DOMXML_RECORD_H

#include "domxml/domxml.h"
#include "domxml/edit.h"

#define RECORD_NAMESPACE "http://vtopo.io/record/1.0"

/* As <address> has them. */
extern const char *const record_attribute_names[RECORD_ATTRIBUTES];

/* Are these texts ones that are read back?  Any other is not remembered. */
bool record_accepts_number(const char *text);
bool record_accepts_alias(const char *text);
bool record_accepts_metadata(const char *text);

/*
 * Writes what the plan changes in others' elements of @domain into its <metadata>, or nothing where
 * it changes nothing.
 *
 * @origin  the same domain before anything was changed: the same devices and controllers
 */
void record_write(struct edits *edits, const struct vtopo_domain *domain,
                  const struct vtopo_domain *origin, const struct vtopo_plan *plan);
/* Adds entries, lines with "\n" between them, to the record that @domain has, or writes one. */
void record_extend(struct edits *edits, const struct vtopo_domain *domain, const char *entries);
/* Takes all records out, and <metadata> with them if it was made for one and holds nothing else. */
void record_remove(struct edits *edits, const struct vtopo_domain *domain);

#endif
