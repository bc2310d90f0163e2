/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * star_rates.c - see star_rates.h
 *
 * Takes:  the host's tree between a switch and the cards below it, and what its links count.
 * Gives:  what each link of the one guest switch counts that stands for all of it.
 * Rule:   no pair of leaves counts more in the guest than on the host, and as many as can be count
 *         the same. A pair counts the least link on its way: so in the guest the lesser of its two.
 *         Those that count at least N are therefore all near enough to each other for N on the
 *         host: one of the groups that are left when the host's links below N are cut; and, as N
 *         rises, a group within the group before.  Of the groups within one, that is taken that
 *         saves most pairs; of equals the one that the switch itself is in, which gives each link
 *         the narrowest of those that it stands for.
 * Not here: which speed and width count so much (link_choice.c).
 */
#include "plan/ground/star_rates.h"

#include "base/mem.h"
#include "plan/ground/link_rate.h"

/* A bridge of the host, and the group that it is the top of, if it is one. */
struct vertex {
    size_t function;
    size_t parent;            /* place in star.vertices: parents come first; the first is its own */
    unsigned link;            /* what the link above it counts */
    size_t top;               /* the group that it is in: place of its topmost bridge */
    uint64_t weight, squares; /* of the leaves in this group: of each, and of its square, the sum */
    uint64_t within;          /* pairs that are in groups within this one */
    uint64_t best;            /* what the best one of these saves */
};

struct star {
    const struct vtopo_host *host;
    struct star_leaf *leaves;
    size_t leaf_count;
    size_t *where; /* place of a function in vertices; SIZE_MAX: it is not there */
    VEC(struct vertex) vertices;
    VEC(unsigned) rates; /* what links here count, ascending */
    uint64_t *pairs; /* of each rate, of each vertex: pairs in the group that it is the top of */
    uint64_t *saved; /* and how many of them count right at most, if the group is taken */
};

unsigned star_host_rate(const struct vtopo_host *host, size_t function)
{
    const struct host_function *below = &host->functions.items[function], *above;
    struct host_link link;

    if (below->parent == HOST_NONE)
        return STAR_NO_LINK;
    above = &host->functions.items[below->parent];
    if (above->port != PORT_ROOT && above->port != PORT_DOWNSTREAM)
        return STAR_NO_LINK;
    link = link_read(below->link_max, above->link_max);
    return link_rate(&link);
}

/* --- the host's tree --- */

static bool add_vertex(struct star *s, size_t function, size_t parent, unsigned link)
{
    struct vertex *v = vec_add(&s->vertices);

    if (!v)
        return false;
    *v = (struct vertex){.function = function, .parent = parent, .link = link};
    s->where[function] = s->vertices.count - 1;
    return true;
}

/* The bridges from one that is there already, at last the switch, down to @function. */
static bool add_way(struct star *s, size_t function)
{
    size_t parent = s->host->functions.items[function].parent;

    if (s->where[function] != SIZE_MAX)
        return true;
    return add_way(s, parent) &&
           add_vertex(s, function, s->where[parent], star_host_rate(s->host, function));
}

static int compare_rates(const void *left, const void *right)
{
    unsigned a = *(const unsigned *)left, b = *(const unsigned *)right;

    return (a > b) - (a < b);
}

static bool add_rate(struct star *s, unsigned rate)
{
    unsigned *added;

    for (size_t i = 0; i < s->rates.count; i++) {
        if (s->rates.items[i] == rate)
            return true;
    }
    if (rate == STAR_NO_LINK)
        return true;
    added = vec_add(&s->rates);
    if (added)
        *added = rate;
    return added;
}

/* There are no more rates than speeds and widths. */
static bool add_rates(struct star *s)
{
    bool done = true;

    for (size_t i = 0; done && i < s->vertices.count; i++)
        done = add_rate(s, s->vertices.items[i].link);
    for (size_t i = 0; done && i < s->leaf_count; i++)
        done = add_rate(s, s->leaves[i].own);
    if (done && s->rates.count)
        qsort(s->rates.items, s->rates.count, sizeof(*s->rates.items), compare_rates);
    return done;
}

static bool add_tree(struct star *s, size_t top)
{
    bool done = add_vertex(s, top, 0, STAR_NO_LINK);
    size_t cells;

    for (size_t i = 0; done && i < s->leaf_count; i++)
        done = add_way(s, s->leaves[i].above);
    done = done && add_rates(s);
    cells = s->vertices.count * s->rates.count + 1;
    s->pairs = done ? calloc(cells, sizeof(*s->pairs)) : NULL;
    s->saved = done ? calloc(cells, sizeof(*s->saved)) : NULL;
    return s->pairs && s->saved;
}

/* --- groups --- */

/* What is left together when the links below a rate are cut. */
static void cut(struct star *s, size_t rate)
{
    for (size_t i = 0; i < s->vertices.count; i++) {
        struct vertex *v = &s->vertices.items[i];

        v->top = v->link >= s->rates.items[rate] && i ? s->vertices.items[v->parent].top : i;
        v->weight = v->squares = v->within = v->best = 0;
    }
}

static struct vertex *group_of(struct star *s, const struct star_leaf *leaf)
{
    return &s->vertices.items[s->vertices.items[s->where[leaf->above]].top];
}

static size_t cell_of(const struct star *s, size_t rate, size_t vertex)
{
    return rate * s->vertices.count + vertex;
}

/* Of the groups at the next rate, which are within those of this one. */
static void add_up_within(struct star *s, size_t rate)
{
    for (size_t i = 0; rate + 1 < s->rates.count && i < s->vertices.count; i++) {
        struct vertex *group = &s->vertices.items[s->vertices.items[i].top];
        size_t inner = cell_of(s, rate + 1, i);

        group->within += s->pairs[inner];
        if (s->saved[inner] > group->best)
            group->best = s->saved[inner];
    }
}

/* From the highest rate down: what each group would save. */
static void count_saved(struct star *s, size_t rate)
{
    cut(s, rate);
    for (size_t i = 0; i < s->leaf_count; i++) {
        const struct star_leaf *leaf = &s->leaves[i];
        struct vertex *group = group_of(s, leaf);

        if (leaf->own < s->rates.items[rate])
            continue;
        group->weight += leaf->weight;
        group->squares += (uint64_t)leaf->weight * leaf->weight;
    }
    add_up_within(s, rate);
    for (size_t i = 0; i < s->vertices.count; i++) {
        const struct vertex *v = &s->vertices.items[i];
        size_t cell = cell_of(s, rate, i);

        s->pairs[cell] = (v->weight * v->weight - v->squares) / 2;
        s->saved[cell] = s->pairs[cell] - v->within + v->best;
    }
}

/* --- the choice --- */

/* The group to go on with, within the one at @top; the links of the rate before are cut. */
static size_t choose_inner(const struct star *s, size_t rate, size_t top)
{
    size_t best = top;

    for (size_t i = 0; i < s->vertices.count; i++) {
        if (s->vertices.items[i].top == top &&
            s->saved[cell_of(s, rate, i)] > s->saved[cell_of(s, rate, best)])
            best = i;
    }
    return best;
}

/* The leaves in groups within the one before, which was at @outer; the links of @rate are cut. */
static void set_leaves(struct star *s, size_t rate, const bool *outer, size_t chosen)
{
    for (size_t i = 0; i < s->leaf_count; i++) {
        struct star_leaf *leaf = &s->leaves[i];
        size_t group = (size_t)(group_of(s, leaf) - s->vertices.items);

        if (leaf->own < s->rates.items[rate] || !outer[s->where[leaf->above]])
            continue;
        if (group == chosen)
            leaf->rate = s->rates.items[rate];
        else if (s->pairs[cell_of(s, rate, group)])
            leaf->group = s->vertices.items[group].function;
    }
}

/* @outer: scratch, whether a vertex is in the group before. */
static void choose(struct star *s, bool *outer)
{
    size_t top = 0;

    for (size_t i = 0; i < s->leaf_count; i++)
        s->leaves[i].rate = s->rates.count ? s->rates.items[0] : 0;
    for (size_t rate = 1; rate < s->rates.count; rate++) {
        size_t inner;

        cut(s, rate - 1);
        inner = choose_inner(s, rate, top);
        for (size_t i = 0; i < s->vertices.count; i++)
            outer[i] = s->vertices.items[i].top == top;
        cut(s, rate);
        set_leaves(s, rate, outer, inner);
        top = inner;
    }
}

bool star_set_rates(const struct vtopo_host *host, size_t top, struct star_leaf *leaves,
                    size_t count, size_t *where)
{
    struct star s = {.host = host, .leaves = leaves, .leaf_count = count, .where = where};
    bool done = add_tree(&s, top);
    autofree bool *outer = done ? calloc(s.vertices.count, sizeof(*outer)) : NULL;

    for (size_t i = 0; i < count; i++)
        leaves[i].group = HOST_NONE;
    if (outer) {
        for (size_t rate = s.rates.count; rate-- > 0;)
            count_saved(&s, rate);
        choose(&s, outer);
    }
    for (size_t i = 0; i < s.vertices.count; i++)
        where[s.vertices.items[i].function] = SIZE_MAX;
    free(s.vertices.items);
    free(s.rates.items);
    free(s.pairs);
    free(s.saved);
    return outer;
}
