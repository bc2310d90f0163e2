/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * removed.c - the text of controllers that are taken over or removed, in the record and back in the
 *             domain
 *
 * Takes:  a domain and a plan that takes controllers over; a domain that remembers some, and an
 *         undo.
 * Gives:  entries of the record; edits.
 * Rule:   a place is counted in the elements of <devices> that stay and the bytes behind the last
 *         of them, so an undo of what was written gives the same bytes. libvirt orders devices
 * anew: where the text has no such place, it is behind that element. Not here: which ones come back
 * (model/restore.h).
 */
#include "domxml/removed.h"

#include <string.h>

#define BLANKS " \t\r\n"

static bool can_be_taken_over(const struct domain_controller *c)
{
    return c->index_given && !c->marked && model_can_be_taken_over(c->model);
}

/* The only child, with blanks around it; SCAN_NONE: there is none, or something else, too. */
static size_t only_child(const struct vtopo_domain *domain, size_t parent)
{
    const struct scan_element *items = domain->scan.elements.items, *e = &items[parent];
    size_t child = e->first_child;

    if (child == SCAN_NONE || items[child].next != SCAN_NONE ||
        !scan_is_blank(domain->text, e->start.end, items[child].start.begin) ||
        !scan_is_blank(domain->text, scan_element_end(&items[child]), e->end.begin))
        return SCAN_NONE;
    return child;
}

bool removed_is_readable(const struct vtopo_domain *domain)
{
    return domain->devices != SCAN_NONE && only_child(domain, 0) == domain->devices &&
           domain->model.controllers.count == 1 &&
           only_child(domain, domain->devices) == domain->model.controllers.items[0].element &&
           can_be_taken_over(&domain->model.controllers.items[0]);
}

/* --- into the record --- */

/* The value of an attribute; line ends would be blanks when read. */
static void add_escaped(struct buffer *out, const char *text, bool apostrophe)
{
    static const struct {
        char c;
        const char *text;
    } entities[] = {
        {'&', "&amp;"}, {'<', "&lt;"},   {'>', "&gt;"},   {'"', "&quot;"},
        {'\t', "&#9;"}, {'\n', "&#10;"}, {'\r', "&#13;"}, {'\'', "&apos;"},
    };
    size_t known = sizeof(entities) / sizeof(*entities) - !apostrophe;
    size_t length = strlen(text);

    for (size_t i = 0; i < length; i++) {
        size_t n = 0;

        while (n < known && entities[n].c != text[i])
            n++;
        if (n < known)
            buffer_add(out, entities[n].text);
        else
            buffer_add_bytes(out, &text[i], 1);
    }
}

void record_add_escaped(struct buffer *out, const char *text)
{
    add_escaped(out, text, true);
}

/* As libvirt prints <metadata>: in ", and so without &apos;. */
void record_add_attribute(struct buffer *out, const char *name, const char *value)
{
    buffer_add(out, " ");
    buffer_add(out, name);
    buffer_add(out, "=\"");
    add_escaped(out, value, false);
    buffer_add(out, "\"");
}

static void add_entry(struct buffer *out, const struct vtopo_domain *origin, struct span span,
                      size_t children, size_t bytes)
{
    autofree char *text = strndup(origin->text + span.begin, span.end - span.begin);
    autofree char *before = mem_printf("%zu", children), *between = mem_printf("%zu", bytes);

    if (!text || !before || !between) {
        out->failed = true;
        return;
    }
    buffer_add(out, "\n  <" RECORD_PREFIX "removed");
    record_add_attribute(out, "children", before);
    record_add_attribute(out, "bytes", between);
    record_add_attribute(out, "text", text);
    buffer_add(out, "/>");
}

void removed_add(struct buffer *out, const struct vtopo_domain *origin,
                 const struct vtopo_plan *plan)
{
    const struct scan_element *items = origin->scan.elements.items;
    const struct edits edits = {
        .text = origin->text, .scan = &origin->scan, .length = origin->length};
    bool goes[DOMAIN_INDEXES] = {false};
    size_t children = 0, end, next = 0; /* in the controllers, which are in the order of the text */

    if (!(plan->adopted.count + plan->removed.count) || origin->devices == SCAN_NONE)
        return;
    for (size_t i = 0; i < plan->adopted.count; i++)
        goes[plan->adopted.items[i]] = true;
    for (size_t i = 0; i < plan->removed.count; i++)
        goes[plan->removed.items[i]] = true;
    end = items[origin->devices].start.end;
    for (size_t child = items[origin->devices].first_child; child != SCAN_NONE;
         child = items[child].next) {
        const struct domain_controller *c;
        struct span span;

        while (next < origin->model.controllers.count &&
               origin->model.controllers.items[next].element < child)
            next++;
        c = next < origin->model.controllers.count ? &origin->model.controllers.items[next] : NULL;
        if (!c || c->element != child || !goes[c->index]) {
            children++;
            end = scan_element_end(&items[child]);
            continue;
        }
        span = edits_removed_span(&edits, child);
        if (can_be_taken_over(c))
            add_entry(out, origin, span, children, span.begin - end);
        end += span.end - span.begin; /* as if it had not been there */
    }
}

/* --- back --- */

/* The elements of <devices> that stay, and all children that go. */
struct children {
    size_t *staying;
    size_t count;
    bool *going; /* by element */
};

static bool find_children(const struct vtopo_domain *domain, const struct undo *undo,
                          struct children *ret)
{
    const struct scan_element *items = domain->scan.elements.items;

    ret->staying = calloc(domain->scan.elements.count + 1, sizeof(*ret->staying));
    ret->going = calloc(domain->scan.elements.count + 1, sizeof(*ret->going));
    ret->count = 0;
    if (!ret->staying || !ret->going)
        return false;
    for (size_t i = 0; i < undo->controllers.count; i++)
        ret->going[domain->model.controllers.items[undo->controllers.items[i]].element] = true;
    for (size_t i = 0; i < domain->model.announced.count; i++)
        ret->going[domain->model.announced.items[i].element] = true;
    for (size_t child = items[domain->devices].first_child; child != SCAN_NONE;
         child = items[child].next) {
        if (!ret->going[child])
            ret->staying[ret->count++] = child;
    }
    return true;
}

/* Behind a blank or a comment at @at; 0: something else is there. */
static size_t behind_blank(const struct edits *edits, size_t at, size_t end)
{
    const char *close;

    if (at < end && strchr(BLANKS, edits->text[at]))
        return at + 1;
    if (end - at < 7 || memcmp(edits->text + at, "<!--", 4) != 0)
        return 0;
    close = memmem(edits->text + at + 4, end - at - 4, "-->", 3);
    return close ? (size_t)(close - edits->text) + 3 : 0;
}

/* @bytes behind @at, where the first sibling that may be there is @next; 0: there is no such place.
 */
static size_t find_place(const struct edits *edits, const struct children *children, size_t parent,
                         size_t at, size_t next, size_t bytes)
{
    const struct scan_element *items = edits->scan->elements.items;

    while (bytes) {
        bool goes = next != SCAN_NONE && children->going[next];
        struct span span =
            goes ? edits_removed_span(edits, next)
                 : (struct span){
                       next == SCAN_NONE ? items[parent].end.begin : items[next].start.begin, 0};
        size_t behind;

        if (at == span.begin && goes) {
            at = span.end;
            next = items[next].next;
            continue;
        }
        behind = at < span.begin ? behind_blank(edits, at, span.begin) : 0;
        if (!behind || behind - at > bytes)
            return 0;
        bytes -= behind - at;
        at = behind;
    }
    return at;
}

/* As it is, on a line of its own if it had one. */
static void insert_at(struct edits *edits, size_t at, const char *text)
{
    size_t length = strlen(text);
    bool line = length && text[length - 1] == '\n';
    autofree char *inserted = NULL;

    length -= line;
    length -= line && length && text[length - 1] == '\r';
    inserted = mem_printf("%s%.*s", line ? "\n" : "", (int)length, text);
    if (inserted)
        edits_replace(edits, at, 0, inserted);
    else
        edits->no_memory = true;
}

static void insert(struct edits *edits, const struct vtopo_domain *domain,
                   const struct children *children, const struct record_controller *removed)
{
    const struct scan_element *items = domain->scan.elements.items;
    const struct scan_element *devices = &items[domain->devices];
    size_t before = removed->children < children->count ? removed->children : children->count;
    size_t behind = before ? children->staying[before - 1] : SCAN_NONE;
    size_t next = before ? items[behind].next : devices->first_child;
    size_t at = before ? scan_element_end(&items[behind]) : devices->start.end, place = 0;

    if (before == removed->children)
        place = find_place(edits, children, domain->devices, at, next, removed->bytes);
    if (place)
        edits_replace(edits, place, 0, removed->text);
    else
        insert_at(edits, at, removed->text);
}

void removed_restore(struct edits *edits, const struct vtopo_domain *domain,
                     const struct undo *undo)
{
    struct children children = {0};

    /* In <devices/> nothing of a rewrite is left either. */
    if (!undo->restored.count || domain->devices == SCAN_NONE ||
        domain->scan.elements.items[domain->devices].self_closing)
        return;
    if (find_children(domain, undo, &children)) {
        for (size_t i = 0; i < undo->restored.count; i++)
            insert(edits, domain, &children,
                   &domain->model.record.controllers.items[undo->restored.items[i]]);
    } else {
        edits->no_memory = true;
    }
    free(children.staying);
    free(children.going);
}
