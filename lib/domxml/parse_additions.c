/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parse_additions.c - what of a domain vtopo added, as its record says
 *
 * Takes:  <added> of the record, and the document that it is in.
 * Gives:  record.additions: each element that was added, and where it is, if it still means what
 *         vtopo wrote.
 * Rule:   an element is known by where it is and by the digest of what it means; of several that
 *         are alike the last ones count. Arguments of QEMU count only as one run. One with a
 *         comment inside is somebody's.
 * Not here: the digest (model/additions.c), taking them out (additions_undo.c).
 */
#include "domxml/parse.h"

#include "base/error.h"
#include "domxml/additions.h"

#include <stdio.h>
#include <string.h>

#define DIGEST_DIGITS 16

/* --- digests of elements --- */

/* As in our texts; any other namespace is none of ours. */
static void name_of(const char *namespace, const char *name, char ret[64])
{
    const char *prefix = !namespace ? "" : !strcmp(namespace, QEMU_NAMESPACE) ? "qemu:" : "?";

    snprintf(ret, 64, "%s%s", prefix, name);
}

/* As deep as a document may be (scan.h). */
static uint64_t digest_node(const struct node *node)
{
    uint64_t attributes = 0, children = 0;
    char name[64], attribute[64];

    name_of(node->namespace, node->name, name);
    for (size_t i = 0; i < node->attribute_count; i++) {
        name_of(node->attributes[i].namespace, node->attributes[i].name, attribute);
        attributes += addition_digest_attribute(name, attribute, node->attributes[i].value);
    }
    for (const struct node *child = node->children; child; child = child->next)
        children += digest_node(child);
    if (node->children && node_has_own_text(node))
        children++;
    return addition_digest_element(name, attributes, children, node->text, node->text_length);
}

/* Comments, processing instructions, CDATA. */
static bool has_markup(const struct reader *reader, const struct node *node)
{
    const struct scan_element *e = &reader->domain->scan.elements.items[node_element(node)];
    const char *begin = reader->domain->text + e->start.begin;
    size_t length = scan_element_end(e) - e->start.begin;

    return memmem(begin, length, "<!", 2) || memmem(begin, length, "<?", 2);
}

/* --- elements that may be meant --- */

struct candidate {
    uint64_t digest;
    size_t element;
};

struct candidates {
    struct candidate *items; /* document order */
    size_t count, cap;
};

static const struct node *find_pcie_root(const struct node *devices)
{
    const struct node *node = node_child(devices, "controller");

    while (node && (!node_attribute_is(node, "type", "pci") ||
                    !node_attribute_is(node, "model", "pcie-root")))
        node = node_next(node, "controller");
    return node;
}

static const struct node *node_of(const struct reader *reader, size_t element)
{
    return element == SCAN_NONE ? NULL : &reader->document->nodes[element];
}

static const struct node *find_parent(const struct reader *reader, const char *path, const char *of)
{
    const struct node *node = reader->document->nodes;

    while (node && *path) {
        size_t length = strcspn(path, "/");
        char name[64];

        snprintf(name, sizeof(name), "%.*s", (int)length, path);
        if (!strcmp(name, ADDITION_PCIE_ROOT))
            node = find_pcie_root(node);
        else if (!strcmp(name, ADDITION_CELL))
            node = node_of(reader, additions_cell(reader->domain, of));
        else if (!strcmp(name, ADDITION_HOSTDEV))
            node = node_of(reader, additions_hostdev(reader->domain, of));
        else if (!strncmp(name, "qemu:", 5))
            node = qemu_next(node->children, name + 5);
        else
            node = node_child(node, name);
        path += length + (path[length] == '/');
    }
    return node;
}

static bool is_called(const struct node *node, const char *name)
{
    char own[64];

    name_of(node->namespace, node->name, own);
    return !strcmp(own, name);
}

static bool find_candidates(const struct reader *reader, const struct record_addition *addition,
                            struct candidates *ret)
{
    const struct addition_place *place = addition_place(addition->kind);
    const struct node *parent = find_parent(reader, place->parent, addition->of);

    for (const struct node *child = parent ? parent->children : NULL; child; child = child->next) {
        struct candidate *one;

        if (!is_called(child, place->element))
            continue;
        one = vec_add(ret);
        if (!one)
            return false;
        *one = (struct candidate){has_markup(reader, child) ? 0 : digest_node(child),
                                  node_element(child)};
    }
    return true;
}

/* --- which is which --- */

static int compare_candidates(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;

    if (x->digest != y->digest)
        return x->digest < y->digest ? -1 : 1;
    return (x->element > y->element) - (x->element < y->element);
}

static int compare_additions(const void *a, const void *b)
{
    const struct record_addition *const *x = a, *const *y = b;

    if ((*x)->digest != (*y)->digest)
        return (*x)->digest < (*y)->digest ? -1 : 1;
    return (*x > *y) - (*x < *y);
}

/* Both lists from their ends, by digest. */
static bool match_each(struct record_addition *additions, size_t count,
                       struct candidates *candidates)
{
    autofree struct record_addition **sorted = calloc(count + 1, sizeof(*sorted));
    size_t left = candidates->count;

    if (!sorted)
        return false;
    for (size_t i = 0; i < count; i++)
        sorted[i] = &additions[i];
    qsort(sorted, count, sizeof(*sorted), compare_additions);
    if (left)
        qsort(candidates->items, left, sizeof(*candidates->items), compare_candidates);
    while (count-- > 0) {
        while (left && candidates->items[left - 1].digest > sorted[count]->digest)
            left--;
        if (left && candidates->items[left - 1].digest == sorted[count]->digest)
            sorted[count]->element = candidates->items[--left].element;
    }
    return true;
}

static bool is_run(const struct record_addition *additions, size_t count,
                   const struct candidate *candidates)
{
    for (size_t i = 0; i < count; i++) {
        if (candidates[i].digest != additions[i].digest)
            return false;
    }
    return true;
}

static void match_run(struct record_addition *additions, size_t count,
                      const struct candidates *candidates)
{
    for (size_t at = candidates->count; at-- >= count && at + 1 >= count;) {
        const struct candidate *run = &candidates->items[at + 1 - count];

        if (!is_run(additions, count, run))
            continue;
        for (size_t i = 0; i < count; i++)
            additions[i].element = run[i].element;
        return;
    }
}

/* --- attributes that were changed --- */

int parse_changeable(const struct reader *reader)
{
    for (enum addition_kind kind = 0; kind < ADDITION_KINDS; kind++) {
        const struct addition_place *place = addition_place(kind);
        const struct node *parent =
            place->attribute ? find_parent(reader, place->parent, "") : NULL;

        for (const struct node *child = parent ? parent->children : NULL; child;
             child = child->next) {
            struct changeable *one;
            int r;

            if (!is_called(child, place->element))
                continue;
            one = vec_add(&reader->domain->changeable);
            if (!one)
                return error_nomem(reader->reterr);
            *one = (struct changeable){kind, node_element(child), NULL};
            r = reader_copy(reader, node_attribute(child, place->attribute), &one->value);
            if (r)
                return r;
        }
    }
    return 0;
}

static void find_changed(const struct vtopo_domain *domain, struct record_addition *addition)
{
    const struct addition_place *place = addition_place(addition->kind);

    for (size_t i = 0; i < domain->changeable.count; i++) {
        const struct changeable *one = &domain->changeable.items[i];

        if (one->kind == addition->kind && one->value &&
            addition_digest_attribute(place->element, place->attribute, one->value) ==
                addition->digest)
            addition->element = one->element;
    }
}

/* --- the entry --- */

static bool read_digest(const char *text, uint64_t *ret)
{
    *ret = 0;
    for (size_t i = 0; i < DIGEST_DIGITS; i++) {
        const char *digits = "0123456789abcdef", *found = text[i] ? strchr(digits, text[i]) : NULL;

        if (!found)
            return false;
        *ret = *ret << 4 | (uint64_t)(found - digits);
    }
    return true;
}

/* @ret_valid false: it is not as vtopo writes it. */
static int read_digests(const struct reader *reader, const char *text,
                        struct record_addition addition, bool *ret_valid)
{
    struct record_additions *additions = &reader->domain->model.record.additions;

    for (; *ret_valid; text += DIGEST_DIGITS + 1) {
        struct record_addition *one;

        if (!read_digest(text, &addition.digest) || additions->count == ADDITIONS_MAX) {
            *ret_valid = false;
            break;
        }
        one = vec_add(additions);
        if (!one)
            return error_nomem(reader->reterr);
        *one = addition;
        if (!text[DIGEST_DIGITS])
            break;
        *ret_valid = text[DIGEST_DIGITS] == ' ';
    }
    return 0;
}

/* False: it is not as vtopo writes it. */
static bool read_attributes(const struct node *node, struct record_addition *ret)
{
    const char *in = node_attribute(node, "in"), *what = node_attribute(node, "what"),
               *attribute = node_attribute(node, "attribute"), *made = node_attribute(node, "made"),
               *was = node_attribute(node, "was"), *declared = node_attribute(node, "declared"),
               *instead = node_attribute(node, "instead"), *of = node_attribute(node, "of");
    uint64_t steps = 0;

    if (!what || !node_attribute(node, "digests"))
        return false;
    ret->kind = addition_kind_of(in ? in : "", what, attribute);
    if (ret->kind == ADDITION_KINDS || !of != !addition_is_of_one(ret->kind) ||
        (of && strlen(of) >= sizeof(ret->of)))
        return false;
    if (of)
        memcpy(ret->of, of, strlen(of) + 1);
    if (attribute) /* it is put back as it is */
        return !made && !declared && !instead && (!was || !strchr(was, '<'));
    if (instead)
        return ret->kind == ADDITION_PCIHOLE64 && !made && !declared && !was &&
               addition_may_replace(instead, what);
    if (made && (strspn(made, "0123456789") != strlen(made) ||
                 !libvirt_number(made, 10, addition_depth(ret->kind), &steps) || !steps))
        return false;
    ret->made = (unsigned)steps;
    ret->was_closed = was && !strcmp(was, "closed");
    ret->was_empty = was && !strcmp(was, "empty");
    ret->declared = declared && !strcmp(declared, "qemu") && ret->kind == ADDITION_QEMU_ARG;
    return !was == !(ret->was_closed || ret->was_empty) && !declared == !ret->declared;
}

static int find_elements(const struct reader *reader, size_t first)
{
    struct record_additions *additions = &reader->domain->model.record.additions;
    enum addition_kind kind = additions->items[first].kind;
    struct candidates candidates = {0};
    bool ok = find_candidates(reader, &additions->items[first], &candidates);

    if (ok && kind == ADDITION_QEMU_ARG)
        match_run(&additions->items[first], additions->count - first, &candidates);
    else if (ok)
        ok = match_each(&additions->items[first], additions->count - first, &candidates);
    free(candidates.items);
    return ok ? 0 : error_nomem(reader->reterr);
}

/* Each parent has one entry of a kind. */
static bool is_known(const struct record_additions *additions,
                     const struct record_addition *addition)
{
    for (size_t i = additions->count; i > 0 && additions->items[i - 1].kind == addition->kind;
         i--) {
        if (!strcmp(additions->items[i - 1].of, addition->of))
            return true;
    }
    return false;
}

/* One entry for all elements of a kind that have one parent, one for each attribute. */
static bool follows(const struct record_additions *additions,
                    const struct record_addition *addition)
{
    const struct record_addition *last =
        additions->count ? &additions->items[additions->count - 1] : NULL;

    return !last || last->kind < addition->kind ||
           (last->kind == addition->kind &&
            (addition_place(addition->kind)->attribute || !is_known(additions, addition)));
}

int parse_addition(const struct reader *reader, const struct node *node, bool *ret_valid)
{
    struct record_additions *additions = &reader->domain->model.record.additions;
    struct record_addition addition = {.element = SCAN_NONE};
    size_t first = additions->count, *place = vec_add(&reader->domain->added);
    int r;

    if (!place)
        return error_nomem(reader->reterr);
    *place = node_element(node);
    *ret_valid = read_attributes(node, &addition) && follows(additions, &addition);
    if (!*ret_valid)
        return 0;
    r = read_digests(reader, node_attribute(node, "digests"), addition, ret_valid);
    if (r || !*ret_valid)
        return r;
    if (!addition_place(addition.kind)->attribute) {
        r = find_elements(reader, first);
        *ret_valid = additions->count == first + 1 || !node_attribute(node, "instead");
        return r ? r
                 : reader_copy(reader, node_attribute(node, "instead"),
                               &additions->items[first].was);
    }
    *ret_valid = additions->count == first + 1;
    find_changed(reader->domain, &additions->items[first]);
    return reader_copy(reader, node_attribute(node, "was"), &additions->items[first].was);
}
