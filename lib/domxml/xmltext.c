/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xmltext.c - bytes from anywhere: accept them as XML, or refuse them
 *
 * Takes:  bytes; they may be hostile.
 * Gives:  a document, or libxml2's tree.
 * Rule:   a parser context of our own: no network, no DTD, no entity of a document is ever
 *         expanded, libxml2's limits of size and depth stay on, nothing is printed.
 */
#include "domxml/xmltext.h"

#include "base/error.h"
#include "base/utf8.h"
#include "domxml/node.h"
#include "vtopo/domain.h"

#include <libxml/parser.h>
#include <string.h>
#include <strings.h>

/* What libxml2's callbacks leave behind; parser->_private points to it. */
struct outcome {
    struct document_builder builder; /* the first member: document.c expects it there */
    bool has_dtd, no_memory, too_large;
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

/*
 * libxml2 goes on behind an unknown namespace, and libvirt does not mind.  A name that is none
 * ("a::b", "xmlns::a") cannot be told to be a namespace declaration or not.
 */
static bool is_fatal(const xmlError *error)
{
    return error->level >= XML_ERR_FATAL || error->code == XML_NS_ERR_QNAME ||
           error->code == XML_NS_ERR_COLON;
}

#if LIBXML_VERSION >= 21200
static void on_error(void *context, const xmlError *error)
#else
static void on_error(void *context, xmlError *error)
#endif
{
    struct outcome *outcome = ((xmlParserCtxt *)context)->_private;

    /* Behind "too long" it says that a text node is huge: memory was not the reason. */
    if (error->code == XML_ERR_NO_MEMORY && !outcome->too_large)
        outcome->no_memory = true;
    if (error->code == XML_ERR_COMMENT_NOT_FINISHED ||
        error->code == XML_ERR_ATTRIBUTE_NOT_FINISHED || error->code == XML_ERR_NAME_TOO_LONG)
        outcome->too_large = true;
    if (!is_fatal(error) || outcome->message || !error->message)
        return;
    outcome->line = error->line;
    outcome->message = strndup(error->message, strcspn(error->message, "\n"));
}

/* Of libxml2's buffers, which know no parser and would print. */
#if LIBXML_VERSION >= 21200
static void on_buffer_error(void *context, const xmlError *error)
#else
static void on_buffer_error(void *context, xmlError *error)
#endif
{
    if (error->code == XML_ERR_NO_MEMORY)
        ((struct outcome *)context)->no_memory = true;
}

static int refuse_text(const char *name, const struct outcome *outcome, struct vtopo_error **reterr)
{
    if (outcome->has_dtd)
        return error_set(reterr, VTOPO_ERR_DOMAIN,
                         "%s: <!DOCTYPE>: a domain with a document type is not accepted", name);
    if (outcome->no_memory || !outcome->message)
        return error_nomem(reterr);
    return error_set(reterr, VTOPO_ERR_DOMAIN, "%s:%d: cannot be read as XML: %s", name,
                     outcome->line, CLIP(outcome->message));
}

static bool encoding_is_utf8(const xmlChar *encoding)
{
    return !encoding || strcasecmp((const char *)encoding, "UTF-8") == 0 ||
           strcasecmp((const char *)encoding, "UTF8") == 0;
}

/* Runs the parser. @length is at most VTOPO_DOMAIN_MAX. */
static int run(xmlParserCtxt *parser, struct outcome *outcome, const char *text, size_t length,
               const char *name, xmlDoc **ret_doc, struct vtopo_error **reterr)
{
    xmlStructuredErrorFunc former = xmlStructuredError;
    void *former_context = xmlStructuredErrorContext;
    xmlDoc *doc;
    int r = 0;

    parser->_private = outcome;
    parser->sax->internalSubset = on_doctype;
    parser->sax->serror = on_error;
    xmlSetStructuredErrorFunc(outcome, on_buffer_error); /* of this thread */
    doc = xmlCtxtReadMemory(parser, text, (int)length, NULL, NULL, XML_PARSE_NONET);
    xmlSetStructuredErrorFunc(former_context, former);
    if (!doc || outcome->has_dtd || outcome->no_memory || outcome->message)
        r = refuse_text(name, outcome, reterr);
    else if (!encoding_is_utf8(doc->encoding))
        r = error_set(reterr, VTOPO_ERR_DOMAIN, "%s: encoding '%s' is not UTF-8", name,
                      CLIP((const char *)doc->encoding));
    free(outcome->message);
    if (r)
        xmlFreeDoc(doc);
    else
        *ret_doc = doc;
    return r;
}

static long line_of(const char *text, size_t offset)
{
    long line = 1;

    for (size_t i = 0; i < offset; i++)
        line += text[i] == '\n';
    return line;
}

static int check_bytes(const char *text, size_t length, const char *name,
                       struct vtopo_error **reterr)
{
    size_t valid;

    if (!length)
        return error_set(reterr, VTOPO_ERR_DOMAIN, "%s: is empty", name);
    if (length > VTOPO_DOMAIN_MAX)
        return error_set(reterr, VTOPO_ERR_DOMAIN, "%s: is larger than %u MiB", name,
                         VTOPO_DOMAIN_MAX >> 20);
    valid = utf8_span(text, length);
    if (valid < length)
        return error_set(reterr, VTOPO_ERR_DOMAIN, "%s:%ld: %s at byte %zu", name,
                         line_of(text, valid), text[valid] ? "not UTF-8" : "a NUL", valid);
    return 0;
}

/* Where the scanner cannot follow, libxml2 will say better why. */
static int scan_limits(const char *text, size_t length, const char *name, struct scan *ret_scan,
                       bool *ret_malformed, struct vtopo_error **reterr)
{
    size_t offset;
    enum scan_result result = scan_text(text, length, ret_scan, &offset);

    *ret_malformed = result == SCAN_MALFORMED;
    switch (result) {
    case SCAN_OK:
    case SCAN_MALFORMED:
        return 0;
    case SCAN_NOMEM:
        return error_nomem(reterr);
    case SCAN_TOO_DEEP:
        return error_set(reterr, VTOPO_ERR_DOMAIN,
                         "%s:%ld: too deep: elements are nested in more than %d levels", name,
                         line_of(text, offset), SCAN_DEPTH_MAX);
    case SCAN_TOO_MANY:
        break;
    }
    return error_set(reterr, VTOPO_ERR_DOMAIN,
                     "%s:%ld: too many elements, or attributes in one element", name,
                     line_of(text, offset));
}

static int disagree(const char *name, struct vtopo_error **reterr)
{
    return error_set(
        reterr, VTOPO_ERR_BUG,
        "%s: libxml2 reads this XML otherwise than vtopo, which does not touch it then: please report the file",
        name);
}

/* @length is at most VTOPO_DOMAIN_MAX; nothing of a malformed text is in @scan. */
static int read_document(const char *text, size_t length, const char *name, struct scan *scan,
                         struct document *ret_document, struct vtopo_error **reterr)
{
    struct outcome outcome = {0};
    xmlParserCtxt *parser = xmlNewParserCtxt();
    xmlDoc *doc = NULL;
    int r;

    if (!parser)
        return error_nomem(reterr);
    if (document_begin(&outcome.builder, parser, text, length, scan))
        r = run(parser, &outcome, text, length, name, &doc, reterr);
    else
        r = error_nomem(reterr);
    xmlFreeDoc(doc); /* of which only the encoding was wanted */
    if (!r && outcome.builder.no_memory)
        r = error_nomem(reterr);
    if (!r && (!scan->elements.count || !document_is_complete(&outcome.builder)))
        r = disagree(name, reterr);
    if (r)
        document_free(&outcome.builder.document);
    else
        *ret_document = outcome.builder.document;
    return r;
}

int xmltext_read(const char *text, size_t length, const char *name, struct scan *ret_scan,
                 struct document *ret_document, struct vtopo_error **reterr)
{
    bool malformed;
    int r = check_bytes(text, length, name, reterr);

    if (!r)
        r = scan_limits(text, length, name, ret_scan, &malformed, reterr);
    return r ? r : read_document(text, length, name, ret_scan, ret_document, reterr);
}

int xmltext_read_tree(const char *text, size_t length, const char *name, xmlDoc **ret_doc,
                      struct vtopo_error **reterr)
{
    struct outcome outcome = {0};
    struct scan scan = {0};
    xmlParserCtxt *parser;
    bool malformed = false;
    int r = check_bytes(text, length, name, reterr);

    if (!r)
        r = scan_limits(text, length, name, &scan, &malformed, reterr);
    scan_clear(&scan);
    if (r)
        return r;
    parser = xmlNewParserCtxt();
    if (!parser)
        return error_nomem(reterr);
    r = run(parser, &outcome, text, length, name, ret_doc, reterr);
    xmlFreeParserCtxt(parser);
    if (!r && malformed) {
        xmlFreeDoc(*ret_doc);
        *ret_doc = NULL;
        r = disagree(name, reterr);
    }
    return r;
}
