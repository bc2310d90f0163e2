/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host_view.c - what all ways to print a host share
 *
 * Takes:  a host.
 * Gives:  who is below whom, in order; words for ports; what can be assigned.
 */
#include "report/hostview.h"

#include "base/search.h"
#include "check/p2p_groups.h"
#include "model/policy.h"

#include <stdint.h>
#include <string.h>

/*
 * A chain of the functions below each bridge and on each root bus. Functions ascend, so backwards.
 */
static void link_functions(struct view *view)
{
    const struct vtopo_host *host = view->host;

    for (size_t i = host->functions.count; i-- > 0;) {
        size_t parent = host->functions.items[i].parent;

        if (parent == HOST_NONE)
            continue;
        view->next[i] = view->below[parent];
        view->below[parent] = i;
    }
}

/* The key is a function of the root complex, an item the place of another function. */
struct root_key {
    const struct host_function *functions, *function;
};

static int compare_root(const void *key, const void *item)
{
    const struct root_key *wanted = key;

    return bdf_compare(&wanted->function->root, &wanted->functions[*(const size_t *)item].root);
}

/* Which chain a root complex has: its place in view->roots, or that of the next. */
static size_t find_root(const struct view *view, const struct host_function *function,
                        bool *ret_found)
{
    struct root_key key = {view->host->functions.items, function};
    size_t at = search_lower_bound(&key, view->roots.items, view->roots.count,
                                   sizeof(*view->roots.items), compare_root);

    *ret_found = at < view->roots.count && !compare_root(&key, &view->roots.items[at]);
    return at;
}

/*
 * As above, for the functions on root buses; backwards, so that each goes to the front of its
 * chain.
 */
static bool link_roots(struct view *view)
{
    for (size_t i = view->host->functions.count; i-- > 0;) {
        const struct host_function *function = &view->host->functions.items[i];
        size_t at, after;
        bool found;

        if (function->parent != HOST_NONE)
            continue;
        at = find_root(view, function, &found);
        if (found) {
            view->next[i] = view->roots.items[at];
        } else {
            const size_t *room = vec_add(&view->roots);

            if (!room)
                return false;
            after = view->roots.count - 1 - at;
            memmove(&view->roots.items[at + 1], &view->roots.items[at], after * sizeof(size_t));
        }
        view->roots.items[at] = i;
    }
    return true;
}

static int compare_groups(const void *a, const void *b, void *context)
{
    const struct host_function *functions = context;
    size_t first = *(const size_t *)a, second = *(const size_t *)b;
    int one = functions[first].iommu_group, other = functions[second].iommu_group;

    return one != other ? (one > other) - (one < other) : (first > second) - (first < second);
}

static void sort_groups(struct view *view)
{
    size_t count = view->host->functions.count;

    for (size_t i = 0; i < count; i++)
        view->by_group[i] = i;
    if (count)
        qsort_r(view->by_group, count, sizeof(*view->by_group), compare_groups,
                view->host->functions.items);
}

static int group_at(const struct view *view, size_t at)
{
    return view->host->functions.items[view->by_group[at]].iommu_group;
}

size_t group_size(const struct view *view, size_t first)
{
    size_t size = 1;

    while (first + size < view->host->functions.count &&
           group_at(view, first + size) == group_at(view, first))
        size++;
    return size;
}

bool is_group_shared(const struct view *view, size_t first, size_t size)
{
    if (group_at(view, first) < 0 || size < 2)
        return false;
    for (size_t i = first; i < first + size; i++) {
        if (is_assignable(&view->host->functions.items[view->by_group[i]]))
            return true;
    }
    return false;
}

/* Ports may stay with the host when the rest of their group is given away, so they do not count. */
static void mark_shared(struct view *view)
{
    const struct host_function *functions = view->host->functions.items;
    size_t size;

    for (size_t first = 0; first < view->host->functions.count; first += size) {
        size_t devices = 0;

        size = group_size(view, first);
        for (size_t i = first; i < first + size; i++)
            devices += is_assignable(&functions[view->by_group[i]]);
        for (size_t i = first; i < first + size; i++)
            view->shared[view->by_group[i]] = devices > 1 && group_at(view, first) >= 0;
    }
}

#define GPUS_MAX 256 /* more than any host has; each is asked about with each */

static size_t find_gpus(const struct vtopo_host *host, size_t gpus[GPUS_MAX])
{
    size_t count = 0;

    for (size_t i = 0; i < host->functions.count && count < GPUS_MAX; i++) {
        if (function_takes_clique(&host->functions.items[i]))
            gpus[count++] = i;
    }
    return count;
}

/* As in a guest that has all GPUs, when nobody says anything else of them. */
static bool mark_cliques(struct view *view)
{
    size_t gpus[GPUS_MAX] = {0}, groups[GPUS_MAX], members[GPUS_MAX] = {0};
    size_t count = find_gpus(view->host, gpus);
    struct obstacles *obstacles = obstacles_new(view->host);
    bool done = obstacles && p2p_groups_find(view->host, obstacles, gpus, count, groups);
    int next = 0;

    obstacles_free(obstacles);
    if (!done)
        return false;
    for (size_t i = 0; i < count; i++)
        members[groups[i]]++;
    for (size_t i = 0; i < count; i++) {
        if (groups[i] != i)
            view->clique[gpus[i]] = view->clique[gpus[groups[i]]];
        else if (members[i] > 1 && next <= CLIQUE_MAX)
            view->clique[gpus[i]] = next++;
    }
    return true;
}

bool view_open(const struct vtopo_host *host, struct view *ret_view)
{
    size_t count = host->functions.count;
    struct view view = {
        .host = host,
        .names = device_names_new(),
        .below = calloc(count + 1, sizeof(*view.below)),
        .next = calloc(count + 1, sizeof(*view.next)),
        .by_group = calloc(count + 1, sizeof(*view.by_group)),
        .shared = calloc(count + 1, sizeof(*view.shared)),
        .clique = calloc(count + 1, sizeof(*view.clique)),
        .holds = holds_of_host(host),
    };
    bool done = view.names && view.below && view.next && view.by_group && view.shared &&
                view.clique && view.holds;

    for (size_t i = 0; done && i < count; i++) {
        view.below[i] = view.next[i] = HOST_NONE;
        view.clique[i] = -1;
    }
    if (done)
        link_functions(&view);
    if (done)
        sort_groups(&view);
    if (done)
        mark_shared(&view);
    done = done && mark_cliques(&view) && link_roots(&view);
    if (!done)
        view_close(&view);
    *ret_view = view;
    return done;
}

void view_close(struct view *view)
{
    device_names_free(view->names);
    free(view->below);
    free(view->next);
    free(view->by_group);
    free(view->shared);
    free(view->clique);
    free(view->holds);
    free(view->roots.items);
    *view = (struct view){0};
}

const char *port_word(enum port_kind port)
{
    static const char *const words[] = {
        [PORT_NONE] = "device",
        [PORT_ROOT] = "root port",
        [PORT_UPSTREAM] = "upstream port",
        [PORT_DOWNSTREAM] = "downstream port",
        [PORT_BRIDGE] = "bridge",
    };

    return words[port];
}
