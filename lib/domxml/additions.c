/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * additions.c - write a plan's additions into a domain's text
 *
 * Takes:  a parsed domain that has none of them, and the additions in their order.
 * Gives:  the new text: each element where libvirt prints it among its siblings, parents that are
 *         missing around it, and in the record one entry a kind: what it is, how many of its
 *         parents were made, how the one that was there was written if it was empty, and a digest
 *         of each element. Of an attribute that is changed the record has the former bytes.
 * Rule:   it is a layer of its own above the plan's controllers and addresses: it comes last and is
 *         taken out first, so that neither knows the other.
 * Not here: taking them out (additions_undo.c), the order of siblings (additions_order.c).
 */
#include "domxml/additions.h"

#include "base/buffer.h"
#include "base/error.h"
#include "domxml/qemu_prefix.h"
#include "domxml/record.h"
#include "domxml/removed.h"
#include "model/mark.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QEMU "qemu:"

/* --- parents --- */

/* The length of the first name of a path. */
static size_t step_length(const char *path)
{
    return strcspn(path, "/");
}

static const char *next_step(const char *path)
{
    path += step_length(path);
    return *path ? path + 1 : path;
}

/* Things are as the parser has them: what an attribute says may be written in many ways. */

static size_t find_pcie_root(const struct vtopo_domain *domain, size_t parent)
{
    size_t root = domain->model.space.pcie_root;

    return root && domain->scan.elements.items[root].parent == parent ? root : SCAN_NONE;
}

size_t additions_cell(const struct vtopo_domain *domain, const char *id)
{
    for (size_t i = 0; i < domain->model.cells.count; i++) {
        char text[ADDITION_OF_SIZE];

        snprintf(text, sizeof(text), "%u", domain->model.cells.items[i].id);
        if (!strcmp(text, id))
            return domain->model.cells.items[i].element;
    }
    return SCAN_NONE;
}

size_t additions_hostdev(const struct vtopo_domain *domain, const char *source)
{
    struct bdf bdf;
    bool valid = bdf_parse(source, &bdf) && !strcmp(BDF_TEXT(&bdf), source);

    for (size_t i = 0; valid && i < domain->model.devices.count; i++) {
        const struct domain_device *device = &domain->model.devices.items[i];

        if (device->kind == DEVICE_HOSTDEV_PCI && bdf_equal(&device->source, &bdf))
            return device->element;
    }
    return SCAN_NONE;
}

static size_t find_child(const struct vtopo_domain *domain, size_t parent, const char *path,
                         const char *of)
{
    char name[64];

    if (parent == 0 && !strncmp(path, QEMU, strlen(QEMU)))
        return domain->qemu.commandline;
    snprintf(name, sizeof(name), "%.*s", (int)step_length(path), path);
    if (!strcmp(name, ADDITION_PCIE_ROOT))
        return find_pcie_root(domain, parent);
    if (!strcmp(name, ADDITION_CELL))
        return additions_cell(domain, of);
    if (!strcmp(name, ADDITION_HOSTDEV))
        return additions_hostdev(domain, of);
    return scan_child(&domain->scan, domain->text, parent, name);
}

size_t additions_parent(const struct vtopo_domain *domain, enum addition_kind kind, const char *of,
                        const char **ret_missing)
{
    const char *path = addition_place(kind)->parent;
    size_t parent = 0;

    while (*path) {
        size_t child = find_child(domain, parent, path, of);

        if (child == SCAN_NONE)
            break;
        parent = child;
        path = next_step(path);
    }
    *ret_missing = path;
    return parent;
}

static size_t parent_of(const struct vtopo_domain *domain, const struct addition *addition,
                        const char **ret_missing)
{
    return additions_parent(domain, addition->kind, addition->of, ret_missing);
}

/* --- text --- */

/* "qemu:" becomes the domain's prefix. */
static void add_renamed(struct buffer *out, const char *text, const char *prefix)
{
    const char *found;

    while ((found = strstr(text, "<" QEMU)) || (found = strstr(text, "</" QEMU))) {
        const char *slash = strstr(text, "</" QEMU);

        if (slash && slash < found)
            found = slash;
        buffer_add_bytes(out, text, (size_t)(found - text) + (found[1] == '/' ? 2 : 1));
        buffer_add(out, prefix);
        text = found + (found[1] == '/' ? 2 : 1) + strlen(QEMU);
    }
    buffer_add(out, text);
}

/* Each line of @text @level levels deeper, on a line of its own. */
static void add_lines(struct buffer *out, const char *text, size_t level)
{
    while (*text) {
        size_t length = strcspn(text, "\n");

        if (out->length)
            buffer_add(out, "\n");
        buffer_add_times(out, "  ", level);
        buffer_add_bytes(out, text, length);
        text += length + (text[length] != '\0');
    }
}

static void add_tag(struct buffer *out, const char *before, const char *path, size_t level)
{
    if (out->length)
        buffer_add(out, "\n");
    buffer_add_times(out, "  ", level);
    buffer_add(out, before);
    buffer_add_bytes(out, path, step_length(path));
    buffer_add(out, ">");
}

/* --- chunks: what goes into one place --- */

/* Of what is there: an attribute, or an element that another takes the place of. */
static bool is_change(const struct addition *addition)
{
    return addition_place(addition->kind)->attribute || addition->old;
}

/* Additions that have the same parent there, and the same missing parents' outermost one. */
struct chunk {
    size_t first, count; /* in the list */
    size_t parent;
    const char *missing; /* of the first one */
};

static bool same_step(const char *a, const char *b)
{
    return step_length(a) == step_length(b) && !strncmp(a, b, step_length(a));
}

static struct chunk chunk_at(const struct vtopo_domain *domain, const struct additions *additions,
                             size_t first)
{
    struct chunk chunk = {.first = first, .count = 1};
    const char *missing;

    chunk.parent = parent_of(domain, &additions->items[first], &chunk.missing);
    for (size_t i = first + 1; *chunk.missing && i < additions->count; i++) {
        if (is_change(&additions->items[i]))
            break;
        if (parent_of(domain, &additions->items[i], &missing) != chunk.parent ||
            !same_step(missing, chunk.missing))
            break;
        chunk.count++;
    }
    return chunk;
}

/* Closes what is open of the path @open down to @level. */
static void close_steps(struct buffer *out, const char *open, size_t depth, size_t level)
{
    while (depth-- > level) {
        const char *step = open;

        for (size_t i = 0; i < depth; i++)
            step = next_step(step);
        add_tag(out, "</", step, depth);
    }
}

static size_t count_steps(const char *path)
{
    size_t n = 0;

    for (; *path; path = next_step(path))
        n++;
    return n;
}

static size_t common_steps(const char *a, const char *b)
{
    size_t n = 0;

    for (; *a && *b && same_step(a, b); a = next_step(a), b = next_step(b))
        n++;
    return n;
}

/* With parents that are missing around the elements that need them. */
static void add_chunk(struct buffer *out, const struct vtopo_domain *domain,
                      const struct additions *additions, const struct chunk *chunk)
{
    const char *open = "";
    size_t depth = 0;

    for (size_t i = chunk->first; i < chunk->first + chunk->count; i++) {
        const char *step, *missing;
        size_t common, level = 0;

        parent_of(domain, &additions->items[i], &missing);
        common = common_steps(open, missing);
        close_steps(out, open, depth, common);
        for (step = missing; *step; step = next_step(step), level++) {
            if (level >= common)
                add_tag(out, "<", step, level);
        }
        add_lines(out, additions->items[i].text, level);
        open = missing;
        depth = level;
    }
    close_steps(out, open, depth, 0);
}

/* The name of the chunk's outermost element. */
static void name_chunk(const struct additions *additions, const struct chunk *chunk, char name[64])
{
    if (*chunk->missing)
        snprintf(name, 64, "%.*s", (int)step_length(chunk->missing), chunk->missing);
    else
        snprintf(name, 64, "%s", addition_place(additions->items[chunk->first].kind)->element);
}

/* --- places --- */

/* The number of a pin; -1: none that can be read. */
static long pin_number(const struct vtopo_domain *domain, size_t element)
{
    const struct scan_attribute *vcpu =
        scan_attribute(&domain->scan, domain->text, element, "vcpu");

    return vcpu && domain->text[vcpu->value.begin] >= '0' && domain->text[vcpu->value.begin] <= '9'
               ? strtol(domain->text + vcpu->value.begin, NULL, 10)
               : -1;
}

/* libvirt prints pins by their vCPUs: the first that is there and comes behind; SCAN_NONE: none. */
static size_t next_pin(const struct vtopo_domain *domain, const struct additions *additions,
                       const struct chunk *chunk)
{
    static const char start[] = "<vcpupin vcpu='";
    const char *text = additions->items[chunk->first].text;
    const struct scan_element *elements = domain->scan.elements.items;
    long number;

    if (*chunk->missing || strncmp(text, start, strlen(start)) != 0)
        return SCAN_NONE;
    number = strtol(text + strlen(start), NULL, 10);
    for (size_t child = elements[chunk->parent].first_child; child != SCAN_NONE;
         child = elements[child].next) {
        if (!elements[child].foreign &&
            scan_span_is(domain->text, elements[child].name, "vcpupin") &&
            pin_number(domain, child) > number)
            return child;
    }
    return SCAN_NONE;
}

static void insert(struct edits *edits, const struct vtopo_domain *domain,
                   const struct additions *additions, const struct chunk *chunk, const char *lines)
{
    size_t neighbour;
    char name[64];

    name_chunk(additions, chunk, name);
    if (!strncmp(name, QEMU, strlen(QEMU)) && domain->qemu.deprecation != SCAN_NONE &&
        !chunk->parent) {
        edits_insert_before(edits, domain->qemu.deprecation, lines);
        return;
    }
    neighbour = next_pin(domain, additions, chunk);
    if (neighbour != SCAN_NONE) {
        edits_insert_before(edits, neighbour, lines);
        return;
    }
    neighbour = additions_neighbour(domain, chunk->parent, name);
    if (neighbour != SCAN_NONE)
        edits_insert_behind(edits, neighbour, lines);
    else
        edits_prepend_child(edits, chunk->parent, lines);
}

/* All chunks of a parent without children come at once: it is opened once. */
static void write_chunks(struct edits *edits, const struct vtopo_domain *domain,
                         const struct additions *additions, const struct qemu_prefix *prefix)
{
    const struct scan_element *items = domain->scan.elements.items;
    struct chunk chunk;

    for (size_t i = 0; i < additions->count; i += chunk.count) {
        autobuffer struct buffer lines = {0}, renamed = {0};
        bool childless;

        chunk.count = 1;
        if (is_change(&additions->items[i]))
            continue;
        chunk = chunk_at(domain, additions, i);
        childless = items[chunk.parent].first_child == SCAN_NONE;
        add_chunk(&lines, domain, additions, &chunk);
        while (childless && i + chunk.count < additions->count) {
            struct chunk next = chunk_at(domain, additions, i + chunk.count);

            if (next.parent != chunk.parent || is_change(&additions->items[next.first]))
                break;
            add_chunk(&lines, domain, additions, &next);
            i += chunk.count;
            chunk = next;
        }
        add_renamed(&renamed, lines.failed ? "" : lines.text, prefix->text);
        if (lines.failed || renamed.failed)
            edits->no_memory = true;
        else if (childless)
            edits_append_child(edits, chunk.parent, renamed.text);
        else
            insert(edits, domain, additions, &chunk, renamed.text);
    }
}

/* --- attributes --- */

/* The last element with the old value; NULL: none. */
static const struct changeable *find_changeable(const struct vtopo_domain *domain,
                                                const struct addition *addition)
{
    const struct changeable *found = NULL;

    for (size_t i = 0; i < domain->changeable.count; i++) {
        const struct changeable *one = &domain->changeable.items[i];

        if (one->kind == addition->kind && !one->value == !addition->old &&
            (!one->value || !strcmp(one->value, addition->old)))
            found = one;
    }
    return found;
}

static const struct scan_attribute *changed_attribute(const struct vtopo_domain *domain,
                                                      const struct addition *addition,
                                                      size_t element)
{
    return scan_attribute(&domain->scan, domain->text, element,
                          addition_place(addition->kind)->attribute);
}

static void write_change(struct edits *edits, const struct vtopo_domain *domain,
                         const struct addition *addition, size_t element)
{
    const struct scan_attribute *attribute = changed_attribute(domain, addition, element);
    const struct scan_element *e = &domain->scan.elements.items[element];
    autobuffer struct buffer value = {0};

    record_add_escaped(&value, addition->text);
    if (value.failed)
        edits->no_memory = true;
    else if (attribute)
        edits_set_value(edits, attribute, value.text ? value.text : "");
    else
        edits_add_attribute(
            edits, element,
            e->attributes ? &domain->scan.attributes.items[e->first_attribute + e->attributes - 1]
                          : NULL,
            addition_place(addition->kind)->attribute, value.text ? value.text : "");
}

/* False: there is no such element. */
static bool write_changes(struct edits *edits, const struct vtopo_domain *domain,
                          const struct additions *additions)
{
    for (size_t i = 0; i < additions->count; i++) {
        const struct changeable *one;

        if (!is_change(&additions->items[i]))
            continue;
        if (!addition_place(additions->items[i].kind)->attribute) {
            if (!additions_write_instead(edits, domain, &additions->items[i]))
                return false;
            continue;
        }
        one = find_changeable(domain, &additions->items[i]);
        if (!one)
            return false;
        write_change(edits, domain, &additions->items[i], one->element);
    }
    return true;
}

/* --- the record --- */

static void add_digests(struct buffer *out, const struct additions *additions, size_t first,
                        size_t count)
{
    autobuffer struct buffer digests = {0};

    for (size_t i = first; i < first + count; i++)
        buffer_printf(&digests, "%s%016" PRIx64, i > first ? " " : "", additions->items[i].digest);
    if (digests.failed)
        out->failed = true;
    else
        record_add_attribute(out, "digests", digests.text);
}

static bool is_announced(const struct vtopo_domain *domain, const struct scan_element *e)
{
    return scan_span_is(domain->text, (struct span){e->start.end, e->end.begin}, MARK_ANNOUNCED);
}

static void add_entry(struct buffer *out, const struct vtopo_domain *domain,
                      const struct additions *additions, size_t first, size_t count, bool declared)
{
    const struct addition_place *place = addition_place(additions->items[first].kind);
    const char *missing, *of = additions->items[first].of;
    size_t parent = parent_of(domain, &additions->items[first], &missing);
    const struct scan_element *e = &domain->scan.elements.items[parent];

    if (out->length)
        buffer_add(out, "\n");
    buffer_add(out, "<" RECORD_PREFIX "added");
    if (*place->parent)
        record_add_attribute(out, "in", place->parent);
    if (*of)
        record_add_attribute(out, "of", of);
    record_add_attribute(out, "what", place->element);
    if (*missing) {
        buffer_printf(out, " made=\"%zu\"", count_steps(missing));
    }
    if (is_announced(domain, e))
        record_add_attribute(out, "was", "closed"); /* as libvirt prints it without the comment */
    else if (e->self_closing || e->start.end == e->end.begin)
        record_add_attribute(out, "was", e->self_closing ? "closed" : "empty");
    if (declared && !strncmp(place->element, QEMU, strlen(QEMU)))
        record_add_attribute(out, "declared", "qemu");
    add_digests(out, additions, first, count);
    buffer_add(out, "/>");
}

static void add_changed_entry(struct buffer *out, const struct vtopo_domain *domain,
                              const struct additions *additions, size_t at)
{
    const struct addition *addition = &additions->items[at];
    const struct addition_place *place = addition_place(addition->kind);
    const struct changeable *one = place->attribute ? find_changeable(domain, addition) : NULL;
    const struct scan_attribute *attribute =
        one ? changed_attribute(domain, addition, one->element) : NULL;
    autofree char *was = attribute ? strndup(domain->text + attribute->value.begin,
                                             attribute->value.end - attribute->value.begin)
                                   : NULL;

    out->failed |= attribute && !was;
    if (out->length)
        buffer_add(out, "\n");
    buffer_add(out, "<" RECORD_PREFIX "added");
    record_add_attribute(out, "in", place->parent);
    record_add_attribute(out, "what", place->element);
    if (place->attribute)
        record_add_attribute(out, "attribute", place->attribute);
    else
        record_add_attribute(out, "instead", addition->old);
    if (was)
        record_add_attribute(out, "was", was);
    add_digests(out, additions, at, 1);
    buffer_add(out, "/>");
}

static void write_record(struct edits *edits, const struct vtopo_domain *domain,
                         const struct additions *additions, bool declared)
{
    autobuffer struct buffer entries = {0};
    size_t count;

    for (size_t i = 0; i < additions->count; i += count) {
        count = 1;
        if (is_change(&additions->items[i])) {
            add_changed_entry(&entries, domain, additions, i);
            continue;
        }
        while (i + count < additions->count &&
               additions->items[i + count].kind == additions->items[i].kind &&
               !strcmp(additions->items[i + count].of, additions->items[i].of))
            count++;
        add_entry(&entries, domain, additions, i, count, declared);
    }
    if (entries.failed)
        edits->no_memory = true;
    else
        record_extend(edits, domain, entries.text);
}

/* --- */

/* The prefix that is there, or will be; @ret_declared: it is new. */
static struct qemu_prefix find_prefix(struct edits *edits, const struct vtopo_domain *domain,
                                      const struct additions *additions, bool *ret_declared)
{
    size_t before = edits->list.count;
    struct qemu_prefix prefix = {QEMU};

    *ret_declared = false;
    if (!additions_have(additions, ADDITION_QEMU_ARG))
        return prefix;
    if (domain->qemu.commandline != SCAN_NONE)
        return qemu_prefix_of(domain, domain->qemu.commandline);
    prefix = qemu_prefix_for_child(edits, domain);
    *ret_declared = edits->list.count != before;
    return prefix;
}

int domxml_add(const struct vtopo_domain *domain, const struct additions *additions,
               char **ret_text, size_t *ret_length, struct vtopo_error **reterr)
{
    struct edits edits = domxml_edits(domain);
    bool declared, ok;
    struct qemu_prefix prefix = find_prefix(&edits, domain, additions, &declared);

    write_record(&edits, domain, additions, declared);
    ok = additions_have_parents(domain, additions) && write_changes(&edits, domain, additions);
    if (ok)
        write_chunks(&edits, domain, additions, &prefix);
    return domxml_finish(&edits, ok, ret_text, ret_length, reterr);
}
