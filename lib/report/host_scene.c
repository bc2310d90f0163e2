/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host_scene.c - see host_scene.h
 *
 * Takes:  a host.
 * Gives:  a frame for each NUMA node, in it one for each root complex, in these switches and cards;
 *         root ports and downstream ports are on the lines between them.
 * Rule:   a root complex whose devices are on several nodes, or on none that is known, is beside
 *         the nodes. What nobody asks about is one box per bridge, as in the tree (host_draw.c).
 * Not here: cards (host_card.c), where boxes are (draw/arrange.c).
 */
#include "report/host_scene.h"

#include "check/check.h"
#include "draw/scene_svg.h"
#include "model/pci_class.h"
#include "report/scene_parts.h"

#include <inttypes.h>
#include <string.h>

#define TEXT_COLUMNS 44
#define SEVERAL (-2)

struct maker {
    const struct view *view;
    struct scene *scene;
    size_t *nodes;        /* boxes of host.nodes; behind them the panel, for what is in none */
    struct buffer *empty; /* of each of these the root complexes without devices */
};

static const struct host_function *function_at(const struct maker *m, size_t at)
{
    return &m->view->host->functions.items[at];
}

/* --- what is below a bridge --- */

static char *port_tip(const struct maker *m, size_t at)
{
    struct buffer out = {0};

    buffer_printf(&out, "%s ", BDF_TEXT(&function_at(m, at)->bdf));
    view_draw_port(m->view, at, &out);
    return buffer_steal(&out);
}

/* What hangs below @above, a port or the box itself. */
static void join_box(const struct maker *m, size_t box, size_t at, size_t port)
{
    scene_set_host_link(function_at(m, at), box, m->scene);
    if (port != HOST_NONE)
        scene_set_port(m->scene, box, port_tip(m, port));
}

static bool is_empty_port(const struct maker *m, size_t at)
{
    return function_at(m, at)->port != PORT_NONE && m->view->below[at] == HOST_NONE;
}

static bool is_port(enum port_kind kind)
{
    return kind == PORT_ROOT || kind == PORT_DOWNSTREAM;
}

static void add_below(const struct maker *m, size_t first, size_t box, int node, size_t port);

/* "switch 0000:3b:00.0", "bridge 0000:62:00.0", with what is below it. */
static void add_switch(const struct maker *m, const struct host_spot *spot, size_t at, size_t port)
{
    const struct host_function *function = function_at(m, at);
    size_t box = scene_add_box(m->scene, spot->box, BOX_SWITCH);

    scene_add_line(m->scene, box, LINE_HEADING,
                   mem_printf("%s %s", function->port == PORT_UPSTREAM ? "switch" : "bridge",
                              BDF_TEXT(&function->bdf)));
    scene_add_wrapped(m->scene, box, LINE_QUIET, device_short_name(m->view->names, function),
                      TEXT_COLUMNS);
    scene_set_tip(m->scene, box, port_tip(m, at));
    join_box(m, box, at, port);
    add_below(m, m->view->below[at], box, spot->node, HOST_NONE);
}

static void add_one(const struct maker *m, const struct host_spot *spot, size_t at, size_t port)
{
    enum port_kind kind = function_at(m, at)->port;

    if (is_empty_port(m, at))
        return;
    if (is_port(kind))
        add_below(m, m->view->below[at], spot->box, spot->node, at);
    else if (kind != PORT_NONE)
        add_switch(m, spot, at, port);
    else if (host_card_starts(m->view, spot, at))
        join_box(m, host_card_add(m->view, spot, at, m->scene), at, port);
}

/* Empty ports, or functions of the chipset, in one box. */
static void add_gathered(const struct maker *m, const struct host_spot *spot, bool ports)
{
    autobuffer struct buffer tip = {0};
    size_t count = 0, box;

    for (size_t i = spot->first; i != HOST_NONE; i = m->view->next[i]) {
        if (ports ? !is_empty_port(m, i) : !is_chipset(function_at(m, i)))
            continue;
        buffer_printf(&tip, "%s%s", count++ ? ", " : "", BDF_TEXT(&function_at(m, i)->bdf));
    }
    if (!count)
        return;
    box = scene_add_box(m->scene, spot->box, BOX_QUIET);
    scene_add_line(m->scene, box, LINE_QUIET,
                   mem_printf("%zu %s%s%s", count, ports ? "empty port" : "function",
                              count > 1 ? "s" : "", ports ? "" : " of the chipset"));
    scene_set_tip(m->scene, box, buffer_steal(&tip));
}

/* @port: that @first and what follows it are below; HOST_NONE: they are on the bus of the box. */
static void add_below(const struct maker *m, size_t first, size_t box, int node, size_t port)
{
    struct host_spot spot = {first, box, node};

    for (size_t i = first; i != HOST_NONE; i = m->view->next[i])
        add_one(m, &spot, i, port);
    add_gathered(m, &spot, true);
    add_gathered(m, &spot, false);
}

/* --- root complexes --- */

/* The node of all that is below, -1: none that is known, SEVERAL: there are several. */
static int node_below(const struct maker *m, size_t first, int node)
{
    for (size_t i = first; i != HOST_NONE && node != SEVERAL; i = m->view->next[i]) {
        int other = host_node_of(m->view->host, function_at(m, i));

        if (node >= 0 && other >= 0 && node != other)
            return SEVERAL;
        node = other >= 0 ? other : node;
        node = node_below(m, m->view->below[i], node);
    }
    return node;
}

/* Its place in m->nodes. */
static size_t node_at(const struct maker *m, int node)
{
    size_t at = node < 0 ? HOST_NONE : host_find_node(m->view->host, node);

    return at == HOST_NONE ? m->view->host->nodes.count : at;
}

/* Is there anything but functions of the chipset and empty ports? */
static bool has_devices(const struct maker *m, size_t first)
{
    for (size_t i = first; i != HOST_NONE; i = m->view->next[i]) {
        if (!is_empty_port(m, i) && !is_chipset(function_at(m, i)))
            return true;
    }
    return false;
}

/* Root complexes without any are many on some hosts: they share a box of their node. */
static void note_empty_root(const struct maker *m, size_t first)
{
    const struct bdf *root = &function_at(m, first)->root;
    struct buffer *list = &m->empty[node_at(m, node_below(m, first, -1))];

    buffer_printf(list, "%s%04" PRIx32 ":%02x",
                  list->length ? ", " : "root complexes without devices: ", root->domain,
                  root->bus);
}

static void add_empty_roots(const struct maker *m)
{
    for (size_t i = 0; i <= m->view->host->nodes.count; i++) {
        size_t box;

        if (m->empty[i].length) {
            box = scene_add_box(m->scene, m->nodes[i], BOX_QUIET);
            scene_add_wrapped(m->scene, box, LINE_QUIET, buffer_steal(&m->empty[i]), TEXT_COLUMNS);
        }
        m->scene->failed |= m->empty[i].failed;
        buffer_clear(&m->empty[i]);
    }
}

static void add_root(const struct maker *m, size_t first)
{
    const struct bdf *root = &function_at(m, first)->root;
    int node = node_below(m, first, -1);
    size_t box = scene_add_box(m->scene, m->nodes[node_at(m, node)], BOX_ROOT);

    scene_add_line(m->scene, box, LINE_HEADING,
                   mem_printf("root complex %04" PRIx32 ":%02x", root->domain, root->bus));
    if (m->view->host->nodes.count > 1 && node < 0)
        scene_add_line(
            m->scene, box, LINE_QUIET,
            strdup(node == SEVERAL ? "devices of several NUMA nodes" : "NUMA node not known"));
    add_below(m, first, box, node, HOST_NONE);
}

/* --- nodes --- */

/* Is a function on it? */
static bool is_used(const struct maker *m, const struct host_node *node)
{
    for (size_t i = 0; i < m->view->host->functions.count; i++) {
        if (m->view->host->functions.items[i].node == (int)node->id)
            return true;
    }
    return false;
}

/* Bare nodes, of which some hosts have dozens, have a box only if a function is on them. */
static void add_nodes(const struct maker *m, size_t panel)
{
    for (size_t i = 0; i < m->view->host->nodes.count; i++) {
        if (host_node_is_bare(&m->view->host->nodes.items[i]) &&
            !is_used(m, &m->view->host->nodes.items[i])) {
            m->nodes[i] = panel;
            continue;
        }
        m->nodes[i] = scene_add_box(m->scene, panel, BOX_NODE);
        scene_set_columns(m->scene, m->nodes[i]);
        scene_describe_node(m->view->host, &m->view->host->nodes.items[i], m->nodes[i], m->scene);
    }
}

/* --- all --- */

static size_t count_nodes(const struct vtopo_host *host)
{
    size_t count = 0;

    for (size_t i = 0; i < host->nodes.count; i++)
        count += !host_node_is_bare(&host->nodes.items[i]);
    return count;
}

static char *title_of(const struct view *view)
{
    size_t gpus = 0, nics = 0, nodes = count_nodes(view->host);

    for (size_t i = 0; i < view->host->functions.count; i++) {
        const struct host_function *function = &view->host->functions.items[i];

        if (function->is_vf || !check_is_gpu_or_nic(view->host, function))
            continue;
        gpus += class_is_gpu(function->class_code);
        nics += class_is_network(function->class_code);
    }
    return mem_printf("Host: %zu NUMA node%s, %zu GPU%s, %zu network function%s", nodes,
                      nodes == 1 ? "" : "s", gpus, gpus == 1 ? "" : "s", nics,
                      nics == 1 ? "" : "s");
}

static void add_all(const struct maker *m)
{
    const struct view *view = m->view;
    size_t panel = scene_add_box(m->scene, BOX_NONE, BOX_PANEL);

    scene_set_columns(m->scene, panel);
    m->nodes[view->host->nodes.count] = panel;
    add_nodes(m, panel);
    for (size_t i = 0; !m->scene->failed && i < view->roots.count; i++) {
        if (has_devices(m, view->roots.items[i]))
            add_root(m, view->roots.items[i]);
        else
            note_empty_root(m, view->roots.items[i]);
    }
    add_empty_roots(m);
}

void host_scene_make(const struct view *view, struct scene *ret_scene)
{
    size_t count = view->host->nodes.count + 1;
    autofree size_t *nodes = calloc(count, sizeof(*nodes));
    autofree struct buffer *empty = calloc(count, sizeof(*empty));
    struct maker m = {view, ret_scene, nodes, empty};

    *ret_scene = (struct scene){.failed = !nodes || !empty};
    scene_set_title(ret_scene, title_of(view));
    if (!ret_scene->failed)
        add_all(&m);
    scene_add_note(
        ret_scene,
        strdup(
            "A small square is a port. GB/s are those of the link as it runs, in each direction (\"15.8 of 31.5\": it can more). What is known of a box is shown where the mouse is."));
}

void view_draw_svg(const struct view *view, struct buffer *out)
{
    struct scene scene;

    host_scene_make(view, &scene);
    scene_to_svg(&scene, true, out);
    scene_clear(&scene);
}
