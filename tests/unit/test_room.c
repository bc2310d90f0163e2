/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_room.c - which CPUs and how much memory of which node go with devices
 */
#include "place_world.h"

#include "place/room.h"

/* Cores of two threads: 0 and 4, 1 and 5... of each node of eight. */
static void add_threads(void)
{
    for (unsigned id = 0; id < 16; id++) {
        unsigned first = id / 8 * 8 + id % 4;
        struct host_cpu *cpu = vec_add(&w.host.cpus);

        ck_assert_ptr_nonnull(cpu);
        *cpu = (struct host_cpu){.id = id, .package = id / 8, .core = id % 4};
        ck_assert(idset_add(&cpu->siblings, first) && idset_add(&cpu->siblings, first + 4));
    }
}

static void prepare(void)
{
    setup();
    for (size_t i = 0; i < w.host.cpus.count; i++)
        idset_free(&w.host.cpus.items[i].siblings);
    w.host.cpus.count = 0;
    add_threads();
}

/* "0: 0-1,4-5 1024 of 8; 1: ...": what the best proposal takes of which node; in w.text. */
static const char *shares(unsigned gpus, unsigned nics)
{
    const struct place_proposal *p = NULL;

    best(gpus, nics);
    p = &place.proposals.items[0];
    free(w.text);
    w.text = NULL;
    for (size_t i = 0; i < p->shares.count; i++) {
        const struct place_share *share = &p->shares.items[i];
        char *list = idset_format(&share->list);

        ck_assert_ptr_nonnull(list);
        text_append(&w.text, "%s%zu:%s %llu of %zu%s%s", i ? "; " : "", share->node, list,
                    (unsigned long long)(share->memory_kib >> 20), share->free_cpus,
                    share->has_devices ? "" : " further", share->lacks_memory ? " lacks" : "");
        free(list);
    }
    return w.text;
}

static void avoid(const char *list, struct idset *set)
{
    idset_free(set);
    ck_assert_int_eq(idset_parse(list, set), IDSET_OK);
    request.avoid = set;
}

START_TEST(nothing_asked)
{
    ck_assert_str_eq(shares(2, 1), "0: 0 of 8");
    ck_assert_str_eq(shares(6, 0), "0: 0 of 8; 1: 0 of 8");
}
END_TEST

START_TEST(whole_cores)
{
    request.cpus = 3;
    request.memory_kib = UINT64_C(8) << 20;
    ck_assert_str_eq(shares(2, 1), "0:0-1,4 8 of 8");
    request.cpus = 6;
    ck_assert_str_eq(shares(6, 0), "0:0-1,4-5 4 of 8; 1:8,12 4 of 8");
}
END_TEST

START_TEST(cores_that_are_not_whole)
{
    struct idset taken = {0};

    request.cpus = 4;
    avoid("4", &taken);
    ck_assert_str_eq(shares(2, 1), "0:1-2,5-6 0 of 6");
    ck_assert(idset_add(&w.host.isolated, 1));
    ck_assert_str_eq(shares(2, 1), "0:2-3,6-7 0 of 4");
    idset_remove(&w.host.nodes.items[0].cpus, 7); /* offline */
    request.cpus = 2;
    ck_assert_str_eq(shares(2, 1), "0:2,6 0 of 2");
    idset_free(&taken);
}
END_TEST

START_TEST(a_further_node)
{
    struct idset taken = {0};

    request.cpus = 8;
    avoid("0,8", &taken);
    ck_assert_str_eq(shares(2, 1), "0:1-2,5-6 0 of 6; 1:9-10,13-14 0 of 6 further");
    /* Not evenly, where that is the only way. */
    avoid("0,8-10", &taken);
    ck_assert_str_eq(shares(2, 1), "0:1-3,5-7 0 of 6; 1:11,15 0 of 2 further");
    idset_free(&taken);
}
END_TEST

START_TEST(memory)
{
    request.memory_kib = UINT64_C(63) << 20;
    ck_assert_str_eq(shares(2, 1), "0: 63 of 8");
    request.memory_kib = UINT64_C(64) << 20; /* the host needs some of it */
    ck_assert_str_eq(shares(2, 1), "0: 32 of 8; 1: 32 of 8 further");
    request.memory_kib = UINT64_C(128) << 20;
    ck_assert_int_eq(try(2, 1), VTOPO_ERR_REFUSED);
}
END_TEST

/* It is not worth another node, as it changes; of two nodes that are else the same it is. */
START_TEST(memory_that_is_free_now)
{
    request.memory_kib = UINT64_C(8) << 20;
    w.host.nodes.items[0].memory_free_kib = UINT64_C(4) << 20;
    w.host.nodes.items[1].memory_free_kib = UINT64_C(16) << 20;
    ck_assert_str_eq(shares(1, 1), "1: 8 of 8");
    w.host.nodes.items[1].memory_free_kib = UINT64_C(1) << 20;
    ck_assert_str_eq(shares(2, 1), "0: 8 of 8 lacks");
}
END_TEST

START_TEST(huge_pages)
{
    struct host_pages *pages = vec_add(&w.host.nodes.items[0].pages);

    request.memory_kib = UINT64_C(8) << 20;
    ck_assert_ptr_nonnull(pages);
    *pages = (struct host_pages){1 << 20, 16, 8};
    w.host.nodes.items[0].memory_free_kib = UINT64_C(4) << 20;
    ck_assert_str_eq(shares(2, 1), "0: 8 of 8");
    pages->free = 7;
    ck_assert_str_eq(shares(2, 1), "1: 8 of 8");
}
END_TEST

START_TEST(cpus_of_which_nothing_is_known)
{
    for (size_t i = 0; i < w.host.cpus.count; i++)
        idset_free(&w.host.cpus.items[i].siblings);
    w.host.cpus.count = 0;
    request.cpus = 3;
    ck_assert_str_eq(shares(2, 1), "0:0-2 0 of 8");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("room");
    TCase *tcase = tcase_create("room");

    tcase_add_checked_fixture(tcase, prepare, teardown);
    tcase_add_test(tcase, nothing_asked);
    tcase_add_test(tcase, whole_cores);
    tcase_add_test(tcase, cores_that_are_not_whole);
    tcase_add_test(tcase, a_further_node);
    tcase_add_test(tcase, memory);
    tcase_add_test(tcase, memory_that_is_free_now);
    tcase_add_test(tcase, huge_pages);
    tcase_add_test(tcase, cpus_of_which_nothing_is_known);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
