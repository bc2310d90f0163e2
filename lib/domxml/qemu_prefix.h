/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * qemu_prefix.h - the prefix of libvirt's namespace for QEMU in a domain's text
 *
 * Takes:  a parsed domain.
 * Gives:  the prefix that is there, or a new declaration at <domain>; declarations that nothing
 *         uses any more are taken out.
 */
#ifndef VTOPO_DOMXML_QEMU_PREFIX_H
#define VTOPO_DOMXML_QEMU_PREFIX_H

#include "domxml/domxml.h"
#include "domxml/edit.h"

/* Longest prefix that is followed: nobody writes longer ones, and libvirt writes "qemu". */
#define PREFIX_MAX 64

/* "qemu:", or "" where the element is written without one. */
struct qemu_prefix {
    char text[PREFIX_MAX + 2];
};

struct qemu_prefix qemu_prefix_of(const struct vtopo_domain *domain, size_t element);
/* The prefix for a new child of <domain>: it is declared, or will be. */
struct qemu_prefix qemu_prefix_for_child(struct edits *edits, const struct vtopo_domain *domain);

/* Is it the declaration of a prefix for QEMU's namespace that nothing uses that stays?
 * @gone  by element: what is taken out */
bool qemu_prefix_is_idle(const struct vtopo_domain *domain, const bool *gone,
                         const struct scan_attribute *a);
/* Takes these out. */
void qemu_prefix_remove_unused(struct edits *edits, const struct vtopo_domain *domain,
                               const bool *gone);

#endif
