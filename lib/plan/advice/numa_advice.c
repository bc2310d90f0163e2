/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * numa_advice.c - see numa_advice.h
 *
 * Takes:  what --cells make would add.
 * Gives:  its elements, with a word on where each goes.
 * Rule:   the very elements that --cells make adds.
 * Not here: what is made (plan/cells), how it is written into a domain (domxml).
 */
#include "plan/advice/numa_advice.h"

#include "base/buffer.h"
#include "plan/cells/cell_elements.h"
#include "plan/cells/initiators.h"

#include <string.h>

/* Lines, each with @indent before it. */
static void add_lines(struct buffer *text, const char *lines, const char *indent)
{
    while (*lines) {
        size_t length = strcspn(lines, "\n");

        buffer_printf(text, "%s%.*s\n", indent, (int)length, lines);
        lines += length + (lines[length] != '\0');
    }
}

/* Elements of one parent: inside it where that is nothing but a group of them, else with a word on
 * where they go. */
static void add_group(struct buffer *text, const struct additions *elements, size_t first,
                      size_t end)
{
    const char *parent = addition_place(elements->items[first].kind)->parent;
    bool group = !strcmp(parent, "numatune") || !strcmp(parent, "cputune");

    if (group)
        buffer_printf(text, "<%s>\n", parent);
    else if (*elements->items[first].of)
        buffer_printf(text, "<!-- inside <hostdev> of %s: -->\n", elements->items[first].of);
    else
        buffer_printf(text, "<!-- inside <%s>: -->\n", parent);
    for (size_t i = first; i < end; i++) {
        const struct addition *a = &elements->items[i];
        const struct addition_place *place = addition_place(a->kind);

        if (place->attribute)
            buffer_printf(text, "<%s %s='%s'/> <!-- in place of '%s' -->\n", place->element,
                          place->attribute, a->text, a->old ? a->old : "");
        else
            add_lines(text, a->text, group ? "  " : "");
    }
    if (group)
        buffer_printf(text, "</%s>\n", parent);
}

static bool is_of_same_parent(const struct additions *elements, size_t a, size_t b)
{
    return !strcmp(addition_place(elements->items[a].kind)->parent,
                   addition_place(elements->items[b].kind)->parent) &&
           !strcmp(elements->items[a].of, elements->items[b].of);
}

char *numa_advice_format(const struct made_cells *made)
{
    autobuffer struct buffer text = {0};
    struct additions elements = {0};
    bool done = cell_elements_add(made, &elements) &&
                (!made->initiators || initiators_add_to_devices(made->initiators, &elements));

    for (size_t first = 0, end; done && first < elements.count; first = end) {
        for (end = first + 1; end < elements.count && is_of_same_parent(&elements, first, end);)
            end++;
        add_group(&text, &elements, first, end);
    }
    additions_clear(&elements);
    if (text.length) /* the last line feed */
        text.text[--text.length] = '\0';
    return done ? buffer_steal(&text) : NULL;
}
