/* SPDX-License-Identifier: GPL-2.0-or-later */
/* edit.c - see edit.h */
#include "domxml/edit.h"

#include <string.h>

/* How lines are written at some place. */
struct layout {
    struct span indent;  /* blanks before the outermost lines; in the text */
    const char *newline; /* "\n", "\r\n", or "" where elements share a line */
    const char *unit;    /* one level more... */
    size_t unit_length;
    char quote;
};

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

void edits_replace(struct edits *edits, size_t offset, size_t length, char *text)
{
    struct edit *edit = text ? vec_add(&edits->list) : NULL;

    if (!edit) {
        edits->no_memory = true;
        free(text);
        return;
    }
    *edit = (struct edit){offset, length, text, edits->list.count};
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
        if (__builtin_add_overflow(length, strlen(edit->text), &length))
            return EDITS_NOMEM;
    }
    *ret_length = length;
    return EDITS_OK;
}

enum edits_result edits_apply(struct edits *edits, char **ret_text, size_t *ret_length)
{
    size_t length, from = 0;
    enum edits_result result = edits->no_memory ? EDITS_NOMEM : measure(edits, &length);
    char *text, *to;

    if (result != EDITS_OK)
        return result;
    to = text = length < SIZE_MAX ? malloc(length + 1) : NULL;
    if (!text)
        return EDITS_NOMEM;
    for (size_t i = 0; i < edits->list.count; i++) {
        const struct edit *edit = &edits->list.items[i];

        to = mempcpy(to, edits->text + from, edit->offset - from);
        to = stpcpy(to, edit->text);
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
    for (size_t i = 0; i < edits->list.count; i++)
        free(edits->list.items[i].text);
    free(edits->list.items);
    memset(&edits->list, 0, sizeof(edits->list));
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

/* Appends to a text that is as long as it needs to be, or only counts. */
static size_t put(char *to, size_t at, const char *what, size_t length)
{
    if (to)
        memcpy(to + at, what, length);
    return at + length;
}

static size_t put_indent(const struct edits *edits, const struct layout *layout, size_t levels,
                         char *to, size_t at)
{
    if (!*layout->newline)
        return at;
    at = put(to, at, edits->text + layout->indent.begin, layout->indent.end - layout->indent.begin);
    while (levels--)
        at = put(to, at, layout->unit, layout->unit_length);
    return at;
}

/*
 * @lines in this layout, @level levels deeper, each line behind its indentation; the last without
 * a line end.
 */
static size_t put_lines(const struct edits *edits, const struct layout *layout, size_t level,
                        const char *lines, char *to)
{
    size_t at = 0;

    while (*lines) {
        size_t blanks = strspn(lines, " "), length = strcspn(lines, "\n");

        at = put_indent(edits, layout, level + blanks / 2, to, at);
        for (size_t i = blanks; i < length; i++)
            at = put(to, at, lines[i] == '\'' ? &layout->quote : &lines[i], 1);
        lines += length;
        if (*lines) {
            at = put(to, at, layout->newline, strlen(layout->newline));
            lines++;
        }
    }
    return at;
}

/* BEFORE lines AFTER; NULL: out of memory. */
static char *lay_out(const struct edits *edits, const struct layout *layout, size_t level,
                     const char *before, const char *lines, const char *after)
{
    size_t length = put_lines(edits, layout, level, lines, NULL);
    char *text = malloc(strlen(before) + length + strlen(after) + 1), *at = text;

    if (!text)
        return NULL;
    at = stpcpy(at, before);
    at += put_lines(edits, layout, level, lines, at);
    strcpy(at, after);
    return text;
}

void edits_insert_behind(struct edits *edits, size_t element, const char *lines)
{
    const struct scan_element *e = element_at(edits, element);
    struct layout layout = layout_of(edits, element);
    size_t end = scan_element_end(e);

    if (!*layout.newline || !ends_line_or_comment(edits, end, &end)) {
        layout.newline = "";
        end = scan_element_end(e);
    }
    edits_replace(edits, end, 0, lay_out(edits, &layout, 0, layout.newline, lines, ""));
}

void edits_insert_before(struct edits *edits, size_t element, const char *lines)
{
    struct layout layout = layout_of(edits, element);
    size_t begin = element_at(edits, element)->start.begin;

    if (*layout.newline)
        begin = layout.indent.begin;
    edits_replace(edits, begin, 0, lay_out(edits, &layout, 0, "", lines, layout.newline));
}

/* Makes <e/> into <e>...</e>. */
static void open_element(struct edits *edits, size_t element, const char *lines)
{
    const struct scan_element *e = element_at(edits, element);
    struct layout layout = layout_of(edits, element);
    size_t name_length = e->name.end - e->name.begin;
    size_t indent = *layout.newline ? layout.indent.end - layout.indent.begin : 0;
    autofree char *before = mem_printf(">%s", layout.newline), *after = NULL;

    after =
        mem_printf("%s%.*s</%.*s>", layout.newline, (int)indent, edits->text + layout.indent.begin,
                   (int)name_length, edits->text + e->name.begin);
    if (!before || !after) {
        edits->no_memory = true;
        return;
    }
    edits_replace(edits, e->start.end - 2, 2, lay_out(edits, &layout, 1, before, lines, after));
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
    autofree char *after = NULL;

    if (e->self_closing) {
        open_element(edits, element, lines);
        return;
    }
    layout = children_layout(edits, element, &level);
    if (begins_line(edits, e->end.begin, &line)) {
        layout.newline = newline_before(edits, line);
        edits_replace(edits, line, 0, lay_out(edits, &layout, level, "", lines, layout.newline));
        return;
    }
    if (e->start.end != e->end.begin || !*layout.newline) {
        layout.newline = "";
        edits_replace(edits, e->end.begin, 0, lay_out(edits, &layout, 0, "", lines, ""));
        return;
    }
    /* <e></e> */
    after = mem_printf("%s%.*s", layout.newline, (int)(layout.indent.end - layout.indent.begin),
                       edits->text + layout.indent.begin);
    if (!after) {
        edits->no_memory = true;
        return;
    }
    edits_replace(edits, e->end.begin, 0,
                  lay_out(edits, &layout, level, layout.newline, lines, after));
}

void edits_prepend_child(struct edits *edits, size_t element, const char *lines)
{
    size_t child = element_at(edits, element)->first_child;

    if (child == SCAN_NONE)
        edits_append_child(edits, element, lines);
    else
        edits_insert_before(edits, child, lines);
}

void edits_remove(struct edits *edits, size_t element)
{
    const struct scan_element *e = element_at(edits, element);
    size_t begin = e->start.begin, end = scan_element_end(e), line, line_end, newline;

    if (begins_line(edits, begin, &line) && ends_line(edits, end, &line_end, &newline)) {
        begin = line;
        end = line_end + newline;
    }
    edits_replace(edits, begin, end - begin, strdup(""));
}

void edits_set_value(struct edits *edits, const struct scan_attribute *attribute, const char *value)
{
    edits_replace(edits, attribute->value.begin, attribute->value.end - attribute->value.begin,
                  strdup(value));
}

void edits_add_attribute(struct edits *edits, size_t element, const struct scan_attribute *behind,
                         const char *name, const char *value)
{
    char quote = quote_of(edits, element);
    size_t offset = behind ? behind->value.end + 1 : element_at(edits, element)->name.end;

    edits_replace(edits, offset, 0, mem_printf(" %s=%c%s%c", name, quote, value, quote));
}

void edits_remove_attribute(struct edits *edits, const struct scan_attribute *attribute)
{
    size_t begin = attribute->name.begin, end = attribute->value.end + 1;

    while (begin && strchr(" \t\r\n", edits->text[begin - 1]))
        begin--;
    edits_replace(edits, begin, end - begin, strdup(""));
}
