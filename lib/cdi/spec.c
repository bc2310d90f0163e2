/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spec.c - read one CDI spec
 *
 * Takes:  YAML or JSON from anybody (JSON is read as YAML, which it is a part of).
 * Gives:  struct policy_cdi for each device that has annotations of vtopo's.
 * Rule:   a typing mistake in what is vtopo's must not be passed over in silence; what is not
 *         vtopo's is not looked at, but for its keys. Hostile input: the text is gone through once
 * to bound its events, depth and anchors before libyaml makes a tree of it (which compares every
 * anchor with every other), and the steps in the tree are bounded, since aliases can make it as
 *         large as they like.
 * Not here: folders (folder.c), what the annotations mean for the plan (core).
 */
#include "cdi/cdi.h"

#include "base/error.h"

#include <string.h>
#include <yaml.h>

#define EVENTS_MAX 250000
#define ANCHORS_MAX 1000
#define DEPTH_MAX 64
#define STEPS_MAX 250000

struct spec {
    const char *name;
    yaml_document_t document;
    size_t steps;
    bool newer; /* than the version whose keys are known here */
    struct vtopo_policy *policy;
    struct vtopo_error **reterr;
};

/* The line of a node; the first is 1. */
static long line_of(const yaml_node_t *node)
{
    return (long)node->start_mark.line + 1;
}

#define wrong(spec, node, format, ...)                                                             \
    error_set((spec)->reterr, VTOPO_ERR_FILE, "%s:%ld: " format, (spec)->name, line_of(node),      \
              __VA_ARGS__)

/* --- the text --- */

static int parser_failed(const yaml_parser_t *parser, const char *name, struct vtopo_error **reterr)
{
    if (parser->error == YAML_MEMORY_ERROR || parser->error == YAML_NO_ERROR)
        return error_nomem(reterr);
    return error_set(
        reterr, VTOPO_ERR_FILE, "%s:%zu: %s", name,
        (parser->error == YAML_READER_ERROR ? parser->mark.line : parser->problem_mark.line) + 1,
        parser->problem ? parser->problem : "is not YAML");
}

/* Counts over a text. */
struct census {
    size_t events, anchors, depth, documents;
};

static void count_event(const yaml_event_t *event, struct census *census)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        census->documents++;
        break;
    case YAML_SCALAR_EVENT:
        census->anchors += event->data.scalar.anchor != NULL;
        break;
    case YAML_SEQUENCE_START_EVENT:
        census->anchors += event->data.sequence_start.anchor != NULL;
        census->depth++;
        break;
    case YAML_MAPPING_START_EVENT:
        census->anchors += event->data.mapping_start.anchor != NULL;
        census->depth++;
        break;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        census->depth--;
        break;
    default:
        break;
    }
    census->events++;
}

static const char *excess(const struct census *census)
{
    if (census->events > EVENTS_MAX)
        return "has too many values";
    if (census->anchors > ANCHORS_MAX)
        return "has too many anchors";
    if (census->depth > DEPTH_MAX)
        return "is nested too deeply";
    return census->documents > 1 ? "has a second document" : NULL;
}

/* Is the text one that a tree may be made of? */
static int check_events(yaml_parser_t *parser, const char *name, struct vtopo_error **reterr)
{
    struct census census = {0};
    bool end = false;

    while (!end) {
        yaml_event_t event;
        const char *why;
        size_t line;

        if (!yaml_parser_parse(parser, &event))
            return parser_failed(parser, name, reterr);
        count_event(&event, &census);
        end = event.type == YAML_STREAM_END_EVENT;
        line = event.start_mark.line + 1;
        yaml_event_delete(&event);
        why = excess(&census);
        if (why)
            return error_set(reterr, VTOPO_ERR_FILE, "%s:%zu: %s", name, line, why);
    }
    return 0;
}

static int start_parser(yaml_parser_t *parser, const char *text, size_t length,
                        struct vtopo_error **reterr)
{
    if (!yaml_parser_initialize(parser))
        return error_nomem(reterr);
    yaml_parser_set_input_string(parser, (const unsigned char *)text, length);
    return 0;
}

static int check_text(const char *text, size_t length, const char *name,
                      struct vtopo_error **reterr)
{
    yaml_parser_t parser;
    int r = start_parser(&parser, text, length, reterr);

    if (r)
        return r;
    r = check_events(&parser, name, reterr);
    yaml_parser_delete(&parser);
    return r;
}

static int load(const char *text, size_t length, struct spec *spec)
{
    yaml_parser_t parser;
    int r = start_parser(&parser, text, length, spec->reterr);

    if (r)
        return r;
    if (!yaml_parser_load(&parser, &spec->document))
        r = parser_failed(&parser, spec->name, spec->reterr);
    yaml_parser_delete(&parser);
    return r;
}

/* --- the tree --- */

static yaml_node_t *node_at(struct spec *spec, int index)
{
    return yaml_document_get_node(&spec->document, index);
}

/* The text of a scalar, quoted or not; NULL: it is none, or has a NUL inside. */
static const char *text_of(const yaml_node_t *node)
{
    const char *text;

    if (node->type != YAML_SCALAR_NODE)
        return NULL;
    text = (const char *)node->data.scalar.value;
    return strlen(text) == node->data.scalar.length ? text : NULL;
}

/* What a key without a value has, and what Go writes for an empty list. */
static bool is_null(const yaml_node_t *node)
{
    const char *text = text_of(node);

    return text && node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           (!*text || !strcmp(text, "~") || !strcmp(text, "null"));
}

static int spend(struct spec *spec, const yaml_node_t *node, size_t steps)
{
    if (steps <= STEPS_MAX - spec->steps) {
        spec->steps += steps;
        return 0;
    }
    return wrong(spec, node, "%s", "says too much by aliases");
}

/* What a reader of a mapping wants of it. */
struct key {
    const char *name;
    yaml_node_t *value; /* NULL: it is not there */
};

/* Looks for all @keys (the last has no name). A key twice, and YAML's merge key, could be read in
 * two ways. */
static int find_keys(struct spec *spec, const yaml_node_t *mapping, struct key *keys)
{
    const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
    size_t count = (size_t)(mapping->data.mapping.pairs.top - pair);
    int r = spend(spec, mapping, count + 1);

    for (; !r && pair < mapping->data.mapping.pairs.top; pair++) {
        yaml_node_t *name = node_at(spec, pair->key);
        const char *text = text_of(name);
        struct key *key = keys;

        if (text && !strcmp(text, "<<"))
            return wrong(spec, name, "%s", "merge keys (<<) are not read: write the keys out");
        while (key->name && (!text || strcmp(key->name, text) != 0))
            key++;
        if (!key->name)
            continue;
        if (key->value)
            return wrong(spec, name, "'%s' is here twice", key->name);
        key->value = node_at(spec, pair->value);
        if (is_null(key->value))
            key->value = NULL;
    }
    return r;
}

/* --- typing mistakes --- */

/* Only letters and digits, small ones; what is longer is nobody's mistake. */
static void simplify(const char *text, char simple[16])
{
    size_t n = 0;

    for (; *text && n < 15; text++) {
        if ((*text >= '0' && *text <= '9') || (*text >= 'a' && *text <= 'z'))
            simple[n++] = *text;
        else if (*text >= 'A' && *text <= 'Z')
            simple[n++] = (char)(*text - 'A' + 'a');
    }
    simple[n] = '\0';
}

/* Are they the same but for one letter that is missing, added, or another one? */
static bool is_one_off(const char *a, const char *b)
{
    size_t same = 0, left, right;

    while (a[same] && a[same] == b[same])
        same++;
    left = strlen(a + same);
    right = strlen(b + same);
    if (left == right)
        return left <= 1 || !strcmp(a + same + 1, b + same + 1) ||
               (a[same] == b[same + 1] && a[same + 1] == b[same] &&
                !strcmp(a + same + 2, b + same + 2));
    return left + 1 == right ? !strcmp(a + same, b + same + 1)
                             : left == right + 1 && !strcmp(a + same + 1, b + same);
}

/* Is it what somebody has written who meant the known one?  The policy calls cliques "clique". */
static bool is_nearly(const char *simple, const char *known)
{
    if (!strcmp(known, "cliqueid") && !strcmp(simple, "clique"))
        return true;
    return !strcmp(simple, known) || (strlen(known) > 3 && is_one_off(simple, known));
}

/* Annotations of others are theirs; one that is nearly vtopo's, or says that it is, is a mistake.
 */
static int check_annotation(struct spec *spec, const yaml_node_t *node, const struct key *keys)
{
    static const char prefix[] = "vtopo.io/";
    const char *text = text_of(node);
    char simple[16], known[16];

    for (const struct key *key = keys; text && key->name; key++) {
        if (!strcmp(text, key->name))
            return 0;
    }
    if (text && !strncmp(text, prefix, strlen(prefix)))
        return wrong(spec, node, "unknown annotation '%.40s' (known: bdf, clique-id, attach-pci)",
                     text);
    for (const struct key *key = keys; text && key->name; key++) {
        simplify(text, simple);
        simplify(key->name, known);
        if (is_nearly(simple, known))
            return wrong(spec, node, "unknown annotation '%.40s': '%s' is meant?", text, key->name);
    }
    return 0;
}

static int check_annotations(struct spec *spec, const yaml_node_t *mapping, const struct key *keys)
{
    int r = 0;

    for (const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
         !r && pair < mapping->data.mapping.pairs.top; pair++)
        r = check_annotation(spec, node_at(spec, pair->key), keys);
    return r;
}

/* The specification's own library refuses keys that it does not know. */
static int check_known(struct spec *spec, const yaml_node_t *mapping, const char *const *known)
{
    for (const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
         pair < mapping->data.mapping.pairs.top; pair++) {
        const yaml_node_t *node = node_at(spec, pair->key);
        const char *text = text_of(node), *const *name = known;

        while (*name && (!text || strcmp(text, *name) != 0))
            name++;
        if (!*name && !(text && !strcmp(text, "<<"))) /* a merge key: what vtopo reads has none */
            return wrong(spec, node, "unknown key '%.40s'", text ? text : "");
    }
    return 0;
}

/* --- what is not vtopo's: its keys --- */

/* The mappings of containerEdits, alone or in a list (specs-go/config.go, version 1.1). */
struct known_mapping {
    const char *name;
    const char *keys[10];
};

static const char *const known_edits[] = {"env",    "deviceNodes", "netDevices",     "hooks",
                                          "mounts", "intelRdt",    "additionalGids", NULL};
static const struct known_mapping known_in_edits[] = {
    {"deviceNodes",
     {"path", "hostPath", "type", "major", "minor", "fileMode", "permissions", "uid", "gid"}},
    {"netDevices", {"hostInterfaceName", "name"}},
    {"hooks", {"hookName", "path", "args", "env", "timeout"}},
    {"mounts", {"hostPath", "containerPath", "options", "type"}},
    {"intelRdt",
     {"closID", "l3CacheSchema", "memBwSchema", "schemata", "enableMonitoring", "enableCMT",
      "enableMBM"}},
};
#define KNOWN_IN_EDITS (sizeof(known_in_edits) / sizeof(*known_in_edits))

static size_t pairs_of(const yaml_node_t *mapping)
{
    return (size_t)(mapping->data.mapping.pairs.top - mapping->data.mapping.pairs.start);
}

static int check_mapping(struct spec *spec, const yaml_node_t *node, const char *const *known)
{
    int r;

    if (node->type != YAML_MAPPING_NODE)
        return spend(spec, node, 1);
    r = spend(spec, node, pairs_of(node) + 1);
    return r ? r : check_known(spec, node, known);
}

static int check_edit(struct spec *spec, const yaml_node_t *node, const char *const *known)
{
    int r = 0;

    if (node->type != YAML_SEQUENCE_NODE)
        return check_mapping(spec, node, known);
    for (const yaml_node_item_t *item = node->data.sequence.items.start;
         !r && item < node->data.sequence.items.top; item++)
        r = check_mapping(spec, node_at(spec, *item), known);
    return r;
}

static const char *const *known_in(const char *edit)
{
    for (size_t i = 0; edit && i < KNOWN_IN_EDITS; i++) {
        if (!strcmp(edit, known_in_edits[i].name))
            return known_in_edits[i].keys;
    }
    return NULL;
}

/* @node may be NULL.  Types are not looked at. */
static int check_edits(struct spec *spec, const yaml_node_t *node)
{
    int r;

    if (!node || node->type != YAML_MAPPING_NODE || spec->newer)
        return 0;
    r = check_mapping(spec, node, known_edits);
    for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
         !r && pair < node->data.mapping.pairs.top; pair++) {
        const char *const *known = known_in(text_of(node_at(spec, pair->key)));

        if (known)
            r = check_edit(spec, node_at(spec, pair->value), known);
    }
    return r;
}

/* "1.2.0" and later may have keys that are not known here. */
static bool is_newer_version(const char *text)
{
    char *end;
    unsigned long major = strtoul(text, &end, 10);
    unsigned long minor = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;

    return major > 1 || (major == 1 && minor > 1);
}

/* --- what is vtopo's --- */

static int read_bdf(struct spec *spec, const yaml_node_t *node, struct bdf *ret_bdf)
{
    const char *text = text_of(node);

    if (text && bdf_parse(text, ret_bdf))
        return 0;
    return wrong(spec, node,
                 "bdf '%.40s' must be a PCI address like \"41:00.0\" or \"0000:41:00.0\"",
                 text ? text : "");
}

static int read_clique(struct spec *spec, const yaml_node_t *node, int *ret_clique)
{
    const char *text = text_of(node);
    size_t digits = text ? strspn(text, "0123456789") : 0;
    long clique = digits && digits <= 2 && !text[digits] ? strtol(text, NULL, 10) : -1;

    if (clique < 0 || clique > CLIQUE_MAX)
        return wrong(spec, node, "clique-id '%.40s' must be a number from 0 to %d",
                     text ? text : "", CLIQUE_MAX);
    *ret_clique = (int)clique;
    return 0;
}

static int read_attach_pci(struct spec *spec, const yaml_node_t *node, int *ret_attach)
{
    const char *text = text_of(node);

    if (text && (!strcmp(text, "true") || !strcmp(text, "yes")))
        *ret_attach = 1;
    else if (text && (!strcmp(text, "false") || !strcmp(text, "no")))
        *ret_attach = 0;
    else
        return wrong(spec, node,
                     "attach-pci '%.40s' must be one of \"no\", \"yes\", \"false\", \"true\"",
                     text ? text : "");
    return 0;
}

static int add_device(struct spec *spec, const yaml_node_t *node, struct policy_cdi said)
{
    struct policy_cdi *cdi = vec_add(&spec->policy->cdi);

    if (!cdi)
        return error_nomem(spec->reterr);
    *cdi = said;
    cdi->line = line_of(node);
    cdi->file = strdup(spec->name);
    return cdi->file ? 0 : error_nomem(spec->reterr);
}

static int read_annotations(struct spec *spec, const yaml_node_t *node)
{
    enum { BDF, CLIQUE, ATTACH_PCI };
    struct key keys[] = {{"bdf", NULL}, {"clique-id", NULL}, {"attach-pci", NULL}, {NULL, NULL}};
    struct policy_cdi said = {.clique = -1, .attach_pci = -1};
    int r;

    if (node->type != YAML_MAPPING_NODE)
        return wrong(spec, node, "%s", "annotations must be a mapping");
    r = find_keys(spec, node, keys);
    if (!r)
        r = check_annotations(spec, node, keys);
    if (r || (!keys[CLIQUE].value && !keys[ATTACH_PCI].value))
        return r;
    if (!keys[BDF].value)
        return wrong(spec, node, "a device with the annotation '%s' needs the annotation 'bdf'",
                     keys[CLIQUE].value ? "clique-id" : "attach-pci");
    r = read_bdf(spec, keys[BDF].value, &said.bdf);
    if (!r && keys[CLIQUE].value)
        r = read_clique(spec, keys[CLIQUE].value, &said.clique);
    if (!r && keys[ATTACH_PCI].value)
        r = read_attach_pci(spec, keys[ATTACH_PCI].value, &said.attach_pci);
    return r ? r : add_device(spec, keys[BDF].value, said);
}

static int read_device(struct spec *spec, const yaml_node_t *node)
{
    static const char *const known[] = {"name", "annotations", "containerEdits", NULL};
    enum { ANNOTATIONS, EDITS };
    struct key keys[] = {{"annotations", NULL}, {"containerEdits", NULL}, {NULL, NULL}};
    int r;

    if (node->type != YAML_MAPPING_NODE)
        return wrong(spec, node, "%s", "a device must be a mapping");
    r = find_keys(spec, node, keys);
    if (!r)
        r = check_known(spec, node, known);
    if (!r)
        r = check_edits(spec, keys[EDITS].value);
    return r || !keys[ANNOTATIONS].value ? r : read_annotations(spec, keys[ANNOTATIONS].value);
}

static int read_devices(struct spec *spec, const yaml_node_t *node)
{
    int r = 0;

    if (node->type != YAML_SEQUENCE_NODE)
        return wrong(spec, node, "%s", "devices must be a list");
    for (const yaml_node_item_t *item = node->data.sequence.items.start;
         !r && item < node->data.sequence.items.top; item++) {
        r = spend(spec, node, 1);
        if (!r)
            r = read_device(spec, node_at(spec, *item));
    }
    return r;
}

/* Every spec has these (SPEC.md of the CDI project). */
static int check_text_key(struct spec *spec, const yaml_node_t *root, const struct key *key)
{
    if (!key->value)
        return wrong(spec, root, "is not a CDI spec: it has no '%s'", key->name);
    if (!text_of(key->value))
        return wrong(spec, key->value, "'%s' must be a text", key->name);
    return 0;
}

static int read_root(struct spec *spec)
{
    static const char *const known[] = {"cdiVersion", "kind",           "annotations",
                                        "devices",    "containerEdits", NULL};
    enum { VERSION, KIND, DEVICES, EDITS };
    struct key keys[] = {{"cdiVersion", NULL},
                         {"kind", NULL},
                         {"devices", NULL},
                         {"containerEdits", NULL},
                         {NULL, NULL}};
    yaml_node_t *root = yaml_document_get_root_node(&spec->document);
    int r;

    if (!root)
        return error_set(spec->reterr, VTOPO_ERR_FILE, "%s:1: is empty", spec->name);
    if (root->type != YAML_MAPPING_NODE)
        return wrong(spec, root, "%s", "is not a CDI spec: it must be a mapping");
    r = find_keys(spec, root, keys);
    if (!r)
        r = check_known(spec, root, known);
    if (!r)
        r = check_text_key(spec, root, &keys[VERSION]);
    if (!r)
        r = check_text_key(spec, root, &keys[KIND]);
    spec->newer = !r && is_newer_version(text_of(keys[VERSION].value));
    if (!r)
        r = check_edits(spec, keys[EDITS].value);
    return r || !keys[DEVICES].value ? r : read_devices(spec, keys[DEVICES].value);
}

static void forget_from(struct vtopo_policy *policy, size_t count)
{
    while (policy->cdi.count > count)
        free(policy->cdi.items[--policy->cdi.count].file);
}

int cdi_parse(const char *text, size_t length, const char *name, struct vtopo_policy *policy,
              struct vtopo_error **reterr)
{
    struct spec spec = {.name = name, .policy = policy, .reterr = reterr};
    size_t before = policy->cdi.count;
    int r = check_text(text, length, name, reterr);

    if (!r)
        r = load(text, length, &spec);
    if (r)
        return r;
    r = read_root(&spec);
    yaml_document_delete(&spec.document);
    if (r)
        forget_from(policy, before);
    return r;
}
