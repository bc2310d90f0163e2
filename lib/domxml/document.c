/* SPDX-License-Identifier: GPL-2.0-or-later */
/* document.c - see document.h */
#include "domxml/document.h"

#include <string.h>

static struct document_builder *builder_of(void *context)
{
    return ((xmlParserCtxt *)context)->_private;
}

/* Is @span PREFIX:@name or @name?  Sets the part behind the prefix. */
static bool name_matches(const char *text, struct span span, const char *name,
                         struct span *ret_local)
{
    size_t length = strlen(name);

    if (span.end - span.begin < length || memcmp(text + span.end - length, name, length) != 0)
        return false;
    if (span.end - span.begin > length && text[span.end - length - 1] != ':')
        return false;
    *ret_local = (struct span){span.end - length, span.end};
    return true;
}

/* A prefix that is not declared is part of the name.  NULL: out of memory. */
static const char *full_name(xmlParserCtxt *parser, const xmlChar *local, const xmlChar *prefix,
                             const xmlChar *uri)
{
    if (prefix && !uri)
        local = xmlDictQLookup(parser->dict, prefix, local);
    return (const char *)local;
}

/* As long as no entities are replaced, libxml2 leaves each & that stands for itself as "&#38;". */
static size_t copy_value(char *to, const char *from, size_t length)
{
    static const char reference[] = "&#38;";
    size_t n = 0;

    for (size_t i = 0; i < length; i++) {
        to[n++] = from[i];
        if (length - i >= strlen(reference) && !memcmp(from + i, reference, strlen(reference)))
            i += strlen(reference) - 1;
    }
    return n;
}

/* A copy behind the others; NULL: there is no room, which there is for what the text has. */
static const char *add_value(struct document_builder *builder, const xmlChar *begin,
                             const xmlChar *end)
{
    size_t length = (size_t)(end - begin);
    char *value = builder->values;

    if (length >= (size_t)(builder->values_end - value))
        return NULL;
    length = copy_value(value, (const char *)begin, length);
    value[length] = '\0';
    builder->values += length + 1;
    return value;
}

/* libxml2 keeps the order of attributes, and has none that are namespace declarations. */
static void add_attribute(xmlParserCtxt *parser, struct scan_attribute *found,
                          const xmlChar *const known[5])
{
    struct document_builder *builder = builder_of(parser);
    struct node_attribute *added = builder->attributes++;

    added->name = full_name(parser, known[0], known[1], known[2]);
    added->namespace = (const char *)known[2];
    added->value = add_value(builder, known[3], known[4]);
    if (!added->name)
        builder->no_memory = true;
    else if (!added->value ||
             !name_matches(builder->source, found->name, added->name, &found->local))
        builder->differs = true;
}

/* Ties the attributes of the two together. */
static void add_attributes(xmlParserCtxt *parser, const struct scan_element *element, int count,
                           const xmlChar **known)
{
    struct document_builder *builder = builder_of(parser);
    int used = 0;

    for (size_t i = 0; i < element->attributes && !builder->differs; i++) {
        struct scan_attribute *found =
            &builder->scan->attributes.items[element->first_attribute + i];

        if (scan_is_namespace(found))
            continue;
        if (used == count) {
            builder->differs = true;
        } else {
            add_attribute(parser, found, known);
            known += 5;
            used++;
        }
    }
    builder->differs = builder->differs || used < count;
}

/* Declarations that libxml2 skips: none of xml and xmlns themselves, and no empty prefixed one. */
static bool is_skipped(const char *text, const struct scan_attribute *declaration)
{
    static const char reserved[] = "http://www.w3.org/";
    struct span value = declaration->value;

    return value.end == value.begin || scan_span_is(text, declaration->name, "xmlns:xml") ||
           scan_span_is(text, declaration->name, "xmlns:xmlns") ||
           strncmp(text + value.begin, reserved, strlen(reserved)) == 0;
}

/*
 * Without memory for a namespace libxml2 may leave it out and go on: vtopo's own policy and what
 * is there for QEMU would be passed over in silence.
 */
static bool lacks_namespace(const struct document_builder *builder,
                            const struct scan_element *element, int count)
{
    int declared = 0;

    for (size_t i = 0; i < element->attributes; i++) {
        const struct scan_attribute *attribute =
            &builder->scan->attributes.items[element->first_attribute + i];

        declared += scan_is_namespace(attribute) && !is_skipped(builder->source, attribute);
    }
    return count < declared;
}

/* Those of the root are kept: there is room for as many as it has attributes. */
static void add_namespaces(struct document_builder *builder, const struct scan_element *root,
                           int count, const xmlChar **known)
{
    if (count > (int)root->attributes)
        count = (int)root->attributes;
    for (int i = 0; i < count; i++)
        builder->namespaces[i] =
            (struct node_namespace){(const char *)known[2 * i], (const char *)known[2 * i + 1]};
    builder->document.namespace_count = (size_t)count;
}

static const struct node *node_at(const struct document_builder *builder, size_t place)
{
    return place == SCAN_NONE ? NULL : &builder->document.nodes[place];
}

/* The next element of the scan must be this one. */
static struct node *add_node(xmlParserCtxt *parser, const xmlChar *local, const xmlChar *prefix,
                             const xmlChar *uri)
{
    struct document_builder *builder = builder_of(parser);
    size_t place = builder->next++;
    struct scan_element *element = &builder->scan->elements.items[place];
    struct node *node = &builder->document.nodes[place];
    struct span span;

    *node = (struct node){
        .name = full_name(parser, local, prefix, uri),
        .namespace = (const char *)uri,
        .parent = node_at(builder, element->parent),
        .children = node_at(builder, element->first_child),
        .next = node_at(builder, element->next),
        .attributes = builder->attributes,
        .element = place,
        .text = builder->texts,
    };
    element->foreign = uri != NULL;
    if (!node->name)
        builder->no_memory = true;
    else if (element->parent != builder->open ||
             !name_matches(builder->source, element->name, node->name, &span))
        builder->differs = true;
    builder->open = place;
    return node;
}

static void on_start(void *context, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri,
                     int namespace_count, const xmlChar **namespaces, int attribute_count,
                     int defaulted_count, const xmlChar **attributes)
{
    struct document_builder *builder = builder_of(context);
    const struct scan_element *element;
    struct node *node;

    (void)defaulted_count; /* only with a DTD */
    if (builder->next == builder->scan->elements.count)
        builder->differs = true;
    if (builder->differs || builder->no_memory)
        return;
    element = &builder->scan->elements.items[builder->next];
    if (builder->next == 0)
        add_namespaces(builder, element, namespace_count, namespaces);
    node = add_node(context, local, prefix, uri);
    add_attributes(context, element, attribute_count, attributes);
    node->attribute_count = (size_t)(builder->attributes - node->attributes);
    if (node->attribute_count + (size_t)namespace_count < element->attributes &&
        lacks_namespace(builder, element, namespace_count))
        builder->no_memory = true;
}

static void on_end(void *context, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
    struct document_builder *builder = builder_of(context);
    struct node *node;

    (void)local;
    (void)prefix;
    (void)uri;
    if (builder->differs || builder->no_memory)
        return;
    node = &builder->document.nodes[builder->open];
    node->text_length = (size_t)(builder->texts - node->text);
    builder->open = builder->scan->elements.items[builder->open].parent;
}

static void on_text(void *context, const xmlChar *text, int length)
{
    struct document_builder *builder = builder_of(context);

    if (builder->texts_end - builder->texts < length)
        builder->differs = true;
    else
        builder->texts = mempcpy(builder->texts, text, (size_t)length);
}

/* An entity that is not resolved: there are none without a DTD. */
static void on_reference(void *context, const xmlChar *name)
{
    (void)name;
    builder_of(context)->differs = true;
}

/* Without a listener libxml2 does not look how long a comment is. */
static void on_comment(void *context, const xmlChar *text)
{
    (void)context;
    (void)text;
}

static void listen(xmlParserCtxt *parser)
{
    xmlSAXHandler *sax = parser->sax;

    sax->startElementNs = on_start;
    sax->endElementNs = on_end;
    /* Both the same: then libxml2 does not ask whether blanks mean anything. */
    sax->characters = sax->ignorableWhitespace = sax->cdataBlock = on_text;
    sax->reference = on_reference;
    sax->comment = on_comment;
    sax->processingInstruction = NULL;
}

/*
 * One block for all: the scan says how many elements and attributes there are, and neither values
 * nor texts are longer than the document (a value's quotes make room for its NUL).
 */
bool document_begin(struct document_builder *builder, xmlParserCtxt *parser, const char *source,
                    size_t length, struct scan *scan)
{
    size_t elements = scan->elements.count, attributes = scan->attributes.count;
    size_t declared = elements ? scan->elements.items[0].attributes : 0;
    size_t fixed = elements * sizeof(struct node) + attributes * sizeof(struct node_attribute) +
                   declared * sizeof(struct node_namespace);
    struct node *nodes = malloc(fixed + 2 * length + 1);

    *builder = (struct document_builder){.document = {nodes, NULL, 0, parser}};
    if (!nodes)
        return false;
    builder->source = source;
    builder->scan = scan;
    builder->attributes = (struct node_attribute *)(nodes + elements);
    builder->namespaces = (struct node_namespace *)(builder->attributes + attributes);
    builder->document.namespaces = builder->namespaces;
    builder->values = (char *)(builder->namespaces + declared);
    builder->values_end = builder->texts = builder->values + length;
    builder->texts_end = builder->texts + length;
    builder->open = SCAN_NONE;
    listen(parser);
    return true;
}

bool document_is_complete(const struct document_builder *builder)
{
    return !builder->differs && builder->next == builder->scan->elements.count &&
           builder->open == SCAN_NONE;
}

void document_free(struct document *document)
{
    xmlFreeParserCtxt(document->parser);
    free(document->nodes);
    *document = (struct document){0};
}
