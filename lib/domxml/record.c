/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record.c - write what a domain is to remember of itself before vtopo, and take it out
 *
 * Takes:  a domain, a plan made from its model, and the domain before anything was changed.
 * Gives:  edits: one element of vtopo's namespace for it in <metadata>, as libvirt prints that,
 *         with double quotes; devices by name, because libvirt puts them into another order.
 * Rule:   of each <address> that is changed the text of each attribute is remembered as it was
 *         written, so that an undo gives the same bytes.
 * Not here: which places are remembered (plan/places_last.c), reading (parse_record.c), putting
 *         back (apply.c).
 */
#include "domxml/record.h"

#include "base/buffer.h"
#include "domxml/node.h"
#include "domxml/removed.h"
#include "model/record.h"

#include <string.h>

/* --- text --- */

/* The bytes of a span; NULL: out of memory. */
static char *copy_span(const struct vtopo_domain *domain, struct span span)
{
    return strndup(domain->text + span.begin, span.end - span.begin);
}

/* --- entries --- */

/* A number that nobody could read back is written as libvirt writes it. */
static char *plain_attribute(const struct address *address, enum record_attribute which)
{
    switch (which) {
    case RECORD_DOMAIN:
        return mem_printf("0x%04x", (unsigned)address->at.domain);
    case RECORD_BUS:
        return mem_printf("0x%02x", address->at.bus);
    case RECORD_SLOT:
        return mem_printf("0x%02x", address->at.slot);
    case RECORD_FUNCTION:
        return mem_printf("0x%x", address->at.function);
    case RECORD_MULTIFUNCTION:
    case RECORD_ATTRIBUTES:
        break;
    }
    return strdup(address->multifunction == 1 ? "on" : "off");
}

static bool is_readable(const char *text, enum record_attribute which)
{
    uint64_t number;

    if (which == RECORD_MULTIFUNCTION)
        return !strcmp(text, "on") || !strcmp(text, "off");
    return record_accepts_number(text) && libvirt_number(text, 0, UINT32_MAX, &number);
}

static void add_place(struct buffer *out, const struct vtopo_domain *origin,
                      const struct domain_device *device, size_t element)
{
    for (enum record_attribute i = 0; i < RECORD_ATTRIBUTES; i++) {
        const struct scan_attribute *a =
            scan_attribute(&origin->scan, origin->text, element, record_attribute_names[i]);
        autofree char *text = a ? copy_span(origin, a->value) : NULL;

        if (text && !is_readable(text, i)) {
            free(text);
            text = plain_attribute(&device->address, i);
        }
        if (text)
            record_add_attribute(out, record_attribute_names[i], text);
        else if (a)
            out->failed = true;
    }
}

/* The alias that vtopo's own takes the place of; NULL: none, or out of memory. */
static char *former_alias(const struct vtopo_domain *origin, const struct domain_device *device,
                          struct buffer *out)
{
    size_t alias = scan_child(&origin->scan, origin->text, device->element, "alias");
    const struct scan_attribute *name =
        alias == SCAN_NONE ? NULL : scan_attribute(&origin->scan, origin->text, alias, "name");
    char *text = name ? copy_span(origin, name->value) : NULL;

    if (name && !text)
        out->failed = true;
    if (text && !record_accepts_alias(text)) {
        free(text);
        text = NULL;
    }
    return text;
}

static void add_device(struct buffer *out, const struct vtopo_domain *origin,
                       const struct plan_device *planned, const char *host)
{
    const struct domain_device *device = &origin->model.devices.items[planned->device];
    size_t element = scan_child(&origin->scan, origin->text, device->element, "address");
    autofree char *alias = planned->alias ? former_alias(origin, device, out) : NULL;

    buffer_add(out, "\n  <" RECORD_PREFIX "device");
    record_add_attribute(out, "host", host);
    if (element == SCAN_NONE || planned->memory == MEMORY_MADE)
        record_add_attribute(out, "made", "address");
    else
        add_place(out, origin, device, element);
    if (alias)
        record_add_attribute(out, "alias", alias);
    buffer_add(out, "/>");
}

/* Such a <target> would otherwise go with the attribute. */
static bool is_empty(const struct vtopo_domain *origin, size_t target)
{
    return target != SCAN_NONE && !origin->scan.elements.items[target].attributes &&
           origin->scan.elements.items[target].first_child == SCAN_NONE;
}

static void add_target(struct buffer *out, const struct vtopo_domain *origin, unsigned index,
                       const char *name)
{
    const struct domain_controller *c = domain_controller_at(&origin->model, index);
    size_t target = c ? scan_child(&origin->scan, origin->text, c->element, "target") : SCAN_NONE;

    if (!c)
        return;
    buffer_add(out, "\n  <" RECORD_PREFIX "controller index=\"");
    buffer_add_number(out, index);
    buffer_add(out, "\"");
    if (target != SCAN_NONE && scan_attribute(&origin->scan, origin->text, target, name)) {
        record_add_attribute(out, name, "on");
    } else {
        buffer_add(out, is_empty(origin, target) ? " made=\"only " : " made=\"");
        buffer_add(out, name);
        buffer_add(out, "\"");
    }
    buffer_add(out, "/>");
}

struct named {
    char *host;
    const struct plan_device *planned;
};

static int compare_named(const void *left, const void *right)
{
    const struct named *a = left, *b = right;
    int order = strcmp(a->host, b->host);

    return order ? order : (a->planned > b->planned) - (a->planned < b->planned);
}

static void add_devices(struct buffer *out, const struct vtopo_domain *origin,
                        const struct vtopo_plan *plan)
{
    autofree struct named *named = calloc(plan->devices.count + 1, sizeof(*named));
    size_t n = 0;

    out->failed |= !named;
    for (size_t i = 0; named && i < plan->devices.count; i++) {
        const struct plan_device *planned = &plan->devices.items[i];

        if (planned->fate != FATE_MOVED || planned->memory == MEMORY_NOTHING)
            continue;
        named[n] =
            (struct named){record_host_of(&origin->model.devices.items[planned->device]), planned};
        out->failed |= !named[n].host;
        n += named[n].host != NULL;
    }
    if (n)
        qsort(named, n, sizeof(*named), compare_named);
    for (size_t i = 0; i < n; i++) {
        add_device(out, origin, named[i].planned, named[i].host);
        free(named[i].host);
    }
}

static void add_entries(struct buffer *out, const struct vtopo_domain *origin,
                        const struct vtopo_plan *plan)
{
    add_devices(out, origin, plan);
    removed_add(out, origin, plan);
    for (size_t i = 0; i < plan->bus_fixes.count; i++)
        add_target(out, origin, plan->bus_fixes.items[i].index, "busNr");
    for (size_t i = plan->ports_off.count; i-- > 0;)
        add_target(out, origin, plan->ports_off.items[i], "hotplug");
}

/* --- where it goes --- */

static size_t find_metadata(const struct vtopo_domain *domain)
{
    return scan_child(&domain->scan, domain->text, 0, "metadata");
}

/* libvirt prints <metadata> behind these. */
static size_t element_before_metadata(const struct vtopo_domain *domain)
{
    static const char *const names[] = {"description", "title", "genid", "uuid", "name"};

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        size_t found = scan_child(&domain->scan, domain->text, 0, names[i]);

        if (found != SCAN_NONE)
            return found;
    }
    return SCAN_NONE;
}

/* An element without content is remembered as it is, because it would be longer afterwards. */
static void add_empty_metadata(struct buffer *out, const struct vtopo_domain *domain,
                               size_t metadata)
{
    const struct scan_element *e = &domain->scan.elements.items[metadata];
    autofree char *text = NULL;

    if (e->start.end != e->end.begin)
        return;
    text = copy_span(domain, (struct span){e->start.begin, scan_element_end(e)});
    if (!text)
        out->failed = true;
    else if (record_accepts_metadata(text))
        record_add_attribute(out, "metadata", text);
}

/* @indent: two blanks where <metadata> is around it. */
static void add_lines(struct buffer *out, const char *lines, const char *indent)
{
    for (; *lines; lines += strcspn(lines, "\n"), lines += *lines == '\n') {
        buffer_add(out, indent);
        buffer_add_bytes(out, lines, strcspn(lines, "\n"));
        buffer_add(out, "\n");
    }
}

static void insert_metadata(struct edits *edits, const struct vtopo_domain *domain,
                            const char *record)
{
    size_t behind = element_before_metadata(domain);
    autobuffer struct buffer lines = {0};

    buffer_add(&lines, "<metadata>\n");
    add_lines(&lines, record, "  ");
    buffer_add(&lines, "</metadata>");
    if (lines.failed)
        edits->no_memory = true;
    else if (behind == SCAN_NONE)
        edits_prepend_child(edits, 0, lines.text);
    else
        edits_insert_behind(edits, behind, lines.text);
}

/* @entries: lines, each with "\n" before it. */
static void write_record(struct edits *edits, const struct vtopo_domain *domain,
                         const char *entries)
{
    size_t metadata = find_metadata(domain);
    autobuffer struct buffer record = {0};

    edits->quotes_stay = true;
    buffer_add(&record, "<" RECORD_PREFIX "record xmlns:vtopo=\"" RECORD_NAMESPACE "\"");
    if (metadata == SCAN_NONE)
        record_add_attribute(&record, "made", "metadata");
    else
        add_empty_metadata(&record, domain, metadata);
    buffer_add(&record, ">");
    buffer_add(&record, entries);
    buffer_add(&record, "\n</" RECORD_PREFIX "record>");
    if (record.failed)
        edits->no_memory = true;
    else if (metadata == SCAN_NONE)
        insert_metadata(edits, domain, record.text);
    else
        edits_append_child(edits, metadata, record.text);
    edits->quotes_stay = false;
}

void record_write(struct edits *edits, const struct vtopo_domain *domain,
                  const struct vtopo_domain *origin, const struct vtopo_plan *plan)
{
    autobuffer struct buffer entries = {0};

    add_entries(&entries, origin, plan);
    if (entries.failed)
        edits->no_memory = true;
    else if (entries.length)
        write_record(edits, domain, entries.text);
}

void record_extend(struct edits *edits, const struct vtopo_domain *domain, const char *entries)
{
    autobuffer struct buffer lines = {0};

    if (domain->records.count) {
        edits->quotes_stay = true;
        edits_append_child(edits, domain->records.items[0], entries);
        edits->quotes_stay = false;
        return;
    }
    buffer_add(&lines, "\n");
    add_lines(&lines, entries, "  ");
    if (lines.failed) {
        edits->no_memory = true;
        return;
    }
    lines.text[lines.length - 1] = '\0'; /* the last line's end */
    write_record(edits, domain, lines.text);
}

/* --- taking it out --- */

/* Does <metadata> hold nothing but the one record and blanks? */
static bool is_only_content(const struct vtopo_domain *domain, size_t metadata)
{
    const struct scan_element *e = &domain->scan.elements.items[metadata], *record;

    if (domain->records.count != 1 || e->first_child != domain->records.items[0])
        return false;
    record = &domain->scan.elements.items[e->first_child];
    return record->next == SCAN_NONE &&
           scan_is_blank(domain->text, e->start.end, record->start.begin) &&
           scan_is_blank(domain->text, scan_element_end(record), e->end.begin);
}

void record_remove(struct edits *edits, const struct vtopo_domain *domain)
{
    const struct domain_record *record = &domain->model.record;
    size_t metadata = find_metadata(domain);

    if (metadata != SCAN_NONE && is_only_content(domain, metadata)) {
        const struct scan_element *e = &domain->scan.elements.items[metadata];

        if (record->made_metadata) {
            edits_remove(edits, metadata);
            return;
        }
        if (record->metadata) {
            edits_replace(edits, e->start.begin, scan_element_end(e) - e->start.begin,
                          record->metadata);
            return;
        }
    }
    for (size_t i = 0; i < domain->records.count; i++)
        edits_remove(edits, domain->records.items[i]);
}
