/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_clique_auto.c - cliques that follow from the host (clique "auto") */
#include "clique_world.h"

/* Config space of a switch port: PCI Express at 0x40, ACS at 0x100 with this control; -1: there is
 * none. */
static void set_acs(const char *bdf, int control)
{
    struct bdf at = bdf_of(bdf);
    struct host_function *f = &w.host.functions.items[host_find(&w.host, &at)];

    free(f->config);
    f->config_size = 4096;
    f->config = calloc(1, f->config_size);
    ck_assert_ptr_nonnull(f->config);
    f->config[0x06] = 0x10;
    f->config[0x34] = 0x40;
    f->config[0x40] = 0x10;
    if (control < 0)
        return;
    f->config[0x100] = 0x0d;
    f->config[0x102] = 0x01;
    f->config[0x106] = (unsigned char)control;
}

static void setup_auto(void)
{
    setup();
    w.policy.clique = CLIQUE_AUTO;
    add_hostdev(&w, "44:00.0", NULL);
    add_hostdev(&w, "43:00.0", NULL);
    add_hostdev(&w, "45:00.0", NULL);
    add_hostdev(&w, "47:00.0", NULL);
    set_acs("42:00.0", 0x5d);
    set_acs("42:01.0", 0x5d);
}

START_TEST(gpus_below_one_switch_are_a_clique)
{
    plan_or_fail(&w);
    ck_assert_str_eq(written(), "ua-vtopo-dev-0000-44-00-0=0 ua-vtopo-dev-0000-43-00-0=0");
    ck_assert_int_eq(device_of(&w, "43:00.0")->clique_source, CLIQUE_HOST);
    ck_assert_int_eq(device_of(&w, "47:00.0")->clique, -1);
    ck_assert_ptr_null(finding_of(&w, FINDING_CLIQUE_ACS));
}
END_TEST

/*
 * Only where all that is not translated goes up to the IOMMU, and what is translated goes straight
 * across. Whatever it is, the finding about the clique and those about the port say the same.
 */
START_TEST(all_that_is_not_right)
{
    for (int control = 0; control < 0x80; control++) {
        bool right = (control & 0x7f) == 0x5d;

        set_acs("42:01.0", control);
        plan_or_fail(&w);
        ck_assert_uint_eq(w.plan->overrides.count, right ? 2 : 0);
        ck_assert_uint_eq(findings_of(&w, FINDING_CLIQUE_ACS), right ? 0 : 2);
        ck_assert_uint_eq(findings_of(&w, FINDING_ACS_OPEN) + findings_of(&w, FINDING_ACS_BLOCKS) >
                              0,
                          (control & 0x1d) != 0x1d || control & 0x22);
    }
    set_acs("42:01.0", -1);
    plan_or_fail(&w);
    ck_assert_str_eq(written(), "");
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_CLIQUE_ACS), "has no ACS"));
}
END_TEST

START_TEST(what_cannot_be_read_is_no_clique)
{
    struct bdf at = bdf_of("42:00.0");

    w.host.functions.items[host_find(&w.host, &at)].config_size = 64;
    plan_or_fail(&w);
    ck_assert_str_eq(written(), "");
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_CLIQUE_ACS), "cannot be read"));
}
END_TEST

START_TEST(somebodys_id_is_taken_over)
{
    add_wish(&w, "43:00.0")->clique = 11;
    plan_or_fail(&w);
    ck_assert_str_eq(written(), "ua-vtopo-dev-0000-44-00-0=11 ua-vtopo-dev-0000-43-00-0=11");
}
END_TEST

/* There is no reason for either id. */
START_TEST(somebodys_two_ids_leave_the_third_without)
{
    set_acs("42:03.0", 0x5d);
    add_hostdev(&w, "48:00.0", NULL);
    add_wish(&w, "43:00.0")->clique = 1;
    add_wish(&w, "44:00.0")->clique = 2;
    plan_or_fail(&w);
    ck_assert_int_eq(device_of(&w, "48:00.0")->clique, -1);
    ck_assert_uint_eq(findings_of(&w, FINDING_CLIQUE_PARTIAL), 1);
    ck_assert_uint_eq(findings_of(&w, FINDING_CLIQUE_ACS), 0);
}
END_TEST

/* Two more GPUs below a switch inside the switch. */
static void nest(int upper, int inner)
{
    set_acs("42:04.0", upper);
    set_acs("51:00.0", inner);
    set_acs("51:01.0", inner);
    add_hostdev(&w, "52:00.0", NULL);
    add_hostdev(&w, "53:00.0", NULL);
}

START_TEST(ways_part_at_a_port_of_the_upper_switch)
{
    nest(0x1d, 0x5d); /* the inner switch's own are a clique */
    plan_or_fail(&w);
    ck_assert_int_eq(device_of(&w, "43:00.0")->clique, 0);
    ck_assert_int_eq(device_of(&w, "52:00.0")->clique, 1);
    ck_assert_int_eq(device_of(&w, "53:00.0")->clique, 1);
}
END_TEST

/* The lower ports send nothing across that goes up anyway; but each of a clique must be clear to
 * each. */
START_TEST(lower_ports_redirect_only_among_themselves)
{
    nest(0x5d, 0x1d);
    plan_or_fail(&w);
    ck_assert_int_eq(device_of(&w, "43:00.0")->clique, 0);
    ck_assert_int_eq(device_of(&w, "52:00.0")->clique, 0);
    ck_assert_int_eq(device_of(&w, "53:00.0")->clique, -1);
    ck_assert_uint_eq(findings_of(&w, FINDING_CLIQUE_ACS), 1);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_CLIQUE_ACS), "with 0000:52:00.0"));
}
END_TEST

/* With a QEMU that may be too old nobody gets one, and nothing is said of a neighbour's. */
START_TEST(what_is_held_back_is_reported_once)
{
    struct bdf at = bdf_of("43:00.0");

    w.host.functions.items[host_find(&w.host, &at)].device = 0x20b0;
    plan_or_fail(&w);
    ck_assert_str_eq(written(), "ua-vtopo-dev-0000-44-00-0=0");
    ck_assert_int_eq(device_of(&w, "43:00.0")->clique, 0);
    ck_assert(!device_of(&w, "43:00.0")->clique_given);
    ck_assert_uint_eq(findings_of(&w, FINDING_CLIQUE_QEMU), 1);
    ck_assert_uint_eq(findings_of(&w, FINDING_CLIQUE_PARTIAL), 0);
    ck_assert_uint_eq(findings_of(&w, FINDING_CLIQUE_ACS), 0);
}
END_TEST

START_TEST(ids_of_others_are_not_used_again)
{
    add_wish(&w, "47:00.0")->clique = 0;
    plan_or_fail(&w);
    ck_assert_int_eq(device_of(&w, "43:00.0")->clique, 1);
    ck_assert_int_eq(device_of(&w, "44:00.0")->clique, 1);
}
END_TEST

/* Seventeen switches with two GPUs each. */
START_TEST(ids_run_out)
{
    struct row rows[17 * 6];
    static char names[17][6][16];

    teardown();
    world_init(&w);
    add_bound_cells(&w, 1);
    w.policy.clique = CLIQUE_AUTO;
    w.policy.mirror = MIRROR_NUMA;
    for (unsigned i = 0; i < 17; i++) {
        static const char *const form[6][2] = {{"0001", "00"}, {"0002", "00"}, {"0002", "01"},
                                               {"0002", "02"}, {"0003", "00"}, {"0003", "01"}};
        struct row *row = &rows[i * 6];

        for (int k = 0; k < 6; k++)
            snprintf(names[i][k], sizeof(names[i][k]), "%s:%02x:%s.0", form[k][0], i, form[k][1]);
        row[0] = (struct row){names[i][0], NULL, PORT_ROOT, 0};
        row[1] = (struct row){names[i][1], names[i][0], PORT_UPSTREAM, 0};
        row[2] = (struct row){names[i][2], names[i][1], PORT_DOWNSTREAM, 0};
        row[3] = (struct row){names[i][3], names[i][1], PORT_DOWNSTREAM, 0};
        row[4] = (struct row){names[i][4], names[i][2], PORT_NONE, 0, GPU, NVIDIA};
        row[5] = (struct row){names[i][5], names[i][3], PORT_NONE, 0, GPU, NVIDIA};
    }
    ADD_FUNCTIONS(&w, rows);
    for (unsigned i = 0; i < 17; i++) {
        set_acs(names[i][2], 0x5d);
        set_acs(names[i][3], 0x5d);
        add_hostdev(&w, names[i][4], NULL);
        add_hostdev(&w, names[i][5], NULL);
    }
    plan_or_fail(&w);
    ck_assert_uint_eq(findings_of(&w, FINDING_CLIQUE_TOO_MANY), 2);
    ck_assert_int_eq(device_of(&w, names[15][5])->clique, 15);
    ck_assert_int_eq(device_of(&w, names[16][4])->clique, -1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("clique_auto");
    TCase *tcase = tcase_create("clique_auto");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup_auto, teardown);
    tcase_add_test(tcase, gpus_below_one_switch_are_a_clique);
    tcase_add_test(tcase, all_that_is_not_right);
    tcase_add_test(tcase, what_cannot_be_read_is_no_clique);
    tcase_add_test(tcase, somebodys_id_is_taken_over);
    tcase_add_test(tcase, somebodys_two_ids_leave_the_third_without);
    tcase_add_test(tcase, ways_part_at_a_port_of_the_upper_switch);
    tcase_add_test(tcase, lower_ports_redirect_only_among_themselves);
    tcase_add_test(tcase, ids_of_others_are_not_used_again);
    tcase_add_test(tcase, what_is_held_back_is_reported_once);
    tcase_add_test(tcase, ids_run_out);
    return run_suite(suite);
}
