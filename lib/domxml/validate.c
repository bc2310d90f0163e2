/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * validate.c - check a domain against libvirt's RELAX NG schema
 *
 * Takes:  a text, and a schema file (libvirt installs one, in several files).
 * Gives:  yes, or the first thing that libxml2 has against it.
 * Rule:   local files only. libxml2 would fetch an <include> from the network, and forbidding that
 *         is a process-wide setting; so all files of a schema are looked at first, and one that
 *         names anything but a neighbour is refused.
 */
#include "base/error.h"
#include "base/mem.h"
#include "base/readfile.h"
#include "domxml/node.h"
#include "domxml/xmltext.h"
#include "vtopo/domain.h"

#include <libxml/relaxng.h>
#include <string.h>

#define SCHEMA_FILES_MAX 64

/* The files of a schema. */
struct files {
    VEC(char *) paths;
};

/* What libxml2 said first. */
struct complaint {
    char *message;
    int line;
};

#if LIBXML_VERSION >= 21200
static void on_complaint(void *context, const xmlError *error)
#else
static void on_complaint(void *context, xmlError *error)
#endif
{
    struct complaint *first = context;

    if (first->message || !error->message || error->level < XML_ERR_ERROR)
        return;
    first->message = strndup(error->message, strcspn(error->message, "\n"));
    first->line = error->line;
}

static void clear_files(struct files *files)
{
    for (size_t i = 0; i < files->paths.count; i++)
        free(files->paths.items[i]);
    free(files->paths.items);
}

/* A file beside @beside. */
static char *neighbour(const char *beside, const char *name)
{
    const char *slash = strrchr(beside, '/');

    return mem_printf("%.*s%s", slash ? (int)(slash - beside + 1) : 0, beside, name);
}

static int add_file(struct files *files, char *path, struct vtopo_error **reterr)
{
    char **added;

    for (size_t i = 0; path && i < files->paths.count; i++) {
        if (strcmp(files->paths.items[i], path) == 0) {
            free(path);
            return 0;
        }
    }
    added = path ? vec_add(&files->paths) : NULL;
    if (!added) {
        free(path);
        return error_nomem(reterr);
    }
    *added = path;
    return 0;
}

/* NULL: it has none of that name. */
static const char *attribute_of(const xmlNode *node, const char *name)
{
    const xmlAttr *attribute = node->properties;

    while (attribute && strcmp((const char *)attribute->name, name) != 0)
        attribute = attribute->next;
    if (!attribute)
        return NULL;
    /* Without a DTD a value is one text node, or none when empty. */
    return attribute->children ? (const char *)attribute->children->content : "";
}

static int add_included(struct files *files, const char *path, const xmlNode *node,
                        struct vtopo_error **reterr)
{
    const char *href = attribute_of(node, "href");

    if (attribute_of(node, "base")) /* xml:base would move its includes elsewhere */
        return error_set(reterr, VTOPO_ERR_FILE, "%s: has an xml:base", path);
    if (!href || (strcmp((const char *)node->name, "include") != 0 &&
                  strcmp((const char *)node->name, "externalRef") != 0))
        return 0;
    if (strpbrk(href, ":/%#"))
        return error_set(reterr, VTOPO_ERR_FILE, "%s: includes '%s', which is not a file beside it",
                         path, CLIP(href));
    if (files->paths.count >= SCHEMA_FILES_MAX)
        return error_set(reterr, VTOPO_ERR_FILE, "%s: more than %d files", path, SCHEMA_FILES_MAX);
    return add_file(files, neighbour(path, href), reterr);
}

static const xmlNode *next_node(const xmlNode *node, const xmlNode *root)
{
    if (node->type == XML_ELEMENT_NODE && node->children)
        return node->children;
    while (node != root && !node->next)
        node = node->parent;
    return node == root ? NULL : node->next;
}

/* Adds what the schema file includes to @files. */
static int add_includes_of(struct files *files, const char *path, struct vtopo_error **reterr)
{
    autofree char *text = NULL;
    struct vtopo_error *error = NULL;
    size_t length;
    xmlDoc *doc = NULL;
    int r = read_file(path, VTOPO_DOMAIN_MAX, VTOPO_ERR_FILE, &text, &length, reterr);

    if (r)
        return r;
    r = xmltext_read_tree(text, length, path, &doc, &error);
    if (r) {
        r = error_set(reterr, VTOPO_ERR_FILE, "schema %s", vtopo_error_message(error));
        vtopo_error_free(error);
        return r;
    }
    for (const xmlNode *root = xmlDocGetRootElement(doc), *node = root; !r && node;
         node = next_node(node, root)) {
        if (node->type == XML_ELEMENT_NODE)
            r = add_included(files, path, node, reterr);
    }
    xmlFreeDoc(doc);
    return r;
}

static int check_files(const char *path, struct vtopo_error **reterr)
{
    struct files files = {0};
    char *copy = strdup(path);
    int r = add_file(&files, copy, reterr);

    for (size_t i = 0; !r && i < files.paths.count; i++)
        r = add_includes_of(&files, files.paths.items[i], reterr);
    clear_files(&files);
    return r;
}

static int read_schema(const char *path, xmlRelaxNG **ret_schema, struct vtopo_error **reterr)
{
    struct complaint complaint = {0};
    xmlRelaxNGParserCtxt *parser;
    int r = strstr(path, "://") ? error_set(reterr, VTOPO_ERR_FILE, "%s: not a file", path)
                                : check_files(path, reterr);

    if (r)
        return r;
    parser = xmlRelaxNGNewParserCtxt(path);
    if (!parser)
        return error_nomem(reterr);
    xmlRelaxNGSetParserStructuredErrors(parser, on_complaint, &complaint);
    *ret_schema = xmlRelaxNGParse(parser);
    xmlRelaxNGFreeParserCtxt(parser);
    if (!*ret_schema)
        r = error_set(reterr, VTOPO_ERR_FILE, "%s: not a RELAX NG schema: %s", path,
                      complaint.message ? CLIP(complaint.message) : "no reason given");
    free(complaint.message);
    return r;
}

static int validate(xmlRelaxNG *schema, xmlDoc *doc, struct vtopo_error **reterr)
{
    struct complaint complaint = {0};
    xmlRelaxNGValidCtxt *context = xmlRelaxNGNewValidCtxt(schema);
    int result;

    if (!context)
        return error_nomem(reterr);
    xmlRelaxNGSetValidStructuredErrors(context, on_complaint, &complaint);
    result = xmlRelaxNGValidateDoc(context, doc);
    xmlRelaxNGFreeValidCtxt(context);
    if (result > 0)
        result =
            error_set(reterr, VTOPO_ERR_DOMAIN, "line %d: libvirt's schema: %s", complaint.line,
                      complaint.message ? CLIP(complaint.message) : "not valid");
    else if (result < 0)
        result = error_nomem(reterr);
    free(complaint.message);
    return result;
}

int vtopo_domain_validate(const char *text, size_t length, const char *schema,
                          struct vtopo_error **reterr)
{
    xmlRelaxNG *grammar = NULL;
    xmlDoc *doc = NULL;
    int r = xmltext_read_tree(text, length, "domain", &doc, reterr);

    if (!r)
        r = read_schema(schema ? schema : VTOPO_DOMAIN_SCHEMA, &grammar, reterr);
    if (!r)
        r = validate(grammar, doc, reterr);
    xmlRelaxNGFree(grammar);
    xmlFreeDoc(doc);
    return r;
}
