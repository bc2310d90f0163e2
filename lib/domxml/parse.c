/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parse.c - a domain XML: tie its tree to its text, then read its parts
 *
 * Takes:  bytes from anywhere.
 * Gives:  struct vtopo_domain.
 * Rule:   libxml2 decides what the document means, the scanner where it is written; where the two
 *         disagree nothing is done.
 * Not here: which texts are accepted (xmltext.c), machine and NUMA (parse_machine.c,
 *         parse_numa.c), policy (parse_policy.c), <devices> (parse_controllers.c, parse_devices.c,
 *         parse_address.c), what is in the namespace for QEMU (parse_qemu.c).
 */
#include "domxml/parse.h"

#include "base/error.h"
#include "domxml/xmltext.h"

#include <string.h>

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

/* Ties the attributes of scan and tree together; libxml2 keeps their order, without namespaces. */
static bool zip_attributes(struct vtopo_domain *domain, const struct scan_element *element,
                           const xmlNode *node)
{
    const xmlAttr *known = node->properties;

    for (size_t i = 0; i < element->attributes; i++) {
        struct scan_attribute *found = &domain->scan.attributes.items[element->first_attribute + i];

        if (scan_is_namespace(domain->text, found->name)) {
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

/* Declarations that libxml2 skips: none of xml and xmlns themselves, and no empty prefixed one. */
static bool is_kept(const char *text, const struct scan_attribute *declaration)
{
    static const char reserved[] = "http://www.w3.org/";
    struct span value = declaration->value;

    return value.end > value.begin && !scan_span_is(text, declaration->name, "xmlns:xml") &&
           !scan_span_is(text, declaration->name, "xmlns:xmlns") &&
           strncmp(text + value.begin, reserved, strlen(reserved)) != 0;
}

/*
 * Without memory for a namespace, its name or its prefix libxml2 leaves that out and goes on, and
 * does not tell: vtopo's own policy and what is there for QEMU would be passed over in silence.
 */
static bool lacks_namespace(const struct vtopo_domain *domain, const xmlNode *node)
{
    const struct scan_element *element = &domain->scan.elements.items[node_element(node)];
    size_t declared = 0, kept = 0, prefixes_declared = 0, prefixes_kept = 0;

    for (size_t i = 0; i < element->attributes; i++) {
        const struct scan_attribute *a =
            &domain->scan.attributes.items[element->first_attribute + i];

        if (!scan_is_namespace(domain->text, a->name) || !is_kept(domain->text, a))
            continue;
        declared++;
        prefixes_declared += !scan_span_is(domain->text, a->name, "xmlns");
    }
    for (const xmlNs *ns = node->nsDef; ns; ns = ns->next) {
        kept += ns->href != NULL;
        prefixes_kept += ns->prefix != NULL;
    }
    return kept < declared || prefixes_kept < prefixes_declared;
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
    size_t place = 0;

    for (xmlNode *node = root; node; node = next_element(node, root)) {
        if (!zip_element(domain, place++, node))
            return mismatch(reader, node);
        if (lacks_namespace(domain, node))
            return error_nomem(reader->reterr);
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
    r = parse_policy(reader, root);
    if (!r)
        r = parse_machine(reader, root);
    if (!r)
        r = parse_numa(reader, root);
    if (!r)
        r = parse_controllers(reader, root);
    if (!r)
        r = parse_devices(reader, root);
    return r ? r : parse_qemu(reader, root);
}

static int parse_text(const struct reader *reader)
{
    struct vtopo_domain *domain = reader->domain;
    xmlDoc *doc;
    int r = xmltext_read(domain->text, domain->length, domain->name, &domain->scan, &doc,
                         reader->reterr);

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
    domain->qemu.override = domain->qemu.commandline = domain->qemu.deprecation = SCAN_NONE;
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
    for (size_t i = 0; i < domain->qemu.devices.count; i++)
        free(domain->qemu.devices.items[i].alias);
    free(domain->qemu.devices.items);
    free(domain->qemu.prefix);
    free(domain->policy.devices.items);
    scan_clear(&domain->scan);
    free(domain->text);
    free(domain->name);
    free(domain);
}
