/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parse.c - a domain XML: accept or refuse the text, then read its parts
 *
 * Takes:  bytes from anywhere; they may be hostile.
 * Gives:  struct vtopo_domain.
 * Rule:   libxml2 decides what is well-formed and what it means, in a parser context of its own:
 *         no network, no DTD, no entity of a document is ever expanded, its limits of size and
 *         depth stay on.
 * Not here: machine and NUMA (parse_machine.c, parse_numa.c), <devices> (parse_controllers.c,
 *         parse_devices.c, parse_address.c).
 */
#include "domxml/parse.h"

#include "core/error.h"

#include <libxml/parser.h>
#include <string.h>
#include <strings.h>

/* What libxml2's callbacks leave behind. */
struct outcome {
    bool has_dtd, no_memory, too_deep;
    int line;
    char *message; /* of the first fatal error; NULL: none, or no memory for it */
};

/*
 * Called at "<!DOCTYPE name", before libxml2 looks at the internal subset: nothing of it is read,
 * let alone expanded.
 */
static void on_doctype(void *context, const xmlChar *name, const xmlChar *external,
                       const xmlChar *system)
{
    xmlParserCtxt *parser = context;

    (void)name;
    (void)external;
    (void)system;
    ((struct outcome *)parser->_private)->has_dtd = true;
    xmlStopParser(parser);
}

#if LIBXML_VERSION >= 21200
static void on_error(void *context, const xmlError *error)
#else
static void on_error(void *context, xmlError *error)
#endif
{
    struct outcome *outcome = ((xmlParserCtxt *)context)->_private;

    if (error->code == XML_ERR_NO_MEMORY)
        outcome->no_memory = true;
    if (error->level < XML_ERR_FATAL || outcome->message || !error->message)
        return;
    /* libxml2's words for its limit of 256 levels; it has no code of its own. */
    outcome->too_deep = strstr(error->message, "xcessive depth") != NULL;
    outcome->line = error->line;
    outcome->message = strndup(error->message, strcspn(error->message, "\n"));
}

static int refuse_text(const struct reader *reader, const struct outcome *outcome)
{
    const char *name = reader->domain->name;

    if (outcome->has_dtd)
        return error_set(reader->reterr, VTOPO_ERR_DOMAIN,
                         "%s: <!DOCTYPE>: a domain with a document type is not accepted", name);
    if (outcome->too_deep)
        return error_set(reader->reterr, VTOPO_ERR_DOMAIN,
                         "%s:%d: too deep: elements are nested in more than 256 levels", name,
                         outcome->line);
    if (outcome->no_memory || !outcome->message)
        return error_nomem(reader->reterr);
    return error_set(reader->reterr, VTOPO_ERR_DOMAIN, "%s:%d: cannot be read as XML: %s", name,
                     outcome->line, CLIP(outcome->message));
}

static bool encoding_is_utf8(const xmlChar *encoding)
{
    return !encoding || strcasecmp((const char *)encoding, "UTF-8") == 0 ||
           strcasecmp((const char *)encoding, "UTF8") == 0;
}

static int read_tree(const struct reader *reader, xmlDoc **ret_doc)
{
    struct vtopo_domain *domain = reader->domain;
    struct outcome outcome = {0};
    xmlParserCtxt *parser = xmlNewParserCtxt();
    xmlDoc *doc;
    int r = 0;

    if (!parser)
        return error_nomem(reader->reterr);
    parser->_private = &outcome;
    parser->sax->internalSubset = on_doctype;
    parser->sax->serror = on_error;
    doc = xmlCtxtReadMemory(parser, domain->text, (int)domain->length, NULL, NULL, XML_PARSE_NONET);
    if (!doc || outcome.has_dtd || outcome.no_memory)
        r = refuse_text(reader, &outcome);
    else if (!encoding_is_utf8(doc->encoding))
        r = error_set(reader->reterr, VTOPO_ERR_DOMAIN, "%s: encoding '%s' is not UTF-8",
                      domain->name, CLIP((const char *)doc->encoding));
    xmlFreeParserCtxt(parser);
    free(outcome.message);
    if (r)
        xmlFreeDoc(doc);
    else
        *ret_doc = doc;
    return r;
}

/* Length of the valid UTF-8 character at @at, 0: none (overlong, surrogate, cut off, NUL...). */
static size_t utf8_length(const unsigned char *at, size_t left)
{
    size_t length = *at < 0x80 ? 1 : *at < 0xc2 ? 0 : *at < 0xe0 ? 2 : *at < 0xf0 ? 3 : 4;

    if (!*at || !length || *at > 0xf4 || length > left)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    }
    if ((*at == 0xe0 && at[1] < 0xa0) || (*at == 0xed && at[1] > 0x9f) ||
        (*at == 0xf0 && at[1] < 0x90) || (*at == 0xf4 && at[1] > 0x8f))
        return 0;
    return length;
}

static int check_bytes(const struct reader *reader)
{
    const struct vtopo_domain *domain = reader->domain;
    const unsigned char *text = (const unsigned char *)domain->text;
    size_t at = 0, length;
    long line = 1;

    if (!domain->length)
        return error_set(reader->reterr, VTOPO_ERR_DOMAIN, "%s: is empty", domain->name);
    for (; at < domain->length; at += length) {
        length = utf8_length(text + at, domain->length - at);
        if (!length)
            return error_set(reader->reterr, VTOPO_ERR_DOMAIN, "%s:%ld: %s at byte %zu",
                             domain->name, line, text[at] ? "not UTF-8" : "a NUL", at);
        line += text[at] == '\n';
    }
    return 0;
}

static int mismatch(const struct reader *reader, const xmlNode *node)
{
    return error_set(reader->reterr, VTOPO_ERR_BUG,
                     "%s: <%s>: libxml2 and the scanner of vtopo disagree", reader->domain->name,
                     CLIP((const char *)node->name));
}

/* Is @span PREFIX:@name or @name?  Sets the part behind the prefix. */
static bool name_matches(const char *text, struct span span, const xmlChar *name,
                         struct span *ret_local)
{
    size_t length = strlen((const char *)name);

    if (span.end - span.begin < length || memcmp(text + span.end - length, name, length) != 0)
        return false;
    if (span.end - span.begin > length && text[span.end - length - 1] != ':')
        return false;
    *ret_local = (struct span){span.end - length, span.end};
    return true;
}

static bool is_namespace(const char *text, struct span name)
{
    return scan_span_is(text, name, "xmlns") ||
           (name.end - name.begin > 6 && memcmp(text + name.begin, "xmlns:", 6) == 0);
}

/* Ties the attributes of scan and tree together; libxml2 keeps their order, without namespaces. */
static bool zip_attributes(struct vtopo_domain *domain, const struct scan_element *element,
                           const xmlNode *node)
{
    const xmlAttr *known = node->properties;

    for (size_t i = 0; i < element->attributes; i++) {
        struct scan_attribute *found = &domain->scan.attributes.items[element->first_attribute + i];

        if (is_namespace(domain->text, found->name)) {
            found->local = (struct span){found->name.end, found->name.end};
            continue;
        }
        if (!known || !name_matches(domain->text, found->name, known->name, &found->local))
            return false;
        if (known->children && (known->children->type != XML_TEXT_NODE || known->children->next))
            return false; /* an entity: there are none without a DTD */
        known = known->next;
    }
    return !known;
}

static bool zip_element(struct vtopo_domain *domain, size_t place, xmlNode *node)
{
    struct scan_element *element;
    struct span local;

    if (place >= domain->scan.elements.count)
        return false;
    element = &domain->scan.elements.items[place];
    if (!name_matches(domain->text, element->name, node->name, &local))
        return false;
    element->foreign = node->ns != NULL;
    node->_private = (void *)(uintptr_t)(place + 1);
    return zip_attributes(domain, element, node);
}

static xmlNode *next_node(xmlNode *node, const xmlNode *root)
{
    if (node->type == XML_ELEMENT_NODE && node->children)
        return node->children;
    while (node != root && !node->next)
        node = node->parent;
    return node == root ? NULL : node->next;
}

/* In document order, without recursion; NULL: that was the last. */
static xmlNode *next_element(xmlNode *node, const xmlNode *root)
{
    do
        node = next_node(node, root);
    while (node && node->type != XML_ELEMENT_NODE);
    return node;
}

/* The n-th element of the scan is the n-th of the tree; names are compared to be sure. */
static int zip(const struct reader *reader, xmlNode *root)
{
    struct vtopo_domain *domain = reader->domain;
    size_t offset, place = 0;
    enum scan_result result = scan_text(domain->text, domain->length, &domain->scan, &offset);

    if (result == SCAN_NOMEM)
        return error_nomem(reader->reterr);
    if (result != SCAN_OK)
        return mismatch(reader, root);
    for (xmlNode *node = root; node; node = next_element(node, root)) {
        if (!zip_element(domain, place++, node))
            return mismatch(reader, node);
    }
    return place == domain->scan.elements.count ? 0 : mismatch(reader, root);
}

static int parse_tree(const struct reader *reader, xmlDoc *doc)
{
    xmlNode *root = xmlDocGetRootElement(doc);
    int r = zip(reader, root);

    if (r)
        return r;
    if (!node_is(root, "domain"))
        return reader_refuse(reader, root, "is not a libvirt <domain>");
    if (node_child(root, "devices"))
        reader->domain->devices = node_element(node_child(root, "devices"));
    r = parse_machine(reader, root);
    if (!r)
        r = parse_numa(reader, root);
    if (!r)
        r = parse_controllers(reader, root);
    return r ? r : parse_devices(reader, root);
}

static int parse_text(const struct reader *reader)
{
    xmlDoc *doc;
    int r = check_bytes(reader);

    if (!r)
        r = read_tree(reader, &doc);
    if (r)
        return r;
    r = parse_tree(reader, doc);
    xmlFreeDoc(doc);
    return r;
}

static struct vtopo_domain *new_domain(const char *text, size_t length, const char *name)
{
    struct vtopo_domain *domain = calloc(1, sizeof(*domain));

    if (!domain)
        return NULL;
    domain->devices = SCAN_NONE;
    domain->length = length;
    domain->name = strdup(name);
    domain->text = malloc(length + 1);
    if (!domain->name || !domain->text) {
        vtopo_domain_free(domain);
        return NULL;
    }
    if (length)
        memcpy(domain->text, text, length);
    domain->text[length] = '\0';
    return domain;
}

int vtopo_domain_parse(const char *text, size_t length, const char *name,
                       struct vtopo_domain **ret_domain, struct vtopo_error **reterr)
{
    struct reader reader = {.reterr = reterr};
    int r;

    if (length > VTOPO_DOMAIN_MAX)
        return error_set(reterr, VTOPO_ERR_DOMAIN, "%s: is larger than %u MiB", name,
                         VTOPO_DOMAIN_MAX >> 20);
    reader.domain = new_domain(text, length, name);
    if (!reader.domain)
        return error_nomem(reterr);
    r = parse_text(&reader);
    if (r)
        vtopo_domain_free(reader.domain);
    else
        *ret_domain = reader.domain;
    return r;
}

const char *vtopo_domain_text(const struct vtopo_domain *domain, size_t *ret_length)
{
    if (ret_length)
        *ret_length = domain->length;
    return domain->text;
}

void vtopo_domain_free(struct vtopo_domain *domain)
{
    if (!domain)
        return;
    domain_clear(&domain->model);
    scan_clear(&domain->scan);
    free(domain->text);
    free(domain->name);
    free(domain);
}
