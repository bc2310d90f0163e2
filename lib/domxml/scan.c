/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scan.c - see scan.h */
#include "domxml/scan.h"

#include <string.h>

struct scanner {
    const char *text, *at, *end;
    const char *line_at; /* lines are counted up to here */
    long line;
    size_t open, depth;        /* innermost open element, or SCAN_NONE; how many are open */
    size_t namespaces, of_tag; /* in force; that the current tag declares */
    struct {
        size_t last_child, namespaces; /* its last child so far; in force outside of it */
    } levels[SCAN_DEPTH_MAX + 2];      /* of the open elements, from 1; 0 is the document */
    struct scan scan;
};

enum { BLANK = 1, ENDS_NAME = 2 };

static const unsigned char classes[256] = {
    ['\0'] = ENDS_NAME,         [' '] = BLANK | ENDS_NAME,  ['\t'] = BLANK | ENDS_NAME,
    ['\n'] = BLANK | ENDS_NAME, ['\r'] = BLANK | ENDS_NAME, ['/'] = ENDS_NAME,
    ['>'] = ENDS_NAME,          ['='] = ENDS_NAME,          ['<'] = ENDS_NAME,
    ['"'] = ENDS_NAME,          ['\''] = ENDS_NAME,
};

static bool is(char c, unsigned char class)
{
    return classes[(unsigned char)c] & class;
}

static struct span span_of(const struct scanner *s, const char *begin, const char *end)
{
    return (struct span){(size_t)(begin - s->text), (size_t)(end - s->text)};
}

static void skip_blanks(struct scanner *s)
{
    while (s->at < s->end && is(*s->at, BLANK))
        s->at++;
}

/* Steps behind the next @what, @skip bytes from the current place or later. */
static enum scan_result skip_behind(struct scanner *s, size_t skip, const char *what)
{
    const char *found;

    s->at += skip;
    found = memmem(s->at, (size_t)(s->end - s->at), what, strlen(what));
    if (!found)
        return SCAN_MALFORMED;
    s->at = found + strlen(what);
    return SCAN_OK;
}

static bool read_name(struct scanner *s, struct span *ret_name)
{
    const char *at = s->at, *end = s->end;

    while (at < end && !is(*at, ENDS_NAME))
        at++;
    *ret_name = span_of(s, s->at, at);
    s->at = at;
    return ret_name->end > ret_name->begin;
}

static bool read_char(struct scanner *s, char c)
{
    if (s->at == s->end || *s->at != c)
        return false;
    s->at++;
    return true;
}

static bool declares_namespace(const char *text, struct span name)
{
    size_t length = name.end - name.begin;

    return text[name.begin] == 'x' && length >= 5 && !memcmp(text + name.begin, "xmlns", 5) &&
           (length == 5 || (length > 6 && text[name.begin + 5] == ':'));
}

/* Behind the "=". */
static bool read_value(struct scanner *s, struct scan_attribute *attribute)
{
    const char *close;

    skip_blanks(s);
    if (s->at == s->end || (*s->at != '"' && *s->at != '\''))
        return false;
    attribute->quote = *s->at++;
    close = memchr(s->at, attribute->quote, (size_t)(s->end - s->at));
    if (!close)
        return false;
    attribute->value = span_of(s, s->at, close);
    s->at = close + 1;
    return true;
}

static enum scan_result read_attribute(struct scanner *s)
{
    struct scan_attribute *attribute = vec_add(&s->scan.attributes);

    if (!attribute)
        return SCAN_NOMEM;
    if (!read_name(s, &attribute->name))
        return SCAN_MALFORMED;
    skip_blanks(s);
    if (!read_char(s, '=') || !read_value(s, attribute))
        return SCAN_MALFORMED;
    attribute->local = attribute->name;
    if (declares_namespace(s->text, attribute->name)) {
        attribute->local.begin = attribute->local.end;
        s->of_tag++;
    }
    return SCAN_OK;
}

static long line_here(struct scanner *s)
{
    while ((s->line_at = memchr(s->line_at, '\n', (size_t)(s->at - s->line_at)))) {
        s->line_at++;
        s->line++;
    }
    s->line_at = s->at;
    return s->line;
}

static void link_child(struct scanner *s, size_t child)
{
    struct scan_element *elements = s->scan.elements.items;
    size_t *last = &s->levels[s->depth].last_child;

    if (s->open == SCAN_NONE)
        return;
    if (*last == SCAN_NONE)
        elements[s->open].first_child = child;
    else
        elements[*last].next = child;
    *last = child;
}

static struct scan_element *add_element(struct scanner *s)
{
    struct scan_element *element = vec_add(&s->scan.elements);

    if (!element)
        return NULL;
    *element = (struct scan_element){
        .line = line_here(s),
        .start.begin = (size_t)(s->at - s->text),
        .parent = s->open,
        .first_child = SCAN_NONE,
        .next = SCAN_NONE,
        .first_attribute = s->scan.attributes.count,
    };
    link_child(s, s->scan.elements.count - 1);
    return element;
}

/* Behind the start tag of an element that has an end tag. */
static enum scan_result go_in(struct scanner *s)
{
    s->open = s->scan.elements.count - 1;
    if (++s->depth > SCAN_DEPTH_MAX)
        return SCAN_TOO_DEEP;
    s->levels[s->depth].last_child = SCAN_NONE;
    s->levels[s->depth].namespaces = s->namespaces;
    s->namespaces += s->of_tag;
    return s->namespaces > SCAN_NAMESPACES_MAX ? SCAN_TOO_MANY : SCAN_OK;
}

static void go_out(struct scanner *s)
{
    s->namespaces = s->levels[s->depth].namespaces;
    s->depth--;
    s->open = s->scan.elements.items[s->open].parent;
}

static enum scan_result read_attributes(struct scanner *s, struct scan_element *element)
{
    enum scan_result result;

    s->of_tag = 0;
    for (skip_blanks(s); s->at < s->end && *s->at != '>' && *s->at != '/'; skip_blanks(s)) {
        result = read_attribute(s);
        if (result != SCAN_OK)
            return result;
        if (++element->attributes > SCAN_ATTRIBUTES_MAX)
            return SCAN_TOO_MANY;
    }
    return SCAN_OK;
}

/* At the "<" of a start tag. */
static enum scan_result read_start_tag(struct scanner *s)
{
    struct scan_element *element;
    enum scan_result result;

    if (s->scan.elements.count == SCAN_ELEMENTS_MAX)
        return SCAN_TOO_MANY;
    element = add_element(s);
    if (!element)
        return SCAN_NOMEM;
    s->at++;
    if (!read_name(s, &element->name))
        return SCAN_MALFORMED;
    result = read_attributes(s, element);
    if (result != SCAN_OK)
        return result;
    element->self_closing = read_char(s, '/');
    if (!read_char(s, '>'))
        return SCAN_MALFORMED;
    element->start.end = (size_t)(s->at - s->text);
    element->end = (struct span){element->start.end, element->start.end};
    return element->self_closing ? SCAN_OK : go_in(s);
}

/* At the "<" of an end tag. */
static enum scan_result read_end_tag(struct scanner *s)
{
    struct scan_element *element;
    struct span name;

    if (s->open == SCAN_NONE)
        return SCAN_MALFORMED;
    element = &s->scan.elements.items[s->open];
    element->end.begin = (size_t)(s->at - s->text);
    s->at += 2;
    if (!read_name(s, &name) || name.end - name.begin != element->name.end - element->name.begin ||
        memcmp(s->text + name.begin, s->text + element->name.begin, name.end - name.begin) != 0)
        return SCAN_MALFORMED;
    skip_blanks(s);
    if (!read_char(s, '>'))
        return SCAN_MALFORMED;
    element->end.end = (size_t)(s->at - s->text);
    go_out(s);
    return SCAN_OK;
}

static bool starts_with(const struct scanner *s, const char *what)
{
    size_t length = strlen(what);

    return (size_t)(s->end - s->at) >= length && memcmp(s->at, what, length) == 0;
}

/* At a "<". */
static enum scan_result read_markup(struct scanner *s)
{
    switch (s->end - s->at > 1 ? s->at[1] : '\0') {
    case '/':
        return read_end_tag(s);
    case '?':
        return skip_behind(s, 2, "?>");
    case '!':
        if (starts_with(s, "<!--"))
            return skip_behind(s, 4, "-->");
        return starts_with(s, "<![CDATA[") ? skip_behind(s, 9, "]]>") : SCAN_MALFORMED;
    default:
        return read_start_tag(s);
    }
}

/*
 * Room for the elements and attributes of most texts: growing copies them, and there may be
 * thousands.
 */
static bool reserve(struct scan *scan, size_t length)
{
    scan->elements.cap = length / 32 + 1;
    scan->attributes.cap = length / 20 + 1;
    scan->elements.items = malloc(scan->elements.cap * sizeof(*scan->elements.items));
    scan->attributes.items = malloc(scan->attributes.cap * sizeof(*scan->attributes.items));
    return scan->elements.items && scan->attributes.items;
}

enum scan_result scan_text(const char *text, size_t length, struct scan *ret_scan,
                           size_t *ret_offset)
{
    struct scanner s;
    enum scan_result result;
    const char *found;

    memset(&s, 0, offsetof(struct scanner, levels));
    s.scan = (struct scan){0};
    s.text = s.at = s.line_at = text;
    s.end = text + length;
    s.line = 1;
    s.open = SCAN_NONE;
    result = reserve(&s.scan, length) ? SCAN_OK : SCAN_NOMEM;
    while (result == SCAN_OK && (found = memchr(s.at, '<', (size_t)(s.end - s.at)))) {
        s.at = found;
        result = read_markup(&s);
    }
    if (result == SCAN_OK && (s.open != SCAN_NONE || !s.scan.elements.count))
        result = SCAN_MALFORMED;
    *ret_offset = (size_t)(s.at - text);
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

bool scan_is_blank(const char *text, size_t begin, size_t end)
{
    while (begin < end && strchr(" \t\r\n", text[begin]))
        begin++;
    return begin == end;
}

bool scan_is_emptied(const struct scan *scan, const char *text, size_t element, const bool *gone)
{
    const struct scan_element *items = scan->elements.items, *e = &items[element];
    size_t from = e->start.end;

    for (size_t child = e->first_child; child != SCAN_NONE; child = items[child].next) {
        if (!gone[child] || !scan_is_blank(text, from, items[child].start.begin))
            return false;
        from = scan_element_end(&items[child]);
    }
    return e->self_closing || scan_is_blank(text, from, e->end.begin);
}
