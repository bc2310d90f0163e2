/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * additions_undo.c - take out of a domain's text what its record says vtopo added
 *
 * Takes:  a parsed domain whose record has additions.
 * Gives:  the text as it was before them, byte for byte where nobody changed it since.
 * Rule:   elements that are there as vtopo made them go, then parents that were made for them if
 *         nothing is left in these (somebody's comment or attribute is), then the declaration of a
 *         prefix that was made; a parent that was <e/> or <e></e> is so again if it is empty.
 *         Attributes that have the value that vtopo wrote have their former bytes again, and an
 *         element that is in another's place gives it back. What is not as vtopo made it stays. The
 * record's entries of additions go in any case. Not here: what is still as it was made
 * (parse_additions.c).
 */
#include "domxml/additions.h"

#include "base/buffer.h"
#include "base/error.h"
#include "domxml/qemu_prefix.h"
#include "domxml/record.h"

#include <string.h>

enum shape { SHAPE_OPEN, SHAPE_CLOSED, SHAPE_EMPTY };

/* By element. */
struct going {
    bool *gone;
    bool *restored;       /* an attribute of it, or the element in whose place it is */
    bool *made;           /* it may go if nothing is left in it */
    unsigned char *shape; /* enum shape: what it is again if nothing is left in it */
};

static const struct scan_element *element_at(const struct vtopo_domain *domain, size_t element)
{
    return &domain->scan.elements.items[element];
}

static bool copy_span(const struct vtopo_domain *domain, struct span span, char *ret, size_t size)
{
    size_t length = span.end - span.begin;

    if (length >= size)
        return false;
    memcpy(ret, domain->text + span.begin, length);
    ret[length] = '\0';
    return true;
}

/* Has it only attributes that libvirt writes unasked? */
static bool is_bare(const struct vtopo_domain *domain, size_t element)
{
    const struct scan_element *e = element_at(domain, element);
    char name[32], attribute[32], value[32];

    if (e->attributes && !copy_span(domain, e->name, name, sizeof(name)))
        return false;
    for (size_t i = 0; i < e->attributes; i++) {
        const struct scan_attribute *a = &domain->scan.attributes.items[e->first_attribute + i];

        if (!copy_span(domain, a->name, attribute, sizeof(attribute)) ||
            !copy_span(domain, a->value, value, sizeof(value)) ||
            !addition_is_default(name, attribute, value))
            return false;
    }
    return true;
}

/* The element and its parents, upwards. */
static void mark_addition(const struct vtopo_domain *domain, const struct record_addition *addition,
                          struct going *going)
{
    size_t parent = element_at(domain, addition->element)->parent;

    going->gone[addition->element] = true;
    for (unsigned i = 0; i < addition->made; i++) {
        going->made[parent] = true;
        parent = element_at(domain, parent)->parent;
    }
    if (addition->was_closed)
        going->shape[parent] = SHAPE_CLOSED;
    else if (addition->was_empty)
        going->shape[parent] = SHAPE_EMPTY;
}

/* Children come behind their parents. */
static void mark_parents(const struct vtopo_domain *domain, struct going *going)
{
    for (size_t i = domain->scan.elements.count; i-- > 1;) {
        if (going->made[i] && is_bare(domain, i) &&
            scan_is_emptied(&domain->scan, domain->text, i, going->gone))
            going->gone[i] = true;
    }
    for (size_t i = 1; i < domain->scan.elements.count; i++) {
        if (going->gone[element_at(domain, i)->parent])
            going->gone[i] = true;
    }
}

static bool restore_shape(struct edits *edits, const struct vtopo_domain *domain, size_t element,
                          const struct going *going)
{
    const struct scan_element *e = element_at(domain, element);

    if (going->shape[element] == SHAPE_OPEN || e->self_closing ||
        !scan_is_emptied(&domain->scan, domain->text, element, going->gone))
        return false;
    if (going->shape[element] == SHAPE_CLOSED)
        edits_replace(edits, e->start.end - 1, scan_element_end(e) - (e->start.end - 1), "/>");
    else
        edits_replace(edits, e->start.end, e->end.begin - e->start.end, "");
    return true;
}

/* Its former bytes, but for the quote that is there now: libvirt may have changed it. */
static void restore_value(struct edits *edits, const struct scan_attribute *attribute,
                          const char *was)
{
    autobuffer struct buffer value = {0};

    for (; *was; was++) {
        if (*was == attribute->quote)
            buffer_add(&value, *was == '"' ? "&quot;" : "&apos;");
        else
            buffer_add_bytes(&value, was, 1);
    }
    if (value.failed)
        edits->no_memory = true;
    else
        edits_set_value(edits, attribute, value.text ? value.text : "");
}

static void restore_attribute(struct edits *edits, const struct vtopo_domain *domain,
                              const struct record_addition *addition)
{
    const struct scan_attribute *attribute = scan_attribute(
        &domain->scan, domain->text, addition->element, addition_place(addition->kind)->attribute);

    if (attribute && addition->was)
        restore_value(edits, attribute, addition->was);
    else if (attribute)
        edits_remove_attribute(edits, attribute);
}

static void restore_element(struct edits *edits, const struct vtopo_domain *domain,
                            const struct record_addition *addition)
{
    const struct scan_element *e = element_at(domain, addition->element);

    edits_replace(edits, e->start.begin, scan_element_end(e) - e->start.begin, addition->was);
}

/* Does it go by putting back what was there? */
static bool puts_back(const struct record_addition *addition)
{
    return addition_place(addition->kind)->attribute || addition->was;
}

/* Each element once: a record may say anything. */
static void restore_former(struct edits *edits, const struct vtopo_domain *domain,
                           struct going *going)
{
    const struct record_additions *additions = &domain->model.record.additions;

    for (size_t i = 0; i < additions->count; i++) {
        size_t element = additions->items[i].element;

        if (element == SIZE_MAX || !puts_back(&additions->items[i]) || going->gone[element] ||
            going->restored[element])
            continue;
        going->restored[element] = true;
        if (addition_place(additions->items[i].kind)->attribute)
            restore_attribute(edits, domain, &additions->items[i]);
        else
            restore_element(edits, domain, &additions->items[i]);
    }
}

static void remove_elements(struct edits *edits, const struct vtopo_domain *domain,
                            struct going *going)
{
    for (size_t i = 0; i < domain->scan.elements.count; i++) {
        size_t parent = element_at(domain, i)->parent;

        if (!going->gone[i])
            going->shape[i] = restore_shape(edits, domain, i, going);
        else if (!going->gone[parent] && !going->shape[parent])
            edits_remove(edits, i);
    }
}

/* Does the record say anything else? */
static bool record_has_others(const struct vtopo_domain *domain)
{
    size_t count = 0;

    for (size_t child = element_at(domain, domain->records.items[0])->first_child;
         child != SCAN_NONE; child = element_at(domain, child)->next)
        count++;
    return count > domain->added.count;
}

static void remove_entries(struct edits *edits, const struct vtopo_domain *domain)
{
    if (!record_has_others(domain)) {
        record_remove(edits, domain);
        return;
    }
    for (size_t i = 0; i < domain->added.count; i++)
        edits_remove(edits, domain->added.items[i]);
}

static void strip(struct edits *edits, const struct vtopo_domain *domain, struct going *going)
{
    const struct record_additions *additions = &domain->model.record.additions;
    bool declared = false;

    for (size_t i = 0; i < additions->count; i++) {
        if (additions->items[i].element == SIZE_MAX)
            continue;
        if (puts_back(&additions->items[i]))
            continue;
        mark_addition(domain, &additions->items[i], going);
        declared = declared || additions->items[i].declared;
    }
    mark_parents(domain, going);
    restore_former(edits, domain, going);
    if (declared)
        qemu_prefix_remove_unused(edits, domain, going->gone);
    remove_elements(edits, domain, going);
    remove_entries(edits, domain);
}

int additions_strip(const struct vtopo_domain *domain, char **ret_text, size_t *ret_length,
                    struct vtopo_error **reterr)
{
    size_t count = domain->scan.elements.count;
    struct going going = {calloc(count, sizeof(*going.gone)),
                          calloc(count, sizeof(*going.restored)),
                          calloc(count, sizeof(*going.made)), calloc(count, sizeof(*going.shape))};
    struct edits edits = domxml_edits(domain);

    if (going.gone && going.restored && going.made && going.shape)
        strip(&edits, domain, &going);
    else
        edits.no_memory = true;
    free(going.gone);
    free(going.restored);
    free(going.made);
    free(going.shape);
    return domxml_finish(&edits, true, ret_text, ret_length, reterr);
}
