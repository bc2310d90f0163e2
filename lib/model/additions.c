/* SPDX-License-Identifier: GPL-2.0-or-later */
/* additions.c - see additions.h */
#include "model/additions.h"

#include <stdio.h>
#include <string.h>

/* --- kinds --- */

static const struct addition_place places[] = {
#define ADDITION(name, parent, element, attribute) [ADDITION_##name] = {parent, element, attribute},
#include "model/additions.def"
#undef ADDITION
};

const struct addition_place *addition_place(enum addition_kind kind)
{
    return &places[kind];
}

static bool is_at(const struct addition_place *place, const char *parent, const char *element,
                  const char *attribute)
{
    return !strcmp(place->parent, parent) && !strcmp(place->element, element) &&
           !place->attribute == !attribute && (!attribute || !strcmp(place->attribute, attribute));
}

enum addition_kind addition_kind_of(const char *parent, const char *element, const char *attribute)
{
    enum addition_kind kind = 0;

    while (kind < ADDITION_KINDS && !is_at(&places[kind], parent, element, attribute))
        kind++;
    return kind;
}

unsigned addition_depth(enum addition_kind kind)
{
    const char *path = places[kind].parent;
    unsigned depth = *path != '\0';

    while ((path = strchr(path, '/'))) {
        depth++;
        path++;
    }
    return depth;
}

bool addition_is_of_one(enum addition_kind kind)
{
    return strstr(places[kind].parent, ADDITION_CELL) ||
           strstr(places[kind].parent, ADDITION_HOSTDEV);
}

static bool is_of_cells(enum addition_kind kind)
{
    switch (kind) {
    case ADDITION_PAGE_NODESET:
    case ADDITION_VCPUPIN:
    case ADDITION_NUMATUNE_MEMORY:
    case ADDITION_NUMATUNE_MEMNODE:
    case ADDITION_CPU_TOPOLOGY:
    case ADDITION_CPU_NUMA:
    case ADDITION_CELL_DISTANCES:
    case ADDITION_CELL_SIBLING:
    case ADDITION_NUMA_CELL:
        return true;
    default:
        return false;
    }
}

/* A device that is gone takes its word on cells with it, and leaves them to vtopo. */
static bool stands_with_cells(enum addition_kind kind)
{
    return is_of_cells(kind) || kind == ADDITION_DEVICE_ACPI;
}

/* --- digests: FNV-1a --- */

#define FNV_START UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)
#define BLANKS " \t\r\n"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

static uint64_t hash_bytes(uint64_t hash, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)bytes[i]) * FNV_PRIME;
    return hash;
}

static uint64_t hash_number(uint64_t hash, uint64_t number)
{
    for (int shift = 0; shift < 64; shift += 8)
        hash = (hash ^ (number >> shift & 0xff)) * FNV_PRIME;
    return hash;
}

/*
 * What counts in no order is added up, and sums of FNV alone meet: cellid 0 and nodeset 0 were
 * cellid 1 and nodeset 1.  (The last step of MurmurHash3.)
 */
static uint64_t mix(uint64_t hash)
{
    hash = (hash ^ hash >> 33) * UINT64_C(0xff51afd7ed558ccd);
    hash = (hash ^ hash >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
    return hash ^ hash >> 33;
}

/* libvirt writes these where they are not given (mode was tried with 9.0, which has no clusters
 * yet; newer ones write them). */
bool addition_is_default(const char *element, const char *attribute, const char *value)
{
    static const struct {
        const char *element, *attribute, *value;
    } defaults[] = {
        {"topology", "dies", "1"},
        {"topology", "clusters", "1"},
        {"hyperv", "mode", "custom"},
    };

    for (size_t i = 0; i < sizeof(defaults) / sizeof(*defaults); i++) {
        if (!strcmp(defaults[i].element, element) && !strcmp(defaults[i].attribute, attribute) &&
            !strcmp(defaults[i].value, value))
            return true;
    }
    return false;
}

uint64_t addition_digest_attribute(const char *element, const char *name, const char *value)
{
    uint64_t hash;

    if (addition_is_default(element, name, value))
        return 0;
    hash = hash_bytes(FNV_START, name, strlen(name) + 1);
    return mix(hash_bytes(hash, value, strlen(value)));
}

static void trim(const char **text, size_t *length)
{
    while (*length && strchr(BLANKS, **text)) {
        (*text)++;
        (*length)--;
    }
    while (*length && strchr(BLANKS, (*text)[*length - 1]))
        (*length)--;
}

uint64_t addition_digest_element(const char *name, uint64_t attributes, uint64_t children,
                                 const char *text, size_t length)
{
    uint64_t hash = hash_bytes(FNV_START, name, strlen(name) + 1);

    hash = hash_number(hash, attributes);
    hash = hash_number(hash, children);
    if (!children) {
        trim(&text, &length);
        hash = hash_bytes(hash, text, length);
    }
    return mix(hash);
}

/* --- our own text: nobody else's comes here --- */

/* In place: no entity is shorter than what it stands for. */
static size_t resolve(char *text, size_t length)
{
    static const struct {
        const char *entity;
        char c;
    } entities[] = {{"&amp;", '&'},  {"&lt;", '<'},  {"&gt;", '>'},   {"&apos;", '\''},
                    {"&quot;", '"'}, {"&#9;", '\t'}, {"&#10;", '\n'}, {"&#13;", '\r'}};
    size_t to = 0;

    for (size_t from = 0; from < length;) {
        size_t n = 0, skip = 1;
        char c = text[from];

        while (c == '&' && n < sizeof(entities) / sizeof(*entities)) {
            size_t size = strlen(entities[n].entity);

            if (size <= length - from && !memcmp(text + from, entities[n].entity, size)) {
                c = entities[n].c;
                skip = size;
                break;
            }
            n++;
        }
        text[to++] = c;
        from += skip;
    }
    return to;
}

/* A piece of a copy that may be written into. */
static char *cut(char **at, const char *stop)
{
    char *begin = *at;
    size_t length = strcspn(begin, stop);

    *at = begin + length;
    return begin;
}

/* Behind its start tag; @name gets a NUL behind it. */
static uint64_t read_attributes(const char *name, char **at, bool *ret_closed)
{
    uint64_t sum = 0;

    *ret_closed = false;
    while (**at && **at != '>') {
        char *attribute, *value;

        if (strchr(BLANKS "/", **at)) {
            *ret_closed = **at == '/';
            (*at)++;
            continue;
        }
        attribute = cut(at, "=");
        if (!**at)
            break;
        *(*at)++ = '\0';
        *at += **at == '\'';
        value = cut(at, "'");
        if (!**at)
            break;
        *(*at)++ = '\0';
        value[resolve(value, strlen(value))] = '\0';
        sum += addition_digest_attribute(name, attribute, value);
    }
    *at += **at == '>';
    return sum;
}

/* "<name ...>...</name>" at *at, which goes behind it. */
static uint64_t read_element(char **at)
{
    uint64_t attributes, children = 0;
    char *name, *text, end;
    size_t length;
    bool closed;

    *at += **at == '<';
    name = cut(at, BLANKS "/>");
    end = **at;
    if (end == '>' || end == '/') { /* the NUL behind the name takes its place */
        closed = end == '/';
        **at = '\0';
        *at += closed ? 2 : 1;
        attributes = 0;
    } else {
        if (end)
            *(*at)++ = '\0';
        attributes = read_attributes(name, at, &closed);
    }
    if (closed || !end)
        return addition_digest_element(name, attributes, 0, "", 0);
    text = cut(at, "<");
    length = (size_t)(*at - text);
    while (**at && (*at)[1] != '/') {
        children += read_element(at);
        cut(at, "<");
    }
    cut(at, ">");
    *at += **at == '>';
    return addition_digest_element(name, attributes, children, text,
                                   children ? 0 : resolve(text, length));
}

bool addition_digest(const char *text, uint64_t *ret_digest)
{
    autofree char *copy = strdup(text);
    char *at = copy;

    if (!copy)
        return false;
    *ret_digest = read_element(&at);
    return true;
}

/* --- the list --- */

/* Takes over what the addition has. */
static bool insert(struct additions *additions, struct addition addition)
{
    struct addition *last = vec_add(additions);
    size_t at;

    if (!last) {
        free(addition.text);
        free(addition.old);
        return false;
    }
    for (at = additions->count - 1; at > 0 && additions->items[at - 1].kind > addition.kind; at--)
        additions->items[at] = additions->items[at - 1];
    additions->items[at] = addition;
    return true;
}

bool additions_add(struct additions *additions, enum addition_kind kind, char *text)
{
    return additions_add_to(additions, kind, "", text);
}

bool additions_add_to(struct additions *additions, enum addition_kind kind, const char *of,
                      char *text)
{
    struct addition addition = {.kind = kind, .text = text};

    if (!text || !addition_digest(text, &addition.digest)) {
        free(text);
        return false;
    }
    snprintf(addition.of, sizeof(addition.of), "%s", of);
    return insert(additions, addition);
}

bool additions_change(struct additions *additions, enum addition_kind kind, const char *old,
                      char *value)
{
    const struct addition_place *place = &places[kind];
    struct addition addition = {.kind = kind, .text = value, .old = old ? strdup(old) : NULL};

    if (!value || (old && !addition.old)) {
        free(value);
        free(addition.old);
        return false;
    }
    addition.digest = addition_digest_attribute(place->element, place->attribute, value);
    return insert(additions, addition);
}

bool additions_replace(struct additions *additions, enum addition_kind kind, const char *old,
                       char *text)
{
    struct addition addition = {.kind = kind, .text = text, .old = strdup(old)};

    if (!text || !addition.old || !addition_digest(text, &addition.digest)) {
        free(text);
        free(addition.old);
        return false;
    }
    return insert(additions, addition);
}

/* Behind @word, if @text begins with it; else NULL. */
static const char *behind(const char *text, const char *word)
{
    size_t length = strlen(word);

    return text && !strncmp(text, word, length) ? text + length : NULL;
}

static const char *behind_blanks(const char *text)
{
    return text ? text + strspn(text, " ") : NULL;
}

/* Behind unit="KiB" or the like. */
static const char *behind_unit(const char *text)
{
    const char *value = behind(text, "unit=");
    char quote[2] = {value ? *value : '\0', '\0'};

    if (!value || (*quote != '\'' && *quote != '"'))
        return NULL;
    value++;
    return behind(value + strspn(value, LETTERS), quote);
}

bool addition_may_replace(const char *text, const char *element)
{
    const char *at = behind(behind(text, "<"), element);

    if (at && *at == ' ' && *behind_blanks(at) != '>')
        at = behind_unit(behind_blanks(at));
    at = behind_blanks(behind(behind_blanks(at), ">"));
    if (!at || *at < '0' || *at > '9')
        return false;
    at = behind(behind(behind_blanks(at + strspn(at, "0123456789")), "</"), element);
    at = behind(behind_blanks(at), ">");
    return at && !*at;
}

bool additions_have(const struct additions *additions, enum addition_kind kind)
{
    for (size_t i = 0; i < additions->count; i++) {
        if (additions->items[i].kind == kind)
            return true;
    }
    return false;
}

void additions_clear(struct additions *additions)
{
    for (size_t i = 0; i < additions->count; i++) {
        free(additions->items[i].text);
        free(additions->items[i].old);
    }
    free(additions->items);
    *additions = (struct additions){0};
}

void record_additions_clear(struct record_additions *recorded)
{
    for (size_t i = 0; i < recorded->count; i++)
        free(recorded->items[i].was);
    free(recorded->items);
    *recorded = (struct record_additions){0};
}

void record_additions_give_cells(struct record_additions *recorded, bool named)
{
    bool give = named;

    for (size_t i = 0; i < recorded->count; i++)
        give = give ||
               (is_of_cells(recorded->items[i].kind) && recorded->items[i].element == SIZE_MAX);
    for (size_t i = 0; give && i < recorded->count; i++) {
        struct record_addition *one = &recorded->items[i];

        if (!stands_with_cells(one->kind) || one->element == SIZE_MAX)
            continue;
        one->given = true;
        one->element = SIZE_MAX;
    }
}

bool additions_are_recorded(const struct additions *additions,
                            const struct record_additions *recorded)
{
    if (additions->count != recorded->count)
        return false;
    for (size_t i = 0; i < additions->count; i++) {
        const struct addition *wanted = &additions->items[i];
        const struct record_addition *is = &recorded->items[i];

        if (is->kind != wanted->kind || is->element == SIZE_MAX || is->digest != wanted->digest ||
            strcmp(is->of, wanted->of) != 0)
            return false;
    }
    return true;
}
