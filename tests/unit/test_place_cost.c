/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_place_cost.c - what a proposal costs on a large host
 *
 * Rule:   steps are counted, not time: sets that are grown, and distances that are looked up.  With
 *         n devices there are 2^n sets; what is looked at grows with the number of switches.
 */
#include "place_world.h"

#include "place/grow.h"

#define GPUS 16
#define NICS 32
#define VFS 256 /* of the 32 NICs together */

static size_t sets, pairs;

bool __real_grow(const struct choice *choice, size_t seed, struct place_proposal *ret_proposal,
                 bool *ret_complete);
bool __wrap_grow(const struct choice *choice, size_t seed, struct place_proposal *ret_proposal,
                 bool *ret_complete);
unsigned __real_distance_between(const struct vtopo_host *host, size_t one, size_t other);
unsigned __wrap_distance_between(const struct vtopo_host *host, size_t one, size_t other);

bool __wrap_grow(const struct choice *choice, size_t seed, struct place_proposal *ret_proposal,
                 bool *ret_complete)
{
    sets++;
    return __real_grow(choice, seed, ret_proposal, ret_complete);
}

unsigned __wrap_distance_between(const struct vtopo_host *host, size_t one, size_t other)
{
    pairs++;
    return __real_distance_between(host, one, other);
}

/* Two nodes; on each eight switches with a GPU and two NICs, which have eight virtual functions. */
#define SWITCHES 16
#define ROWS (SWITCHES * (5 + 1 + 2) + VFS)
static struct row rows[ROWS];
static char texts[ROWS][BDF_TEXT_SIZE];

static const char *bdf(size_t row, unsigned domain, unsigned bus, unsigned slot)
{
    const struct bdf bdf = {domain, (uint8_t)bus, (uint8_t)slot, 0};

    return bdf_format(&bdf, texts[row]);
}

static size_t add_switch(size_t at, unsigned number)
{
    int node = number >= SWITCHES / 2;
    size_t port = at, up = at + 1, down = at + 2;

    rows[at++] = (struct row){bdf(port, number, 0, 1), NULL, PORT_ROOT, node};
    rows[at++] = (struct row){bdf(up, number, 1, 0), texts[port], PORT_UPSTREAM, node};
    for (unsigned i = 0; i < 3; i++)
        rows[at + i] = (struct row){bdf(at + i, number, 2, i), texts[up], PORT_DOWNSTREAM, node};
    at += 3;
    rows[at] = (struct row){
        bdf(at, number, 3, 0), texts[down], PORT_NONE, node, GPU, NULL, 0x10de, 0x2330};
    at++;
    for (unsigned i = 0; i < 2; i++) {
        size_t nic = at;

        rows[at++] = (struct row){bdf(nic, number, 4 + i, 0),
                                  texts[down + 1 + i],
                                  PORT_NONE,
                                  node,
                                  NIC,
                                  NULL,
                                  0x15b3,
                                  0x1021};
        for (unsigned vf = 0; vf < 8; vf++, at++)
            rows[at] = (struct row){bdf(at, number, 4 + i, 1 + vf),
                                    texts[down + 1 + i],
                                    PORT_NONE,
                                    node,
                                    NIC,
                                    texts[nic],
                                    0x15b3,
                                    0x101e};
    }
    return at;
}

static void large(void)
{
    size_t at = 0;

    world_init(&w);
    add_nodes(&w, 2, 64);
    for (unsigned i = 0; i < SWITCHES; i++)
        at = add_switch(at, i);
    ck_assert_uint_eq(at, ROWS);
    ADD_FUNCTIONS(&w, rows);
    for (size_t i = 0; i < w.host.functions.count; i++)
        w.host.functions.items[i].iommu_group = (int)i;
}

START_TEST(grows_with_switches)
{
    for (unsigned gpus = 0; gpus <= GPUS; gpus += 8) {
        for (unsigned nics = gpus ? 0 : 1; nics <= NICS; nics += 16) {
            sets = pairs = 0;
            ck_assert_int_eq(try(gpus, nics), 0);
            /* From each switch once: of what is free, what drivers have, what VMs have. */
            ck_assert_uint_eq(sets, 3 * SWITCHES);
            ck_assert_uint_le(pairs, (size_t)(GPUS + NICS + VFS) * (GPUS + NICS + VFS) / 2);
        }
    }
}
END_TEST

/* No more of them are looked at than are asked for. */
START_TEST(virtual_functions_count_once)
{
    ck_assert_int_eq(try(1, 2), 0);
    ck_assert_uint_eq(place.stock.items.count, GPUS + NICS + 2 * NICS);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("place_cost");
    TCase *tcase = tcase_create("cost");

    tcase_add_checked_fixture(tcase, large, teardown);
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, grows_with_switches);
    tcase_add_test(tcase, virtual_functions_count_once);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
