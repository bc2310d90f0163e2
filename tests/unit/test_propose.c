/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_propose.c - which devices are proposed, and in which order
 */
#include "place_world.h"

static const struct place_proposal *first(void)
{
    return &place.proposals.items[0];
}

/* --- near ones --- */

START_TEST(one_switch)
{
    ck_assert_str_eq(best(2, 1), "43:00.0 44:00.0 45:00.0");
    ck_assert_int_eq(first()->gpu_level, DISTANCE_SWITCH);
    ck_assert_int_eq(first()->nic_level, DISTANCE_SWITCH);
    ck_assert_str_eq(best(3, 1), "63:00.0 64:00.0 65:00.0 66:00.0");
}
END_TEST

START_TEST(what_fits_leaves_larger_ones_whole)
{
    ck_assert_str_eq(best(1, 0), "53:00.0");
    ck_assert_str_eq(best(1, 1), "53:00.0 54:00.0");
    ck_assert_str_eq(best(2, 0), "43:00.0 44:00.0");
    ck_assert_str_eq(best(3, 0), "63:00.0 64:00.0 65:00.0");
}
END_TEST

START_TEST(a_broken_switch_goes_first)
{
    bind("64:00.0", "nvidia");
    function_of(&w, "64:00.0")->use = HOST_USE_CONSOLE;
    ck_assert_str_eq(best(2, 0), "63:00.0 65:00.0"); /* its node has no other */
    bind("53:00.0", "nvidia");
    function_of(&w, "53:00.0")->use = HOST_USE_CONSOLE;
    bind("65:00.0", "nvidia");
    function_of(&w, "65:00.0")->use = HOST_USE_CONSOLE;
    ck_assert_str_eq(best(1, 0), "63:00.0");
}
END_TEST

/* Of the two NICs that are as near the one that is not beside free GPUs. */
START_TEST(nics_alone)
{
    ck_assert_str_eq(best(0, 1), "68:00.0");
    ck_assert_str_eq(best(0, 2), "68:00.0 68:00.1");
    ck_assert_int_eq(first()->nic_level, DISTANCE_SWITCH);
    ck_assert_int_eq(first()->gpu_level, 0);
}
END_TEST

/* Each switch with GPUs has its NIC before one has two. */
START_TEST(nics_are_spread_over_the_gpus)
{
    ck_assert_str_eq(best(3, 2), "63:00.0 64:00.0 65:00.0 66:00.0 68:00.0");
    ck_assert_int_eq(first()->nic_level, DISTANCE_ROOT);
    use("64:00.0", HOST_USE_CONSOLE);
    use("65:00.0", HOST_USE_CONSOLE);
    ck_assert_str_eq(best(3, 2), "43:00.0 44:00.0 45:00.0 53:00.0 54:00.0");
    ck_assert_int_eq(first()->gpu_level, DISTANCE_NODE);
    ck_assert_int_eq(first()->nic_level, DISTANCE_SWITCH);
}
END_TEST

/* "2 GPUs share a switch, the NIC is one node away": not the one beside a free GPU. */
START_TEST(a_nic_one_node_away)
{
    use("45:00.0", HOST_USE_UP);
    use("54:00.0", HOST_USE_UP);
    use("64:00.0", HOST_USE_CONSOLE);
    use("65:00.0", HOST_USE_CONSOLE);
    ck_assert_str_eq(best(2, 1), "43:00.0 44:00.0 68:00.0");
    ck_assert_int_eq(first()->gpu_level, DISTANCE_SWITCH);
    ck_assert_int_eq(first()->nic_level, DISTANCE_NODES);
}
END_TEST

START_TEST(more_than_a_node_has)
{
    ck_assert_str_eq(best(6, 4), "43:00.0 44:00.0 45:00.0 53:00.0 54:00.0 63:00.0 64:00.0 65:00.0 "
                                 "66:00.0 68:00.0");
    ck_assert_int_eq(first()->gpu_level, DISTANCE_NODES);
    ck_assert_int_eq(first()->nic_level, DISTANCE_ROOT);
    ck_assert_str_eq(best(5, 0), "43:00.0 44:00.0 63:00.0 64:00.0 65:00.0");
}
END_TEST

/* --- what is not to be had --- */

START_TEST(what_the_host_uses)
{
    static const enum host_use uses[] = {HOST_USE_UP, HOST_USE_MEMBER, HOST_USE_ROUTE,
                                         HOST_USE_DISK};

    for (size_t i = 0; i < sizeof(uses) / sizeof(*uses); i++) {
        use("45:00.0", uses[i]);
        ck_assert_str_eq(best(2, 1), "63:00.0 64:00.0 66:00.0");
    }
    use("45:00.0", HOST_USE_NONE);
    ck_assert_str_eq(best(2, 1), "43:00.0 44:00.0 45:00.0");
}
END_TEST

/* What only a driver has comes after all that is free, however far that is. */
START_TEST(what_a_driver_has)
{
    bind("45:00.0", "mlx5_core");
    ck_assert_str_eq(best(2, 1), "63:00.0 64:00.0 66:00.0");
    use("64:00.0", HOST_USE_CONSOLE);
    use("65:00.0", HOST_USE_CONSOLE);
    ck_assert_str_eq(best(2, 1), "43:00.0 44:00.0 54:00.0");
    ck_assert_int_eq(first()->nic_level, DISTANCE_NODE);
    bind("54:00.0", "mlx5_core");
    bind("66:00.0", "mlx5_core");
    bind("68:00.0", "mlx5_core");
    bind("68:00.1", "mlx5_core");
    ck_assert_str_eq(best(2, 1), "43:00.0 44:00.0 45:00.0");
    ck_assert_uint_eq(first()->score[RANK_HELD], 1);
}
END_TEST

START_TEST(what_vms_have)
{
    struct owner items[] = {{"0000:44:00.0", "a", false, true}, {"0000:63:00.0", "b", true, true}};
    struct owners owners = {items, 2};

    request.owners = &owners;
    ck_assert_str_eq(best(2, 1), "64:00.0 65:00.0 66:00.0");
    ck_assert(!place.has_nearer);
    ck_assert_str_eq(best(3, 1), "43:00.0 64:00.0 65:00.0 66:00.0");
    ck_assert(place.has_nearer);
    ck_assert_str_eq(devices(&place.nearer), "63:00.0 64:00.0 65:00.0 66:00.0");
}
END_TEST

START_TEST(refusals)
{
    struct owner items[] = {{"0000:44:00.0", "a", false, true}, {"0000:63:00.0", "b", true, true}};
    struct owners owners = {items, 2};

    ck_assert_int_eq(try(7, 0), VTOPO_ERR_REFUSED);
    ck_assert_str_eq(vtopo_error_message(w.error),
                     "7 GPUs are asked for, and the host has 6 to give; it works with 0 itself");
    use("45:00.0", HOST_USE_ROUTE);
    ck_assert_int_eq(try(1, 5), VTOPO_ERR_REFUSED);
    ck_assert_str_eq(vtopo_error_message(w.error),
                     "5 NICs are asked for, and the host has 4 to give; it works with 1 itself");
    request.owners = &owners;
    ck_assert_int_eq(try(5, 0), VTOPO_ERR_REFUSED);
    ck_assert_str_eq(vtopo_error_message(w.error), "5 GPUs are asked for, and the host has 4 to "
                                                   "give; VMs have 2, and 0 the host itself works "
                                                   "with");
}
END_TEST

/* --- groups --- */

START_TEST(a_group_is_not_split)
{
    group(100, "43:00.0", "44:00.0", "45:00.0", NULL);
    ck_assert_str_eq(best(2, 1), "43:00.0 44:00.0 45:00.0");
    ck_assert_str_eq(best(2, 0), "63:00.0 64:00.0");
    use("64:00.0", HOST_USE_CONSOLE);
    use("65:00.0", HOST_USE_CONSOLE);
    ck_assert_str_eq(best(2, 0), "43:00.0 44:00.0 45:00.0");
    ck_assert_uint_eq(first()->score[RANK_SURPLUS], 1);
}
END_TEST

START_TEST(one_of_a_group_is_in_use)
{
    group(100, "43:00.0", "44:00.0", "45:00.0", NULL);
    use("45:00.0", HOST_USE_UP);
    ck_assert_str_eq(best(2, 0), "63:00.0 64:00.0");
    ck_assert_int_eq(try(5, 0), VTOPO_ERR_REFUSED);
}
END_TEST

/* --- models --- */

START_TEST(gpus_of_one_model)
{
    function_of(&w, "44:00.0")->device = 0x1eb8;
    ck_assert_str_eq(best(2, 1), "63:00.0 64:00.0 66:00.0");
    function_of(&w, "64:00.0")->device = 0x1eb8;
    function_of(&w, "65:00.0")->device = 0x2230;
    ck_assert_str_eq(best(2, 0), "43:00.0 53:00.0");
    ck_assert_str_eq(best(4, 0), "43:00.0 44:00.0 53:00.0 63:00.0");
    ck_assert_uint_eq(first()->score[RANK_MODELS], 1);
}
END_TEST

START_TEST(only_such)
{
    static const struct place_id t4 = {0x10de, 0x1eb8},
                                 other[] = {{0x10de, 0x1eb8}, {0x8086, 0x1572}};

    function_of(&w, "44:00.0")->device = 0x1eb8;
    request.only = &t4;
    request.only_count = 1;
    ck_assert_str_eq(best(1, 1), "44:00.0 45:00.0");
    ck_assert_int_eq(try(2, 0), VTOPO_ERR_REFUSED);
    /* No NIC has that id, so NICs are free. */
    request.only = other;
    request.only_count = 2;
    ck_assert_str_eq(best(1, 1), "44:00.0 45:00.0");
    /* Of none of them: not any GPU then. */
    request.only = &other[1];
    request.only_count = 1;
    ck_assert_int_eq(try(1, 0), VTOPO_ERR_HOST);
    ck_assert_ptr_nonnull(strstr(vtopo_error_message(w.error), "no GPU or NIC 8086:1572"));
}
END_TEST

/* --- CPUs and memory --- */

START_TEST(cpus_and_memory_of_another_node_are_as_far)
{
    struct idset taken = {0};

    ck_assert_int_eq(idset_parse("0-5", &taken), IDSET_OK);
    request.cpus = 4;
    ck_assert_str_eq(best(2, 1), "43:00.0 44:00.0 45:00.0");
    request.avoid = &taken;
    ck_assert_str_eq(best(2, 1), "63:00.0 64:00.0 66:00.0");
    request.cpus = 10;
    ck_assert_str_eq(best(2, 1), "43:00.0 44:00.0 45:00.0");
    ck_assert_uint_eq(first()->score[RANK_LEVEL], DISTANCE_NODES);
    request.cpus = 11;
    ck_assert_int_eq(try(2, 1), VTOPO_ERR_REFUSED);
    idset_free(&taken);
}
END_TEST

/* --- the order of all --- */

START_TEST(all_of_them)
{
    ck_assert_str_eq(best(2, 1), "43:00.0 44:00.0 45:00.0");
    ck_assert_uint_eq(place.proposals.count, 3);
    ck_assert_str_eq(devices(&place.proposals.items[1]), "63:00.0 64:00.0 66:00.0");
    ck_assert_str_eq(devices(&place.proposals.items[2]), "43:00.0 53:00.0 54:00.0");
}
END_TEST

START_TEST(the_same_from_each_run)
{
    char *text = strdup(best(4, 3));

    ck_assert_str_eq(best(4, 3), text);
    free(text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("propose");
    TCase *tcase = tcase_create("propose");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, one_switch);
    tcase_add_test(tcase, what_fits_leaves_larger_ones_whole);
    tcase_add_test(tcase, a_broken_switch_goes_first);
    tcase_add_test(tcase, nics_alone);
    tcase_add_test(tcase, nics_are_spread_over_the_gpus);
    tcase_add_test(tcase, a_nic_one_node_away);
    tcase_add_test(tcase, more_than_a_node_has);
    tcase_add_test(tcase, what_the_host_uses);
    tcase_add_test(tcase, what_a_driver_has);
    tcase_add_test(tcase, what_vms_have);
    tcase_add_test(tcase, refusals);
    tcase_add_test(tcase, a_group_is_not_split);
    tcase_add_test(tcase, one_of_a_group_is_in_use);
    tcase_add_test(tcase, gpus_of_one_model);
    tcase_add_test(tcase, only_such);
    tcase_add_test(tcase, cpus_and_memory_of_another_node_are_as_far);
    tcase_add_test(tcase, all_of_them);
    tcase_add_test(tcase, the_same_from_each_run);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
