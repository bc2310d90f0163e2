/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * node.h - read elements as libvirt does, and refuse what cannot be used
 *
 * Takes:  the elements of a document.
 * Gives:  borrowed strings, numbers read by libvirt's rules, one-line errors with file, line and
 *         element.
 * Rule:   element names count only without a namespace (libvirt asks XPath for
 *         "./devices/hostdev"), attribute names in any (it asks xmlGetProp()).
 */
#ifndef VTOPO_DOMXML_NODE_H
#define VTOPO_DOMXML_NODE_H

#include "base/idset.h"
#include "domxml/document.h"
#include "domxml/domxml.h"

/* What the parse_*.c files share. */
struct reader {
    struct vtopo_domain *domain;
    const struct document *document;
    struct vtopo_error **reterr;
};

/* VTOPO_ERR_DOMAIN with "NAME:LINE: <element>: ..." */
int reader_refuse(const struct reader *reader, const struct node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same for an entry of the model, which knows its line. */
int reader_refuse_line(const struct reader *reader, long line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What others wrote, cut to a length that fits in a message, and not inside a character. */
#define CLIP_SIZE 81
const char *clip(const char *text, char clipped[CLIP_SIZE]);
#define CLIP(text) clip((text), (char[CLIP_SIZE]){0})

/* Its place in scan.elements. */
size_t node_element(const struct node *node);
long node_line(const struct reader *reader, const struct node *node);

/* Is it one of vtopo's of this family ("domain", "record"), of another version, or misspelt: in any
 * case, with or without http:// or https://? */
bool namespace_is_of(const char *namespace, const char *family);

/* libvirt's namespace for what it does not know of QEMU. */
#define QEMU_NAMESPACE "http://libvirt.org/schemas/domain/qemu/1.0"
/* @node or the first such sibling behind it; NULL: none. */
const struct node *qemu_next(const struct node *node, const char *name);

bool node_is(const struct node *node, const char *name);
/*
 * First child element of that name, NULL: none; the next one behind @node. A NULL node has no
 * children.
 */
const struct node *node_child(const struct node *node, const char *name);
const struct node *node_next(const struct node *node, const char *name);
/* The value, borrowed from the document; NULL: no such attribute, or a NULL node. */
const char *node_attribute(const struct node *node, const char *name);
bool node_attribute_is(const struct node *node, const char *name, const char *value);
/*
 * XPath's string(./CHILD/@NAME) as libvirt uses it: of the first such child that has it; empty is
 * NULL.
 */
const char *node_child_attribute(const struct node *node, const char *child, const char *name);
/* All text inside; free with free(). NULL: out of memory. */
char *node_text(const struct node *node);
/* Is there text other than blanks that is not inside one of its children? */
bool node_has_own_text(const struct node *node);

/*
 * Numbers as libvirt's virStrToLong_uip() reads them: C's strtoul() in @base over the whole text,
 * no minus sign.  An absent attribute leaves *ret_value alone.  Returns 0, VTOPO_ERR_DOMAIN (not
 * a number, or above @max).
 */
int node_number(const struct reader *reader, const struct node *node, const char *name, int base,
                uint64_t max, uint64_t *ret_value);
bool libvirt_number(const char *text, int base, uint64_t max, uint64_t *ret_value);

/* "on" 1, "off" 0, absent -1.  Returns 0, VTOPO_ERR_DOMAIN. */
int node_switch(const struct reader *reader, const struct node *node, const char *name,
                int *ret_value);

/* A size with a unit by libvirt's virScaleInteger(), rounded up to KiB; unit NULL or "": KiB. */
bool libvirt_size_kib(const char *text, const char *unit, uint64_t *ret_kib);

/*
 * The attribute as a set of numbers that is not empty unless @may_be_empty; absent: the empty
 * set.
 */
int node_set(const struct reader *reader, const struct node *node, const char *name,
             bool may_be_empty, struct idset *ret_set);

/* strdup() into *ret_copy; NULL stays NULL. Returns 0, VTOPO_ERR_NOMEM. */
int reader_copy(const struct reader *reader, const char *text, char **ret_copy);

#endif
