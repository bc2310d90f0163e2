/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * document.h - the elements of a text, as libxml2 reads them and the scanner finds them
 *
 * Takes:  a scanned text, and libxml2's events while it reads that.
 * Gives:  a tree in one block of memory.
 * Rule:   libxml2 decides what the document means, the scanner where it is written; where the two
 *         disagree there is no document.
 * Not here: which texts are accepted (xmltext.c), what elements mean (node.h, parse_*.c).
 */
#ifndef VTOPO_DOMXML_DOCUMENT_H
#define VTOPO_DOMXML_DOCUMENT_H

#include "domxml/scan.h"

#include <libxml/parser.h>

struct node_attribute {
    const char *name;      /* without its prefix, if that is declared */
    const char *namespace; /* NULL: none */
    const char *value;     /* entities resolved */
};

struct node {                                    /* an element */
    const char *name;                            /* without its prefix, if that is declared */
    const char *namespace;                       /* NULL: none */
    const struct node *parent, *children, *next; /* NULL: none */
    const struct node_attribute *attributes;     /* document order */
    size_t attribute_count;
    size_t element;   /* its place in scan.elements */
    const char *text; /* all text inside, its descendants' too; not NUL-terminated */
    size_t text_length;
};

/* xmlns:prefix='href' */
struct node_namespace {
    const char *prefix; /* NULL: the default one */
    const char *href;
};

struct document {
    struct node *nodes;                      /* parallel to scan.elements: [0] is the root */
    const struct node_namespace *namespaces; /* that the root declares */
    size_t namespace_count;
    xmlParserCtxt *parser; /* its dictionary has the names */
};

/* A document that is being made; parser->_private points to it. */
struct document_builder {
    struct document document;
    const char *source; /* the text */
    struct scan *scan;  /* gets "foreign" and "local" */
    struct node_attribute *attributes;
    struct node_namespace *namespaces;
    char *values, *texts; /* where the next ones go */
    const char *values_end, *texts_end;
    size_t next, open; /* elements that have begun; the innermost open one */
    bool differs;      /* libxml2 and the scanner disagree */
    bool no_memory;
};

/* Takes over @parser, which sends its events to @builder from now on.  False: out of memory. */
bool document_begin(struct document_builder *builder, xmlParserCtxt *parser, const char *source,
                    size_t length, struct scan *scan);
/* Were all elements there? */
bool document_is_complete(const struct document_builder *builder);
void document_free(struct document *document);

#endif
