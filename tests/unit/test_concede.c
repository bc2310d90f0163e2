/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_concede.c - what is given up where the layout does not fit, and what is not */
#include "build.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static struct world w;

/*
 * ROOTS root complexes on node 0, each with a switch of two levels: the upper one has a GPU (44)
 * and the lower switch, which has two (47, 48).
 */
#define ROOTS 40

static void setup(void)
{
    static const struct row tree[] = {
        {"40:01.0", NULL, PORT_ROOT, 0},
        {"41:00.0", "40:01.0", PORT_UPSTREAM, 0},
        {"42:00.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"42:01.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"44:00.0", "42:00.0", PORT_NONE, 0, GPU},
        {"45:00.0", "42:01.0", PORT_UPSTREAM, 0},
        {"46:00.0", "45:00.0", PORT_DOWNSTREAM, 0},
        {"46:01.0", "45:00.0", PORT_DOWNSTREAM, 0},
        {"47:00.0", "46:00.0", PORT_NONE, 0, GPU},
        {"48:00.0", "46:01.0", PORT_NONE, 0, GPU},
    };
    enum { PARTS = sizeof(tree) / sizeof(*tree) };
    static struct row rows[ROOTS * PARTS];
    static char bdfs[ROOTS * PARTS][2][16];

    for (unsigned i = 0; i < ROOTS * PARTS; i++) {
        rows[i] = tree[i % PARTS];
        snprintf(bdfs[i][0], sizeof(bdfs[i][0]), "%04x:%s", i / PARTS, rows[i].bdf);
        snprintf(bdfs[i][1], sizeof(bdfs[i][1]), "%04x:%s", i / PARTS,
                 rows[i].parent ? rows[i].parent : "");
        rows[i].bdf = bdfs[i][0];
        rows[i].parent = rows[i].parent ? bdfs[i][1] : NULL;
    }
    world_init(&w);
    add_bound_cells(&w, 1);
    ADD_FUNCTIONS(&w, rows);
}

static void teardown(void)
{
    world_clear(&w);
}

/* The three GPUs of each of the first @roots root complexes. */
static void assign(unsigned roots)
{
    static const char *const gpus[] = {"44", "47", "48"};

    for (unsigned i = 0; i < roots * 3; i++) {
        char host[32];

        snprintf(host, sizeof(host), "%04x:%s:00.0", i / 3, gpus[i % 3]);
        add_hostdev(&w, host, NULL);
    }
}

/* The domain's own: leaves @buses numbers. */
static void use_buses_but(unsigned buses)
{
    for (unsigned i = 1; i + buses < 256; i++) {
        char place[32];

        if (i < 160)
            snprintf(place, sizeof(place), "00:%02x.%u", 2 + i / 8, i % 8);
        else /* below one of the former */
            snprintf(place, sizeof(place), "%02x:00.0", i - 150);
        add_controller(&w, i, i < 160 ? CTRL_ROOT_PORT : CTRL_PCIE_TO_PCI, place);
    }
}

static size_t count(enum controller_model model, bool spare)
{
    size_t n = 0;

    for (size_t i = 0; i < w.plan->controllers.count; i++)
        n += w.plan->controllers.items[i].model == model &&
             w.plan->controllers.items[i].spare == spare;
    return n;
}

/* What a layout of @roots root complexes is made of, with @buses bus numbers left. */
struct expected {
    unsigned expanders, switches, spare;
};

static void expect(struct expected expected)
{
    plan_or_fail(&w);
    ck_assert_uint_eq(count(CTRL_EXPANDER, false), expected.expanders);
    ck_assert_uint_eq(count(CTRL_UPSTREAM, false), expected.switches);
    ck_assert_uint_eq(count(CTRL_ROOT_PORT, true), expected.spare);
    ck_assert_uint_eq(findings_of(&w, FINDING_SPARE_CONCEDED),
                      expected.spare != w.policy.spare_ports * expected.expanders);
}

static void refused(const char *what)
{
    ck_assert_int_eq(make_plan(&w), VTOPO_ERR_REFUSED);
    ck_assert_msg(strstr(vtopo_error_message(w.error), what), "%s", vtopo_error_message(w.error));
}

/*
 * mirror exact, 4 root complexes: each an expander, 2 switches of root or downstream port and
 * upstream port, 3 ports: 8 controllers.  4 * 8 = 32; merged 29; flat 4 * 6 = 24; both 21.
 */
START_TEST(each_step_is_taken_when_the_one_before_does_not_do)
{
    w.policy.mirror = MIRROR_EXACT;
    w.policy.spare_ports = 2;
    assign(4);
    use_buses_but(40);
    expect((struct expected){4, 8, 8});
    ck_assert_uint_eq(findings_of(&w, FINDING_MERGED) + findings_of(&w, FINDING_FLATTENED), 0);
}
END_TEST

static void world_with(unsigned buses)
{
    teardown();
    setup();
    w.policy.mirror = MIRROR_EXACT;
    w.policy.spare_ports = 2;
    assign(4);
    use_buses_but(buses);
}

START_TEST(spare_ports_go_first_and_as_few_as_will_do)
{
    world_with(39);
    expect((struct expected){4, 8, 4});
    ck_assert_ptr_nonnull(strstr(
        finding_of(&w, FINDING_SPARE_CONCEDED),
        "(1, not 2), because with more the layout does not fit: controller indexes: 40 needed, 39 available"));
    world_with(36);
    expect((struct expected){4, 8, 4});
    world_with(35);
    expect((struct expected){4, 8, 0});
    world_with(32);
    expect((struct expected){4, 8, 0});
    ck_assert_uint_eq(findings_of(&w, FINDING_MERGED), 0);
}
END_TEST

START_TEST(then_expanders_are_merged)
{
    world_with(31);
    expect((struct expected){
        1, 8, 2}); /* which leaves room for the spare ports of the one that is left */
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_MERGED),
                                 "does not fit: controller indexes: 32 needed, 31 available"));
    ck_assert_str_eq(expander(&w, 0)->alias, "ua-vtopo-pxb-cell0");
    ck_assert(!expander(&w, 0)->has_root);
    world_with(29);
    expect((struct expected){1, 8, 0});
    ck_assert_uint_eq(findings_of(&w, FINDING_FLATTENED), 0);
}
END_TEST

START_TEST(then_switches_are_flattened_and_expanders_apart_again_if_that_fits)
{
    world_with(28);
    expect((struct expected){4, 4, 4}); /* 24, and a spare port each */
    ck_assert_uint_eq(findings_of(&w, FINDING_FLATTENED), 1);
    ck_assert_uint_eq(findings_of(&w, FINDING_MERGED), 0);
    world_with(24);
    expect((struct expected){4, 4, 0});
    world_with(23);
    expect((struct expected){1, 4, 2});
    ck_assert_uint_eq(findings_of(&w, FINDING_MERGED), 1);
    world_with(21);
    expect((struct expected){1, 4, 0});
}
END_TEST

START_TEST(what_fits_in_no_way_is_refused_with_the_count)
{
    world_with(20);
    refused("the layout does not fit: controller indexes: 21 needed, 20 available; ");
    refused("bus numbers 257 of 256, controller indexes 257 of 256, chassis numbers");
}
END_TEST

START_TEST(strict_gives_nothing_up)
{
    world_with(39);
    w.policy.strict = true;
    refused("controller indexes: 40 needed, 39 available; ");
    refused("controller indexes 257 of 256");
    world_with(40);
    w.policy.strict = true;
    expect((struct expected){4, 8, 8});
}
END_TEST

START_TEST(a_lesser_layout_rewritten_twice_is_the_same)
{
    static const unsigned buses[] = {39, 35, 31, 29, 28, 24, 23, 21};

    for (size_t i = 0; i < sizeof(buses) / sizeof(*buses); i++) {
        world_with(buses[i]);
        rewrite(&w);
        plan_or_fail(&w);
        ck_assert_msg(w.plan->realised, "%u: %s", buses[i], w.plan->difference);
    }
}
END_TEST

/* Where the devices were before must not matter: in ports of the domain, which stay empty, or
 * nowhere. */
START_TEST(it_does_not_depend_on_where_devices_were)
{
    autofree char *nowhere = NULL;

    world_with(28);
    plan_or_fail(&w);
    nowhere = mem_printf("%s", layout(&w));
    for (unsigned i = 0; i < 12; i++)
        w.domain.devices.items[i].address =
            (struct address){ADDRESS_PCI, {0, (uint8_t)(1 + i), 0, 0}, -1};
    plan_or_fail(&w);
    ck_assert_str_eq(layout(&w), nowhere);
}
END_TEST

/* --- steps that do not help --- */

/* Slots: 40 expanders of 8 a slot need 5, and spare ports need none. */
START_TEST(spare_ports_stay_where_slots_are_short)
{
    w.policy.mirror = MIRROR_ROOT;
    w.policy.spare_ports = 1;
    for (unsigned i = 0; i < ROOTS; i++) {
        char host[32];

        snprintf(host, sizeof(host), "%04x:44:00.0", i);
        add_hostdev(&w, host, NULL);
    }
    for (unsigned slot = 2; slot < 30; slot++) {
        char place[32];

        snprintf(place, sizeof(place), "00:%02x.0", slot);
        if (slot != 0x1a && slot != 0x1b && slot != 0x1d && slot != 0x10)
            add_other(&w, "disk", place);
    }
    expect((struct expected){1, 0, 1}); /* slots 10 and 1e are free */
    ck_assert_ptr_nonnull(
        strstr(finding_of(&w, FINDING_MERGED), "slots on pcie.0: 5 needed, 2 available"));
}
END_TEST

START_TEST(windows_for_io_are_not_got_by_merging)
{
    w.policy.mirror = MIRROR_EXACT;
    for (size_t i = 0; i < w.host.functions.count; i++)
        w.host.functions.items[i].bars[0] = (struct host_bar){.size = 128, .io = true};
    assign(4);
    plan_or_fail(&w);
    ck_assert_uint_eq(w.plan->findings.count, 0);
    assign(0);
    for (unsigned i = 4; i < 7; i++) {
        char host[32];

        snprintf(host, sizeof(host), "%04x:44:00.0", i);
        add_hostdev(&w, host, NULL);
    }
    refused("I/O windows: 15 needed, 14 available");
}
END_TEST

START_TEST(a_cell_with_one_root_complex_keeps_its_expander)
{
    world_with(31);
    add_bound_cells(&w, 2); /* cells 0 and 1 again: the GPUs of root complex 3 are on node 1 now */
    for (size_t i = 0; i < w.host.functions.count; i++)
        w.host.functions.items[i].node = w.host.functions.items[i].bdf.domain == 3;
    plan_or_fail(&w);
    ck_assert_uint_eq(count(CTRL_EXPANDER, false), 2);
    ck_assert_str_eq(expander(&w, 0)->alias, "ua-vtopo-pxb-cell0");
    ck_assert_str_eq(expander(&w, 1)->alias, "ua-vtopo-pxb-0003-40-cell1");
    ck_assert(expander(&w, 1)->has_root);
}
END_TEST

/* --- domains without addresses --- */

/* What libvirt will add is not known, and a step that its dump would take back must not be taken.
 */
START_TEST(what_only_may_not_fit_is_refused)
{
    w.policy.mirror = MIRROR_EXACT;
    assign(4);
    use_buses_but(
        39); /* 32, and up to 8 for what libvirt adds unasked; the disk has an empty port */
    add_other(&w, "disk vda", NULL);
    refused(
        "the layout may not fit: bus numbers: 257 needed, 256 available, counted with all that libvirt may add");
}
END_TEST

START_TEST(what_certainly_does_not_fit_is_made_of_less)
{
    w.policy.mirror = MIRROR_EXACT;
    assign(12); /* 96; merged 85; flat 72, with 8 for libvirt 80 */
    use_buses_but(84);
    add_other(&w, "disk vda", NULL);
    expect((struct expected){12, 12, 0});
    ck_assert_uint_eq(findings_of(&w, FINDING_FLATTENED), 1);
    ck_assert_uint_eq(findings_of(&w, FINDING_MERGED), 0);
}
END_TEST

/* Where spare ports make too many ports, and are not possible anyway: one reason, not two. */
START_TEST(spare_ports_need_addresses_however_much_is_conceded)
{
    assign(1);
    for (unsigned i = 1; i < 13; i++) {
        char place[32];

        snprintf(place, sizeof(place), "00:%02x.0", 2 + i);
        add_controller(&w, i, CTRL_ROOT_PORT, place);
    }
    w.domain.firmware = FIRMWARE_OVMF;
    w.policy.spare_ports = 2;
    add_other(&w, "disk vda", NULL);
    refused("spare ports need a domain that has all its PCI addresses");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("concede");
    TCase *tcase = tcase_create("concede");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, each_step_is_taken_when_the_one_before_does_not_do);
    tcase_add_test(tcase, spare_ports_go_first_and_as_few_as_will_do);
    tcase_add_test(tcase, then_expanders_are_merged);
    tcase_add_test(tcase, then_switches_are_flattened_and_expanders_apart_again_if_that_fits);
    tcase_add_test(tcase, what_fits_in_no_way_is_refused_with_the_count);
    tcase_add_test(tcase, strict_gives_nothing_up);
    tcase_add_test(tcase, a_lesser_layout_rewritten_twice_is_the_same);
    tcase_add_test(tcase, it_does_not_depend_on_where_devices_were);
    tcase_add_test(tcase, spare_ports_stay_where_slots_are_short);
    tcase_add_test(tcase, windows_for_io_are_not_got_by_merging);
    tcase_add_test(tcase, a_cell_with_one_root_complex_keeps_its_expander);
    tcase_add_test(tcase, what_only_may_not_fit_is_refused);
    tcase_add_test(tcase, what_certainly_does_not_fit_is_made_of_less);
    tcase_add_test(tcase, spare_ports_need_addresses_however_much_is_conceded);
    return run_suite(suite);
}
