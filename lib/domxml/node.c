/* SPDX-License-Identifier: GPL-2.0-or-later */
/* node.c - see node.h */
#include "domxml/node.h"

#include "base/error.h"
#include "base/utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

bool namespace_is_of(const char *namespace, const char *family)
{
    static const char *const schemes[] = {"http://", "https://"};
    static const char place[] = "vtopo.io/";

    for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
        if (!strncasecmp(namespace, schemes[i], strlen(schemes[i]))) {
            namespace += strlen(schemes[i]);
            break;
        }
    }
    return !strncasecmp(namespace, place, strlen(place)) &&
           !strncasecmp(namespace + strlen(place), family, strlen(family));
}

size_t node_element(const struct node *node)
{
    return node->element;
}

long node_line(const struct reader *reader, const struct node *node)
{
    return reader->domain->scan.elements.items[node_element(node)].line;
}

__attribute__((format(printf, 4, 0))) static int refuse_va(const struct reader *reader, long line,
                                                           const char *element, const char *format,
                                                           va_list ap)
{
    autofree char *why = NULL;

    if (vasprintf(&why, format, ap) < 0) {
        why = NULL;
        return error_nomem(reader->reterr);
    }
    if (!element)
        return error_set(reader->reterr, VTOPO_ERR_DOMAIN, "%s:%ld: %s", reader->domain->name, line,
                         why);
    return error_set(reader->reterr, VTOPO_ERR_DOMAIN, "%s:%ld: <%s>: %s", reader->domain->name,
                     line, CLIP(element), why);
}

int reader_refuse(const struct reader *reader, const struct node *node, const char *format, ...)
{
    va_list ap;
    int r;

    va_start(ap, format);
    r = refuse_va(reader, node_line(reader, node), node->name, format, ap);
    va_end(ap);
    return r;
}

int reader_refuse_line(const struct reader *reader, long line, const char *format, ...)
{
    va_list ap;
    int r;

    va_start(ap, format);
    r = refuse_va(reader, line, NULL, format, ap);
    va_end(ap);
    return r;
}

const char *clip(const char *text, char clipped[CLIP_SIZE])
{
    size_t length = utf8_cut(text, CLIP_SIZE - 1);

    memcpy(clipped, text, length);
    clipped[length] = '\0';
    return clipped;
}

bool node_is(const struct node *node, const char *name)
{
    return !node->namespace && strcmp(node->name, name) == 0;
}

static const struct node *first_named(const struct node *node, const char *name)
{
    while (node && !node_is(node, name))
        node = node->next;
    return node;
}

const struct node *node_child(const struct node *node, const char *name)
{
    return node ? first_named(node->children, name) : NULL;
}

const struct node *node_next(const struct node *node, const char *name)
{
    return first_named(node->next, name);
}

const char *node_attribute(const struct node *node, const char *name)
{
    for (size_t i = 0; node && i < node->attribute_count; i++) {
        if (strcmp(node->attributes[i].name, name) == 0)
            return node->attributes[i].value;
    }
    return NULL;
}

bool node_attribute_is(const struct node *node, const char *name, const char *value)
{
    const char *found = node_attribute(node, name);

    return found && strcmp(found, value) == 0;
}

const char *node_child_attribute(const struct node *node, const char *child, const char *name)
{
    const struct node *at = node_child(node, child);
    const char *value = NULL;

    while (at && !(value = node_attribute(at, name)))
        at = node_next(at, child);
    return value && *value ? value : NULL;
}

char *node_text(const struct node *node)
{
    return strndup(node->text, node->text_length);
}

static bool is_blank(const char *begin, const char *end)
{
    while (begin < end && strchr(" \t\r\n", *begin))
        begin++;
    return begin == end;
}

bool node_has_own_text(const struct node *node)
{
    const char *from = node->text;

    for (const struct node *child = node->children; child; child = child->next) {
        if (!is_blank(from, child->text))
            return true;
        from = child->text + child->text_length;
    }
    return !is_blank(from, node->text + node->text_length);
}

bool libvirt_number(const char *text, int base, uint64_t max, uint64_t *ret_value)
{
    unsigned long long value;
    char *end;

    errno = 0;
    value = strtoull(text, &end, base);
    if (errno || end == text || *end || memchr(text, '-', (size_t)(end - text)) || value > max)
        return false;
    *ret_value = value;
    return true;
}

int node_number(const struct reader *reader, const struct node *node, const char *name, int base,
                uint64_t max, uint64_t *ret_value)
{
    const char *text = node_attribute(node, name);

    if (!text || libvirt_number(text, base, max, ret_value))
        return 0;
    if (libvirt_number(text, base, UINT64_MAX, &(uint64_t){0}))
        return reader_refuse(reader, node, "%s='%s' is out of range (at most %llu)", name,
                             CLIP(text), (unsigned long long)max);
    return reader_refuse(reader, node, "%s='%s' is not a number", name, CLIP(text));
}

int node_switch(const struct reader *reader, const struct node *node, const char *name,
                int *ret_value)
{
    const char *text = node_attribute(node, name);

    *ret_value = -1;
    if (!text)
        return 0;
    if (strcmp(text, "on") == 0)
        *ret_value = 1;
    else if (strcmp(text, "off") == 0)
        *ret_value = 0;
    else
        return reader_refuse(reader, node, "%s='%s' is neither on nor off", name, CLIP(text));
    return 0;
}

/* Factor of a unit: "b", "bytes", "k", "KiB" (1024), "KB" (1000)... in any case; 0: unknown. */
static uint64_t unit_factor(const char *unit)
{
    static const char prefixes[] = "kmgtpe";
    const char *found;
    uint64_t base, factor = 1;

    if (!unit || !*unit)
        return 1024;
    if (strcasecmp(unit, "b") == 0 || strcasecmp(unit, "byte") == 0 ||
        strcasecmp(unit, "bytes") == 0)
        return 1;
    found = strchr(prefixes, *unit | 0x20);
    if (!found || !*found)
        return 0;
    if (!unit[1] || strcasecmp(unit + 1, "ib") == 0)
        base = 1024;
    else if (strcasecmp(unit + 1, "b") == 0)
        base = 1000;
    else
        return 0;
    for (const char *at = prefixes; at <= found; at++)
        factor *= base;
    return factor;
}

bool libvirt_size_kib(const char *text, const char *unit, uint64_t *ret_kib)
{
    uint64_t value, factor = unit_factor(unit), bytes;

    if (!factor || !libvirt_number(text, 10, UINT64_MAX, &value) ||
        __builtin_mul_overflow(value, factor, &bytes))
        return false;
    *ret_kib = bytes / 1024 + (bytes % 1024 != 0);
    return true;
}

int node_set(const struct reader *reader, const struct node *node, const char *name,
             bool may_be_empty, struct idset *ret_set)
{
    const char *text = node_attribute(node, name);

    *ret_set = (struct idset){0};
    if (!text)
        return 0;
    switch (idset_parse(text, ret_set)) {
    case IDSET_OK:
        break;
    case IDSET_NOMEM:
        return error_nomem(reader->reterr);
    case IDSET_MALFORMED:
        return reader_refuse(reader, node, "%s='%s' is not a list of numbers below %d", name,
                             CLIP(text), IDSET_LIMIT);
    }
    if (!may_be_empty && idset_empty(ret_set))
        return reader_refuse(reader, node, "%s='%s' is empty", name, CLIP(text));
    return 0;
}

int reader_copy(const struct reader *reader, const char *text, char **ret_copy)
{
    *ret_copy = text ? strdup(text) : NULL;
    return text && !*ret_copy ? error_nomem(reader->reterr) : 0;
}
