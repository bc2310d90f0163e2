/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan_scene.c - see plan_scene.h
 *
 * Takes:  a plan.
 * Gives:  two panels, host and guest, with a line from each card to its place.
 * Not here: what is in a panel (plan_scene_host.c, plan_scene_guest.c).
 */
#include "report/plan_scene.h"

#include "report/explain.h"

#include <string.h>

#define MARK_COLUMNS 38

enum box_style plan_scene_style(const struct plan_device *device)
{
    if (!device)
        return BOX_QUIET;
    if (peer_is_gpu(device->peer))
        return BOX_GPU;
    return device->peer == PEER_NONE ? BOX_DEVICE : BOX_NIC;
}

void plan_scene_add_mark(struct scene *scene, size_t box, char *text)
{
    if (text && *text)
        scene_set_marked(scene, box);
    scene_add_wrapped(scene, box, LINE_MARK, text, MARK_COLUMNS);
}

static char *title_of(const struct vtopo_plan *plan)
{
    struct buffer out = {0};

    explain_summary(plan, false, &out);
    if (!out.failed && out.length)
        out.text[--out.length] = '\0'; /* the line feed */
    return buffer_steal(&out);
}

static char *join_tip(const struct vtopo_plan *plan, const struct plan_leaf *leaf)
{
    const struct plan_device *device = plan_leaf_device(plan, leaf);
    struct buffer out = {0};

    explain_functions(&device->host, leaf->host_functions, &out);
    buffer_add(&out, " -> ");
    if (device->after_known)
        explain_guest_functions(&device->guest_after, leaf->guest_functions, &out);
    else
        buffer_add(&out, "?");
    return buffer_steal(&out);
}

static void join_leaves(const struct plan_leaves *leaves, const size_t *host, const size_t *guest,
                        struct scene *scene)
{
    for (size_t i = 0; i < leaves->count; i++) {
        const struct plan_leaf *leaf = &leaves->items[i];

        if (leaf->devices.count && leaf->in_guest)
            scene_join(scene, host[i], guest[i], leaf->card == PLAN_NONE,
                       join_tip(leaves->plan, leaf));
    }
}

static void add_notes(const struct vtopo_plan *plan, struct scene *scene)
{
    scene_add_note(
        scene,
        strdup(
            "A small square is a port. On the host GB/s are those of the link as it runs (\"15.8 of 31.5\": it can more), in the guest what ports and devices say, which NCCL believes: it is not how fast data moves."));
    scene_add_note(
        scene,
        strdup(
            "A thick edge, and bold words, mark what is not as on the host. A switch with a dashed edge is not rebuilt; a dashed line leads to a device that vtopo leaves where it is."));
    if (plan->findings.count)
        scene_add_note(scene, mem_printf("%zu finding%s: vtopo-xml --explain", plan->findings.count,
                                         plan->findings.count > 1 ? "s" : ""));
}

static void make(const struct plan_leaves *leaves, struct scene *scene)
{
    autofree size_t *host = calloc(leaves->count + 1, sizeof(*host));
    autofree size_t *guest = calloc(leaves->count + 1, sizeof(*guest));

    if (!host || !guest) {
        scene->failed = true;
        return;
    }
    plan_scene_add_host(&(struct plan_side){leaves->plan, leaves, scene, host});
    plan_scene_add_guest(&(struct plan_side){leaves->plan, leaves, scene, guest});
    join_leaves(leaves, host, guest, scene);
}

void plan_scene_make(const struct vtopo_plan *plan, struct scene *ret_scene)
{
    struct plan_leaves leaves;

    *ret_scene = (struct scene){0};
    if (!plan_leaves_make(plan, &leaves))
        ret_scene->failed = true;
    scene_set_title(ret_scene, title_of(plan));
    if (!ret_scene->failed)
        make(&leaves, ret_scene);
    add_notes(plan, ret_scene);
    plan_leaves_clear(&leaves);
}
