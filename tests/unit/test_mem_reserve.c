/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_mem_reserve.c - new root ports keep the memory that the old ones kept */
#include "build.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct world w;

/* A GPU alone, and a GPU and a NIC below one switch. */
static void setup(void)
{
    static const struct row rows[] = {
        {"40:01.0", NULL, PORT_ROOT, 0},
        {"41:00.0", "40:01.0", PORT_NONE, 0, GPU},
        {"60:01.0", NULL, PORT_ROOT, 0},
        {"61:00.0", "60:01.0", PORT_UPSTREAM, 0},
        {"62:00.0", "61:00.0", PORT_DOWNSTREAM, 0},
        {"62:01.0", "61:00.0", PORT_DOWNSTREAM, 0},
        {"63:00.0", "62:00.0", PORT_NONE, 0, GPU},
        {"64:00.0", "62:01.0", PORT_NONE, 0, NIC},
    };

    world_init(&w);
    add_bound_cells(&w, 1);
    ADD_FUNCTIONS(&w, rows);
    add_controller(&w, 1, CTRL_ROOT_PORT, "0:02.0");
    add_controller(&w, 2, CTRL_ROOT_PORT, "0:02.1");
    add_controller(&w, 3, CTRL_ROOT_PORT, "0:02.2");
    add_hostdev(&w, "41:00.0", "1:00.0");
    add_hostdev(&w, "63:00.0", "2:00.0");
    add_hostdev(&w, "64:00.0", "3:00.0");
}

static void teardown(void)
{
    world_clear(&w);
}

static void keep(unsigned index, unsigned kib)
{
    for (size_t i = 0; i < w.domain.controllers.count; i++) {
        if (w.domain.controllers.items[i].index == index)
            w.domain.controllers.items[i].mem_reserve = kib;
    }
}

/* "41:4096": the ports that keep something, by the bus of what is there on the host, "up": the one
 * above the switch. */
static const char *kept(void)
{
    free(w.text);
    w.text = NULL;
    text_append(&w.text, "%s", "");
    for (size_t i = 0; i < w.plan->controllers.count; i++) {
        const struct plan_controller *c = &w.plan->controllers.items[i];

        if (c->mem_reserve)
            text_append(&w.text, "%s%s:%u", *w.text ? " " : "",
                        strstr(c->alias, "-up") ? "up" : strrchr(c->alias, '-') - 5,
                        c->mem_reserve);
    }
    return w.text;
}

static const char *planned(void)
{
    plan_or_fail(&w);
    return kept();
}

START_TEST(the_port_of_a_card_keeps_what_its_former_one_did)
{
    ck_assert_str_eq(planned(), "");
    keep(1, 65536);
    ck_assert_str_eq(planned(), "41-00-0:65536");
    ck_assert_ptr_null(finding_of(&w, FINDING_PORT_PROPERTIES));
    keep(1, 0);
    ck_assert_str_eq(planned(), "");
}
END_TEST

START_TEST(the_port_above_a_switch_keeps_the_most)
{
    keep(2, 8192);
    ck_assert_str_eq(planned(), "up:8192");
    keep(3, 65536);
    ck_assert_str_eq(planned(), "up:65536");
    ck_assert_ptr_null(finding_of(&w, FINDING_PORT_PROPERTIES));
    w.policy.mirror = MIRROR_ROOT;
    ck_assert_str_eq(planned(), "63-00-0:8192 64-00-0:65536");
}
END_TEST

/* The old port keeps its part, too. */
START_TEST(without_room_for_both_it_stays_behind)
{
    keep(1, 400 << 10);
    ck_assert_str_eq(planned(), "41-00-0:409600");
    keep(1, 600 << 10);
    ck_assert_str_eq(planned(), "");
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_PORT_PROPERTIES), "(memReserve)"));
}
END_TEST

/* OVMF makes powers of two of them. */
START_TEST(firmware_counts)
{
    keep(1, 260 << 10);
    ck_assert_str_eq(planned(), "41-00-0:266240");
    w.domain.firmware = FIRMWARE_OVMF;
    ck_assert_str_eq(planned(), "");
}
END_TEST

/* What the old ports keep is not there for the devices that leave them. */
START_TEST(what_stays_counts)
{
    uint64_t before;

    plan_or_fail(&w);
    before = budget_of(&w, "32-bit MMIO")->used;
    keep(1, 600 << 10);
    plan_or_fail(&w);
    ck_assert_uint_eq(budget_of(&w, "32-bit MMIO")->used, before + (UINT64_C(600) << 20));
    keep(1, 2000 << 10); /* libvirt takes no notice of it, or the guest does not start */
    plan_or_fail(&w);
    ck_assert_uint_eq(budget_of(&w, "32-bit MMIO")->used, before);
    keep(1, 600 << 10);
    add_wish(&w, "41:00.0")->keep = 1;
    plan_or_fail(&w);
    ck_assert_uint_le(budget_of(&w, "32-bit MMIO")->used, before + (UINT64_C(600) << 20));
    ck_assert_str_eq(kept(), "");
}
END_TEST

START_TEST(it_is_the_same_again)
{
    keep(1, 65536);
    plan_or_fail(&w);
    rewrite(&w);
    ck_assert_str_eq(planned(), "41-00-0:65536");
    ck_assert(w.plan->realised);
    for (size_t i = 0; i < w.domain.controllers.count; i++) { /* libvirt 9.0 drops all of it */
        w.domain.controllers.items[i].mem_reserve = 0;
    }
    ck_assert_str_eq(planned(), "");
    ck_assert(w.plan->realised);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("mem_reserve");
    TCase *tcase = tcase_create("mem_reserve");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, the_port_of_a_card_keeps_what_its_former_one_did);
    tcase_add_test(tcase, the_port_above_a_switch_keeps_the_most);
    tcase_add_test(tcase, without_room_for_both_it_stays_behind);
    tcase_add_test(tcase, firmware_counts);
    tcase_add_test(tcase, what_stays_counts);
    tcase_add_test(tcase, it_is_the_same_again);
    return run_suite(suite);
}
