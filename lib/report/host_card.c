/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host_card.c - the box of a card
 *
 * Takes:  the functions of a slot, with the virtual functions of these.
 * Gives:  a paragraph for those that are alike: addresses, name, IOMMU groups, driver, who has
 *         them; as a tip what is known of each.
 * Rule:   a card is what one slot holds. Functions that follow each other and differ in nothing but
 *         their addresses are told of once.
 */
#include "report/host_scene.h"

#include "check/check.h"
#include "check/nvlink.h"
#include "model/pci_class.h"
#include "report/explain.h"

#include <string.h>

#define TEXT_COLUMNS 38
#define TIP_LINES 16
#define LISTED_MAX 4 /* groups, network interfaces: more of them are counted */

/* The functions of a card, in order. */
struct members {
    size_t *items;
    size_t count, cap;
};

static const struct host_function *function_at(const struct view *view, size_t at)
{
    return &view->host->functions.items[at];
}

static const struct bdf *slot_of(const struct host_function *function)
{
    return function->is_vf ? &function->physfn : &function->bdf;
}

static bool is_member(const struct host_function *function)
{
    return function->port == PORT_NONE && !is_chipset(function);
}

static bool is_one_card(const struct host_function *a, const struct host_function *b)
{
    return bdf_same_slot(slot_of(a), slot_of(b));
}

bool host_card_starts(const struct view *view, const struct host_spot *spot, size_t at)
{
    const struct host_function *function = function_at(view, at);

    if (!is_member(function))
        return false;
    for (size_t i = spot->first; i != at; i = view->next[i]) {
        if (is_member(function_at(view, i)) && is_one_card(function_at(view, i), function))
            return false;
    }
    return true;
}

static bool is_text(const char *a, const char *b)
{
    return a && b ? !strcmp(a, b) : a == b;
}

/* Have they one owner, or none? */
static bool is_one_owner(const struct view *view, const struct host_function *a,
                         const struct host_function *b)
{
    const struct owner *first, *other;
    size_t count, other_count;

    if (!view->owners)
        return true;
    first = owners_find(view->owners, BDF_TEXT(&a->bdf), &count);
    other = owners_find(view->owners, BDF_TEXT(&b->bdf), &other_count);
    for (size_t i = 0; i < count && i < other_count; i++) {
        if (strcmp(first[i].name, other[i].name) != 0 || first[i].now != other[i].now ||
            first[i].next != other[i].next)
            return false;
    }
    return count == other_count;
}

/* They differ in nothing that is written but their addresses. */
static bool is_alike(const struct view *view, size_t one, size_t other)
{
    const struct host_function *a = function_at(view, one), *b = function_at(view, other);

    return a->vendor == b->vendor && a->device == b->device && a->class_code == b->class_code &&
           a->node == b->node && a->is_vf == b->is_vf && is_text(a->driver, b->driver) &&
           is_text(a->vgpu_type, b->vgpu_type) && view->clique[one] == view->clique[other] &&
           is_one_owner(view, a, b);
}

/* --- addresses --- */

static bool is_one_slot(const struct view *view, const size_t *list, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (!bdf_same_slot(&function_at(view, list[0])->bdf, &function_at(view, list[i])->bdf))
            return false;
    }
    return true;
}

/* "0000:3d:00.0-1", "0000:3d:00.0,3", and of several slots "0000:3d:00.7 and 5 more". */
static char *addresses_of(const struct view *view, const size_t *list, size_t count)
{
    struct buffer out = {0};
    unsigned functions = 0;

    if (!is_one_slot(view, list, count))
        return mem_printf("%s and %zu more", BDF_TEXT(&function_at(view, list[0])->bdf), count - 1);
    for (size_t i = 0; i < count; i++)
        functions |= 1U << function_at(view, list[i])->bdf.function;
    explain_functions(&function_at(view, list[0])->bdf, functions, &out);
    return buffer_steal(&out);
}

static const char *word_of(const struct host_function *function)
{
    return function_is_nvswitch(function) ? "NVSwitch" : class_word(function->class_code);
}

static char *heading_of(const struct view *view, const size_t *list, size_t count)
{
    autofree char *addresses = addresses_of(view, list, count);
    const struct host_function *function = function_at(view, list[0]);

    if (!addresses)
        return NULL;
    if (function->is_vf)
        return mem_printf("%zu VF%s %s", count, count > 1 ? "s" : "", addresses);
    return mem_printf("%s %s", addresses, word_of(function));
}

/* --- what else is known --- */

static void add_word(struct buffer *out, const char *word, const char *value)
{
    buffer_printf(out, "%s%s%s", out->length ? ", " : "", word, value);
}

/* "group 66", "groups 66, 67", "16 groups". */
static void add_groups(const struct view *view, const size_t *list, size_t count,
                       struct buffer *out)
{
    autobuffer struct buffer groups = {0};
    size_t different = 0;
    bool shared = false;
    int last = -1;

    for (size_t i = 0; i < count; i++) {
        int group = function_at(view, list[i])->iommu_group;

        shared = shared || view->shared[list[i]];
        if (group < 0 || group == last)
            continue;
        buffer_printf(&groups, "%s%d", different++ ? ", " : "", group);
        last = group;
    }
    if (!different)
        return;
    if (different > LISTED_MAX)
        buffer_printf(out, "%zu groups", different);
    else
        buffer_printf(out, "group%s %s", different > 1 ? "s" : "", groups.text ? groups.text : "");
    buffer_add(out, shared ? " (shared)" : "");
    out->failed |= groups.failed;
}

static void add_interfaces(const struct view *view, const size_t *list, size_t count,
                           struct buffer *out)
{
    size_t named = 0;

    for (size_t i = 0; i < count; i++)
        named += function_at(view, list[i])->netdev != NULL;
    if (named > LISTED_MAX) {
        buffer_printf(out, ", %zu network interfaces", named);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (function_at(view, list[i])->netdev)
            add_word(out, "", function_at(view, list[i])->netdev);
    }
}

static size_t count_mdevs(const struct view *view, const size_t *list, size_t count)
{
    size_t mdevs = 0;

    for (size_t i = 0; i < view->host->mdevs.count; i++) {
        const struct host_mdev *mdev = &view->host->mdevs.items[i];

        for (size_t k = 0; !mdev->software && k < count; k++)
            mdevs += bdf_equal(&mdev->parent, &function_at(view, list[k])->bdf);
    }
    return mdevs;
}

static char *facts_of(const struct view *view, const size_t *list, size_t count)
{
    const struct host_function *function = function_at(view, list[0]);
    struct buffer out = {0};
    size_t mdevs = count_mdevs(view, list, count);

    add_groups(view, list, count, &out);
    if (function->driver)
        add_word(&out, "", function->driver);
    add_interfaces(view, list, count, &out);
    if (function->vgpu_type)
        add_word(&out, "", function->vgpu_type);
    if (mdevs)
        buffer_printf(&out, "%s%zu mdev%s", out.length ? ", " : "", mdevs, mdevs > 1 ? "s" : "");
    if (view->clique[list[0]] >= 0)
        buffer_printf(&out, "%sP2P clique %d", out.length ? ", " : "", view->clique[list[0]]);
    return buffer_steal(&out);
}

/* --- who has it --- */

/* @function: HOST_NONE: it is none. */
static void add_owner(const struct view *view, const char *device, size_t function, size_t box,
                      struct scene *scene)
{
    const struct hold_reason *held = function == HOST_NONE ? NULL : &view->holds[function];
    size_t count;
    const struct owner *first = owners_find(view->owners, device, &count);

    scene_add_wrapped(scene, box, count > 1 ? LINE_MARK : LINE_HEADING,
                      owners_describe(view->host, first, count, held, function), TEXT_COLUMNS);
    if (count > 1)
        scene_set_marked(scene, box);
}

/* All of them have the same one; mdevs have theirs. */
static void add_owners(const struct view *view, const size_t *list, size_t count, size_t box,
                       struct scene *scene)
{
    if (!view->owners)
        return;
    add_owner(view, BDF_TEXT(&function_at(view, list[0])->bdf), list[0], box, scene);
    for (size_t i = 0; i < view->host->mdevs.count; i++) {
        const struct host_mdev *mdev = &view->host->mdevs.items[i];

        for (size_t k = 0; !mdev->software && k < count; k++) {
            if (!bdf_equal(&mdev->parent, &function_at(view, list[k])->bdf))
                continue;
            scene_add_line(scene, box, LINE_QUIET, mem_printf("mdev %.8s...", mdev->uuid));
            add_owner(view, mdev->uuid, HOST_NONE, box, scene);
        }
    }
}

/* --- the box --- */

static enum box_style style_of(const struct view *view, const struct members *members)
{
    for (size_t i = 0; i < members->count; i++) {
        const struct host_function *function = function_at(view, members->items[i]);

        if (check_is_gpu_or_nic(view->host, function))
            return class_is_gpu(function->class_code) ? BOX_GPU : BOX_NIC;
    }
    return BOX_DEVICE;
}

/* The node of the frame that it is in goes without saying. */
static void add_node(const struct view *view, const struct host_function *function,
                     const struct host_spot *spot, struct scene *scene, size_t box)
{
    int node = host_node_of(view->host, function);

    if (view->host->nodes.count < 2 || node == spot->node)
        return;
    scene_add_line(scene, box, LINE_QUIET,
                   node < 0 ? strdup("NUMA node not known") : mem_printf("NUMA node %d", node));
}

static void add_group(const struct view *view, const struct host_spot *spot, const size_t *list,
                      size_t count, size_t box, struct scene *scene)
{
    const struct host_function *function = function_at(view, list[0]);

    scene_add_wrapped(scene, box, LINE_HEADING, heading_of(view, list, count), TEXT_COLUMNS);
    if (!function->is_vf)
        scene_add_wrapped(scene, box, LINE_PLAIN, device_short_name(view->names, function),
                          TEXT_COLUMNS);
    scene_add_wrapped(scene, box, LINE_QUIET, facts_of(view, list, count), TEXT_COLUMNS);
    add_node(view, function, spot, scene, box);
    add_owners(view, list, count, box, scene);
}

static char *tip_of(const struct view *view, const struct members *members)
{
    struct buffer out = {0};

    for (size_t i = 0; i < members->count && i < TIP_LINES; i++) {
        buffer_printf(&out, "%s%s ", i ? "\n" : "",
                      BDF_TEXT(&function_at(view, members->items[i])->bdf));
        view_draw_device(view, members->items[i], &out);
    }
    if (members->count > TIP_LINES)
        buffer_printf(&out, "\nand %zu more", members->count - TIP_LINES);
    return buffer_steal(&out);
}

static bool collect_members(const struct view *view, const struct host_spot *spot, size_t at,
                            struct members *members)
{
    for (size_t i = spot->first; i != HOST_NONE; i = view->next[i]) {
        size_t *member;

        if (!is_member(function_at(view, i)) ||
            !is_one_card(function_at(view, i), function_at(view, at)))
            continue;
        member = vec_add(members);
        if (!member)
            return false;
        *member = i;
    }
    return true;
}

static void add_members(const struct view *view, const struct host_spot *spot,
                        const struct members *members, size_t box, struct scene *scene)
{
    size_t end;

    for (size_t first = 0; first < members->count; first = end) {
        end = first + 1;
        while (end < members->count && is_alike(view, members->items[first], members->items[end]))
            end++;
        add_group(view, spot, members->items + first, end - first, box, scene);
    }
    scene_set_tip(scene, box, tip_of(view, members));
}

size_t host_card_add(const struct view *view, const struct host_spot *spot, size_t at,
                     struct scene *scene)
{
    struct members members = {0};
    size_t box;

    scene->failed = !collect_members(view, spot, at, &members) || scene->failed;
    box = scene_add_box(scene, spot->box, style_of(view, &members));
    add_members(view, spot, &members, box, scene);
    free(members.items);
    return box;
}
