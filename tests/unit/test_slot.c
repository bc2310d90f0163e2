/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_slot.c - slots, functions, chassis and port numbers */
#include "roots_world.h"

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
    refused("slots on pcie.0: 1 needed, 0 available");
}
END_TEST

#define LOWER "available; lower indexes for the domain's own controllers make room"

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
    refused("; fewer controllers and devices of the domain there make room (");
    w.policy.mirror = MIRROR_NUMA;
    refused("; fewer controllers and devices of the domain there make room (");
    w.policy.mirror = MIRROR_SWITCH;
    w.policy.strict = true; /* nothing is merged */
    refused("; fewer devices, or a coarser mirror");
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

/* --- boundaries --- */

START_TEST(sixteen_controllers_on_pcie0_have_a_slot_each)
{
    assign(16, 1);
    plan_or_fail(&w);
    for (size_t i = 0; i < 16; i++) {
        ck_assert_uint_eq(expander(&w, i)->function, 0);
        ck_assert(!expander(&w, i)->multifunction);
    }
    ck_assert_uint_eq(expander(&w, 0)->slot, 0x0c);
    ck_assert_uint_eq(expander(&w, 15)->slot, 0x1e);
    add_hostdev(&w, "0010:41:00.0", NULL);
    plan_or_fail(&w);
    ck_assert_uint_eq(expander(&w, 0)->slot, 0x19);
    ck_assert_uint_eq(expander(&w, 7)->slot, 0x19);
    ck_assert_uint_eq(expander(&w, 8)->slot, 0x1c);
    ck_assert(expander(&w, 8)->multifunction);
    ck_assert_uint_eq(expander(&w, 16)->slot, 0x1e);
    ck_assert_uint_eq(expander(&w, 16)->function, 0);
    ck_assert(!expander(&w, 16)->multifunction); /* alone in its slot */
}
END_TEST

/* All slots of pcie.0 but the @n highest that are not fixed are taken. */
static void use_slots_but(unsigned n)
{
    static const unsigned char slots[] = {0x1e, 0x1c, 0x19};

    for (unsigned s = 2; s < 0x1f; s++) {
        bool free_one = false;
        char place[32];

        for (unsigned i = 0; i < n; i++)
            free_one = free_one || slots[i] == s;
        snprintf(place, sizeof(place), "00:%02x.0", s);
        if (!free_one)
            add_other(&w, "device", place);
    }
}

/* An index that only an address names, so that @n of them from 3 on are filled. */
static void add_gaps(unsigned n)
{
    char place[32];

    snprintf(place, sizeof(place), "%02x:00.0", 2 + n);
    add_other(&w, "disk", place);
}

static const struct plan_controller *filler(size_t nth)
{
    for (size_t i = 0; i < w.plan->controllers.count; i++) {
        if (w.plan->controllers.items[i].filler && !nth--)
            return &w.plan->controllers.items[i];
    }
    ck_abort_msg("no such filler");
    return NULL;
}

START_TEST(eight_fillers_share_a_slot)
{
    use_slots_but(2);
    assign(1, 1);
    add_gaps(8);
    plan_or_fail(&w);
    ck_assert_uint_eq(expander(&w, 0)->slot, 0x1c);
    ck_assert(filler(0)->multifunction && !filler(1)->multifunction);
    ck_assert_uint_eq(filler(7)->slot, 0x1e);
    ck_assert_uint_eq(filler(7)->function, 7);
    add_other(&w, "disk", "0b:00.0"); /* a ninth */
    refused("slots on pcie.0: 1 needed, 0 available");
}
END_TEST

START_TEST(one_filler_is_alone)
{
    assign(1, 1);
    add_gaps(1);
    plan_or_fail(&w);
    ck_assert(!filler(0)->multifunction);
    add_other(&w, "disk", "0b:00.0"); /* nine */
    plan_or_fail(&w);
    ck_assert(filler(0)->multifunction && !filler(8)->multifunction);
    ck_assert_uint_eq(filler(7)->slot, 0x1c);
    ck_assert_uint_eq(filler(8)->slot, 0x1e);
    ck_assert_uint_eq(filler(8)->port, 0xf0);
    ck_assert_uint_eq(filler(7)->port, 0xe7);
}
END_TEST

START_TEST(more_fillers_than_slots_are_refused)
{
    use_slots_but(2);
    assign(1, 1);
    add_gaps(16);
    refused("slots on pcie.0: 1 needed, 0 available");
    add_other(&w, "disk", "13:00.0"); /* seventeen */
    refused("slots on pcie.0: 3 needed, 2 available");
}
END_TEST

START_TEST(port_is_slot_and_function_where_ports_share_slots)
{
    assign(9, 4);
    w.policy.mirror = MIRROR_NUMA;
    plan_or_fail(&w);
    ck_assert_uint_eq(w.plan->controllers.items[1].port, 0);
    ck_assert_uint_eq(w.plan->controllers.items[2].port, 1);
    ck_assert_uint_eq(w.plan->controllers.items[36].port, 4 * 8 + 3);
}
END_TEST

/* Indexes 1 to 127 with the chassis 129 to 255: ours have the indexes 128 and 129. */
START_TEST(no_chassis_left_is_refused)
{
    for (unsigned i = 1; i <= 127; i++)
        add_controller(&w, i, CTRL_ROOT_PORT, "00:02.0")->chassis = (int)(128 + i);
    assign(1, 1);
    refused("chassis numbers: 2 needed, 1 available");
    w.domain.controllers.items[7].chassis = -1; /* its index; 135 is free */
    plan_or_fail(&w);
    ck_assert_uint_eq(port_of(&w, "0000:41:00.0")->index, 129);
    ck_assert_uint_eq(port_of(&w, "0000:41:00.0")->chassis, 135);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("slot");
    TCase *tcase = tcase_create("slot");

    suite_add_tcase(suite, tcase);
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
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
    tcase_add_test(tcase, sixteen_controllers_on_pcie0_have_a_slot_each);
    tcase_add_test(tcase, eight_fillers_share_a_slot);
    tcase_add_test(tcase, one_filler_is_alone);
    tcase_add_test(tcase, more_fillers_than_slots_are_refused);
    tcase_add_test(tcase, port_is_slot_and_function_where_ports_share_slots);
    tcase_add_test(tcase, no_chassis_left_is_refused);
    return run_suite(suite);
}
