/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scan.h - where every element and attribute of an XML text begins and ends
 *
 * Takes:  any text; of one that is not well-formed, the part before that.
 * Gives:  byte ranges, in document order.
 * Rule:   only tags, comments, processing instructions and CDATA sections are told apart; what a
 *         document means is libxml2's business. The n-th element here is the n-th in libxml2's
 *         preorder.
 * Not here: edits (edit.h), meaning (parse.c).
 */
#ifndef VTOPO_DOMXML_SCAN_H
#define VTOPO_DOMXML_SCAN_H

#include "base/mem.h"

#include <stdint.h>

#define SCAN_NONE SIZE_MAX

/* Bytes [begin, end) of the text. */
struct span {
    size_t begin, end;
};

struct scan_attribute {
    struct span name; /* with its prefix */
    /* without; the same as name until document.c knows better, empty: a namespace declaration */
    struct span local;
    struct span value; /* between the quotes, as written: entities are not resolved */
    char quote;        /* ' or " */
};

struct scan_element {
    struct span start;                /* start tag from "<" to behind ">" */
    struct span end;                  /* end tag likewise; empty, at start.end, when self-closing */
    struct span name;                 /* in the start tag, with its prefix */
    size_t parent, first_child, next; /* places in elements; SCAN_NONE: none */
    size_t first_attribute, attributes; /* place in scan.attributes, how many */
    long line;                          /* of start.begin; 1 is the first */
    bool self_closing;
    /* in a namespace, so not libvirt's; set by who knows (document.c), false after scan_text() */
    bool foreign;
};

struct scan {
    VEC(struct scan_element) elements; /* document order; [0] is the root */
    VEC(struct scan_attribute) attributes;
};

enum scan_result {
    SCAN_OK = 0,
    SCAN_MALFORMED,
    SCAN_NOMEM,
    SCAN_TOO_DEEP,
    SCAN_TOO_MANY, /* elements, attributes of one element, or namespaces in force */
};

/*
 * Limits.  A text of 16 MiB within them takes libxml2 seconds and some hundred MiB; without them
 * it may take it hours, because it compares every attribute with its neighbours and every element
 * with the namespaces in force.
 */
#define SCAN_DEPTH_MAX 256
#define SCAN_ELEMENTS_MAX 1000000
#define SCAN_ATTRIBUTES_MAX 1000
#define SCAN_NAMESPACES_MAX 1000

/* On failure @ret_scan is empty and *@ret_offset is where that was. */
enum scan_result scan_text(const char *text, size_t length, struct scan *ret_scan,
                           size_t *ret_offset);
void scan_clear(struct scan *scan);

/* Is the attribute a namespace declaration? */
static inline bool scan_is_namespace(const struct scan_attribute *attribute)
{
    return attribute->local.begin == attribute->local.end;
}
/* Is the text of the span exactly @name? */
static inline bool scan_span_is(const char *text, struct span span, const char *name)
{
    size_t at = span.begin;

    while (at < span.end && *name && text[at] == *name) {
        at++;
        name++;
    }
    return at == span.end && !*name;
}

/* The first child of @element with this name and without a namespace, or SCAN_NONE. */
size_t scan_child(const struct scan *scan, const char *text, size_t element, const char *name);
/*
 * The first attribute of @element with this local name, in whatever namespace: libvirt looks at
 * them through libxml2's xmlGetProp(), which does the same.  NULL: none.
 */
const struct scan_attribute *scan_attribute(const struct scan *scan, const char *text,
                                            size_t element, const char *name);
/* Behind the element's last byte. */
size_t scan_element_end(const struct scan_element *element);

/* Are there only blanks from @begin to before @end? */
bool scan_is_blank(const char *text, size_t begin, size_t end);

/*
 * Is nothing left of an element's content without the elements that are in @gone, by place?  Text
 * and comments of somebody are something.
 */
bool scan_is_emptied(const struct scan *scan, const char *text, size_t element, const bool *gone);

#endif
