/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_who_moves.c - which assigned devices move, and which stay */
#include "devices_world.h"

static enum device_fate fate_of(const char *host)
{
    plan_or_fail(&w);
    return device_of(&w, host)->fate;
}

START_TEST(a_device_without_an_address_moves)
{
    add_hostdev(&w, "41:00.0", NULL);
    ck_assert_int_eq(fate_of("41:00.0"), FATE_MOVED);
}
END_TEST

/* A GPU at 01:00.0 with its audio function, and two ports for them in the guest. */
static void use_laptop(void)
{
    static const struct row rows[] = {
        {"00:01.0", NULL, PORT_ROOT, 0},
        {"01:00.0", "00:01.0", PORT_NONE, 0, 0x030000},
        {"01:00.1", "00:01.0", PORT_NONE, 0, AUDIO},
    };

    world_clear(&w);
    world_init(&w);
    add_bound_cells(&w, 1);
    ADD_FUNCTIONS(&w, rows);
    add_controller(&w, 1, CTRL_ROOT_PORT, "00:02.0");
    add_controller(&w, 2, CTRL_ROOT_PORT, "00:02.1");
}

/* A laptop's firmware finds its GPU by the address, and so does the table that a guest is given. */
START_TEST(a_gpu_at_its_host_address_stays_where_a_table_may_name_it)
{
    use_laptop();
    add_hostdev(&w, "01:00.0", "01:00.0");
    add_hostdev(&w, "01:00.1", "02:00.0");
    ck_assert_int_eq(fate_of("01:00.0"), FATE_MOVED);
    w.domain.acpi_table = true;
    ck_assert_int_eq(fate_of("01:00.0"), FATE_STAYS);
    ck_assert_ptr_nonnull(finding_of(&w, FINDING_HOST_ADDRESS));
    ck_assert_int_eq(device_of(&w, "01:00.1")->fate, FATE_MOVED);
}
END_TEST

/* Whether the GPU is there decides, and not what else of the host was read. */
START_TEST(another_function_at_its_host_address_stays_with_its_gpu)
{
    use_laptop();
    w.domain.acpi_table = true;
    add_hostdev(&w, "01:00.1", "01:00.1");
    ck_assert_int_eq(fate_of("01:00.1"), FATE_MOVED);
    add_hostdev(&w, "01:00.0", "02:00.0");
    ck_assert_int_eq(fate_of("01:00.1"), FATE_MOVED);
    w.domain.devices.items[1].address.at.bus = 1;
    ck_assert_int_eq(fate_of("01:00.1"), FATE_STAYS);
    ck_assert_int_eq(device_of(&w, "01:00.0")->fate, FATE_STAYS);
}
END_TEST

START_TEST(a_device_on_pcie0_moves)
{
    add_hostdev(&w, "41:00.0", "00:05.0");
    ck_assert_int_eq(fate_of("41:00.0"), FATE_MOVED);
}
END_TEST

START_TEST(a_device_below_a_root_port_on_pcie0_moves)
{
    add_controller(&w, 3, CTRL_ROOT_PORT, "00:02.0");
    add_hostdev(&w, "41:00.0", "03:00.0");
    ck_assert_int_eq(fate_of("41:00.0"), FATE_MOVED);
}
END_TEST

START_TEST(a_device_on_a_bus_that_libvirt_would_add_moves)
{
    add_hostdev(&w, "41:00.0", "07:00.0");
    ck_assert_int_eq(fate_of("41:00.0"), FATE_MOVED);
}
END_TEST

START_TEST(a_device_below_a_root_port_without_an_address_moves)
{
    add_controller(&w, 3, CTRL_ROOT_PORT, NULL);
    add_hostdev(&w, "41:00.0", "03:00.0");
    ck_assert_int_eq(fate_of("41:00.0"), FATE_MOVED);
}
END_TEST

START_TEST(a_device_below_an_expander_of_others_stays)
{
    struct domain_controller *expander = add_controller(&w, 1, CTRL_EXPANDER, "00:05.0");

    expander->bus_nr = 100;
    expander->node = 0;
    add_controller(&w, 2, CTRL_ROOT_PORT, "01:00.0");
    add_hostdev(&w, "41:00.0", "02:00.0");
    ck_assert_int_eq(fate_of("41:00.0"), FATE_STAYS);
    ck_assert_ptr_nonnull(finding_of(&w, FINDING_PLACED_ON_PURPOSE));
    ck_assert_ptr_null(finding_of(&w, FINDING_PLACED_WRONG));
}
END_TEST

START_TEST(a_device_below_a_switch_of_others_stays)
{
    add_controller(&w, 1, CTRL_ROOT_PORT, "00:05.0");
    add_controller(&w, 2, CTRL_UPSTREAM, "01:00.0");
    add_controller(&w, 3, CTRL_DOWNSTREAM, "02:00.0");
    add_hostdev(&w, "41:00.0", "03:00.0");
    ck_assert_int_eq(fate_of("41:00.0"), FATE_STAYS);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_PLACED_WRONG), "belongs to cell 0"));
}
END_TEST

START_TEST(a_device_behind_a_conventional_bridge_stays)
{
    add_controller(&w, 1, CTRL_ROOT_PORT, "00:05.0");
    add_controller(&w, 2, CTRL_PCIE_TO_PCI, "01:00.0");
    add_hostdev(&w, "41:00.0", "02:01.0");
    ck_assert_int_eq(fate_of("41:00.0"), FATE_STAYS);
}
END_TEST

START_TEST(a_device_with_another_kind_of_address_stays)
{
    add_hostdev(&w, "41:00.0", NULL)->address.kind = ADDRESS_OTHER;
    ck_assert_int_eq(fate_of("41:00.0"), FATE_STAYS);
    ck_assert_ptr_nonnull(finding_of(&w, FINDING_PLACED_ON_PURPOSE));
}
END_TEST

START_TEST(an_unassigned_device_is_not_placed)
{
    add_hostdev(&w, "41:00.0", NULL)->address.kind = ADDRESS_UNASSIGNED;
    ck_assert_int_eq(fate_of("41:00.0"), FATE_UNASSIGNED);
    ck_assert_ptr_nonnull(finding_of(&w, FINDING_UNASSIGNED));
    ck_assert_str_eq(layout(&w), "");
}
END_TEST

START_TEST(integrated_graphics_stay_at_their_place)
{
    add_hostdev(&w, "00:02.0", "00:02.0");
    ck_assert_int_eq(fate_of("00:02.0"), FATE_STAYS);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_INTEGRATED_GRAPHICS), "belongs to cell 0"));
}
END_TEST

START_TEST(integrated_graphics_elsewhere_move)
{
    add_hostdev(&w, "00:02.0", "00:05.0");
    ck_assert_int_eq(fate_of("00:02.0"), FATE_MOVED);
}
END_TEST

START_TEST(another_gpu_at_00_02_0_moves)
{
    add_hostdev(&w, "44:00.0", "00:02.0"); /* Intel's, but not integrated */
    ck_assert_int_eq(fate_of("44:00.0"), FATE_MOVED);
}
END_TEST

START_TEST(policy_keep_by_bdf)
{
    add_hostdev(&w, "41:00.0", "00:05.0");
    add_hostdev(&w, "42:00.0", "00:06.0");
    add_wish(&w, "41:00.0")->keep = 1;
    ck_assert_int_eq(fate_of("41:00.0"), FATE_STAYS);
    ck_assert_int_eq(device_of(&w, "42:00.0")->fate, FATE_MOVED);
    ck_assert_uint_eq(findings_of(&w, FINDING_STAYS_BY_POLICY), 1);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_STAYS_BY_POLICY), "belongs to cell 0"));
    ck_assert_uint_eq(findings_of(&w, FINDING_PLACED_WRONG), 0);
}
END_TEST

START_TEST(policy_keep_is_asked_for_and_so_not_against_strict)
{
    add_hostdev(&w, "41:00.0", "00:05.0");
    add_wish(&w, "41:00.0")->keep = 1;
    w.policy.strict = true;
    plan_or_fail(&w);
}
END_TEST

START_TEST(policy_keep_without_an_address_leaves_it_to_libvirt)
{
    add_hostdev(&w, "41:00.0", NULL);
    add_hostdev(&w, "42:00.0", NULL);
    add_wish(&w, "41:00.0")->keep = 1;
    ck_assert_int_eq(fate_of("41:00.0"), FATE_STAYS);
    ck_assert_int_eq(device_of(&w, "41:00.0")->after.kind, ADDRESS_NONE);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_STAYS_BY_POLICY), "where libvirt puts it"));
    ck_assert_ptr_nonnull(finding_of(&w, FINDING_ADDRESSES_ABSENT));
}
END_TEST

static struct policy_device *wish_by_id(uint16_t vendor, uint16_t device)
{
    struct policy_device *wish = add_wish(&w, "00:00.0");

    wish->by_bdf = false;
    wish->vendor = vendor;
    wish->device = device;
    return wish;
}

START_TEST(policy_by_id_is_for_all_of_that_id)
{
    add_hostdev(&w, "41:00.0", "00:05.0");
    add_hostdev(&w, "42:00.0", "00:06.0");
    wish_by_id(0x10de, 0x2330)->keep = 1;
    ck_assert_int_eq(fate_of("42:00.0"), FATE_STAYS);
    ck_assert_int_eq(device_of(&w, "41:00.0")->fate, FATE_MOVED);
}
END_TEST

START_TEST(policy_by_bdf_beats_policy_by_id)
{
    add_hostdev(&w, "42:00.0", "00:06.0");
    wish_by_id(0x10de, 0x2330)->keep = 1;
    add_wish(&w, "42:00.0")->keep = 0;
    ck_assert_int_eq(fate_of("42:00.0"), FATE_MOVED);
}
END_TEST

START_TEST(policy_by_bdf_leaves_what_it_does_not_say_to_the_id)
{
    add_hostdev(&w, "42:00.0", "00:06.0");
    wish_by_id(0x10de, 0x2330)->keep = 1;
    add_wish(&w, "42:00.0")->hotplug = 1;
    ck_assert_int_eq(fate_of("42:00.0"), FATE_STAYS);
}
END_TEST

START_TEST(policy_node_and_hotplug_by_id_count_with_an_entry_by_bdf)
{
    struct policy_device *by_id = wish_by_id(0x10de, 0x2330);

    add_hostdev(&w, "42:00.0", "00:06.0");
    by_id->node = -1;
    by_id->hotplug = 1;
    add_wish(&w, "42:00.0")->keep = 0;
    plan_or_fail(&w);
    ck_assert_str_eq(layout(&w), "none{rp+(42:00.0)}");
}
END_TEST

/* Function 1 would be left without function 0, and the guest would not see it. */
START_TEST(function_0_stays_where_another_device_needs_it)
{
    add_hostdev(&w, "41:00.0", "00:05.0")->address.multifunction = 1;
    add_other(&w, "rng", "00:05.1");
    ck_assert_int_eq(fate_of("41:00.0"), FATE_STAYS);
    ck_assert_ptr_nonnull(finding_of(&w, FINDING_SLOT_SHARED));
}
END_TEST

START_TEST(function_0_stays_where_a_device_of_the_command_line_needs_it)
{
    struct domain_qemu_device *d = vec_add(&w.domain.qemu_devices);

    *d = (struct domain_qemu_device){.driver = strdup("vfio-pci"),
                                     .bus = strdup("pcie.0"),
                                     .slot = 5,
                                     .function = 1,
                                     .bus_nr = -1,
                                     .chassis = -1};
    add_hostdev(&w, "41:00.0", "00:05.0")->address.multifunction = 1;
    add_hostdev(&w, "42:00.0", "00:06.0");
    ck_assert_int_eq(fate_of("41:00.0"), FATE_STAYS);
    ck_assert_ptr_nonnull(finding_of(&w, FINDING_SLOT_SHARED));
    ck_assert_int_eq(device_of(&w, "42:00.0")->fate, FATE_MOVED);
}
END_TEST

START_TEST(function_0_stays_where_a_port_needs_it)
{
    add_hostdev(&w, "41:00.0", "00:05.0");
    add_controller(&w, 1, CTRL_ROOT_PORT, "00:05.2");
    ck_assert_int_eq(fate_of("41:00.0"), FATE_STAYS);
}
END_TEST

START_TEST(function_0_stays_with_a_kept_one_and_its_card_with_it)
{
    add_controller(&w, 1, CTRL_ROOT_PORT, "00:02.0");
    add_hostdev(&w, "41:00.0", "01:00.0");
    add_hostdev(&w, "41:00.1", "01:00.1");
    add_hostdev(&w, "42:00.0", "01:00.2");
    add_wish(&w, "42:00.0")->keep = 1;
    ck_assert_int_eq(fate_of("41:00.0"), FATE_STAYS);
    ck_assert_int_eq(device_of(&w, "41:00.1")->fate, FATE_STAYS);
}
END_TEST

START_TEST(other_functions_leave_a_shared_slot)
{
    add_other(&w, "rng", "00:05.0");
    add_hostdev(&w, "41:00.0", "00:05.1");
    add_hostdev(&w, "42:00.0", "00:05.2");
    ck_assert_int_eq(fate_of("41:00.0"), FATE_MOVED);
    ck_assert_int_eq(device_of(&w, "42:00.0")->fate, FATE_MOVED);
}
END_TEST

START_TEST(a_slot_without_function_0_is_left)
{
    add_hostdev(&w, "41:00.0", "00:05.1");
    add_other(&w, "rng", "00:05.2");
    ck_assert_int_eq(fate_of("41:00.0"), FATE_MOVED);
}
END_TEST

START_TEST(a_slot_that_is_left_by_all_is_left)
{
    add_hostdev(&w, "41:00.0", "00:05.0");
    add_hostdev(&w, "42:00.0", "00:05.1");
    ck_assert_int_eq(fate_of("41:00.0"), FATE_MOVED);
    ck_assert_int_eq(device_of(&w, "42:00.0")->fate, FATE_MOVED);
}
END_TEST

/* Key by key: what the domain says of an id goes before what the file says of a BDF. */
START_TEST(the_domains_own_policy_goes_before_the_file)
{
    struct policy_device *wish;

    add_hostdev(&w, "41:00.0", "00:05.0");
    wish = add_wish(&w, "41:00.0");
    wish->keep = 1;
    wish->node = 1;
    plan_or_fail(&w);
    ck_assert_int_eq(device_of(&w, "41:00.0")->fate, FATE_STAYS);
    wish = vec_add(&w.policy.domain_devices);
    ck_assert_ptr_nonnull(wish);
    *wish = policy_device_unset;
    wish->keep = 0;
    wish->vendor = 0x10de;
    wish->device = 0x2235;
    plan_or_fail(&w);
    ck_assert_int_eq(device_of(&w, "41:00.0")->fate, FATE_MOVED);
    ck_assert_int_eq(device_of(&w, "41:00.0")->node, 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("who_moves");
    TCase *tcase = tcase_create("who_moves");

    suite_add_tcase(suite, tcase);
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_device_without_an_address_moves);
    tcase_add_test(tcase, a_gpu_at_its_host_address_stays_where_a_table_may_name_it);
    tcase_add_test(tcase, another_function_at_its_host_address_stays_with_its_gpu);
    tcase_add_test(tcase, a_device_on_pcie0_moves);
    tcase_add_test(tcase, a_device_below_a_root_port_on_pcie0_moves);
    tcase_add_test(tcase, a_device_on_a_bus_that_libvirt_would_add_moves);
    tcase_add_test(tcase, a_device_below_a_root_port_without_an_address_moves);
    tcase_add_test(tcase, a_device_below_an_expander_of_others_stays);
    tcase_add_test(tcase, a_device_below_a_switch_of_others_stays);
    tcase_add_test(tcase, a_device_behind_a_conventional_bridge_stays);
    tcase_add_test(tcase, a_device_with_another_kind_of_address_stays);
    tcase_add_test(tcase, an_unassigned_device_is_not_placed);
    tcase_add_test(tcase, integrated_graphics_stay_at_their_place);
    tcase_add_test(tcase, integrated_graphics_elsewhere_move);
    tcase_add_test(tcase, another_gpu_at_00_02_0_moves);
    tcase_add_test(tcase, policy_keep_by_bdf);
    tcase_add_test(tcase, policy_keep_is_asked_for_and_so_not_against_strict);
    tcase_add_test(tcase, policy_keep_without_an_address_leaves_it_to_libvirt);
    tcase_add_test(tcase, policy_by_id_is_for_all_of_that_id);
    tcase_add_test(tcase, policy_by_bdf_beats_policy_by_id);
    tcase_add_test(tcase, policy_by_bdf_leaves_what_it_does_not_say_to_the_id);
    tcase_add_test(tcase, policy_node_and_hotplug_by_id_count_with_an_entry_by_bdf);
    tcase_add_test(tcase, function_0_stays_where_another_device_needs_it);
    tcase_add_test(tcase, function_0_stays_where_a_device_of_the_command_line_needs_it);
    tcase_add_test(tcase, function_0_stays_where_a_port_needs_it);
    tcase_add_test(tcase, function_0_stays_with_a_kept_one_and_its_card_with_it);
    tcase_add_test(tcase, other_functions_leave_a_shared_slot);
    tcase_add_test(tcase, a_slot_without_function_0_is_left);
    tcase_add_test(tcase, a_slot_that_is_left_by_all_is_left);
    tcase_add_test(tcase, the_domains_own_policy_goes_before_the_file);
    return run_suite(suite);
}
