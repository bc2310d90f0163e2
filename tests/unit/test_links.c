/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_links.c - which links are written into guest ports, and where the guest sees them */
#include "links_world.h"

/* The overrides of the port that a card hangs on: "driver=cxl-downstream x-speed=32 x-width=16". */
static const char *overrides(const char *alias)
{
    free(w.text);
    w.text = strdup("");
    for (size_t i = 0; i < w.plan->overrides.count; i++) {
        const struct plan_override *o = &w.plan->overrides.items[i];

        if (!strcmp(o->alias, alias))
            text_append(&w.text, "%s%s=%s", *w.text ? " " : "", o->name, o->value);
    }
    return w.text;
}

START_TEST(what_is_written)
{
    assign_all();
    set_link("57:00.0", 25, 1);
    plan_or_fail(&w);
    ck_assert_str_eq(overrides("ua-vtopo-rp-0000-41-00-0"), "x-speed=32 x-width=16");
    ck_assert_str_eq(overrides("ua-vtopo-up-0000-51-00-0"),
                     "driver=cxl-upstream x-speed=32 x-width=16");
    ck_assert_str_eq(overrides("ua-vtopo-dp-0000-57-00-0"),
                     "driver=cxl-downstream x-speed=2_5 x-width=1");
}
END_TEST

START_TEST(nothing_is_written_unasked)
{
    w.policy.links = LINKS_STOCK;
    assign_all();
    plan_or_fail(&w);
    ck_assert_uint_eq(w.plan->overrides.count, 0);
}
END_TEST

static const struct {
    const char *machine;
    unsigned qemu, libvirt;
    bool written;
} versions[] = {
    {"pc-q35-10.0", 0, 0, true},        {"pc-q35-11.1", 0, 0, true},
    {"pc-q35-9.2", 0, 0, false},        {"q35", 0, 0, false},
    {"pc-q35-rhel9.6.0", 0, 0, false},  {"pc-q35-noble", 0, 0, false},
    {"pc-q35-", 0, 0, false},           {"q35", 10000000, 0, true},
    {"pc-q35-9.2", 10002000, 0, true},  {"q35", 9002000, 0, false},
    {"pc-q35-10.0", 0, 8004000, false}, {"pc-q35-10.0", 0, 8005000, true},
};

START_TEST(qemu_has_to_be_known)
{
    add_hostdev(&w, "41:00.0", NULL);
    free(w.domain.machine);
    w.domain.machine = strdup(versions[_i].machine);
    w.policy.qemu_version = versions[_i].qemu;
    w.policy.libvirt_version = versions[_i].libvirt;
    ck_assert_str_eq(links(), versions[_i].written ? "rp 320x16" : "rp 0x0");
    ck_assert_uint_eq(findings_of(&w, FINDING_LINKS_UNPROVEN), !versions[_i].written);
}
END_TEST

/* Root port, downstream port; a PCIe-to-PCI bridge; the root bus. */
START_TEST(links_are_seen_below_pcie_ports_only)
{
    static const bool seen[] = {true, true, false, false};

    assign_all();
    add_wish(&w, "56:00.0")->attach_pci = 1;
    w.domain.devices.items[3].address = (struct address){ADDRESS_PCI, {0, 0, 9, 0}, -1};
    add_wish(&w, "57:00.0")->keep = 1;
    plan_or_fail(&w);
    for (size_t i = 0; i < w.plan->devices.count; i++)
        ck_assert_int_eq(w.plan->devices.items[i].shows_link, seen[i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("links");
    TCase *tcase = tcase_create("links");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, what_is_written);
    tcase_add_test(tcase, nothing_is_written_unasked);
    tcase_add_loop_test(tcase, qemu_has_to_be_known, 0, sizeof(versions) / sizeof(*versions));
    tcase_add_test(tcase, links_are_seen_below_pcie_ports_only);
    return run_suite(suite);
}
