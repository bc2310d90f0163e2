/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * additions.h - additions in a domain's text: where they go, what the record says of them
 */
#ifndef VTOPO_DOMXML_ADDITIONS_H
#define VTOPO_DOMXML_ADDITIONS_H

#include "domxml/domxml.h"
#include "domxml/edit.h"

/* So many are read from one record: a guest has no more vCPUs. */
#define ADDITIONS_MAX 8192

/*
 * The deepest element that is there of the path of an addition's parent ("features/kvm"; "":
 * <domain>).
 *
 * @of           which of several (struct addition)
 * @ret_missing  the rest of the path; "": all of it is there
 */
size_t additions_parent(const struct vtopo_domain *domain, enum addition_kind kind, const char *of,
                        const char **ret_missing);

/* The guest cell of this number; SCAN_NONE: there is none. */
size_t additions_cell(const struct vtopo_domain *domain, const char *id);
/* The <hostdev> of this function of the host; SCAN_NONE: there is none. */
size_t additions_hostdev(const struct vtopo_domain *domain, const char *source);

/* The child of @parent behind which libvirt prints one of that name; SCAN_NONE: none, so before all
 * others. */
size_t additions_neighbour(const struct vtopo_domain *domain, size_t parent, const char *name);

/* Are all parents there that are never made? */
bool additions_have_parents(const struct vtopo_domain *domain, const struct additions *additions);

/* In the place of the element that it has as "old"; false: that is not there. */
bool additions_write_instead(struct edits *edits, const struct vtopo_domain *domain,
                             const struct addition *addition);

/* The text without what the record says vtopo added, and without that part of the record. Otherwise
 * as domxml_apply(). */
int additions_strip(const struct vtopo_domain *domain, char **ret_text, size_t *ret_length,
                    struct vtopo_error **reterr);

#endif
