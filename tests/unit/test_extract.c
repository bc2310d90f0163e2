/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_extract.c - what a plan keeps of its host and its domain */
#include "nccl_world.h"

#include "peer/nccl_file.h"
#include "report/explain.h"
#include "report/json_plan.h"

static struct world w;

static void setup(void)
{
    nccl_world_init(&w);
}

static void teardown(void)
{
    world_clear(&w);
}

START_TEST(only_paths_of_the_devices_are_there)
{
    static const struct row rows[] = {
        {"40:01.0", NULL, PORT_ROOT, 0},
        {"41:00.0", "40:01.0", PORT_NONE, 0, GPU},
        {"41:00.1", "40:01.0", PORT_NONE, 0, AUDIO},
        {"60:01.0", NULL, PORT_ROOT, 1},
        {"61:00.0", "60:01.0", PORT_NONE, 1, NIC},
        {"61:00.1", "60:01.0", PORT_NONE, 1, NIC, "61:00.0"},
        {"0001:70:01.0", NULL, PORT_ROOT, 1},
        {"0001:71:00.0", "0001:70:01.0", PORT_NONE, 1, GPU},
        {"0002:80:01.0", NULL, PORT_ROOT, 1},
    };
    /* Paths of two devices, the physical function of one of them, and the first of each PCI domain,
     * because NCCL's addresses count these. */
    static const char *const left[] = {"40:01.0", "41:00.0",      "60:01.0",     "61:00.0",
                                       "61:00.1", "0001:70:01.0", "0002:80:01.0"};
    const struct vtopo_host *host;

    teardown();
    world_init(&w);
    add_bound_cells(&w, 2);
    ADD_FUNCTIONS(&w, rows);
    add_hostdev(&w, "41:00.0", NULL);
    add_hostdev(&w, "61:00.1", NULL);
    plan_or_fail(&w);
    host = &w.plan->extract.host;
    ck_assert_uint_eq(host->functions.count, sizeof(left) / sizeof(*left));
    for (size_t i = 0; i < host->functions.count; i++) {
        struct bdf bdf = bdf_of(left[i]);

        ck_assert(bdf_equal(&host->functions.items[i].bdf, &bdf));
    }
    ck_assert_uint_eq(host->nodes.count, 2);
    ck_assert_uint_eq(host->nodes.items[1].id, 1);
    ck_assert_uint_eq(host->nodes.items[1].memory_kib, w.host.nodes.items[1].memory_kib);
    ck_assert_uint_eq(idset_size(&host->nodes.items[1].cpus),
                      idset_size(&w.host.nodes.items[1].cpus));
    ck_assert_uint_eq(device_of(&w, "61:00.1")->function, 4);
    ck_assert_uint_eq(host->functions.items[4].parent, 2);
}
END_TEST

START_TEST(devices_say_what_they_are)
{
    w.domain.devices.items[0].alias = strdup("ua-gpu");
    add_other(&w, "disk vda", NULL);
    plan_or_fail(&w);
    ck_assert_int_eq(device_of(&w, "43:00.0")->peer, PEER_GPU);
    ck_assert_int_eq(device_of(&w, "47:00.0")->peer, PEER_NIC);
    ck_assert_str_eq(w.plan->extract.domain.name, w.domain.name);
    ck_assert_uint_eq(w.plan->extract.domain.devices.count, w.domain.devices.count);
    ck_assert_str_eq(w.plan->extract.domain.devices.items[0].alias, "ua-gpu");
    ck_assert_ptr_null(w.plan->extract.domain.devices.items[w.domain.devices.count - 1].label);
}
END_TEST

static void print(char *texts[3])
{
    ck_assert_int_eq(explain_plan(w.plan, false, &texts[0], NULL), 0);
    ck_assert_int_eq(plan_to_json(w.plan, &texts[1], NULL), 0);
    ck_assert_int_eq(nccl_topo_file(w.plan, &texts[2], NULL), 0);
}

/* A host that was read again, or is gone, changes nothing. */
START_TEST(host_and_domain_may_go)
{
    char *before[3], *after[3];

    plan_or_fail(&w);
    print(before);
    host_clear(&w.host);
    domain_clear(&w.domain);
    print(after);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_str_eq(before[i], after[i]);
        free(before[i]);
        free(after[i]);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("extract");
    TCase *tcase = tcase_create("extract");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, only_paths_of_the_devices_are_there);
    tcase_add_test(tcase, devices_say_what_they_are);
    tcase_add_test(tcase, host_and_domain_may_go);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
