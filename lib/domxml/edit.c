/* SPDX-License-Identifier: GPL-2.0-or-later */
/* edit.c - see edit.h */
#include "domxml/edit.h"

#include <string.h>

/* The list. */

static int compare_edits(const void *a, const void *b)
{
    const struct edit *x = a, *y = b;

    if (x->offset != y->offset)
        return x->offset < y->offset ? -1 : 1;
    /* What comes in at a place stands before what goes from there on. */
    if (!x->length != !y->length)
        return x->length ? 1 : -1;
    return x->order < y->order ? -1 : 1;
}

/* What is added to edits->texts from now on comes there. */
static void begin_edit(struct edits *edits, size_t offset, size_t length)
{
    struct edit *edit = vec_add(&edits->list);

    if (edit)
        *edit = (struct edit){offset, length, edits->texts.length, 0, edits->list.count};
    else
        edits->no_memory = true;
}

static void end_edit(struct edits *edits)
{
    struct edit *edit = edits->list.count ? &edits->list.items[edits->list.count - 1] : NULL;

    if (edit)
        edit->text_length = edits->texts.length - edit->text;
}

void edits_replace(struct edits *edits, size_t offset, size_t length, const char *text)
{
    begin_edit(edits, offset, length);
    buffer_add(&edits->texts, text);
    end_edit(edits);
}

/* Sorts; checks; the length of the new text. */
static enum edits_result measure(struct edits *edits, size_t *ret_length)
{
    size_t length = edits->length, behind = 0;

    if (edits->list.count)
        qsort(edits->list.items, edits->list.count, sizeof(*edits->list.items), compare_edits);
    for (size_t i = 0; i < edits->list.count; i++) {
        const struct edit *edit = &edits->list.items[i];

        if (edit->offset < behind || edit->offset > edits->length ||
            edit->length > edits->length - edit->offset)
            return EDITS_OVERLAP;
        behind = edit->offset + edit->length;
        length -= edit->length;
        if (__builtin_add_overflow(length, edit->text_length, &length))
            return EDITS_NOMEM;
    }
    *ret_length = length;
    return EDITS_OK;
}

enum edits_result edits_apply(struct edits *edits, char **ret_text, size_t *ret_length)
{
    size_t length, from = 0;
    enum edits_result result =
        edits->no_memory || edits->texts.failed ? EDITS_NOMEM : measure(edits, &length);
    char *text, *to;

    if (result != EDITS_OK)
        return result;
    to = text = length < SIZE_MAX ? malloc(length + 1) : NULL;
    if (!text)
        return EDITS_NOMEM;
    for (size_t i = 0; i < edits->list.count; i++) {
        const struct edit *edit = &edits->list.items[i];

        to = mempcpy(to, edits->text + from, edit->offset - from);
        if (edit->text_length)
            to = mempcpy(to, edits->texts.text + edit->text, edit->text_length);
        from = edit->offset + edit->length;
    }
    to = mempcpy(to, edits->text + from, edits->length - from);
    *to = '\0';
    *ret_text = text;
    *ret_length = length;
    return EDITS_OK;
}

void edits_clear(struct edits *edits)
{
    free(edits->list.items);
    memset(&edits->list, 0, sizeof(edits->list));
    buffer_clear(&edits->texts);
    edits->behind.known = false;
}

/* Lines. */

static const struct scan_element *element_at(const struct edits *edits, size_t element)
{
    return &edits->scan->elements.items[element];
}

static bool is_indent(char c)
{
    return c == ' ' || c == '\t';
}

/* Where the blanks before @at begin, if nothing but blanks is before it on its line; else @at. */
static bool begins_line(const struct edits *edits, size_t at, size_t *ret_line)
{
    size_t line = at;

    while (line && is_indent(edits->text[line - 1]))
        line--;
    *ret_line = line;
    return line && edits->text[line - 1] == '\n';
}

/* Where the line end behind @at begins, if nothing but blanks is before it; sets its length too. */
static bool ends_line(const struct edits *edits, size_t at, size_t *ret_end, size_t *ret_length)
{
    while (at < edits->length && is_indent(edits->text[at]))
        at++;
    *ret_end = at;
    *ret_length = 0;
    if (at < edits->length && edits->text[at] == '\r')
        (*ret_length)++;
    if (at + *ret_length == edits->length || edits->text[at + *ret_length] != '\n')
        return false;
    (*ret_length)++;
    return true;
}

/* The same, but a comment that ends on the line belongs to what is before it. */
static bool ends_line_or_comment(const struct edits *edits, size_t at, size_t *ret_end)
{
    size_t length;

    while (!ends_line(edits, at, ret_end, &length)) {
        const char *comment = edits->text + *ret_end, *close;

        if (edits->length - *ret_end < 4 || memcmp(comment, "<!--", 4) != 0)
            return false;
        close = memmem(comment + 4, edits->length - *ret_end - 4, "-->", 3);
        if (!close || memchr(comment, '\n', (size_t)(close - comment)))
            return false;
        at = (size_t)(close - edits->text) + 3;
    }
    return true;
}

static const char *newline_before(const struct edits *edits, size_t line)
{
    return line >= 2 && edits->text[line - 2] == '\r' ? "\r\n" : "\n";
}

/* One level: what @element is indented more than its parent; two blanks if that cannot be seen. */
static void set_unit(const struct edits *edits, size_t element, struct layout *layout)
{
    const struct scan_element *e = element_at(edits, element);
    size_t line, parent_line, parent_length;

    layout->unit = "  ";
    layout->unit_length = 2;
    if (e->parent == SCAN_NONE || !begins_line(edits, e->start.begin, &line))
        return;
    if (!begins_line(edits, element_at(edits, e->parent)->start.begin, &parent_line) && parent_line)
        return; /* where the text begins, a line does */
    parent_length = element_at(edits, e->parent)->start.begin - parent_line;
    if (e->start.begin - line <= parent_length ||
        memcmp(edits->text + line, edits->text + parent_line, parent_length) != 0)
        return;
    layout->unit = edits->text + line + parent_length;
    layout->unit_length = e->start.begin - line - parent_length;
}

/* The quote of the element's own first attribute, or of the nearest before it, or behind it. */
static char quote_of(const struct edits *edits, size_t element)
{
    size_t first = element_at(edits, element)->first_attribute;

    if (!element_at(edits, element)->attributes && first)
        first--; /* the last one before it */
    return first < edits->scan->attributes.count ? edits->scan->attributes.items[first].quote
                                                 : '\'';
}

/* As @element itself is written. */
static struct layout layout_of(const struct edits *edits, size_t element)
{
    const struct scan_element *e = element_at(edits, element);
    struct layout layout = {.newline = "", .quote = quote_of(edits, element)};
    size_t line;

    set_unit(edits, e->first_child == SCAN_NONE ? element : e->first_child, &layout);
    if (begins_line(edits, e->start.begin, &line)) {
        layout.newline = newline_before(edits, line);
        layout.indent = (struct span){line, e->start.begin};
    }
    return layout;
}

/* The blanks before a line at this place. */
static void add_indent(struct edits *edits, const struct layout *layout, size_t levels)
{
    if (!*layout->newline)
        return;
    buffer_add_bytes(&edits->texts, edits->text + layout->indent.begin,
                     layout->indent.end - layout->indent.begin);
    while (levels--)
        buffer_add_bytes(&edits->texts, layout->unit, layout->unit_length);
}

static void add_quoted(struct edits *edits, const char *line, const char *end, char quote)
{
    while (!edits->quotes_stay && quote != '\'' && line < end) {
        const char *found = memchr(line, '\'', (size_t)(end - line));

        if (!found)
            break;
        buffer_add_bytes(&edits->texts, line, (size_t)(found - line));
        buffer_add_bytes(&edits->texts, &quote, 1);
        line = found + 1;
    }
    buffer_add_bytes(&edits->texts, line, (size_t)(end - line));
}

/*
 * @lines in this layout, @level levels deeper, each line behind its indentation; the last without
 * a line end.
 */
static void add_lines(struct edits *edits, const struct layout *layout, size_t level,
                      const char *lines)
{
    while (*lines) {
        const char *end = strchrnul(lines, '\n'), *line = lines;

        while (*line == ' ')
            line++;
        add_indent(edits, layout, level + (size_t)(line - lines) / 2);
        add_quoted(edits, line, end, layout->quote);
        if (*end)
            buffer_add(&edits->texts, layout->newline);
        lines = *end ? end + 1 : end;
    }
}

/* BEFORE lines AFTER at @offset. */
static void insert_lines(struct edits *edits, size_t offset, const struct layout *layout,
                         size_t level, const char *before, const char *lines, const char *after)
{
    begin_edit(edits, offset, 0);
    buffer_add(&edits->texts, before);
    add_lines(edits, layout, level, lines);
    buffer_add(&edits->texts, after);
    end_edit(edits);
}

/* Where lines behind @element go, and how they are written there. */
static void find_behind(struct edits *edits, size_t element)
{
    size_t end = scan_element_end(element_at(edits, element));
    struct layout layout;

    if (edits->behind.known && edits->behind.element == element)
        return;
    layout = layout_of(edits, element);
    if (!*layout.newline || !ends_line_or_comment(edits, end, &end)) {
        layout.newline = "";
        end = scan_element_end(element_at(edits, element));
    }
    edits->behind.known = true;
    edits->behind.element = element;
    edits->behind.end = end;
    edits->behind.layout = layout;
}

void edits_insert_behind(struct edits *edits, size_t element, const char *lines)
{
    find_behind(edits, element);
    insert_lines(edits, edits->behind.end, &edits->behind.layout, 0, edits->behind.layout.newline,
                 lines, "");
}

void edits_insert_before(struct edits *edits, size_t element, const char *lines)
{
    struct layout layout = layout_of(edits, element);
    size_t begin = element_at(edits, element)->start.begin;

    if (*layout.newline)
        begin = layout.indent.begin;
    insert_lines(edits, begin, &layout, 0, "", lines, layout.newline);
}

/* A new line that is indented as those of @layout. */
static void add_line_begin(struct edits *edits, const struct layout *layout)
{
    buffer_add(&edits->texts, layout->newline);
    add_indent(edits, layout, 0);
}

/* Makes <e/> into <e>...</e>. */
static void open_element(struct edits *edits, size_t element, const char *lines)
{
    const struct scan_element *e = element_at(edits, element);
    struct layout layout = layout_of(edits, element);

    begin_edit(edits, e->start.end - 2, 2);
    buffer_add(&edits->texts, ">");
    buffer_add(&edits->texts, layout.newline);
    add_lines(edits, &layout, 1, lines);
    add_line_begin(edits, &layout);
    buffer_add(&edits->texts, "</");
    buffer_add_bytes(&edits->texts, edits->text + e->name.begin, e->name.end - e->name.begin);
    buffer_add(&edits->texts, ">");
    end_edit(edits);
}

/* How the children of @element are written; those that begin a line are the example. */
static struct layout children_layout(const struct edits *edits, size_t element, size_t *ret_level)
{
    size_t line, child = element_at(edits, element)->first_child, example = SCAN_NONE;
    struct layout layout;

    for (; child != SCAN_NONE; child = element_at(edits, child)->next) {
        if (begins_line(edits, element_at(edits, child)->start.begin, &line))
            example = child;
    }
    *ret_level = example == SCAN_NONE;
    layout = layout_of(edits, example == SCAN_NONE ? element : example);
    layout.quote = quote_of(edits, element);
    return layout;
}

void edits_append_child(struct edits *edits, size_t element, const char *lines)
{
    const struct scan_element *e = element_at(edits, element);
    size_t level, line;
    struct layout layout;

    if (e->self_closing) {
        open_element(edits, element, lines);
        return;
    }
    layout = children_layout(edits, element, &level);
    if (begins_line(edits, e->end.begin, &line)) {
        layout.newline = newline_before(edits, line);
        insert_lines(edits, line, &layout, level, "", lines, layout.newline);
        return;
    }
    if (e->start.end != e->end.begin || !*layout.newline) {
        layout.newline = "";
        insert_lines(edits, e->end.begin, &layout, 0, "", lines, "");
        return;
    }
    /* <e></e> */
    begin_edit(edits, e->end.begin, 0);
    buffer_add(&edits->texts, layout.newline);
    add_lines(edits, &layout, level, lines);
    add_line_begin(edits, &layout);
    end_edit(edits);
}

void edits_prepend_child(struct edits *edits, size_t element, const char *lines)
{
    size_t child = element_at(edits, element)->first_child;

    if (child == SCAN_NONE)
        edits_append_child(edits, element, lines);
    else
        edits_insert_before(edits, child, lines);
}

struct span edits_removed_span(const struct edits *edits, size_t element)
{
    const struct scan_element *e = element_at(edits, element);
    size_t begin = e->start.begin, end = scan_element_end(e), line, line_end, newline;

    if (begins_line(edits, begin, &line) && ends_line(edits, end, &line_end, &newline)) {
        begin = line;
        end = line_end + newline;
    }
    return (struct span){begin, end};
}

void edits_remove(struct edits *edits, size_t element)
{
    struct span span = edits_removed_span(edits, element);

    edits_replace(edits, span.begin, span.end - span.begin, "");
}

void edits_set_value(struct edits *edits, const struct scan_attribute *attribute, const char *value)
{
    edits_replace(edits, attribute->value.begin, attribute->value.end - attribute->value.begin,
                  value);
}

void edits_add_attribute(struct edits *edits, size_t element, const struct scan_attribute *behind,
                         const char *name, const char *value)
{
    char quote = quote_of(edits, element);
    size_t offset = behind ? behind->value.end + 1 : element_at(edits, element)->name.end;

    begin_edit(edits, offset, 0);
    buffer_add(&edits->texts, " ");
    buffer_add(&edits->texts, name);
    buffer_add(&edits->texts, "=");
    buffer_add_bytes(&edits->texts, &quote, 1);
    buffer_add(&edits->texts, value);
    buffer_add_bytes(&edits->texts, &quote, 1);
    end_edit(edits);
}

void edits_remove_attribute(struct edits *edits, const struct scan_attribute *attribute)
{
    size_t begin = attribute->name.begin, end = attribute->value.end + 1;

    while (begin && strchr(" \t\r\n", edits->text[begin - 1]))
        begin--;
    edits_replace(edits, begin, end - begin, "");
}
