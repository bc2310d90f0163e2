/* SPDX-License-Identifier: GPL-2.0-or-later */
/* implied_index.h - indexes that the text of a domain leaves to libvirt */
#ifndef VTOPO_DOMXML_IMPLIED_INDEX_H
#define VTOPO_DOMXML_IMPLIED_INDEX_H

#include "domxml/domxml.h"
#include "domxml/edit.h"

/* Writes down the indexes that would be others without the controllers that the undo takes out. */
void implied_indexes_write(struct edits *edits, const struct vtopo_domain *domain,
                           const struct undo *undo);

#endif
