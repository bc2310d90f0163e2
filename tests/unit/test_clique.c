/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_clique.c - who is in which P2P clique, and which devices QEMU is told */
#include "build.h"

#include "base/error.h"
#include "model/mark.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static struct world w;

#define NVIDIA .vendor = 0x10de

/* Three GPUs and a NIC below a switch, two GPUs below one inside it; a GPU of AMD and a VF of
 * NVIDIA beside it. */
static void setup(void)
{
    static const struct row rows[] = {
        {"40:01.0", NULL, PORT_ROOT, 0},
        {"41:00.0", "40:01.0", PORT_UPSTREAM, 0},
        {"42:00.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"42:01.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"42:02.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"43:00.0", "42:00.0", PORT_NONE, 0, GPU, NVIDIA},
        {"44:00.0", "42:01.0", PORT_NONE, 0, GPU, NVIDIA},
        {"45:00.0", "42:02.0", PORT_NONE, 0, NIC, .vendor = 0x15b3},
        {"42:03.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"48:00.0", "42:03.0", PORT_NONE, 0, GPU, NVIDIA},
        {"42:04.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"50:00.0", "42:04.0", PORT_UPSTREAM, 0},
        {"51:00.0", "50:00.0", PORT_DOWNSTREAM, 0},
        {"51:01.0", "50:00.0", PORT_DOWNSTREAM, 0},
        {"52:00.0", "51:00.0", PORT_NONE, 0, GPU, NVIDIA},
        {"53:00.0", "51:01.0", PORT_NONE, 0, GPU, NVIDIA},
        {"40:02.0", NULL, PORT_ROOT, 0},
        {"46:00.0", "40:02.0", PORT_NONE, 0, GPU, .vendor = 0x1002},
        {"40:03.0", NULL, PORT_ROOT, 0},
        {"47:00.0", "40:03.0", PORT_NONE, 0, GPU, NVIDIA},
        {"47:00.4", "40:03.0", PORT_NONE, 0, GPU, "47:00.0", NVIDIA},
    };

    world_init(&w);
    add_bound_cells(&w, 1);
    ADD_FUNCTIONS(&w, rows);
}

static void teardown(void)
{
    world_clear(&w);
}

static void say_cdi(const char *bdf, int clique, const char *file)
{
    struct policy_cdi *cdi = vec_add(&w.policy.cdi);

    ck_assert_ptr_nonnull(cdi);
    *cdi = (struct policy_cdi){bdf_of(bdf), clique, -1, strdup(file), 7};
}

static void say_override(const char *alias, const char *name, const char *value)
{
    struct domain_override *o = vec_add(&w.domain.overrides);

    ck_assert_ptr_nonnull(o);
    *o = (struct domain_override){.alias = strdup(alias),
                                  .name = strdup(name),
                                  .type = strdup("unsigned"),
                                  .value = strdup(value)};
}

/* "ALIAS=VALUE ..." of what is written. */
static const char *written(void)
{
    static char text[512];
    size_t used = 0;

    *text = '\0';
    for (size_t i = 0; i < w.plan->overrides.count; i++) {
        const struct plan_override *o = &w.plan->overrides.items[i];

        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s=%s%s", used ? " " : "",
                                 o->alias, o->value, o->command_line ? "!" : "");
    }
    return text;
}

START_TEST(the_policy_goes_before_cdi)
{
    add_hostdev(&w, "44:00.0", NULL);
    add_hostdev(&w, "43:00.0", NULL);
    add_wish(&w, "43:00.0")->clique = 4;
    say_cdi("43:00.0", 5, "a.yaml");
    say_cdi("44:00.0", 6, "a.yaml");
    plan_or_fail(&w);
    ck_assert_str_eq(written(), "ua-vtopo-dev-0000-44-00-0=6 ua-vtopo-dev-0000-43-00-0=4");
    ck_assert_int_eq(device_of(&w, "43:00.0")->clique_source, CLIQUE_POLICY);
    ck_assert_int_eq(device_of(&w, "44:00.0")->clique_source, CLIQUE_CDI_SPEC);
}
END_TEST

START_TEST(the_domain_goes_before_the_policy)
{
    add_hostdev(&w, "43:00.0", NULL)->alias = strdup("ua-gpu");
    add_wish(&w, "43:00.0")->clique = 4;
    say_override("ua-gpu", PROPERTY_CLIQUE, "9");
    plan_or_fail(&w);
    ck_assert_str_eq(written(), "");
    ck_assert_int_eq(device_of(&w, "43:00.0")->clique, 9);
    ck_assert_ptr_nonnull(finding_of(&w, FINDING_CLIQUE_OTHERS));
}
END_TEST

START_TEST(the_same_word_twice_is_no_finding)
{
    add_hostdev(&w, "43:00.0", NULL)->alias = strdup("ua-gpu");
    add_wish(&w, "43:00.0")->clique = 9;
    say_override("ua-gpu", PROPERTY_CLIQUE, "9");
    plan_or_fail(&w);
    ck_assert_ptr_null(finding_of(&w, FINDING_CLIQUE_OTHERS));
}
END_TEST

START_TEST(two_specs_that_differ_are_an_error)
{
    add_hostdev(&w, "43:00.0", NULL);
    say_cdi("43:00.0", 5, "a.yaml");
    say_cdi("43:00.0", 5, "b.yaml");
    say_cdi("43:00.0", 6, "c.yaml");
    ck_assert_int_eq(make_plan(&w), VTOPO_ERR_FILE);
    ck_assert_str_eq(vtopo_error_message(w.error),
                     "a.yaml:7 puts 0000:43:00.0 into clique 5, and c.yaml:7 into clique 6");
}
END_TEST

START_TEST(of_devices_that_the_guest_does_not_get_nothing_matters)
{
    add_hostdev(&w, "44:00.0", NULL);
    say_cdi("43:00.0", 5, "a.yaml");
    say_cdi("43:00.0", 6, "c.yaml");
    plan_or_fail(&w);
    ck_assert_str_eq(written(), "");
}
END_TEST

START_TEST(only_whole_gpus_of_nvidia_are_told)
{
    static const char *const others[] = {"45:00.0", "46:00.0", "47:00.4"};

    for (size_t i = 0; i < 3; i++) {
        add_hostdev(&w, others[i], NULL);
        say_cdi(others[i], 0, "a.yaml");
    }
    add_mdev(&w, "c0ffee00-0000-4000-8000-000000000001", "47:00.0");
    add_named(&w, DEVICE_HOSTDEV_MDEV, "c0ffee00-0000-4000-8000-000000000001", NULL);
    add_wish(&w, "47:00.0")->clique = 0;
    plan_or_fail(&w);
    ck_assert_str_eq(written(), "");
    ck_assert_uint_eq(findings_of(&w, FINDING_CLIQUE_UNUSED), 4);
    ck_assert_int_eq(device_of(&w, "45:00.0")->clique, 0);
}
END_TEST

START_TEST(a_spec_that_was_passed_over_is_a_finding)
{
    struct policy_problem *problem = vec_add(&w.policy.problems);

    ck_assert_ptr_nonnull(problem);
    problem->text = strdup("/etc/cdi/a.yaml:3: is nothing");
    add_hostdev(&w, "43:00.0", NULL);
    plan_or_fail(&w);
    ck_assert_str_eq(finding_of(&w, FINDING_CDI_BROKEN),
                     "a CDI spec is passed over: /etc/cdi/a.yaml:3: is nothing");
}
END_TEST

START_TEST(off_is_off)
{
    add_hostdev(&w, "43:00.0", NULL);
    add_wish(&w, "43:00.0")->clique = 4;
    w.policy.clique = CLIQUE_OFF;
    plan_or_fail(&w);
    ck_assert_str_eq(written(), "");
    ck_assert_int_eq(device_of(&w, "43:00.0")->clique, -1);
}
END_TEST

START_TEST(a_neighbour_without_one_is_told)
{
    add_hostdev(&w, "43:00.0", NULL);
    add_hostdev(&w, "44:00.0", NULL);
    add_hostdev(&w, "47:00.0", NULL); /* below another port: no neighbour */
    add_wish(&w, "43:00.0")->clique = 4;
    plan_or_fail(&w);
    ck_assert_uint_eq(findings_of(&w, FINDING_CLIQUE_PARTIAL), 1);
}
END_TEST

START_TEST(devices_known_by_number_get_no_alias)
{
    add_hostdev(&w, "43:00.0", NULL);
    add_hostdev(&w, "44:00.0", NULL)->alias = strdup("ua-gpu");
    add_wish(&w, "43:00.0")->clique = 4;
    add_wish(&w, "44:00.0")->clique = 4;
    say_override("hostdev0", "x-foo", "1");
    plan_or_fail(&w);
    ck_assert_str_eq(written(), "ua-gpu=4 ua-vtopo-added=ua-gpu");
    ck_assert_uint_eq(findings_of(&w, FINDING_CLIQUE_ALIASES), 1);
    ck_assert(!device_of(&w, "43:00.0")->clique_given);
}
END_TEST

START_TEST(an_alias_that_is_taken_gets_a_number)
{
    add_hostdev(&w, "43:00.0", NULL);
    add_hostdev(&w, "45:00.0", NULL)->alias = strdup("hostdev7"); /* no user alias */
    add_other(&w, "disk vda", NULL)->alias = strdup("ua-vtopo-dev-0000-43-00-0");
    add_wish(&w, "43:00.0")->clique = 4;
    plan_or_fail(&w);
    ck_assert_str_eq(written(), "ua-vtopo-dev-0000-43-00-0-2=4");
}
END_TEST

START_TEST(an_old_libvirt_gets_arguments)
{
    add_hostdev(&w, "43:00.0", NULL);
    add_hostdev(&w, "44:00.0", NULL)->alias = strdup("ua-gpu");
    add_wish(&w, "43:00.0")->clique = 12;
    add_wish(&w, "44:00.0")->clique = 12;
    w.policy.libvirt_version = 8004999;
    plan_or_fail(&w);
    ck_assert_str_eq(written(), "ua-vtopo-dev-0000-43-00-0=12! ua-gpu=0xc!");
    w.policy.libvirt_version = 8005000;
    plan_or_fail(&w);
    ck_assert_str_eq(written(), "ua-vtopo-dev-0000-43-00-0=12 ua-gpu=12 ua-vtopo-added=ua-gpu");
}
END_TEST

START_TEST(obstacles_are_told_only_where_there_is_a_clique)
{
    add_hostdev(&w, "43:00.0", NULL);
    w.domain.kvm_hidden = true;
    plan_or_fail(&w);
    ck_assert_ptr_null(finding_of(&w, FINDING_CLIQUE_HIDDEN));
    add_wish(&w, "43:00.0")->clique = 0;
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(finding_of(&w, FINDING_CLIQUE_HIDDEN));
}
END_TEST

/* Theirs is another place in config space, which QEMU has known since 8.1. */
START_TEST(gpus_since_turing_need_a_new_qemu)
{
    static const struct {
        uint16_t device;
        const char *machine;
        unsigned qemu;
        size_t told;
    } rows[] = {
        {0x1df6, "pc-q35-7.2", 0, 0}, {0x1e02, "pc-q35-7.2", 0, 1}, {0x20b0, "pc-q35-8.0", 0, 1},
        {0x20b0, "pc-q35-8.1", 0, 0}, {0x20b0, "q35", 8001000, 0},  {0x20b0, "q35", 7002000, 1},
    };
    struct bdf at = bdf_of("43:00.0");

    add_hostdev(&w, "43:00.0", NULL);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        w.host.functions.items[host_find(&w.host, &at)].device = rows[i].device;
        free(w.domain.machine);
        w.domain.machine = strdup(rows[i].machine);
        w.policy.qemu_version = rows[i].qemu;
        w.policy.devices.count = 0;
        plan_or_fail(&w);
        ck_assert_uint_eq(findings_of(&w, FINDING_CLIQUE_QEMU), 0);
        add_wish(&w, "43:00.0")->clique = 0;
        plan_or_fail(&w);
        ck_assert_uint_eq(findings_of(&w, FINDING_CLIQUE_QEMU), rows[i].told);
        ck_assert_str_eq(written(),
                         "ua-vtopo-dev-0000-43-00-0=0"); /* told, and done all the same */
    }
}
END_TEST

START_TEST(a_gpu_that_stays_is_told_too)
{
    add_controller(&w, 1, CTRL_EXPANDER, "0:03.0");
    add_controller(&w, 2, CTRL_ROOT_PORT, "1:00.0");
    add_hostdev(&w, "43:00.0", "2:00.0");
    add_wish(&w, "43:00.0")->clique = 1;
    plan_or_fail(&w);
    ck_assert_str_eq(written(), "ua-vtopo-dev-0000-43-00-0=1");
    ck_assert(!w.plan->realised);
}
END_TEST

/* --- auto --- */

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
    set_acs("42:00.0", 0);
    set_acs("42:01.0", -1);
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
 * P2P request redirect, completion redirect and egress control turn requests back, but for
 * translated ones where these are let through.
 */
START_TEST(all_that_redirects)
{
    for (int control = 0; control < 0x80; control++) {
        bool direct = (control & 0x40) && !(control & 0x02);
        bool redirects = (control & 0x2c) && !direct;

        set_acs("42:01.0", control);
        plan_or_fail(&w);
        ck_assert_uint_eq(w.plan->overrides.count, redirects ? 0 : 2);
        ck_assert_uint_eq(findings_of(&w, FINDING_CLIQUE_ACS), redirects ? 2 : 0);
    }
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
    set_acs("42:03.0", 0);
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
    nest(0x1d, 0); /* the inner switch's own are a clique */
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
    nest(0, 0x1d);
    plan_or_fail(&w);
    ck_assert_int_eq(device_of(&w, "43:00.0")->clique, 0);
    ck_assert_int_eq(device_of(&w, "52:00.0")->clique, 0);
    ck_assert_int_eq(device_of(&w, "53:00.0")->clique, -1);
    ck_assert_uint_eq(findings_of(&w, FINDING_CLIQUE_ACS), 1);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_CLIQUE_ACS), "with 0000:52:00.0"));
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
        set_acs(names[i][2], 0);
        set_acs(names[i][3], 0);
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
    Suite *suite = suite_create("clique");
    TCase *given = tcase_create("given"), *from_host = tcase_create("auto");

    suite_add_tcase(suite, given);
    tcase_add_checked_fixture(given, setup, teardown);
    tcase_add_test(given, the_policy_goes_before_cdi);
    tcase_add_test(given, the_domain_goes_before_the_policy);
    tcase_add_test(given, the_same_word_twice_is_no_finding);
    tcase_add_test(given, two_specs_that_differ_are_an_error);
    tcase_add_test(given, of_devices_that_the_guest_does_not_get_nothing_matters);
    tcase_add_test(given, only_whole_gpus_of_nvidia_are_told);
    tcase_add_test(given, a_spec_that_was_passed_over_is_a_finding);
    tcase_add_test(given, off_is_off);
    tcase_add_test(given, a_neighbour_without_one_is_told);
    tcase_add_test(given, devices_known_by_number_get_no_alias);
    tcase_add_test(given, an_alias_that_is_taken_gets_a_number);
    tcase_add_test(given, an_old_libvirt_gets_arguments);
    tcase_add_test(given, obstacles_are_told_only_where_there_is_a_clique);
    tcase_add_test(given, gpus_since_turing_need_a_new_qemu);
    tcase_add_test(given, a_gpu_that_stays_is_told_too);
    suite_add_tcase(suite, from_host);
    tcase_add_checked_fixture(from_host, setup_auto, teardown);
    tcase_add_test(from_host, gpus_below_one_switch_are_a_clique);
    tcase_add_test(from_host, all_that_redirects);
    tcase_add_test(from_host, what_cannot_be_read_is_no_clique);
    tcase_add_test(from_host, somebodys_id_is_taken_over);
    tcase_add_test(from_host, somebodys_two_ids_leave_the_third_without);
    tcase_add_test(from_host, ways_part_at_a_port_of_the_upper_switch);
    tcase_add_test(from_host, lower_ports_redirect_only_among_themselves);
    tcase_add_test(from_host, ids_of_others_are_not_used_again);
    tcase_add_test(from_host, ids_run_out);
    return run_suite(suite);
}
