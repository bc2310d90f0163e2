/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_explain.c - a plan for people and for programs
 *
 * The plans are made by hand, so that a change of the planner does not change what is expected
 * here. Expected texts are files in expected/; VTOPO_UPDATE=1 in the environment rewrites them.
 */
#include "model/pci_class.h"
#include "plan/ground/extract.h"
#include "report/explain.h"
#include "report/json_plan.h"

#include "suite.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPECTED TEST_DATA "/unit/expected/"

static struct bdf bdf(const char *text)
{
    struct bdf parsed;

    ck_assert_msg(bdf_parse(text, &parsed), "bad BDF in a test: %s", text);
    return parsed;
}

/* Host functions in the order of the tests; the planner's order does not matter to what is tested
 * here. */
static size_t add_function(struct vtopo_host *host, const char *text, size_t parent,
                           enum port_kind port, uint16_t vendor, uint16_t device,
                           uint32_t class_code)
{
    struct host_function *function = vec_add(&host->functions);

    ck_assert_ptr_nonnull(function);
    *function = (struct host_function){
        .bdf = bdf(text),
        .parent = parent,
        .port = port,
        .vendor = vendor,
        .device = device,
        .class_code = class_code,
        .iommu_group = port == PORT_NONE ? 10 + (int)host->functions.count : -1};
    return host->functions.count - 1;
}

/* Root complexes 40 (a switch with a GPU of two functions and a NIC; a lone VF) and c0 (a disk). */
enum { ROOT_40, UP, DOWN_0, DOWN_1, GPU, SOUND, NIC, ROOT_VF, VF, ROOT_C0, NVME, LONE };

/* PCI Express at 0x40, ACS at 0x100: its control register is at 0x106. */
static void add_acs_capability(struct host_function *port, unsigned char config[0x108],
                               unsigned char control)
{
    config[0x06] = 0x10;
    config[0x34] = 0x40;
    config[0x40] = 0x10;
    config[0x100] = 0x0d;
    config[0x102] = 0x01;
    config[0x106] = control;
    port->config = config;
    port->config_size = 0x108;
}

static void make_host(struct vtopo_host *host)
{
    static unsigned char redirecting[0x108], direct[0x108];

    *host = (struct vtopo_host){0};
    add_function(host, "40:01.0", HOST_NONE, PORT_ROOT, 0x8086, 0x347a, 0x060400);
    add_function(host, "41:00.0", ROOT_40, PORT_UPSTREAM, 0x1000, 0xc030, 0x060400);
    add_function(host, "42:00.0", UP, PORT_DOWNSTREAM, 0x1000, 0xc030, 0x060400);
    add_function(host, "42:01.0", UP, PORT_DOWNSTREAM, 0x1000, 0xc030, 0x060400);
    add_function(host, "43:00.0", DOWN_0, PORT_NONE, 0x10de, 0x2235, 0x030200);
    add_function(host, "43:00.1", DOWN_0, PORT_NONE, 0x10de, 0x22ba, 0x040300);
    add_function(host, "44:00.0", DOWN_1, PORT_NONE, 0x15b3, 0x1021, 0x020700);
    add_function(host, "40:03.0", HOST_NONE, PORT_ROOT, 0x8086, 0x347a, 0x060400);
    add_function(host, "47:00.2", ROOT_VF, PORT_NONE, 0x15b3, 0x101e, 0x020000);
    add_function(host, "10000:c0:01.0", HOST_NONE, PORT_ROOT, 0x8086, 0x347a, 0x060400);
    add_function(host, "10000:c1:00.0", ROOT_C0, PORT_NONE, 0x144d, 0xa80a, 0x010802);
    add_function(host, "00:02.0", HOST_NONE, PORT_NONE, 0x8086, 0x4680, 0x030000);
    host->functions.items[VF].is_vf = true;
    host->functions.items[GPU].link_now = (struct host_link){25, 16};
    host->functions.items[GPU].link_max = (struct host_link){160, 16};
    host->functions.items[NIC].link_now = host->functions.items[NIC].link_max =
        (struct host_link){320, 8};
    add_acs_capability(&host->functions.items[DOWN_0], redirecting, 0x1d);
    add_acs_capability(&host->functions.items[DOWN_1], direct, 0x5d);
}

static void add_named(struct domain *domain, enum device_kind kind, const char *label)
{
    struct domain_device *device = vec_add(&domain->devices);

    ck_assert_ptr_nonnull(device);
    *device = (struct domain_device){
        .kind = kind, .label = strdup(label), .line = (long)(50 + domain->devices.count)};
}

static void make_domain(struct domain *domain)
{
    *domain = (struct domain){.name = strdup("vm1")};
    add_named(domain, DEVICE_OTHER, "disk vda");
    add_named(domain, DEVICE_HOSTDEV_PCI, "hostdev 0000:43:00.0");
    add_named(domain, DEVICE_HOSTDEV_PCI, "hostdev 0000:43:00.1");
    add_named(domain, DEVICE_HOSTDEV_PCI, "hostdev 0000:44:00.0");
    add_named(domain, DEVICE_INTERFACE_HOSTDEV, "interface 52:54:00:00:00:01");
    add_named(domain, DEVICE_HOSTDEV_PCI, "hostdev 10000:c1:00.0");
    add_named(domain, DEVICE_HOSTDEV_PCI, "hostdev 0000:00:02.0");
    add_named(domain, DEVICE_INTERFACE_NETWORK, "interface 52:54:00:00:00:02");
}

static size_t add_controller(struct vtopo_plan *plan, enum controller_model model, size_t parent,
                             const char *guest)
{
    struct plan_controller *controller = vec_add(&plan->controllers);
    size_t place = plan->controllers.count - 1;

    ck_assert_ptr_nonnull(controller);
    *controller = (struct plan_controller){
        .model = model,
        .index = (unsigned)place + 10,
        .parent = parent,
        .parent_index = parent == PLAN_NONE ? 0 : (unsigned)parent + 10,
        .guest = bdf(guest),
        .slot = bdf(guest).slot,
        .alias = mem_printf("ua-vtopo-%zu", place),
        .chassis = (unsigned)place + 10,
        .cell = -1,
        .node = -1,
    };
    return place;
}

static size_t add_expander(struct vtopo_plan *plan, const char *guest, unsigned bus, unsigned buses,
                           int cell)
{
    size_t place = add_controller(plan, CTRL_EXPANDER, PLAN_NONE, guest);
    struct plan_controller *expander = &plan->controllers.items[place];

    expander->bus_nr = bus;
    expander->buses = buses;
    expander->cell = cell;
    expander->node = cell;
    return place;
}

static size_t add_card(struct vtopo_plan *plan, size_t port, const char *host, const char *root,
                       int node, int cell)
{
    struct plan_card *card = vec_add(&plan->cards);

    ck_assert_ptr_nonnull(card);
    *card = (struct plan_card){.port = port,
                               .host = bdf(host),
                               .root = bdf(root),
                               .node = node,
                               .cell = cell,
                               .first_device = plan->devices.count};
    return plan->cards.count - 1;
}

static struct plan_device *add_device(struct vtopo_plan *plan, size_t device, size_t function,
                                      const char *host, const char *before)
{
    struct plan_device *added = vec_add(&plan->devices);

    ck_assert_ptr_nonnull(added);
    *added = (struct plan_device){.device = device,
                                  .function = function,
                                  .fate = FATE_STAYS,
                                  .card = PLAN_NONE,
                                  .host = bdf(host)};
    if (before) {
        added->before_known = true;
        added->guest_before = bdf(before);
        added->before = (struct address){ADDRESS_PCI, bdf(before), -1};
    }
    return added;
}

static void move_device(const struct vtopo_plan *plan, struct plan_device *device, size_t card,
                        const char *after)
{
    device->fate = FATE_MOVED;
    device->card = card;
    device->after_known = device->shows_link = true;
    device->guest_after = bdf(after);
    device->guest_function = bdf(after).function;
    device->after = (struct address){ADDRESS_PCI, bdf(after), 0};
    device->after.at.bus = (uint8_t)plan->controllers.items[plan->cards.items[card].port].index;
}

static void add_budgets(struct vtopo_plan *plan)
{
    const struct plan_budget budgets[] = {
        {"slots on pcie.0", 7, 27, false, false},
        {"bus numbers", 12, 255, false, false},
        {"32-bit MMIO", 33 * 1024 * 1024 + 512 * 1024, 1024 * 1024 * 1024, true, false},
        {"64-bit MMIO", 0x1000000000, 0, true, true, "nobody says how much there is"},
    };

    for (size_t i = 0; i < sizeof(budgets) / sizeof(*budgets); i++) {
        struct plan_budget *budget = vec_add(&plan->budgets);

        ck_assert_ptr_nonnull(budget);
        *budget = budgets[i];
    }
}

/* Mirror switch: two expanders, a switch, a spare port. */
static void make_plan(struct vtopo_plan *plan)
{
    size_t expander, port, upstream, card;

    *plan = (struct vtopo_plan){.mirror = MIRROR_SWITCH};
    expander = add_expander(plan, "00:1e.0", 0x20, 8, 0);
    plan->controllers.items[expander].has_root = true;
    plan->controllers.items[expander].root = bdf("40:00.0");
    port = add_controller(plan, CTRL_ROOT_PORT, expander, "20:00.0");
    upstream = add_controller(plan, CTRL_UPSTREAM, port, "21:00.0");
    plan->controllers.items[upstream].has_switch = true;
    plan->controllers.items[upstream].switch_bdf = bdf("41:00.0");
    port = add_controller(plan, CTRL_DOWNSTREAM, upstream, "22:00.0");
    plan->controllers.items[port].hotplug_off = true;
    card = add_card(plan, port, "43:00.0", "40:00.0", 0, 0);
    move_device(plan, add_device(plan, 1, GPU, "43:00.0", "05:00.0"), card, "23:00.0");
    move_device(plan, add_device(plan, 2, SOUND, "43:00.1", "06:00.0"), card, "23:00.1");
    port = add_controller(plan, CTRL_DOWNSTREAM, upstream, "22:01.0");
    card = add_card(plan, port, "44:00.0", "40:00.0", 0, 0);
    move_device(plan, add_device(plan, 3, NIC, "44:00.0", "07:00.0"), card, "24:00.0");
    port = add_controller(plan, CTRL_ROOT_PORT, expander, "20:01.0");
    card = add_card(plan, port, "47:00.2", "40:00.0", 0, 0);
    move_device(plan, add_device(plan, 4, VF, "47:00.2", NULL), card, "25:00.0");
    expander = add_expander(plan, "00:1d.0", 0x30, 3, -1);
    port = add_controller(plan, CTRL_ROOT_PORT, expander, "30:00.0");
    card = add_card(plan, port, "10000:c1:00.0", "10000:c0:00.0", -1, -1);
    move_device(plan, add_device(plan, 5, NVME, "10000:c1:00.0", "08:00.0"), card, "31:00.0");
    port = add_controller(plan, CTRL_ROOT_PORT, 0, "20:02.0");
    plan->controllers.items[port].spare = true;
    add_device(plan, 6, LONE, "00:02.0", "00:02.0");
    add_device(plan, 7, HOST_NONE, "00:00.0", "03:00.0");
    add_budgets(plan);
    ck_assert(finding_add(&plan->findings, FINDING_RANGES, "domain",
                          "an info, which is printed behind the warnings"));
    ck_assert(finding_add(&plan->findings, FINDING_NODE_WITHOUT_CELL, "0000:c1:00.0", "%s",
                          "node 1 has no cell in the guest; its devices get a host bridge "
                          "of their own without a node; cell 0 would be the nearest: policy "
                          "unmapped_node \"nearest\" takes it"));
    ck_assert(finding_add(&plan->findings, FINDING_NO_CELLS, "domain",
                          "these elements fit:\n<numa>\n  <cell id='0'/>\n</numa>"));
}

/* Mirror numa: one expander for two root complexes whose cards come in turns. */
static void make_numa_plan(struct vtopo_plan *plan)
{
    static const struct {
        size_t device, function;
        const char *host, *root, *before, *port, *after;
    } cards[] = {
        {1, GPU, "43:00.0", "40:00.0", "05:00.0", "20:00.0", "21:00.0"},
        {5, NVME, "10000:c1:00.0", "10000:c0:00.0", "06:00.0", "20:01.0", "22:00.0"},
        {4, VF, "47:00.2", "40:00.0", "07:00.0", "20:02.0", "23:00.0"},
    };
    size_t expander;

    *plan = (struct vtopo_plan){.mirror = MIRROR_NUMA, .realised = true};
    expander = add_expander(plan, "00:1e.0", 0x20, 4, 1);
    for (size_t i = 0; i < sizeof(cards) / sizeof(*cards); i++) {
        size_t port = add_controller(plan, CTRL_ROOT_PORT, expander, cards[i].port);
        size_t card = add_card(plan, port, cards[i].host, cards[i].root, 0, 1);

        move_device(
            plan,
            add_device(plan, cards[i].device, cards[i].function, cards[i].host, cards[i].before),
            card, cards[i].after);
    }
}

static void clear_plan(struct vtopo_plan *plan)
{
    for (size_t i = 0; i < plan->controllers.count; i++)
        free(plan->controllers.items[i].alias);
    free(plan->controllers.items);
    free(plan->cards.items);
    free(plan->devices.items);
    free(plan->budgets.items);
    findings_clear(&plan->findings);
    host_clear(&plan->extract.host);
    domain_clear(&plan->extract.domain);
}

static void clear_sources(struct vtopo_host *host, struct domain *domain)
{
    free(host->functions.items);
    for (size_t i = 0; i < domain->devices.count; i++)
        free(domain->devices.items[i].label);
    free(domain->devices.items);
    free(domain->name);
}

static void expect_file(const char *text, const char *name)
{
    char path[4096], expected[65536];
    FILE *file;
    size_t length;

    snprintf(path, sizeof(path), EXPECTED "%s", name);
    if (getenv("VTOPO_UPDATE")) {
        file = fopen(path, "w");
        ck_assert_ptr_nonnull(file);
        fputs(text, file);
        fclose(file);
    }
    file = fopen(path, "r");
    ck_assert_msg(file != NULL, "no file %s", path);
    length = fread(expected, 1, sizeof(expected) - 1, file);
    fclose(file);
    expected[length] = '\0';
    ck_assert_msg(!strcmp(text, expected), "is not as in %s:\n%s", name, text);
}

/* A plan owns what is printed of it: host and domain are gone by then. */
static void make_whole(void (*make)(struct vtopo_plan *), struct vtopo_plan *plan)
{
    struct vtopo_host host;
    struct domain domain;

    make_host(&host);
    make_domain(&domain);
    make(plan);
    ck_assert(plan_extract_make(&host, &domain, &domain, plan));
    clear_sources(&host, &domain);
}

static void expect_tree(void (*make)(struct vtopo_plan *), bool colour, const char *name)
{
    struct vtopo_plan plan;
    char *text = NULL;

    make_whole(make, &plan);
    ck_assert_int_eq(explain_plan(&plan, colour, &text, NULL), 0);
    expect_file(text, name);
    free(text);
    clear_plan(&plan);
}

static void make_unchanged(struct vtopo_plan *plan)
{
    *plan = (struct vtopo_plan){.outcome = PLAN_UNCHANGED};
    ck_assert(finding_add(&plan->findings, FINDING_MACHINE, "domain", "machine type is virt"));
}

static void make_empty(struct vtopo_plan *plan)
{
    *plan = (struct vtopo_plan){.mirror = MIRROR_EXACT};
}

START_TEST(test_tree)
{
    expect_tree(make_plan, false, "explain-switch.txt");
    expect_tree(make_numa_plan, false, "explain-numa.txt");
    expect_tree(make_unchanged, false, "explain-unchanged.txt");
    expect_tree(make_empty, false, "explain-empty.txt");
}
END_TEST

START_TEST(test_colours_change_nothing_else)
{
    expect_tree(make_plan, true, "explain-colour.txt");
}
END_TEST

static void expect_json(void (*make)(struct vtopo_plan *), const char *name)
{
    struct vtopo_plan plan;
    char *text = NULL;

    make_whole(make, &plan);
    ck_assert_int_eq(plan_to_json(&plan, &text, NULL), 0);
    expect_file(text, name);
    free(text);
    clear_plan(&plan);
}

START_TEST(test_json)
{
    expect_json(make_plan, "plan-switch.json");
    expect_json(make_unchanged, "plan-unchanged.json");
}
END_TEST

START_TEST(test_class_words)
{
    ck_assert_str_eq(class_word(0x030200), "3D controller");
    ck_assert_str_eq(class_word(0x010802), "NVMe controller");
    ck_assert_str_eq(class_word(0x020000), "Ethernet controller");
    ck_assert_str_eq(class_word(0x028000), "network controller");
    ck_assert_str_eq(class_word(0x0c0330), "USB controller");
    ck_assert_str_eq(class_word(0x120000), "accelerator");
    ck_assert_str_eq(class_word(0x000000), "device");
    ck_assert_str_eq(class_word(0xff0000), "device");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        test_tree,
        test_colours_change_nothing_else,
        test_json,
        test_class_words,
    };
    Suite *suite = suite_create("explain");
    TCase *tcase = tcase_create("explain");

    for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
