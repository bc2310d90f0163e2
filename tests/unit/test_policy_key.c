/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_policy_key.c - the tables of policy_keys.def: every value there and back, limits, places */
#include "model/policy_key.h"

#include "suite.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static const struct policy_key *const tables[] = {policy_keys, policy_device_keys};

START_TEST(every_value_there_and_back)
{
    for (size_t i = 0; i < 2; i++) {
        for (const struct policy_key *key = tables[i]; key->name; key++) {
            int values[] = {key->low, key->low + 1, key->high};

            for (size_t j = 0; j < 3; j++) {
                char text[POLICY_VALUE_SIZE];
                int value = -3;

                policy_key_format(key, values[j], text);
                if (key->kind == POLICY_VERSION && !values[j])
                    ck_assert_str_eq(text, "");
                else
                    ck_assert_msg(policy_key_parse(key, text, &value) && value == values[j],
                                  "%s: '%s' is %d", key->name, text, value);
            }
        }
    }
}
END_TEST

START_TEST(what_is_beyond_the_limits_is_no_value)
{
    for (size_t i = 0; i < 2; i++) {
        for (const struct policy_key *key = tables[i]; key->name; key++) {
            char text[32];
            int value = -3;

            snprintf(text, sizeof(text), "%d", key->low - 1);
            ck_assert_msg(!policy_key_parse(key, text, &value), "%s: %s", key->name, text);
            snprintf(text, sizeof(text), "%ld", (long)key->high + 1);
            ck_assert_msg(!policy_key_parse(key, text, &value), "%s: %s", key->name, text);
            ck_assert_msg(!policy_key_parse(key, "", &value), "%s", key->name);
            ck_assert_int_eq(value, -3);
        }
    }
}
END_TEST

START_TEST(keys_are_found_where_they_may_be)
{
    char names[POLICY_NAMES_SIZE];

    ck_assert_str_eq(policy_key_find(policy_keys, "adopt", IN_FILE)->name, "adopt");
    ck_assert_ptr_nonnull(policy_key_find(policy_keys, "adopt", AS_OPTION));
    ck_assert_ptr_null(policy_key_find(policy_keys, "adopt", IN_METADATA));
    ck_assert_ptr_null(policy_key_find(policy_keys, "keep", IN_FILE));
    ck_assert_ptr_null(policy_key_find(policy_keys, "", IN_FILE));
    ck_assert_str_eq(
        policy_key_names(policy_keys, IN_METADATA, names),
        "mirror, strict, spare_ports, vacated, clique, links, atomics, hide_hypervisor, smmu, "
        "initiators, deliver, cells, cells_pin, cells_memory, mmio, rewrite, on_start, cells_nodes");
    ck_assert_str_eq(policy_key_names(policy_device_keys, IN_METADATA, names),
                     "keep, node, hotplug, clique, attach_pci, atomics");
}
END_TEST

START_TEST(rules_are_sentences)
{
    char rule[POLICY_RULE_SIZE];

    ck_assert_str_eq(policy_key_rule(policy_key_find(policy_keys, "clique", IN_FILE), '"', rule),
                     "one of \"off\", \"cdi\", \"auto\"");
    ck_assert_str_eq(
        policy_key_rule(policy_key_find(policy_device_keys, "node", IN_FILE), '"', rule),
        "a whole number from -1 to 1023");
    ck_assert_str_eq(
        policy_key_rule(policy_key_find(policy_keys, "libvirt_version", IN_FILE), '\'', rule),
        "a version like '8.0.0'");
}
END_TEST

/* Every key of a policy has a field of its own, and so has every key of a wish. */
START_TEST(setting_one_key_sets_no_other)
{
    for (const struct policy_key *key = policy_keys; key->name; key++) {
        struct vtopo_policy policy = policy_default;
        struct policy_wish wish = policy_wish_unset;
        int changed = policy_get(&policy, key) == key->high ? key->low : key->high;

        *policy_wish_value(&wish, key) = changed;
        policy_apply_wish(&policy, &wish);
        for (const struct policy_key *other = policy_keys; other->name; other++) {
            ck_assert_int_eq(policy_get(&policy, other),
                             other == key ? changed : policy_get(&policy_default, other));
            ck_assert_int_eq(*policy_wish_value(&wish, other), other == key ? changed : -1);
        }
    }
}
END_TEST

START_TEST(a_device_is_filled_key_by_key)
{
    for (const struct policy_key *key = policy_device_keys; key->name; key++) {
        struct policy_device one = policy_device_unset, all = policy_device_unset;

        ck_assert_int_eq(*policy_device_value(&one, key), key->low - 1);
        ck_assert(policy_device_is_unset(&one));
        *policy_device_value(&one, key) = key->low;
        ck_assert(!policy_device_is_unset(&one));
        for (const struct policy_key *other = policy_device_keys; other->name; other++)
            *policy_device_value(&all, other) = other->high;
        policy_device_fill(&one, &all);
        for (const struct policy_key *other = policy_device_keys; other->name; other++)
            ck_assert_int_eq(*policy_device_value(&one, other),
                             other == key ? key->low : other->high);
    }
}
END_TEST

START_TEST(the_first_double_is_found)
{
    struct policy_device entries[6];
    size_t index = 0;

    for (uint16_t i = 0; i < 6; i++) {
        entries[i] = policy_device_unset;
        entries[i].by_bdf = i < 3;
        entries[i].bdf = (struct bdf){.bus = (uint8_t)(9 - i)};
        entries[i].vendor = (uint16_t)(9 - i); /* of the first three: nothing to do with it */
    }
    entries[1].vendor = entries[0].vendor;
    ck_assert_int_eq(policy_find_double(entries, 6, &index), 0);
    ck_assert_uint_eq(index, 6);
    entries[5] = entries[0];
    entries[4] = entries[3];
    ck_assert_int_eq(policy_find_double(entries, 6, &index), 0);
    ck_assert_uint_eq(index, 4);
    entries[2] = entries[1];
    ck_assert_int_eq(policy_find_double(entries, 6, &index), 0);
    ck_assert_uint_eq(index, 2);
    ck_assert_int_eq(policy_find_double(entries, 1, &index), 0);
    ck_assert_uint_eq(index, 1);
    ck_assert_int_eq(policy_find_double(NULL, 0, &index), 0);
    ck_assert_uint_eq(index, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("policy_key");
    TCase *tcase = tcase_create("policy_key");

    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, every_value_there_and_back);
    tcase_add_test(tcase, what_is_beyond_the_limits_is_no_value);
    tcase_add_test(tcase, keys_are_found_where_they_may_be);
    tcase_add_test(tcase, rules_are_sentences);
    tcase_add_test(tcase, setting_one_key_sets_no_other);
    tcase_add_test(tcase, a_device_is_filled_key_by_key);
    tcase_add_test(tcase, the_first_double_is_found);
    return run_suite(suite);
}
