/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parse_space.c - what decides where the guest's 64-bit window is
 *
 * Takes:  <cpu>, <maxMemory>, memory devices and <pcihole64>.
 * Gives:  domain.space.
 * Rule:   what libvirt would refuse is not looked at twice: a size that is none is not there.
 * Not here: the width of addresses and <memory> (parse_machine.c), the command line
 *         (parse_commandline.c).
 */
#include "base/error.h"
#include "domxml/cpu_models.h"
#include "domxml/parse.h"
#include "model/additions.h"
#include "model/mark.h"

#include <limits.h>
#include <string.h>

/* 1: the feature is asked for, 0: it is not to be there, -1: nothing is said. */
static int feature_of(const struct node *cpu, const char *name)
{
    int found = -1;

    for (const struct node *f = node_child(cpu, "feature"); f; f = node_next(f, "feature")) {
        const char *policy = node_attribute(f, "policy");

        if (node_attribute_is(f, "name", name))
            found = !policy || (strcmp(policy, "disable") != 0 && strcmp(policy, "forbid") != 0);
    }
    return found;
}

static char vendor_of(const char *text)
{
    if (!strcmp(text, "GenuineIntel"))
        return 'I';
    return !strcmp(text, "AuthenticAMD") ? 'A' : '?';
}

static int parse_features(const struct reader *reader, const struct node *cpu)
{
    struct domain_space *space = &reader->domain->model.space;
    const struct node *name = node_child(cpu, "model");
    autofree char *model = name ? node_text(name) : NULL;

    if (name && !model)
        return error_nomem(reader->reterr);
    space->host_features =
        reader->domain->model.cpu_is_host || node_attribute_is(cpu, "mode", "host-model");
    space->vendor = cpu_model_vendor(node_attribute_is(cpu, "mode", "maximum") ? "max" : model);
    if (node_attribute(name, "vendor_id")) {
        space->vendor = vendor_of(node_attribute(name, "vendor_id"));
        space->vendor_given = true;
    }
    space->takes_features = space->host_features || (model && strcmp(model, "qemu64") != 0);
    space->pages_1g = feature_of(cpu, "pdpe1gb");
    space->pages_given = space->pages_1g >= 0;
    space->la57 = feature_of(cpu, "la57");
    space->width_given = node_child(cpu, "maxphysaddr");
    space->limited = reader->domain->model.phys_bits > 0 &&
                     node_attribute_is(node_child(cpu, "maxphysaddr"), "mode", "passthrough");
    if (space->host_features)
        return 0;
    if (space->pages_1g < 0)
        space->pages_1g = cpu_model_has_pages_1g(model);
    if (space->la57 < 0)
        space->la57 = cpu_model_has_la57(model);
    return 0;
}

/* 0: none, or none that is understood. */
static int read_size(const struct reader *reader, const struct node *node, uint64_t *ret_kib)
{
    autofree char *text = node ? node_text(node) : NULL;

    *ret_kib = 0;
    if (!node)
        return 0;
    if (!text)
        return error_nomem(reader->reterr);
    if (!libvirt_size_kib(text, node_attribute(node, "unit"), ret_kib))
        *ret_kib = 0;
    return 0;
}

static int parse_most(const struct reader *reader, const struct node *root)
{
    struct domain_space *space = &reader->domain->model.space;
    const struct node *most = node_child(root, "maxMemory");
    uint64_t slots = 0;
    const char *text = node_attribute(most, "slots");

    if (text && libvirt_number(text, 10, UINT_MAX, &slots))
        space->slots = (unsigned)slots;
    return read_size(reader, most, &space->most_kib);
}

static struct span span_of(const struct reader *reader, const struct node *node)
{
    const struct scan_element *e = &reader->domain->scan.elements.items[node_element(node)];

    return (struct span){e->start.begin, scan_element_end(e)};
}

/* What a rewrite writes and an undo takes out. */
static bool is_announced(const struct reader *reader, const struct node *node)
{
    struct span span = span_of(reader, node);

    return memmem(reader->domain->text + span.begin, span.end - span.begin, MARK_ANNOUNCED,
                  strlen(MARK_ANNOUNCED));
}

/* Sets the text if it is one that can be put back. */
static int keep_hole(const struct reader *reader, const struct node *hole)
{
    struct domain_space *space = &reader->domain->model.space;
    struct span span = span_of(reader, hole);
    char *text = strndup(reader->domain->text + span.begin, span.end - span.begin);

    if (!text)
        return error_nomem(reader->reterr);
    space->takes_hole64 = !node_next(hole, "pcihole64") && addition_may_replace(text, "pcihole64");
    free(steal(space->hole64_text));
    space->hole64_text = text;
    return 0;
}

/* @roots: so many were there before. */
static int parse_hole(const struct reader *reader, const struct node *node, unsigned *roots)
{
    struct domain_space *space = &reader->domain->model.space;
    const struct node *hole;
    int r = 0;

    if (!node_is(node, "controller") || !node_attribute_is(node, "type", "pci"))
        return 0;
    hole = node_child(node, "pcihole64");
    if (node_attribute_is(node, "model", "pci-root")) /* which nothing is written into */
        return read_size(reader, hole, &space->hole64_kib);
    if (!node_attribute_is(node, "model", "pcie-root"))
        return 0;
    space->takes_hole64 = !is_announced(reader, node);
    if (hole)
        r = keep_hole(reader, hole);
    if ((*roots)++)
        space->takes_hole64 = false;
    else
        space->pcie_root = node_element(node);
    return r ? r : read_size(reader, hole, &space->hole64_kib);
}

static int parse_plugged(const struct reader *reader, const struct node *node)
{
    struct domain_space *space = &reader->domain->model.space;
    uint64_t kib = 0;
    int r;

    if (!node_is(node, "memory"))
        return 0;
    r = read_size(reader, node_child(node_child(node, "target"), "size"), &kib);
    space->plugged_kib =
        kib > UINT64_MAX - space->plugged_kib ? UINT64_MAX : space->plugged_kib + kib;
    return r;
}

int parse_space(const struct reader *reader, const struct node *root)
{
    unsigned roots = 0;
    int r;

    reader->domain->model.space.pci64 = -1;
    r = parse_features(reader, node_child(root, "cpu"));
    if (!r)
        r = parse_most(reader, root);
    for (const struct node *n = next_in_devices(root, NULL); !r && n;
         n = next_in_devices(root, n)) {
        r = parse_hole(reader, n, &roots);
        if (!r)
            r = parse_plugged(reader, n);
    }
    return r;
}
