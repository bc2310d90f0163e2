/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scan.c - see scan.h */
#include "domxml/scan.h"

#include <string.h>

struct scanner {
    const char *text;
    size_t length, at;
    size_t line_at; /* lines are counted up to here */
    long line;
    size_t open;              /* innermost open element, or SCAN_NONE */
    size_t depth, namespaces; /* of the open elements */
    size_t *last_child;       /* per element, parallel to scan.elements: its last child so far */
    size_t last_child_cap;
    struct scan scan;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool starts_with(const struct scanner *s, const char *what)
{
    size_t length = strlen(what);

    return s->length - s->at >= length && memcmp(s->text + s->at, what, length) == 0;
}

static void skip_blanks(struct scanner *s)
{
    while (s->at < s->length && is_blank(s->text[s->at]))
        s->at++;
}

/* Steps behind the next @what at or after the current place. */
static bool skip_behind(struct scanner *s, const char *what)
{
    const char *found = memmem(s->text + s->at, s->length - s->at, what, strlen(what));

    if (!found)
        return false;
    s->at = (size_t)(found - s->text) + strlen(what);
    return true;
}

static bool read_name(struct scanner *s, struct span *ret_name)
{
    ret_name->begin = s->at;
    while (s->at < s->length && !is_blank(s->text[s->at]) && !strchr("/>=<\"'", s->text[s->at]))
        s->at++;
    ret_name->end = s->at;
    return ret_name->end > ret_name->begin;
}

static enum scan_result read_attribute(struct scanner *s)
{
    struct scan_attribute attribute, *added;
    const char *close;

    if (!read_name(s, &attribute.name))
        return SCAN_MALFORMED;
    skip_blanks(s);
    if (s->at == s->length || s->text[s->at] != '=')
        return SCAN_MALFORMED;
    s->at++;
    skip_blanks(s);
    if (s->at == s->length || (s->text[s->at] != '"' && s->text[s->at] != '\''))
        return SCAN_MALFORMED;
    attribute.quote = s->text[s->at++];
    attribute.local = attribute.name;
    close = memchr(s->text + s->at, attribute.quote, s->length - s->at);
    if (!close)
        return SCAN_MALFORMED;
    attribute.value = (struct span){s->at, (size_t)(close - s->text)};
    s->at = attribute.value.end + 1;
    added = vec_add(&s->scan.attributes);
    if (!added)
        return SCAN_NOMEM;
    *added = attribute;
    return SCAN_OK;
}

static long line_here(struct scanner *s)
{
    for (; s->line_at < s->at; s->line_at++)
        s->line += s->text[s->line_at] == '\n';
    return s->line;
}

static void link_child(struct scanner *s, size_t child)
{
    struct scan_element *elements = s->scan.elements.items;

    if (s->open == SCAN_NONE)
        return;
    if (s->last_child[s->open] == SCAN_NONE)
        elements[s->open].first_child = child;
    else
        elements[s->last_child[s->open]].next = child;
    s->last_child[s->open] = child;
}

static bool add_element(struct scanner *s, size_t *ret_place)
{
    size_t place = s->scan.elements.count;
    struct scan_element *element;

    if (!mem_grow(&s->last_child, place, &s->last_child_cap, sizeof(*s->last_child)))
        return false;
    element = vec_add(&s->scan.elements);
    if (!element)
        return false;
    s->last_child[place] = SCAN_NONE;
    element->line = line_here(s);
    element->start.begin = s->at;
    element->parent = s->open;
    element->first_child = element->next = SCAN_NONE;
    element->first_attribute = s->scan.attributes.count;
    link_child(s, place);
    *ret_place = place;
    return true;
}

static size_t count_namespaces(const struct scanner *s, const struct scan_element *element)
{
    const struct scan_attribute *attributes = s->scan.attributes.items;
    size_t count = 0;

    for (size_t i = 0; i < element->attributes; i++)
        count += scan_is_namespace(s->text, attributes[element->first_attribute + i].name);
    return count;
}

/* Behind the start tag of an element that has an end tag. */
static enum scan_result go_in(struct scanner *s, size_t place)
{
    s->open = place;
    s->namespaces += count_namespaces(s, &s->scan.elements.items[place]);
    if (++s->depth > SCAN_DEPTH_MAX)
        return SCAN_TOO_DEEP;
    return s->namespaces > SCAN_NAMESPACES_MAX ? SCAN_TOO_MANY : SCAN_OK;
}

static void go_out(struct scanner *s)
{
    s->namespaces -= count_namespaces(s, &s->scan.elements.items[s->open]);
    s->depth--;
    s->open = s->scan.elements.items[s->open].parent;
}

/* At the "<" of a start tag. */
static enum scan_result read_start_tag(struct scanner *s)
{
    struct scan_element *element;
    enum scan_result result;
    size_t place;

    if (s->scan.elements.count == SCAN_ELEMENTS_MAX)
        return SCAN_TOO_MANY;
    if (!add_element(s, &place))
        return SCAN_NOMEM;
    element = &s->scan.elements.items[place];
    s->at++;
    if (!read_name(s, &element->name))
        return SCAN_MALFORMED;
    for (skip_blanks(s); s->at < s->length && s->text[s->at] != '>' && s->text[s->at] != '/';
         skip_blanks(s)) {
        result = read_attribute(s);
        if (result != SCAN_OK)
            return result;
        if (++element->attributes > SCAN_ATTRIBUTES_MAX)
            return SCAN_TOO_MANY;
    }
    element->self_closing = starts_with(s, "/>");
    if (!element->self_closing && !starts_with(s, ">"))
        return SCAN_MALFORMED;
    s->at += element->self_closing ? 2 : 1;
    element->start.end = s->at;
    element->end = (struct span){s->at, s->at};
    return element->self_closing ? SCAN_OK : go_in(s, place);
}

/* At the "<" of an end tag. */
static enum scan_result read_end_tag(struct scanner *s)
{
    struct scan_element *element;
    struct span name;

    if (s->open == SCAN_NONE)
        return SCAN_MALFORMED;
    element = &s->scan.elements.items[s->open];
    element->end.begin = s->at;
    s->at += 2;
    if (!read_name(s, &name) || name.end - name.begin != element->name.end - element->name.begin ||
        memcmp(s->text + name.begin, s->text + element->name.begin, name.end - name.begin) != 0)
        return SCAN_MALFORMED;
    skip_blanks(s);
    if (!starts_with(s, ">"))
        return SCAN_MALFORMED;
    element->end.end = ++s->at;
    go_out(s);
    return SCAN_OK;
}

static enum scan_result skip_or(struct scanner *s, const char *what)
{
    return skip_behind(s, what) ? SCAN_OK : SCAN_MALFORMED;
}

/* At a "<". */
static enum scan_result read_markup(struct scanner *s)
{
    if (starts_with(s, "<!--"))
        return s->at += 4, skip_or(s, "-->");
    if (starts_with(s, "<![CDATA["))
        return s->at += 9, skip_or(s, "]]>");
    if (starts_with(s, "<?"))
        return s->at += 2, skip_or(s, "?>");
    if (starts_with(s, "<!"))
        return SCAN_MALFORMED;
    if (starts_with(s, "</"))
        return read_end_tag(s);
    return read_start_tag(s);
}

enum scan_result scan_text(const char *text, size_t length, struct scan *ret_scan,
                           size_t *ret_offset)
{
    struct scanner s = {.text = text, .length = length, .line = 1, .open = SCAN_NONE};
    enum scan_result result = SCAN_OK;
    const char *found;

    while (result == SCAN_OK && (found = memchr(text + s.at, '<', length - s.at))) {
        s.at = (size_t)(found - text);
        result = read_markup(&s);
    }
    if (result == SCAN_OK && (s.open != SCAN_NONE || !s.scan.elements.count))
        result = SCAN_MALFORMED;
    free(s.last_child);
    *ret_offset = s.at;
    if (result != SCAN_OK)
        scan_clear(&s.scan);
    *ret_scan = s.scan;
    return result;
}

void scan_clear(struct scan *scan)
{
    free(scan->elements.items);
    free(scan->attributes.items);
    memset(scan, 0, sizeof(*scan));
}

bool scan_is_namespace(const char *text, struct span name)
{
    return scan_span_is(text, name, "xmlns") ||
           (name.end - name.begin > 6 && memcmp(text + name.begin, "xmlns:", 6) == 0);
}

bool scan_span_is(const char *text, struct span span, const char *name)
{
    return span.end - span.begin == strlen(name) &&
           memcmp(text + span.begin, name, span.end - span.begin) == 0;
}

size_t scan_child(const struct scan *scan, const char *text, size_t element, const char *name)
{
    size_t child = scan->elements.items[element].first_child;

    while (child != SCAN_NONE && (scan->elements.items[child].foreign ||
                                  !scan_span_is(text, scan->elements.items[child].name, name)))
        child = scan->elements.items[child].next;
    return child;
}

const struct scan_attribute *scan_attribute(const struct scan *scan, const char *text,
                                            size_t element, const char *name)
{
    const struct scan_element *e = &scan->elements.items[element];

    for (size_t i = 0; i < e->attributes; i++) {
        const struct scan_attribute *attribute = &scan->attributes.items[e->first_attribute + i];

        if (scan_span_is(text, attribute->local, name))
            return attribute;
    }
    return NULL;
}

size_t scan_element_end(const struct scan_element *element)
{
    return element->end.end;
}
