/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parse_record.c - what a domain remembers of itself before vtopo rewrote it
 *
 * Takes:  <record> of vtopo's namespace for it in <metadata>.
 * Gives:  domain.record, and where it is in the text.
 * Rule:   it is others' input: a record of which anything is not as vtopo writes it is not used,
 *         with the reason, and no failure, because the guest has to start with it. One of another
 *         version is refused: vtopo of that version wrote it, and knows what to do with it.
 * Not here: writing it (record.c), what is done with it (model/undo.c), its additions
 *         (parse_additions.c).
 */
#include "domxml/parse.h"

#include "base/error.h"
#include "domxml/record.h"
#include "domxml/removed.h"
#include "model/record.h"

#include <string.h>

/* The longest number, with blanks; the longest alias that is remembered. */
#define NUMBER_MAX 40
#define ALIAS_MAX 255
#define METADATA_MAX 64

const char *const record_attribute_names[RECORD_ATTRIBUTES] = {
    [RECORD_DOMAIN] = "domain",
    [RECORD_BUS] = "bus",
    [RECORD_SLOT] = "slot",
    [RECORD_FUNCTION] = "function",
    [RECORD_MULTIFUNCTION] = "multifunction",
};

/* --- values --- */

bool record_accepts_number(const char *text)
{
    return strlen(text) <= NUMBER_MAX && !text[strspn(text, " \t\r\n0123456789abcdefABCDEFxX")];
}

bool record_accepts_alias(const char *text)
{
    return strlen(text) <= ALIAS_MAX &&
           !text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                              "-_.:+/ ")];
}

static const char *skip_blanks(const char *text)
{
    return text + strspn(text, " \t\r\n");
}

/* "<metadata/>", "<metadata></metadata>", with blanks inside the tags. */
bool record_accepts_metadata(const char *text)
{
    static const char begin[] = "<metadata", end[] = "</metadata";

    if (strlen(text) > METADATA_MAX || strncmp(text, begin, strlen(begin)) != 0)
        return false;
    text = skip_blanks(text + strlen(begin));
    if (!strcmp(text, "/>"))
        return true;
    if (*text != '>' || strncmp(text + 1, end, strlen(end)) != 0)
        return false;
    return !strcmp(skip_blanks(text + 1 + strlen(end)), ">");
}

/* --- elements --- */

/* Sets the problem, if there is none yet; the line is that of @node. */
static int spoil(const struct reader *reader, const struct node *node, const char *what)
{
    struct domain_record *record = &reader->domain->model.record;
    char *problem;

    if (record->problem)
        return 0;
    problem = mem_printf("line %ld: <%s> %s", node_line(reader, node), CLIP(node->name), what);
    if (!problem)
        return error_nomem(reader->reterr);
    record_clear(record);
    record->there = true;
    record->problem = problem;
    return 0;
}

static bool is_record_node(const struct node *node, const char *name)
{
    return node->namespace && !strcmp(node->namespace, RECORD_NAMESPACE) &&
           !strcmp(node->name, name);
}

static bool is_plain(const struct node *node)
{
    return !node->children && !node_has_own_text(node);
}

/* Has it only attributes of these names, without a namespace? */
static bool has_only(const struct node *node, const char *const *names)
{
    for (size_t i = 0; i < node->attribute_count; i++) {
        size_t n = 0;

        while (names[n] && strcmp(names[n], node->attributes[i].name) != 0)
            n++;
        if (!names[n] || node->attributes[i].namespace)
            return false;
    }
    return true;
}

static bool read_place(const char *const texts[RECORD_ATTRIBUTES], struct address *ret)
{
    static const uint64_t limits[] = {0xffff, 0xff, 0x1f, 7};
    uint64_t n[RECORD_MULTIFUNCTION] = {0};
    const char *multifunction = texts[RECORD_MULTIFUNCTION];

    *ret = (struct address){.kind = ADDRESS_NONE, .multifunction = -1};
    for (size_t i = 0; i < RECORD_MULTIFUNCTION; i++) {
        if (texts[i] &&
            (!record_accepts_number(texts[i]) || !libvirt_number(texts[i], 0, limits[i], &n[i])))
            return false;
    }
    if (multifunction && strcmp(multifunction, "on") != 0 && strcmp(multifunction, "off") != 0)
        return false;
    if (multifunction)
        ret->multifunction = !strcmp(multifunction, "on");
    if (n[RECORD_DOMAIN])
        return false;
    if (!n[RECORD_BUS] && !n[RECORD_SLOT])
        return true;
    ret->kind = ADDRESS_PCI;
    ret->at = (struct bdf){0, (uint8_t)n[RECORD_BUS], (uint8_t)n[RECORD_SLOT],
                           (uint8_t)n[RECORD_FUNCTION]};
    return true;
}

static int copy_device(const struct reader *reader, const char *const texts[RECORD_ATTRIBUTES],
                       const char *alias, struct record_device *entry)
{
    int r = reader_copy(reader, alias, &entry->alias);

    for (size_t i = 0; !r && i < RECORD_ATTRIBUTES; i++)
        r = reader_copy(reader, texts[i], &entry->texts[i]);
    return r;
}

static int read_device(const struct reader *reader, const struct node *node)
{
    static const char *const names[] = {"host",          "domain", "bus",   "slot", "function",
                                        "multifunction", "made",   "alias", NULL};
    const char *made = node_attribute(node, "made"), *alias = node_attribute(node, "alias");
    const char *texts[RECORD_ATTRIBUTES];
    struct record_device *entry;
    struct address address;
    bool any = false;

    for (size_t i = 0; i < RECORD_ATTRIBUTES; i++) {
        texts[i] = node_attribute(node, record_attribute_names[i]);
        any = any || texts[i];
    }
    if (!is_plain(node) || !has_only(node, names) || !node_attribute(node, "host") ||
        !read_place(texts, &address) || (alias && !record_accepts_alias(alias)) ||
        (made && (strcmp(made, "address") != 0 || any)))
        return spoil(reader, node, "is not as vtopo writes it");
    entry = vec_add(&reader->domain->model.record.devices);
    if (!entry)
        return error_nomem(reader->reterr);
    entry->made = made;
    entry->address = address;
    return copy_device(reader, texts, alias, entry);
}

/* "hotplug" or "busNr", perhaps behind "only"; an older vtopo also wrote "target" there, where the
 * element was its own. */
static bool read_made(const char *made, struct record_target *target)
{
    static const char only[] = "only ", whole[] = "target ";

    if (!made)
        return true;
    target->only = !strncmp(made, only, strlen(only));
    if (target->only)
        made += strlen(only);
    else if (!strncmp(made, whole, strlen(whole)))
        made += strlen(whole);
    target->bus_nr = !strcmp(made, "busNr");
    return target->bus_nr || !strcmp(made, "hotplug");
}

static int read_controller(const struct reader *reader, const struct node *node)
{
    static const char *const names[] = {"index", "made", "hotplug", NULL};
    const char *index = node_attribute(node, "index"), *made = node_attribute(node, "made"),
               *hotplug = node_attribute(node, "hotplug");
    struct record_target target = {0};
    struct record_target *entry;
    uint64_t number;

    if (!is_plain(node) || !has_only(node, names) || !index || !made == !hotplug ||
        !record_accepts_number(index) || !libvirt_number(index, 10, DOMAIN_INDEXES - 1, &number) ||
        (hotplug && strcmp(hotplug, "on") != 0))
        return spoil(reader, node, "is not as vtopo writes it");
    target.index = (unsigned)number;
    target.on = hotplug;
    if (!read_made(made, &target))
        return spoil(reader, node, "is not as vtopo writes it");
    if (record_of_target(&reader->domain->model, target.index, target.bus_nr))
        return spoil(reader, node, "is there twice for one controller");
    entry = vec_add(&reader->domain->model.record.targets);
    if (!entry)
        return error_nomem(reader->reterr);
    *entry = target;
    return 0;
}

/* The one controller of a text; *ret false: the text is not one controller.  A text that is in the
 * record may be put into the domain, and must then be read there as it is here. */
static int read_removed(const struct reader *reader, const char *text,
                        struct record_controller *entry, bool *ret)
{
    autofree char *document = mem_printf("<domain><devices>%s</devices></domain>", text);
    struct vtopo_domain *domain;
    int r = document ? vtopo_domain_parse(document, strlen(document), "record", &domain, NULL)
                     : VTOPO_ERR_NOMEM;

    *ret = false;
    if (r)
        return r == VTOPO_ERR_NOMEM ? error_nomem(reader->reterr) : 0;
    *ret = removed_is_readable(domain);
    if (*ret) {
        entry->controller = domain->model.controllers.items[0];
        entry->controller.element = SCAN_NONE;
        domain->model.controllers.count = 0;
    }
    vtopo_domain_free(domain);
    return *ret ? reader_copy(reader, text, &entry->text) : 0;
}

static int read_removed_controller(const struct reader *reader, const struct node *node)
{
    static const char *const names[] = {"children", "bytes", "text", NULL};
    const char *children = node_attribute(node, "children"), *bytes = node_attribute(node, "bytes"),
               *text = node_attribute(node, "text");
    struct domain_record *record = &reader->domain->model.record;
    uint64_t before, between;
    struct record_controller *entry;
    bool is_one;
    int r;

    if (reader->domain->devices == SCAN_NONE || !is_plain(node) || !has_only(node, names) ||
        !children || !bytes || !text || !record_accepts_number(children) ||
        !record_accepts_number(bytes) || !libvirt_number(children, 10, VTOPO_DOMAIN_MAX, &before) ||
        !libvirt_number(bytes, 10, VTOPO_DOMAIN_MAX, &between))
        return spoil(reader, node, "is not as vtopo writes it");
    entry = vec_add(&record->controllers);
    if (!entry)
        return error_nomem(reader->reterr);
    entry->children = before;
    entry->bytes = between;
    r = read_removed(reader, text, entry, &is_one);
    if (!r && !is_one)
        return spoil(reader, node, "has no text of one controller");
    for (size_t i = 0; !r && i + 1 < record->controllers.count; i++) {
        if (record->controllers.items[i].controller.index == entry->controller.index)
            return spoil(reader, node, "is there twice for one controller");
    }
    return r;
}

static int read_added(const struct reader *reader, const struct node *node)
{
    static const char *const names[] = {"in",  "of",       "what",    "attribute", "made",
                                        "was", "declared", "digests", "instead",   NULL};
    bool valid = is_plain(node) && has_only(node, names);
    int r = valid ? parse_addition(reader, node, &valid) : 0;

    return r || valid ? r : spoil(reader, node, "is not as vtopo writes it");
}

static int read_entry(const struct reader *reader, const struct node *node)
{
    if (is_record_node(node, "added"))
        return read_added(reader, node);
    if (is_record_node(node, "removed"))
        return read_removed_controller(reader, node);
    if (is_record_node(node, "device"))
        return read_device(reader, node);
    if (is_record_node(node, "controller"))
        return read_controller(reader, node);
    return spoil(reader, node, "is unknown here");
}

/* --- devices --- */

static int compare_devices(const void *left, const void *right)
{
    size_t a = ((const struct record_device *)left)->device,
           b = ((const struct record_device *)right)->device;

    return (a > b) - (a < b);
}

static void clear_device(struct record_device *entry)
{
    for (size_t i = 0; i < RECORD_ATTRIBUTES; i++)
        free(entry->texts[i]);
    free(entry->alias);
}

/* Entries of devices that are no longer there go, the others are sorted by device. */
static void sort_devices(struct domain_record *record, const size_t *devices)
{
    size_t n = 0;

    for (size_t i = 0; i < record->devices.count; i++) {
        if (devices[i] == SIZE_MAX) {
            clear_device(&record->devices.items[i]);
            continue;
        }
        record->devices.items[n] = record->devices.items[i];
        record->devices.items[n++].device = devices[i];
    }
    record->devices.count = n;
    if (n)
        qsort(record->devices.items, n, sizeof(*record->devices.items), compare_devices);
}

/* The names of the entries are those of the elements, in the same order. */
static int find_devices(const struct reader *reader, const struct node *node)
{
    struct domain *model = &reader->domain->model;
    size_t count = model->record.devices.count, n = 0;
    autofree const char **names = calloc(count + 1, sizeof(const char *));
    autofree size_t *devices = calloc(count + 1, sizeof(*devices));

    if (!names || !devices)
        return error_nomem(reader->reterr);
    for (const struct node *child = node->children; child && n < count; child = child->next) {
        if (is_record_node(child, "device"))
            names[n++] = node_attribute(child, "host");
    }
    if (!record_find_devices(model, names, n, devices))
        return error_nomem(reader->reterr);
    sort_devices(&model->record, devices);
    return 0;
}

/* --- the record --- */

static int read_attributes(const struct reader *reader, const struct node *node)
{
    static const char *const names[] = {"made", "metadata", NULL};
    const char *made = node_attribute(node, "made"), *metadata = node_attribute(node, "metadata");
    struct domain_record *record = &reader->domain->model.record;

    if (!has_only(node, names) || (made && (strcmp(made, "metadata") != 0 || metadata)) ||
        (metadata && !record_accepts_metadata(metadata)))
        return spoil(reader, node, "is not as vtopo writes it");
    record->made_metadata = made;
    return reader_copy(reader, metadata, &record->metadata);
}

static int read_record(const struct reader *reader, const struct node *node)
{
    struct domain_record *record = &reader->domain->model.record;
    int r = 0;

    if (!is_record_node(node, "record") || node_has_own_text(node))
        return spoil(reader, node, "is not as vtopo writes it");
    r = read_attributes(reader, node);
    for (const struct node *child = node->children; !r && child && !record->problem;
         child = child->next)
        r = read_entry(reader, child);
    return r || record->problem ? r : find_devices(reader, node);
}

static bool is_of_other_version(const struct node *node)
{
    return node->namespace && strcmp(node->namespace, RECORD_NAMESPACE) != 0 &&
           namespace_is_of(node->namespace, "record");
}

static int add_place(const struct reader *reader, const struct node *node)
{
    size_t *element = vec_add(&reader->domain->records);

    if (!element)
        return error_nomem(reader->reterr);
    *element = node_element(node);
    reader->domain->model.record.there = true;
    return 0;
}

int parse_record(const struct reader *reader, const struct node *root)
{
    const struct node *metadata = node_child(root, "metadata");
    int r = 0;

    for (const struct node *child = metadata ? metadata->children : NULL; !r && child;
         child = child->next) {
        if (is_of_other_version(child))
            return reader_refuse(
                reader, child,
                "namespace '%s' is of another version of vtopo's record (known: " RECORD_NAMESPACE
                ")",
                CLIP(child->namespace));
        if (!child->namespace || strcmp(child->namespace, RECORD_NAMESPACE) != 0)
            continue;
        r = add_place(reader, child);
        if (!r && reader->domain->records.count > 1)
            r = spoil(reader, child, "is there twice");
        else if (!r)
            r = read_record(reader, child);
    }
    return r;
}
