/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_card_pairs.c - pairs of cards that are nearer, farther or the other way round in the guest
 *
 * Rule:   a made-up layout is judged pair by pair, card by card, and has to give the same words.
 * Not here: the words for real layouts (test_controllers.c, test_differences.c).
 */
#include "plan/card_pairs.h"

#include "base/buffer.h"
#include "build.h"

#include <check.h>
#include <string.h>

#define CARDS 12
#define EXPANDERS 3
#define UPSTREAMS 2 /* below each expander, the second one below the first */

static unsigned state;

/* The same numbers in every run. */
static unsigned pick(unsigned limit)
{
    state = state * 1103515245u + 12345u;
    return state >> 16 & 0x7fffu ? (state >> 16 & 0x7fffu) % limit : 0;
}

struct made {
    struct vtopo_plan plan;
    struct plan_controller controllers[EXPANDERS * (1 + UPSTREAMS) + CARDS];
    struct plan_card cards[CARDS];
    struct plan_device devices[CARDS];
    struct plan_chain chains[CARDS];
    struct findings findings;
};

static size_t add(struct made *m, enum controller_model model, size_t parent)
{
    m->controllers[m->plan.controllers.count] =
        (struct plan_controller){.model = model, .parent = parent};
    return m->plan.controllers.count++;
}

static void add_card(struct made *m, size_t i, const size_t *parents, size_t count)
{
    unsigned place = pick((unsigned)count);

    m->cards[i] = (struct plan_card){
        .port = add(m, CTRL_DOWNSTREAM, parents[place]),
        .host = {0, (uint8_t)(0x10 + i), 0, 0},
        .root = {0, (uint8_t)pick(2), 0, 0},
        .node = (int)pick(2),
        .cell = (int)pick(3) - 1,
        .first_device = i,
        .own_port = !pick(8),
        .attach_pci = !pick(8),
    };
    m->devices[i].guest_after = (struct bdf){0, (uint8_t)(pick(4) ? 0x20 + i : pick(200)), 0, 0};
    m->chains[i].count = pick(3);
    for (size_t k = 0; k < m->chains[i].count; k++)
        m->chains[i].at[k] = 100 + 10 * k + (k ? m->chains[i].at[0] : 0) + pick(2);
}

static void make_layout(struct made *m, unsigned seed)
{
    size_t parents[EXPANDERS * (1 + UPSTREAMS) + 1], count = 0;

    memset(m, 0, sizeof(*m));
    state = seed;
    m->plan.controllers.items = m->controllers;
    m->plan.cards.items = m->cards;
    m->plan.devices.items = m->devices;
    for (size_t e = 0; e < EXPANDERS; e++) {
        size_t above = add(m, CTRL_EXPANDER, PLAN_NONE);

        parents[count++] = above;
        for (size_t u = 0; u < UPSTREAMS; u++)
            parents[count++] = above = add(m, CTRL_UPSTREAM, above);
    }
    parents[count++] = PLAN_NONE;
    m->plan.cards.count = m->plan.devices.count = 2 + pick(CARDS - 1);
    for (size_t i = 0; i < m->plan.cards.count; i++)
        add_card(m, i, parents, 1 + pick((unsigned)count));
}

/* --- the same, pair by pair --- */

static size_t guest_chain(const struct made *m, size_t card, size_t *chain, size_t *ret_expander)
{
    size_t n = 0, at = m->cards[card].port;

    *ret_expander = PLAN_NONE;
    for (; at != PLAN_NONE; at = m->controllers[at].parent) {
        if (m->controllers[at].model == CTRL_UPSTREAM) {
            memmove(chain + 1, chain, n++ * sizeof(*chain));
            chain[0] = at;
        }
        if (m->controllers[at].model == CTRL_EXPANDER)
            *ret_expander = at;
    }
    return n;
}

static size_t shared(const size_t *a, size_t na, const size_t *b, size_t nb)
{
    size_t n = 0;

    while (n < na && n < nb && a[n] == b[n])
        n++;
    return n;
}

enum relation { NEARER, FARTHER, TURNED };

static bool holds(const struct made *m, enum relation relation, size_t a, size_t b)
{
    const struct plan_card *x = &m->cards[a], *y = &m->cards[b];
    const struct plan_chain *hx = &m->chains[a], *hy = &m->chains[b];
    size_t gx[8], gy[8], ex, ey, nx = guest_chain(m, a, gx, &ex), ny = guest_chain(m, b, gy, &ey);
    size_t guest = shared(gx, nx, gy, ny), host = shared(hx->at, hx->count, hy->at, hy->count);

    if (relation == TURNED)
        return !x->attach_pci && !y->attach_pci &&
               bdf_compare(&m->devices[a].guest_after, &m->devices[b].guest_after) > 0;
    if (relation == FARTHER)
        return host && !guest && !x->own_port && !x->attach_pci && !y->own_port && !y->attach_pci;
    return (guest && (!host || nx + ny - 2 * guest < hx->count + hy->count - 2 * host)) ||
           (ex == ey && ex != PLAN_NONE && !bdf_equal(&x->root, &y->root)) ||
           (x->cell >= 0 && x->cell == y->cell && x->node != y->node);
}

static bool is_like(const struct made *m, enum relation relation, size_t a, size_t b)
{
    for (size_t i = a + 1; i < m->plan.cards.count; i++) {
        if (i <= b ? holds(m, relation, a, i)
                   : holds(m, relation, a, i) != holds(m, relation, b, i))
            return false;
    }
    return true;
}

/* What is behind ": " of the finding; "" for none. */
static char *expected(const struct made *m, enum relation relation)
{
    struct buffer text = {0};
    size_t count = m->plan.cards.count, end;

    for (size_t a = 0; a < count; a = end) {
        const char *join = " with ";

        for (end = a + 1; end < count && is_like(m, relation, a, end);)
            end++;
        for (size_t i = end; i < count; i++) {
            if (!holds(m, relation, a, i))
                continue;
            for (size_t k = a; *join == ' ' && k < end; k++)
                buffer_printf(&text, "%s%s",
                              k > a         ? ", "
                              : text.length ? "; "
                                            : "",
                              BDF_TEXT(&m->cards[k].host));
            buffer_printf(&text, "%s%s", join, BDF_TEXT(&m->cards[i].host));
            join = ", ";
        }
    }
    return buffer_steal(&text);
}

static const char *found(const struct made *m, enum finding_id id)
{
    for (size_t i = 0; i < m->findings.count; i++) {
        if (m->findings.items[i].id == id)
            return strstr(m->findings.items[i].text, ": ") + 2;
    }
    return "";
}

START_TEST(as_pair_by_pair)
{
    static const enum finding_id ids[] = {FINDING_NEARER, FINDING_FARTHER, FINDING_ORDER};
    struct vtopo_policy policy = {.mirror = MIRROR_EXACT};
    struct facts facts = {.policy = &policy};
    static struct made m;

    for (unsigned seed = 0; seed < 3000; seed++) {
        struct reporter reporter = {&m.findings, NULL};

        make_layout(&m, seed);
        ck_assert_int_eq(card_pairs_report(&facts, &m.plan, m.chains, false, &reporter), 0);
        for (enum relation r = NEARER; r <= TURNED; r++) {
            autofree char *text = expected(&m, r);

            ck_assert_msg(!strcmp(text, found(&m, ids[r])), "seed %u, relation %u:\n%s\n%s", seed,
                          (unsigned)r, text, found(&m, ids[r]));
        }
        findings_clear(&m.findings);
    }
}
END_TEST

START_TEST(coarse_mirrors_promise_no_switches)
{
    struct vtopo_policy policy = {.mirror = MIRROR_ROOT};
    struct facts facts = {.policy = &policy};
    static struct made m;

    for (unsigned seed = 0; seed < 100; seed++) {
        struct reporter reporter = {&m.findings, NULL};

        make_layout(&m, seed);
        ck_assert_int_eq(card_pairs_report(&facts, &m.plan, m.chains, true, &reporter), 0);
        ck_assert_str_eq(found(&m, FINDING_FARTHER), "");
        findings_clear(&m.findings);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("card_pairs");
    TCase *tcase = tcase_create("card_pairs");

    suite_add_tcase(suite, tcase);
    tcase_set_timeout(tcase, 120); /* thousands of layouts, perhaps beside other tests */
    tcase_add_test(tcase, as_pair_by_pair);
    tcase_add_test(tcase, coarse_mirrors_promise_no_switches);
    return run_suite(suite);
}
