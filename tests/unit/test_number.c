/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_number.c - indexes, slots, chassis and bus numbers */
#include "build.h"

#include "model/mark.h"

#include <check.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static struct world w;

/* So many root complexes, each with so many GPUs below root ports of their own; all on node 0. */
#define ROOTS 60
#define GPUS 4

static void setup(void)
{
    static struct row rows[ROOTS * GPUS * 2];
    static char bdfs[ROOTS * GPUS * 2][32];
    size_t n = 0;

    for (unsigned root = 0; root < ROOTS; root++) {
        for (unsigned gpu = 0; gpu < GPUS; gpu++, n += 2) {
            snprintf(bdfs[n], sizeof(bdfs[n]), "%04x:40:%02x.0", root, gpu + 1);
            snprintf(bdfs[n + 1], sizeof(bdfs[n]), "%04x:%02x:00.0", root, 0x41 + gpu);
            rows[n] = (struct row){bdfs[n], NULL, PORT_ROOT, 0};
            rows[n + 1] = (struct row){bdfs[n + 1], bdfs[n], PORT_NONE, 0, GPU};
        }
    }
    world_init(&w);
    add_bound_cells(&w, 1);
    ADD_FUNCTIONS(&w, rows);
}

static void teardown(void)
{
    world_clear(&w);
}

/* @gpus GPUs of each of the first @roots root complexes. */
static void assign(unsigned roots, unsigned gpus)
{
    for (unsigned root = 0; root < roots; root++) {
        for (unsigned gpu = 0; gpu < gpus; gpu++) {
            char host[32];

            snprintf(host, sizeof(host), "%04x:%02x:00.0", root, 0x41 + gpu);
            add_hostdev(&w, host, NULL);
        }
    }
}

static void refused(const char *what)
{
    ck_assert_int_eq(make_plan(&w), VTOPO_ERR_REFUSED);
    ck_assert_msg(strstr(vtopo_error_message(w.error), what), "%s", vtopo_error_message(w.error));
}

/* --- indexes --- */

START_TEST(indexes_are_the_lowest_free_ones_parents_first)
{
    add_controller(&w, 1, CTRL_ROOT_PORT, "00:02.0");
    add_controller(&w, 3, CTRL_ROOT_PORT, "00:02.1");
    assign(2, 2);
    plan_or_fail(&w);
    ck_assert_str_eq(places(&w), "4:00.0 5:00.0 7:00.0 8:00.0");
    ck_assert_uint_eq(expander(&w, 0)->index, 2);
    ck_assert_uint_eq(expander(&w, 1)->index, 6);
    for (size_t i = 0; i < w.plan->controllers.count; i++) {
        const struct plan_controller *c = &w.plan->controllers.items[i];

        ck_assert_uint_gt(c->index, c->parent_index);
        if (c->parent != PLAN_NONE)
            ck_assert_uint_eq(w.plan->controllers.items[c->parent].index, c->parent_index);
    }
}
END_TEST

/* Devices without an address get the lowest ports from libvirt: those stay free. */
START_TEST(indexes_are_above_the_ports_that_libvirt_needs)
{
    add_controller(&w, 0, CTRL_PCIE_ROOT, NULL);
    add_controller(&w, 1, CTRL_ROOT_PORT, NULL);
    add_controller(&w, 2, CTRL_ROOT_PORT, "00:02.0");
    add_other(&w, "disk vda", "02:00.0"); /* not free */
    add_other(&w, "disk vdb", NULL);
    assign(1, 1);
    plan_or_fail(&w);
    ck_assert_uint_eq(expander(&w, 0)->index, 3);
    add_other(&w, "interface tap0", NULL);
    plan_or_fail(&w);
    ck_assert_uint_eq(expander(&w, 0)->index, 4); /* libvirt makes root port 3 */
    add_controller(&w, 4, CTRL_EXPANDER, "00:05.0");
    add_controller(&w, 5, CTRL_ROOT_PORT, "04:00.0");
    add_other(&w, "rng virtio", NULL);
    plan_or_fail(&w);
    ck_assert_uint_eq(expander(&w, 0)->index, 6); /* 5 is an empty port, too, for libvirt */
}
END_TEST

START_TEST(too_many_others_are_refused_all_the_same)
{
    for (unsigned i = 0; i < 252; i++)
        add_other(&w, "disk", NULL);
    assign(1, 4);
    refused("does not fit");
}
END_TEST

START_TEST(an_index_that_only_an_address_names_is_taken)
{
    add_other(&w, "disk vda", "01:00.0");
    assign(1, 1);
    plan_or_fail(&w);
    ck_assert_str_eq(places(&w), "3:00.0");
    ck_assert_str_eq(layout(&w),
                     "cell0{rp(41:00.0)} pcie.0{filler}"); /* libvirt would add it anyway */
    ck_assert_uint_eq(w.plan->controllers.items[2].index, 1);
}
END_TEST

START_TEST(indexes_above_200)
{
    for (unsigned i = 1; i <= 250; i++) {
        char place[32];

        snprintf(place, sizeof(place), "%02x:00.0", i - 1);
        add_controller(&w, i, i % 2 ? CTRL_ROOT_PORT : CTRL_PCIE_TO_PCI,
                       i == 1 ? "00:02.0" : place);
    }
    assign(1, 4);
    plan_or_fail(&w);
    ck_assert_str_eq(places(&w), "252:00.0 253:00.0 254:00.0 255:00.0");
    ck_assert_uint_eq(expander(&w, 0)->bus_nr, 251);
    add_hostdev(&w, "0001:41:00.0", NULL);
    refused(
        "controller indexes: 6 needed, 5 there"); /* with one expander for both root complexes */
}
END_TEST

START_TEST(no_index_left_is_refused)
{
    for (unsigned i = 1; i <= 254; i++)
        add_controller(&w, i, CTRL_ROOT_PORT, NULL);
    assign(1, 1);
    refused("controller indexes: 2 needed, 1 there");
}
END_TEST

START_TEST(gaps_of_a_complete_domain_are_filled_behind_all_others)
{
    add_controller(&w, 1, CTRL_ROOT_PORT, "00:02.0");
    add_controller(&w, 7, CTRL_ROOT_PORT, "00:02.1");
    assign(1, 1);
    plan_or_fail(&w);
    ck_assert_str_eq(places(&w), "3:00.0");
    ck_assert_str_eq(layout(&w), "cell0{rp(41:00.0)} pcie.0{filler filler filler}");
    ck_assert_uint_eq(expander(&w, 0)->slot, 0x1c);
    for (size_t i = 2; i < 5; i++) {
        const struct plan_controller *filler = &w.plan->controllers.items[i];

        ck_assert_uint_eq(filler->index, i + 2);
        ck_assert_ptr_null(filler->alias);
        ck_assert_uint_eq(filler->slot,
                          0x1e); /* in one slot, so that few ports of others are behind them */
        ck_assert_uint_eq(filler->function, i - 2);
    }
}
END_TEST

START_TEST(the_highest_index_may_be_a_gap_too)
{
    add_other(&w, "disk vda", "04:00.0");
    assign(1, 1); /* indexes 1 and 2 */
    plan_or_fail(&w);
    ck_assert_str_eq(layout(&w), "cell0{rp(41:00.0)} pcie.0{filler filler}");
    ck_assert_uint_eq(w.plan->controllers.items[3].index, 4);
}
END_TEST

START_TEST(gaps_of_an_incomplete_domain_are_left_to_libvirt)
{
    add_controller(&w, 7, CTRL_ROOT_PORT, "00:02.1");
    add_other(&w, "disk vda", NULL);
    assign(1, 1);
    plan_or_fail(&w);
    ck_assert_str_eq(layout(&w), "cell0{rp(41:00.0)}");
    ck_assert_ptr_nonnull(finding_of(&w, FINDING_ADDRESSES_ABSENT));
}
END_TEST

START_TEST(where_nothing_is_built_nothing_is_filled)
{
    add_controller(&w, 7, CTRL_ROOT_PORT, "00:02.1");
    add_controller(&w, 8, CTRL_EXPANDER, "00:03.0");
    assign(1, 1);
    add_wish(&w, "41:00.0")->keep = 1;
    plan_or_fail(&w);
    ck_assert_str_eq(layout(&w), "");
    ck_assert_uint_eq(w.plan->bus_fixes.count, 0);
    ck_assert(w.plan->realised);
}
END_TEST

/* --- slots --- */

START_TEST(expanders_take_the_highest_free_slots_ascending)
{
    static const unsigned slots[] = {0x19, 0x1c, 0x1e}; /* 1a, 1b, 1d and 1f are libvirt's */

    assign(3, 1);
    plan_or_fail(&w);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_uint_eq(expander(&w, i)->slot, slots[i]);
        ck_assert_uint_eq(expander(&w, i)->function, 0);
        ck_assert(!expander(&w, i)->multifunction);
    }
}
END_TEST

START_TEST(slots_of_others_are_not_taken)
{
    add_other(&w, "video", "00:1e.0");
    add_controller(&w, 1, CTRL_ROOT_PORT, "00:1c.3");
    assign(1, 1);
    plan_or_fail(&w);
    ck_assert_uint_eq(expander(&w, 0)->slot, 0x19);
}
END_TEST

START_TEST(a_dmi_bridge_keeps_slot_1e)
{
    add_controller(&w, 1, CTRL_DMI_TO_PCI, NULL);
    assign(1, 1);
    plan_or_fail(&w);
    ck_assert_uint_eq(expander(&w, 0)->slot, 0x1c);
}
END_TEST

START_TEST(a_slot_that_a_moving_device_leaves_is_free)
{
    for (unsigned s = 2; s < 0x1f; s++) {
        char place[32];

        snprintf(place, sizeof(place), "00:%02x.0", s);
        if (s == 5)
            add_hostdev(&w, "41:00.0", place);
        else
            add_other(&w, "device", place);
    }
    plan_or_fail(&w);
    ck_assert_uint_eq(expander(&w, 0)->slot, 5);
}
END_TEST

START_TEST(forty_expanders_share_slots)
{
    assign(40, 1);
    plan_or_fail(&w);
    for (size_t i = 0; i < 40; i++) {
        const struct plan_controller *e = expander(&w, i);

        ck_assert_uint_eq(e->function, i % 8);
        ck_assert_int_eq(e->multifunction, i % 8 == 0);
        ck_assert_uint_ne(e->slot, 0x1f);
        for (size_t j = 0; j < i; j++)
            ck_assert(e->slot != expander(&w, j)->slot || e->function != expander(&w, j)->function);
    }
}
END_TEST

START_TEST(sixty_expanders_fit)
{
    assign(60, 2);
    plan_or_fail(&w);
    ck_assert_ptr_nonnull(finding_of(&w, FINDING_RANGES));
}
END_TEST

static void a_full_domain(void)
{
    for (unsigned s = 2; s < 0x1f; s++) {
        char place[32];

        snprintf(place, sizeof(place), "00:%02x.0", s);
        add_other(&w, "device", place);
    }
    assign(1, 1);
}

/* 18 and 1e are free. */
START_TEST(expanders_share_a_slot_only_if_they_have_to)
{
    for (unsigned s = 2; s < 0x1e; s++) {
        char place[32];

        snprintf(place, sizeof(place), "00:%02x.0", s);
        if (s != 0x18)
            add_other(&w, "device", place);
    }
    assign(2, 1);
    plan_or_fail(&w);
    ck_assert_uint_eq(expander(&w, 0)->slot, 0x18);
    ck_assert_uint_eq(expander(&w, 1)->slot, 0x1e);
    add_hostdev(&w, "0002:41:00.0", NULL);
    plan_or_fail(&w);
    for (unsigned i = 0; i < 3; i++) {
        ck_assert_uint_eq(expander(&w, i)->slot, 0x1e);
        ck_assert_uint_eq(expander(&w, i)->function, i);
    }
}
END_TEST

START_TEST(a_full_pcie0_is_refused)
{
    a_full_domain();
    refused("slots on pcie.0: 1 needed, 0 there");
}
END_TEST

#define LOWER "there; lower indexes for the domain's own controllers make room"

/* 247 root ports in the gaps below 250 need 31 slots. */
START_TEST(what_helps_where_gaps_take_the_room)
{
    add_controller(&w, 250, CTRL_ROOT_PORT, "00:02.0");
    assign(1, 1);
    refused("slots on pcie.0: 31 needed, 25 " LOWER);
    add_other(&w, "disk vda", NULL);
    refused(LOWER);
}
END_TEST

START_TEST(what_helps_where_there_are_no_gaps)
{
    a_full_domain();
    refused("; fewer devices, or a coarser mirror");
    w.policy.mirror = MIRROR_NUMA;
    refused("; fewer devices need less (");
}
END_TEST

/* libvirt puts ports onto the first expander when pcie.0 is full. */
START_TEST(an_incomplete_domain_keeps_slots_for_what_libvirt_adds)
{
    for (unsigned s = 2; s < 0x1d; s++) {
        char place[32];

        snprintf(place, sizeof(place), "00:%02x.0", s);
        add_other(&w, "device", place);
    }
    add_other(&w, "disk vda", NULL); /* and 8 unasked: two slots */
    assign(1, 1);
    refused("slots on pcie.0");
    w.domain.devices.items[4].address.at =
        bdf_of("02:00.0"); /* slots 6, 1c (no: taken) and 1e are free */
    refused("slots on pcie.0");
    w.domain.devices.items[5].address.at = bdf_of("03:00.0");
    plan_or_fail(&w);
    ck_assert_uint_eq(expander(&w, 0)->slot, 0x1e);
}
END_TEST

START_TEST(ports_have_a_slot_each_up_to_32)
{
    assign(8, 4);
    w.policy.mirror = MIRROR_NUMA;
    plan_or_fail(&w);
    for (size_t i = 1; i < w.plan->controllers.count; i++) {
        ck_assert_uint_eq(w.plan->controllers.items[i].slot, i - 1);
        ck_assert_uint_eq(w.plan->controllers.items[i].function, 0);
        ck_assert(!w.plan->controllers.items[i].multifunction);
    }
}
END_TEST

START_TEST(more_than_32_ports_share_slots)
{
    assign(8, 4);
    add_hostdev(&w, "0009:41:00.0", NULL);
    w.policy.mirror = MIRROR_NUMA;
    plan_or_fail(&w);
    for (size_t i = 1; i < w.plan->controllers.count; i++) {
        const struct plan_controller *c = &w.plan->controllers.items[i];

        ck_assert_uint_eq(c->slot, (i - 1) / 8);
        ck_assert_uint_eq(c->function, (i - 1) % 8);
        ck_assert_int_eq(c->multifunction, c->function == 0 && i < 33);
    }
}
END_TEST

START_TEST(two_hundred_cards_below_one_expander)
{
    assign(50, 4);
    w.policy.mirror = MIRROR_NUMA;
    plan_or_fail(&w);
    ck_assert_uint_eq(expander(&w, 0)->buses, 201);
    ck_assert_uint_eq(expander(&w, 0)->bus_nr, 48); /* 48 to 248 */
}
END_TEST

/* --- chassis and port --- */

START_TEST(chassis_is_the_index_and_port_the_place)
{
    assign(1, 3);
    plan_or_fail(&w);
    for (size_t i = 1; i < w.plan->controllers.count; i++) {
        const struct plan_controller *c = &w.plan->controllers.items[i];

        ck_assert_uint_eq(c->chassis, c->index);
        ck_assert_uint_eq(c->port, c->slot * 8);
    }
}
END_TEST

START_TEST(a_chassis_that_another_port_says_is_not_taken)
{
    add_controller(&w, 1, CTRL_ROOT_PORT, "00:02.0")->chassis = 4;
    assign(1, 3); /* indexes 2 to 5 */
    plan_or_fail(&w);
    ck_assert_uint_eq(port_of(&w, "41:00.0")->chassis, 3);
    ck_assert_uint_eq(port_of(&w, "42:00.0")->index, 4);
    ck_assert_uint_eq(port_of(&w, "42:00.0")->chassis, 255);
    ck_assert_uint_eq(port_of(&w, "43:00.0")->chassis, 5);
}
END_TEST

START_TEST(the_chassis_instead_is_free_too)
{
    add_controller(&w, 1, CTRL_ROOT_PORT, "00:02.0")->chassis = 4;
    add_controller(&w, 2, CTRL_ROOT_PORT, "00:02.1")->chassis = 255;
    assign(1, 1); /* indexes 3 and 4 */
    plan_or_fail(&w);
    ck_assert_uint_eq(port_of(&w, "41:00.0")->chassis, 254);
}
END_TEST

/* --- bus numbers --- */

START_TEST(ranges_are_wide_enough_ascend_and_start_at_multiples_of_16)
{
    assign(4, 4);
    plan_or_fail(&w);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_uint_eq(expander(&w, i)->buses, 5);
        ck_assert_uint_eq(expander(&w, i)->bus_nr, 192 + 16 * i);
    }
    ck_assert_ptr_null(finding_of(&w, FINDING_RANGES));
}
END_TEST

START_TEST(switches_and_spare_ports_count)
{
    w.policy.spare_ports = 12;
    assign(2, 4);
    plan_or_fail(&w);
    ck_assert_uint_eq(expander(&w, 0)->buses, 17);
    ck_assert_uint_eq(expander(&w, 0)->bus_nr, 192);
    ck_assert_uint_eq(expander(&w, 1)->bus_nr, 224);
}
END_TEST

START_TEST(the_last_range_ends_at_255)
{
    w.policy.spare_ports = 14;
    assign(1, 1);
    plan_or_fail(&w);
    ck_assert_uint_eq(expander(&w, 0)->buses, 16);
    ck_assert_uint_eq(expander(&w, 0)->bus_nr, 240);
}
END_TEST

START_TEST(pcie0_keeps_what_it_needs)
{
    for (unsigned i = 1; i <= 47; i++) {
        char place[32];

        snprintf(place, sizeof(place), "00:%02x.%x", 2 + i / 8, i % 8);
        add_controller(&w, i, CTRL_ROOT_PORT, place);
    }
    assign(50, 4);
    w.policy.mirror = MIRROR_NUMA; /* 201 numbers below the expander, 48 on pcie.0 */
    plan_or_fail(&w);
    ck_assert_uint_eq(expander(&w, 0)->bus_nr, 48);
    add_controller(&w, 48, CTRL_ROOT_PORT, "00:10.0");
    plan_or_fail(&w);
    ck_assert_uint_eq(expander(&w, 0)->bus_nr, 55); /* 49 are needed: no multiple of 16 is left */
    ck_assert_ptr_nonnull(finding_of(&w, FINDING_RANGES));
    for (unsigned i = 49; i <= 54; i++)
        add_controller(&w, i, CTRL_ROOT_PORT, i % 2 ? "00:11.0" : "00:12.0");
    plan_or_fail(&w);
    ck_assert_uint_eq(expander(&w, 0)->bus_nr, 55);
    ck_assert_uint_eq(budget_of(&w, "bus numbers")->used, 256);
    add_other(&w, "disk vda", NULL); /* in an empty port; but libvirt may add 8 devices unasked */
    refused("bus numbers: 264 needed, 256 there");
}
END_TEST

START_TEST(ranges_of_others_are_left_alone)
{
    add_controller(&w, 1, CTRL_EXPANDER, "00:05.0")->bus_nr = 250;
    add_controller(&w, 2, CTRL_ROOT_PORT, "01:00.0");
    add_controller(&w, 3, CTRL_ROOT_PORT, "01:01.0");
    add_controller(&w, 4, CTRL_EXPANDER, "00:06.0")->bus_nr = 225;
    assign(2, 1);
    plan_or_fail(&w);
    ck_assert_uint_eq(expander(&w, 1)->bus_nr, 240); /* 240-241; 250-252 is of others */
    ck_assert_uint_eq(expander(&w, 0)->bus_nr, 208); /* 224-225 would meet 225 */
    ck_assert_ptr_null(finding_of(&w, FINDING_BUS_RANGE_BROKEN));
}
END_TEST

START_TEST(libvirts_choice_for_others_is_written_down)
{
    add_controller(&w, 1, CTRL_EXPANDER, "00:05.0");
    add_controller(&w, 2, CTRL_EXPANDER, "00:06.0")->bus_nr = 100;
    add_controller(&w, 3, CTRL_EXPANDER, "00:07.0");
    assign(1, 1);
    plan_or_fail(&w);
    ck_assert_uint_eq(w.plan->bus_fixes.count, 2);
    ck_assert_uint_eq(w.plan->bus_fixes.items[0].index, 1);
    ck_assert_uint_eq(w.plan->bus_fixes.items[0].bus_nr, 98);
    ck_assert_uint_eq(w.plan->bus_fixes.items[1].index, 3);
    ck_assert_uint_eq(w.plan->bus_fixes.items[1].bus_nr, 96);
    ck_assert_uint_eq(findings_of(&w, FINDING_BUS_FIXED), 2);
    rewrite(&w);
    plan_or_fail(&w);
    ck_assert(w.plan->realised);
}
END_TEST

START_TEST(the_first_choice_of_libvirt_is_254)
{
    add_controller(&w, 1, CTRL_EXPANDER, "00:05.0");
    assign(1, 1);
    plan_or_fail(&w);
    ck_assert_uint_eq(w.plan->bus_fixes.items[0].bus_nr, 254);
}
END_TEST

START_TEST(no_choice_of_libvirt_is_left)
{
    add_controller(&w, 1, CTRL_EXPANDER, "00:05.0")->bus_nr = 2;
    add_controller(&w, 2, CTRL_EXPANDER, "00:06.0");
    assign(1, 1);
    refused("libvirt finds no bus number below 2 for the expander with index 2; other bus numbers");
}
END_TEST

START_TEST(broken_ranges_of_others_are_told)
{
    add_controller(&w, 1, CTRL_EXPANDER, "00:05.0")->bus_nr = 254;
    add_controller(&w, 2, CTRL_ROOT_PORT, "01:00.0");
    add_controller(&w, 3, CTRL_ROOT_PORT, "01:01.0"); /* 254, 255, 256 */
    add_controller(&w, 4, CTRL_EXPANDER, "00:06.0")->bus_nr = 2;
    assign(1, 1);
    plan_or_fail(&w); /* pcie.0 needs 0 only: nothing else is broken */
    ck_assert_uint_eq(findings_of(&w, FINDING_BUS_RANGE_BROKEN), 1);
    add_controller(&w, 5, CTRL_ROOT_PORT, "00:07.0");
    add_controller(&w, 6, CTRL_ROOT_PORT, "00:08.0");
    plan_or_fail(&w); /* 0, 1 and 2 */
    ck_assert_uint_eq(findings_of(&w, FINDING_BUS_RANGE_BROKEN), 2);
}
END_TEST

START_TEST(others_that_leave_no_room_are_refused)
{
    for (unsigned i = 0; i < 12; i++) {
        char place[32];

        snprintf(place, sizeof(place), "00:%02x.0", 2 + i);
        add_controller(&w, 1 + i, CTRL_EXPANDER, place)->bus_nr = (int)(20 + 20 * i);
    }
    w.policy.mirror = MIRROR_NUMA;
    assign(5, 4); /* 21 numbers in a row */
    refused("unbroken for each");
}
END_TEST

/* --- aliases --- */

START_TEST(aliases_are_marks_that_libvirt_keeps)
{
    w.policy.spare_ports = 1;
    assign(2, 2);
    plan_or_fail(&w);
    for (size_t i = 0; i < w.plan->controllers.count; i++) {
        const char *alias = w.plan->controllers.items[i].alias;

        ck_assert_int_eq(strncmp(alias, MARK_PREFIX, strlen(MARK_PREFIX)), 0);
        ck_assert_uint_eq(strspn(alias, "abcdefghijklmnopqrstuvwxyz0123456789-"), strlen(alias));
        for (size_t j = 0; j < i; j++)
            ck_assert_str_ne(alias, w.plan->controllers.items[j].alias);
    }
}
END_TEST

START_TEST(an_alias_that_is_taken_gets_a_number)
{
    assign(1, 1);
    w.domain.devices.items[0].alias = strdup("ua-vtopo-rp-0000-41-00-0");
    add_other(&w, "disk vda", "00:03.0")->alias = strdup("ua-vtopo-rp-0000-41-00-0-2");
    plan_or_fail(&w);
    ck_assert_str_eq(port_of(&w, "41:00.0")->alias, "ua-vtopo-rp-0000-41-00-0-3");
}
END_TEST

/* --- what it costs --- */

START_TEST(the_count_is_told)
{
    add_controller(&w, 1, CTRL_ROOT_PORT, "00:02.0");
    assign(1, 4);
    plan_or_fail(&w);
    ck_assert_uint_eq(budget_of(&w, "slots on pcie.0")->used,
                      8); /* six fixed ones, the port, the expander */
    ck_assert_uint_eq(budget_of(&w, "slots on pcie.0")->available, 32);
    ck_assert_uint_eq(budget_of(&w, "bus numbers")->used, 7);
    ck_assert_uint_eq(budget_of(&w, "controller indexes")->used, 7);
    ck_assert_uint_eq(budget_of(&w, "chassis numbers")->used, 5);
}
END_TEST

START_TEST(spare_ports_need_all_addresses)
{
    w.policy.spare_ports = 1;
    add_other(&w, "disk vda", NULL);
    assign(1, 1);
    refused("define it first");
}
END_TEST

START_TEST(a_huge_domain_takes_no_time)
{
    clock_t start;

    for (unsigned i = 1; i <= 30; i++)
        add_controller(&w, i, CTRL_ROOT_PORT, "00:02.0");
    for (unsigned i = 0; i < 100000; i++) {
        char name[64];

        snprintf(name, sizeof(name), "ua-vtopo-pxb-cell0-%u", i);
        add_other(&w, "disk", "01:00.0")->alias = strdup(name);
    }
    w.policy.mirror = MIRROR_NUMA;
    assign(50, 4);
    start = clock();
    plan_or_fail(&w);
    ck_assert_int_lt((clock() - start) / CLOCKS_PER_SEC,
                     3); /* of this process, with the sanitizers: half a second */
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("number");
    TCase *tcase = tcase_create("number");

    suite_add_tcase(suite, tcase);
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, indexes_are_the_lowest_free_ones_parents_first);
    tcase_add_test(tcase, indexes_are_above_the_ports_that_libvirt_needs);
    tcase_add_test(tcase, too_many_others_are_refused_all_the_same);
    tcase_add_test(tcase, an_index_that_only_an_address_names_is_taken);
    tcase_add_test(tcase, indexes_above_200);
    tcase_add_test(tcase, no_index_left_is_refused);
    tcase_add_test(tcase, gaps_of_a_complete_domain_are_filled_behind_all_others);
    tcase_add_test(tcase, the_highest_index_may_be_a_gap_too);
    tcase_add_test(tcase, gaps_of_an_incomplete_domain_are_left_to_libvirt);
    tcase_add_test(tcase, where_nothing_is_built_nothing_is_filled);
    tcase_add_test(tcase, expanders_take_the_highest_free_slots_ascending);
    tcase_add_test(tcase, slots_of_others_are_not_taken);
    tcase_add_test(tcase, a_dmi_bridge_keeps_slot_1e);
    tcase_add_test(tcase, a_slot_that_a_moving_device_leaves_is_free);
    tcase_add_test(tcase, forty_expanders_share_slots);
    tcase_add_test(tcase, sixty_expanders_fit);
    tcase_add_test(tcase, expanders_share_a_slot_only_if_they_have_to);
    tcase_add_test(tcase, a_full_pcie0_is_refused);
    tcase_add_test(tcase, what_helps_where_gaps_take_the_room);
    tcase_add_test(tcase, what_helps_where_there_are_no_gaps);
    tcase_add_test(tcase, an_incomplete_domain_keeps_slots_for_what_libvirt_adds);
    tcase_add_test(tcase, ports_have_a_slot_each_up_to_32);
    tcase_add_test(tcase, more_than_32_ports_share_slots);
    tcase_add_test(tcase, two_hundred_cards_below_one_expander);
    tcase_add_test(tcase, chassis_is_the_index_and_port_the_place);
    tcase_add_test(tcase, a_chassis_that_another_port_says_is_not_taken);
    tcase_add_test(tcase, the_chassis_instead_is_free_too);
    tcase_add_test(tcase, ranges_are_wide_enough_ascend_and_start_at_multiples_of_16);
    tcase_add_test(tcase, switches_and_spare_ports_count);
    tcase_add_test(tcase, the_last_range_ends_at_255);
    tcase_add_test(tcase, pcie0_keeps_what_it_needs);
    tcase_add_test(tcase, ranges_of_others_are_left_alone);
    tcase_add_test(tcase, libvirts_choice_for_others_is_written_down);
    tcase_add_test(tcase, the_first_choice_of_libvirt_is_254);
    tcase_add_test(tcase, no_choice_of_libvirt_is_left);
    tcase_add_test(tcase, broken_ranges_of_others_are_told);
    tcase_add_test(tcase, others_that_leave_no_room_are_refused);
    tcase_add_test(tcase, aliases_are_marks_that_libvirt_keeps);
    tcase_add_test(tcase, an_alias_that_is_taken_gets_a_number);
    tcase_add_test(tcase, the_count_is_told);
    tcase_add_test(tcase, spare_ports_need_all_addresses);
    tcase_add_test(tcase, a_huge_domain_takes_no_time);
    return run_suite(suite);
}
