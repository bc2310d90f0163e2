/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * edit.h - change a text by replacing byte ranges, and know how its lines are indented
 *
 * Takes:  a scanned text and what is to be put in, taken out, or changed.
 * Gives:  a new text in which all other bytes are the same.
 * Rule:   a new line is written as its neighbours are: their indentation, line end and quotes.
 *         Where neighbours share a line there is no new line.
 * Not here: what to write (apply.c, undo.c).
 */
#ifndef VTOPO_DOMXML_EDIT_H
#define VTOPO_DOMXML_EDIT_H

#include "base/buffer.h"
#include "domxml/scan.h"

struct edit {
    size_t offset, length;    /* the bytes that go */
    size_t text, text_length; /* what comes: where in edits.texts */
    size_t order;             /* of the calls: several texts may come at one offset */
};

/* How lines are written at some place. */
struct layout {
    struct span indent;  /* blanks before the outermost lines; in the text */
    const char *newline; /* "\n", "\r\n", or "" where elements share a line */
    const char *unit;    /* one level more... */
    size_t unit_length;
    char quote;
};

/*
 * A list of edits that is applied once.  The functions that add to it do not return failures: an
 * edit that could not be made (no memory) fails edits_apply().
 */
struct edits {
    const char *text;
    size_t length;
    const struct scan *scan;
    VEC(struct edit) list;
    struct buffer texts; /* of all edits */
    bool no_memory;
    bool quotes_stay; /* lines have quotes of their own */
    /* What edits_insert_behind() found last: many controllers come behind the same one. */
    struct {
        bool known;
        size_t element, end;
        struct layout layout;
    } behind;
};

enum edits_result { EDITS_OK = 0, EDITS_NOMEM, EDITS_OVERLAP };

/* The new text, NUL-terminated, free with free(). */
enum edits_result edits_apply(struct edits *edits, char **ret_text, size_t *ret_length);
void edits_clear(struct edits *edits);

/* Replaces @length bytes at @offset. */
void edits_replace(struct edits *edits, size_t offset, size_t length, const char *text);

/*
 * An element to write.  Lines are separated by "\n", quotes are ', levels are counted by two
 * blanks: the form in which libvirt prints.  The functions below bring it into the form of the
 * place where it goes.
 */

/* Behind the sibling @element, before it, or as the last or first child of it. */
void edits_insert_behind(struct edits *edits, size_t element, const char *lines);
void edits_insert_before(struct edits *edits, size_t element, const char *lines);
void edits_append_child(struct edits *edits, size_t element, const char *lines);
void edits_prepend_child(struct edits *edits, size_t element, const char *lines);

/* Takes @element out: with its line if it is alone there, otherwise only itself. */
void edits_remove(struct edits *edits, size_t element);

/* What edits_remove() takes out. */
struct span edits_removed_span(const struct edits *edits, size_t element);

/* Changes what is between the quotes of @attribute. */
void edits_set_value(struct edits *edits, const struct scan_attribute *attribute,
                     const char *value);
/* Adds NAME='VALUE' to @element's start tag behind @behind (NULL: behind the element's name). */
void edits_add_attribute(struct edits *edits, size_t element, const struct scan_attribute *behind,
                         const char *name, const char *value);
/* Takes @attribute out with the blanks before it. */
void edits_remove_attribute(struct edits *edits, const struct scan_attribute *attribute);

#endif
