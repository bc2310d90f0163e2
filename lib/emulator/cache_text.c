/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cache_text.c - see cache_text.h
 *
 * Takes:  <qemuCaps> with <emulator>, <qemuctime>, <selfvers>, <version>, <arch>, <machine>s.
 * Gives:  a known emulator.
 * Rule:   each of them once and right, otherwise the text is not libvirt's.  Read as a domain is:
 *         no network, no document type, no entity, libxml2's limits; no tree is made of it.
 * Not here: whether the file is to be believed (cache_file.c).
 */
#include "emulator/cache_text.h"

#include "base/error.h"
#include "model/version_text.h"

#include <libxml/parser.h>
#include <string.h>

/* The elements below the root whose text counts. */
enum part { PART_EMULATOR, PART_CHANGED, PART_LIBVIRT, PART_QEMU, PART_ARCH, PARTS };

static const char *const part_names[PARTS] = {
    "emulator", "qemuctime", "selfvers", "version", "arch",
};

#define PART_MAX EMULATOR_PATH_MAX

/* parser->_private points to it. */
struct reading {
    struct host_emulator *emulator;
    unsigned depth;
    enum part part; /* that is open, PARTS: none */
    char texts[PARTS][PART_MAX + 1];
    size_t lengths[PARTS];
    bool seen[PARTS];
    bool wrong, no_memory;
};

static struct reading *reading_of(void *context)
{
    return ((xmlParserCtxt *)context)->_private;
}

static enum part find_part(const char *name)
{
    for (enum part part = 0; part < PARTS; part++) {
        if (!strcmp(name, part_names[part]))
            return part;
    }
    return PARTS;
}

/* @attributes: of libxml2, five a piece.  False: it is not there, or too long. */
static bool copy_attribute(const xmlChar **attributes, int count, const char *name,
                           char ret[EMULATOR_NAME_MAX + 1])
{
    for (int i = 0; i < count; i++, attributes += 5) {
        size_t length = (size_t)(attributes[4] - attributes[3]);

        if (strcmp((const char *)attributes[0], name) || length > EMULATOR_NAME_MAX)
            continue;
        memcpy(ret, attributes[3], length);
        ret[length] = '\0';
        return true;
    }
    return false;
}

/* Names that libvirt has and vtopo does not know stand for nothing. */
static void add_machine(struct reading *reading, const xmlChar **attributes, int count)
{
    char alias[EMULATOR_NAME_MAX + 1], name[EMULATOR_NAME_MAX + 1];

    if (!copy_attribute(attributes, count, "alias", alias) ||
        !copy_attribute(attributes, count, "name", name) || !emulator_is_name(alias) ||
        !emulator_is_name(name))
        return;
    if (reading->emulator->machines.count == EMULATOR_MACHINES_MAX)
        reading->wrong = true;
    else if (!emulator_add_machine(reading->emulator, alias, name))
        reading->no_memory = true;
}

static void on_start(void *context, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri,
                     int namespace_count, const xmlChar **namespaces, int attribute_count,
                     int defaulted_count, const xmlChar **attributes)
{
    struct reading *reading = reading_of(context);
    const char *name = (const char *)local;
    enum part part;

    (void)namespace_count;
    (void)namespaces;
    (void)defaulted_count; /* only with a DTD */
    reading->depth++;
    reading->wrong = reading->wrong || prefix || uri || reading->part != PARTS ||
                     (reading->depth == 1 && strcmp(name, "qemuCaps"));
    if (reading->wrong || reading->depth != 2)
        return;
    if (!strcmp(name, "machine"))
        add_machine(reading, attributes, attribute_count);
    part = find_part(name);
    if (part == PARTS)
        return;
    reading->wrong = reading->seen[part];
    reading->seen[part] = true;
    reading->part = part;
}

static void on_end(void *context, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
    struct reading *reading = reading_of(context);

    (void)local;
    (void)prefix;
    (void)uri;
    reading->depth--;
    reading->part = PARTS;
}

static void on_text(void *context, const xmlChar *text, int length)
{
    struct reading *reading = reading_of(context);
    enum part part = reading->part;

    if (part == PARTS || reading->wrong)
        return;
    if ((size_t)length > PART_MAX - reading->lengths[part]) {
        reading->wrong = true;
        return;
    }
    memcpy(reading->texts[part] + reading->lengths[part], text, (size_t)length);
    reading->lengths[part] += (size_t)length;
}

/* Before libxml2 looks at what is inside. */
static void on_doctype(void *context, const xmlChar *name, const xmlChar *external,
                       const xmlChar *system)
{
    (void)name;
    (void)external;
    (void)system;
    reading_of(context)->wrong = true;
    xmlStopParser(context);
}

#if LIBXML_VERSION >= 21200
static void on_error(void *context, const xmlError *error)
#else
static void on_error(void *context, xmlError *error)
#endif
{
    struct reading *reading = reading_of(context);

    if (error->code == XML_ERR_NO_MEMORY)
        reading->no_memory = true;
    reading->wrong = true;
}

static void listen(xmlParserCtxt *parser, struct reading *reading)
{
    xmlSAXHandler *sax = parser->sax;

    parser->_private = reading;
    sax->startElementNs = on_start;
    sax->endElementNs = on_end;
    sax->characters = sax->ignorableWhitespace = sax->cdataBlock = on_text;
    sax->reference = NULL;
    sax->comment = NULL;
    sax->processingInstruction = NULL;
    sax->internalSubset = on_doctype;
    sax->serror = on_error;
}

/* Digits alone; -1: something else, or more than @max. */
static int64_t parse_number(const char *text, int64_t max)
{
    int64_t number = 0;

    if (!*text || strlen(text) > 18 || text[strspn(text, "0123456789")])
        return -1;
    for (; *text; text++)
        number = number * 10 + (*text - '0');
    return number <= max ? number : -1;
}

static bool has_nul(const struct reading *reading)
{
    for (enum part part = 0; part < PARTS; part++) {
        if (strlen(reading->texts[part]) != reading->lengths[part])
            return true;
    }
    return false;
}

/* False: not all is there and right.  What it copies may fail: no_memory. */
static bool finish(struct reading *reading, struct cache_text *ret)
{
    const char *path = reading->texts[PART_EMULATOR], *arch = reading->texts[PART_ARCH];
    int64_t qemu = parse_number(reading->texts[PART_QEMU], VERSION_MAX);
    int64_t libvirt = parse_number(reading->texts[PART_LIBVIRT], VERSION_MAX);

    ret->changed = parse_number(reading->texts[PART_CHANGED], INT64_MAX);
    if (has_nul(reading) || qemu <= 0 || libvirt <= 0 || ret->changed < 0 ||
        !emulator_is_path(path) || !emulator_is_name(arch))
        return false;
    ret->emulator.qemu_version = (unsigned)qemu;
    ret->emulator.libvirt_version = (unsigned)libvirt;
    ret->emulator.path = strdup(path);
    ret->emulator.arch = strdup(arch);
    reading->no_memory = !ret->emulator.path || !ret->emulator.arch;
    return true;
}

int cache_text_parse(const char *text, size_t length, struct cache_text *ret, bool *ret_valid,
                     struct vtopo_error **reterr)
{
    struct reading reading = {.emulator = &ret->emulator, .part = PARTS};
    xmlParserCtxt *parser = length <= CACHE_TEXT_MAX ? xmlNewParserCtxt() : NULL;

    *ret = (struct cache_text){0};
    *ret_valid = false;
    if (!parser)
        return length <= CACHE_TEXT_MAX ? error_nomem(reterr) : 0;
    listen(parser, &reading);
    xmlFreeDoc(xmlCtxtReadMemory(parser, text, (int)length, NULL, NULL, XML_PARSE_NONET));
    *ret_valid = !reading.wrong && !reading.no_memory && finish(&reading, ret);
    xmlFreeParserCtxt(parser);
    if (reading.no_memory)
        *ret_valid = false;
    if (!*ret_valid)
        emulator_clear(&ret->emulator);
    return reading.no_memory ? error_nomem(reterr) : 0;
}
