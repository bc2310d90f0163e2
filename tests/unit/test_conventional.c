/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_conventional.c - a machine without PCI Express (i440fx): slots of conventional expanders */
#include "roots_world.h"

#include <stdlib.h>

static void setup_pc(void)
{
    setup();
    world_become_pc(&w);
}

START_TEST(an_expander_has_a_slot_for_each_card)
{
    assign(2, 3);
    plan_or_fail(&w);
    ck_assert_int_eq(w.plan->mirror, MIRROR_ROOT);
    ck_assert_uint_eq(w.plan->controllers.count, 2);
    for (size_t i = 0; i < 2; i++) {
        ck_assert_int_eq(expander(&w, i)->model, CTRL_PCI_EXPANDER);
        ck_assert_uint_eq(expander(&w, i)->buses, 2); /* QEMU puts a bridge into it */
        ck_assert_uint_eq(expander(&w, i)->bus_nr, 224 + 16 * i);
        ck_assert_uint_eq(expander(&w, i)->slot, 30 + i);
    }
    for (size_t i = 0; i < 6; i++) {
        const struct plan_device *d = &w.plan->devices.items[i];

        ck_assert_uint_eq(d->after.at.bus, 1 + i / 3);
        ck_assert_uint_eq(d->after.at.slot, 1 + i % 3);
        ck_assert(d->after_known);
        ck_assert_uint_eq(d->guest_after.bus, expander(&w, i / 3)->bus_nr + 1);
        ck_assert(!d->shows_link);
    }
    ck_assert_uint_eq(budget_of(&w, "bus numbers")->used, 5);
    ck_assert_uint_eq(findings_of(&w, FINDING_NO_PCI_EXPRESS), 1);
    ck_assert_uint_eq(findings_of(&w, FINDING_MIRROR_CONCEDED), 0);
    rewrite(&w);
    plan_or_fail(&w);
    ck_assert(w.plan->realised);
}
END_TEST

START_TEST(more_cards_than_slots_get_another_expander)
{
    w.policy.mirror = MIRROR_NUMA;
    assign(16, 4);
    plan_or_fail(&w);
    ck_assert_uint_eq(w.plan->controllers.count, 3); /* 31, 31, 2 */
    ck_assert_str_eq(expander(&w, 1)->alias, "ua-vtopo-pxb-cell0-2");
    ck_assert_int_eq(expander(&w, 2)->cell, 0);
    ck_assert_uint_eq(w.plan->devices.items[30].after.at.slot, 31);
    ck_assert_uint_eq(w.plan->devices.items[31].after.at.slot, 1);
    ck_assert_uint_eq(w.plan->devices.items[63].after.at.bus, 3);
}
END_TEST

START_TEST(a_mirror_asked_for_by_name_is_conceded)
{
    assign(1, 2);
    w.policy.mirror = MIRROR_EXACT;
    w.policy.mirror_given = true;
    plan_or_fail(&w);
    ck_assert_int_eq(w.plan->mirror, MIRROR_ROOT);
    ck_assert_uint_eq(findings_of(&w, FINDING_MIRROR_CONCEDED), 1);
    w.policy.strict = true;
    refused("VTOPO-0182");
    w.policy.mirror = MIRROR_ROOT;
    plan_or_fail(&w);
}
END_TEST

/* Neither spare ports nor links. */
START_TEST(what_it_does_not_have_is_not_there)
{
    w.policy.spare_ports = 3;
    w.policy.links = LINKS_HOST;
    assign(1, 2);
    plan_or_fail(&w);
    ck_assert_uint_eq(w.plan->controllers.count, 1);
    ck_assert_uint_eq(w.plan->overrides.count, 0);
    ck_assert_uint_eq(findings_of(&w, FINDING_LINKS_UNPROVEN), 0);
}
END_TEST

START_TEST(what_is_unplugged_stays)
{
    assign(1, 1);
    add_hostdev(&w, "0000:42:00.0", "00:05.0")->teaming_transient = true;
    plan_or_fail(&w);
    ck_assert_int_eq(w.plan->devices.items[0].fate, FATE_MOVED);
    ck_assert_int_eq(w.plan->devices.items[1].fate, FATE_STAYS);
    ck_assert_uint_eq(findings_of(&w, FINDING_PLUGGABLE_STAYS), 1);
    add_wish(&w, "0000:42:00.0")->hotplug = 0;
    plan_or_fail(&w);
    ck_assert_int_eq(w.plan->devices.items[1].fate, FATE_MOVED);
    ck_assert_uint_eq(findings_of(&w, FINDING_PLUGGABLE_STAYS), 0);
}
END_TEST

static void remember_controller(unsigned index, enum controller_model model, const char *place)
{
    struct record_controller *removed = vec_add(&w.domain.record.controllers);

    ck_assert_ptr_nonnull(removed);
    removed->text = strdup("<controller/>");
    removed->controller = (struct domain_controller){.index = index,
                                                     .index_given = true,
                                                     .model = model,
                                                     .bus_nr = -1,
                                                     .node = -1,
                                                     .chassis = -1,
                                                     .port = -1,
                                                     .hotplug = -1,
                                                     .address = {.kind = ADDRESS_PCI}};
    ck_assert(bdf_parse(place, &removed->controller.address.at));
}

static void add_marked_expander(unsigned index, const char *place)
{
    struct domain_controller *c = add_controller(&w, index, CTRL_PCI_EXPANDER, place);

    c->marked = true;
    c->alias = strdup("ua-vtopo-pxb-0000-41");
    c->bus_nr = 220;
}

static void left_alone(void)
{
    plan_or_fail(&w);
    ck_assert_int_eq(w.plan->outcome, PLAN_UNCHANGED);
    ck_assert_uint_eq(findings_of(&w, FINDING_ADDRESSES_UNKNOWN), 1);
}

/* What libvirt adds and chooses is not foretold. */
START_TEST(a_domain_without_addresses_is_left_alone)
{
    assign(1, 1);
    add_other(&w, "disk vda", NULL);
    left_alone();
    w.domain.devices.items[1].address = (struct address){ADDRESS_PCI, {0, 0, 5, 0}, -1};
    plan_or_fail(&w);
    w.domain.controllers.count = 0;
    left_alone();
    add_controller(&w, 0, CTRL_PCI_ROOT, NULL);
    add_other(&w, "disk vdb", "02:05.0");
    left_alone(); /* index 2 would be a bridge */
    add_controller(&w, 2, CTRL_PCI_BRIDGE, "00:04.0");
    plan_or_fail(&w); /* and index 1 is that of the new expander */
    ck_assert_int_eq(w.plan->outcome, PLAN_LAYOUT);
}
END_TEST

/* An expander of somebody's own keeps its numbers. */
START_TEST(expanders_of_others_keep_their_ranges)
{
    struct domain_controller *own = add_controller(&w, 1, CTRL_PCI_EXPANDER, "00:09.0");

    own->bus_nr = 240;
    add_controller(&w, 2, CTRL_PCI_BRIDGE, "01:03.0");
    assign(1, 1);
    plan_or_fail(&w);
    ck_assert_uint_eq(expander(&w, 0)->bus_nr, 224);
    w.domain.controllers.items[1].bus_nr = 254; /* 254, 255 and one past the end */
    plan_or_fail(&w);
    ck_assert_uint_eq(findings_of(&w, FINDING_BUS_RANGE_BROKEN), 1);
    ck_assert_ptr_nonnull(strstr(finding_of(&w, FINDING_BUS_RANGE_BROKEN), "those of pci.0"));
}
END_TEST

/* Slot 31, which is q35's own, slot 0 of an expander that was taken over, its bridge: back they go.
 */
START_TEST(all_places_are_gone_back_to)
{
    struct domain_controller *own = add_controller(&w, 1, CTRL_PCI_EXPANDER, "00:1e.0");
    static const char *const places[] = {"00:1f.0", "02:00.0", "03:01.0"};

    own->marked = true;
    own->alias = strdup("ua-vtopo-pxb-0000-40");
    for (unsigned i = 0; i < 3; i++) {
        struct record_device *entry = vec_add(&w.domain.record.devices);
        char host[16], place[16];

        snprintf(host, sizeof(host), "0000:%02x:00.0", 0x41 + i);
        snprintf(place, sizeof(place), "01:%02x.0", i + 1);
        add_hostdev(&w, host, place);
        entry->device = i;
        entry->address = (struct address){.kind = ADDRESS_PCI, .multifunction = -1};
        ck_assert(bdf_parse(places[i], &entry->address.at));
    }
    w.domain.record.there = true;
    remember_controller(2, CTRL_PCI_EXPANDER, "00:09.0");
    remember_controller(3, CTRL_PCI_BRIDGE, "02:04.0");
    undo(&w);
    ck_assert_str_eq(device_places(&w), "0:1f.0 2:00.0 3:01.0");
}
END_TEST

/* An expander without anything takes no I/O space, as libvirt's bridge would. */
START_TEST(an_index_that_is_left_is_taken)
{
    add_marked_expander(1, "00:1e.0");
    add_marked_expander(2, "00:1f.0");
    add_controller(&w, 3, CTRL_PCI_BRIDGE, "00:09.0");
    assign(1, 1);
    plan_or_fail(&w);
    ck_assert_uint_eq(w.plan->controllers.count, 2);
    ck_assert_int_eq(expander(&w, 1)->model, CTRL_PCI_EXPANDER);
    ck_assert(expander(&w, 1)->filler);
    ck_assert_uint_eq(expander(&w, 1)->index, 2);
    ck_assert_str_eq(expander(&w, 1)->alias, "ua-vtopo-gap-2");
    ck_assert_uint_eq(budget_of(&w, "I/O windows")->used, 1);
    rewrite(&w);
    plan_or_fail(&w);
    ck_assert(w.plan->realised);
}
END_TEST

/* Below 4 GiB are 3 of RAM; what is below an expander is behind the bridge in it. */
START_TEST(large_bars_are_counted)
{
    w.domain.memory_kib = UINT64_C(16) << 20;
    for (unsigned i = 0; i < GPUS; i++) {
        char host[32];

        snprintf(host, sizeof(host), "0000:%02x:00.0", 0x41 + i);
        function_of(&w, host)->bars[0] =
            (struct host_bar){.size = UINT64_C(64) << 30, .wide = true, .prefetch = true};
    }
    assign(1, GPUS);
    plan_or_fail(&w);
    ck_assert(w.plan->space.there);
    ck_assert_uint_eq(w.plan->space.ram_end, UINT64_C(17) << 30);
    ck_assert_uint_eq(w.plan->space.need, UINT64_C(256) << 30);
    w.domain.firmware = FIRMWARE_OVMF;
    w.policy.ovmf_version = 2022011000;
    w.domain.phys_bits = 40;
    refused("64-bit MMIO: 262144 MiB needed, 32768 MiB available; with -fw_cfg "
            "name=opt/ovmf/X-PciMmio64Mb,string=262144");
}
END_TEST

START_TEST(slots_are_those_of_its_bus)
{
    assign(1, 1);
    plan_or_fail(&w);
    ck_assert_uint_eq(budget_of(&w, "slots on pci.0")->available, 32);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("conventional");
    TCase *tcase = tcase_create("conventional");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup_pc, teardown);
    tcase_add_test(tcase, an_expander_has_a_slot_for_each_card);
    tcase_add_test(tcase, more_cards_than_slots_get_another_expander);
    tcase_add_test(tcase, a_mirror_asked_for_by_name_is_conceded);
    tcase_add_test(tcase, what_it_does_not_have_is_not_there);
    tcase_add_test(tcase, what_is_unplugged_stays);
    tcase_add_test(tcase, a_domain_without_addresses_is_left_alone);
    tcase_add_test(tcase, expanders_of_others_keep_their_ranges);
    tcase_add_test(tcase, all_places_are_gone_back_to);
    tcase_add_test(tcase, an_index_that_is_left_is_taken);
    tcase_add_test(tcase, large_bars_are_counted);
    tcase_add_test(tcase, slots_are_those_of_its_bus);
    return run_suite(suite);
}
