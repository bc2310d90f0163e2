/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_stock.c - what of a host can be given away, what holds it, and how far things are apart
 */
#include "place_world.h"

static struct stock stock;

static void make(const struct owners *owners, size_t vfs)
{
    stock_clear(&stock);
    ck_assert(stock_make(&w.host, owners, vfs, &stock));
}

static void clear(void)
{
    stock_clear(&stock);
    teardown();
}

/* A world with these functions in place of the usual ones, of which each has an IOMMU group. */
static void other_host(const struct row *rows, size_t count)
{
    world_clear(&w);
    world_init(&w);
    add_nodes(&w, 2, 8);
    add_functions(&w, rows, count);
    for (size_t i = 0; i < w.host.functions.count; i++)
        w.host.functions.items[i].iommu_group = (int)i;
}

static size_t item_of(const char *host)
{
    size_t function = (size_t)(function_of(&w, host) - w.host.functions.items);

    for (size_t i = 0; i < stock.items.count; i++) {
        if (stock.items.items[i].function == function)
            return i;
    }
    return HOST_NONE;
}

static const struct stock_unit *unit_of(const char *host)
{
    size_t item = item_of(host);

    ck_assert_msg(item != HOST_NONE, "%s is no item", host);
    return &stock.units.items[stock.items.items[item].unit];
}

static enum hold hold_of(const char *host)
{
    return stock.holds[function_of(&w, host) - w.host.functions.items];
}

/* --- items and units --- */

START_TEST(gpus_and_nics)
{
    make(NULL, 0);
    ck_assert_uint_eq(stock.items.count, 6 + 5);
    ck_assert_uint_eq(stock.units.count, 6 + 5);
    ck_assert_uint_eq(unit_of("43:00.0")->gpus, 1);
    ck_assert_uint_eq(unit_of("43:00.0")->nics, 0);
    ck_assert_uint_eq(unit_of("45:00.0")->nics, 1);
    ck_assert_uint_eq(item_of("42:00.0"), HOST_NONE);
}
END_TEST

START_TEST(functions_of_a_group)
{
    static const struct row rows[] = {
        {"40:01.0", NULL, PORT_ROOT, 0},
        {"41:00.0", "40:01.0", PORT_NONE, 0, GPU},
        {"41:00.1", "40:01.0", PORT_NONE, 0, AUDIO},
        {"40:02.0", NULL, PORT_ROOT, 0},
        {"42:00.0", "40:02.0", PORT_NONE, 0, AUDIO},
    };

    other_host(rows, sizeof(rows) / sizeof(*rows));
    group(100, "40:01.0", "41:00.0", "41:00.1", NULL);
    make(NULL, 0);
    ck_assert_uint_eq(stock.units.count, 1);
    ck_assert_uint_eq(unit_of("41:00.0")->count, 2);
}
END_TEST

/* Before the IOMMU is on: the functions of a graphics card, and each of a NIC alone. */
START_TEST(functions_without_a_group)
{
    static const struct row rows[] = {
        {"40:01.0", NULL, PORT_ROOT, 0},
        {"41:00.0", "40:01.0", PORT_NONE, 0, GPU},
        {"41:00.1", "40:01.0", PORT_NONE, 0, AUDIO},
        {"40:02.0", NULL, PORT_ROOT, 0},
        {"42:00.0", "40:02.0", PORT_NONE, 0, NIC},
        {"42:00.1", "40:02.0", PORT_NONE, 0, NIC},
    };

    other_host(rows, sizeof(rows) / sizeof(*rows));
    for (size_t i = 0; i < w.host.functions.count; i++)
        w.host.functions.items[i].iommu_group = -1;
    make(NULL, 0);
    ck_assert_uint_eq(stock.units.count, 3);
    ck_assert_uint_eq(unit_of("41:00.0")->count, 2);
    ck_assert_uint_eq(unit_of("42:00.1")->count, 1);
}
END_TEST

/* --- virtual functions --- */

static const struct row with_vfs[] = {
    {"40:01.0", NULL, PORT_ROOT, 0},
    {"41:00.0", "40:01.0", PORT_NONE, 0, NIC},
    {"41:00.1", "40:01.0", PORT_NONE, 0, NIC, "41:00.0"},
    {"41:00.2", "40:01.0", PORT_NONE, 0, NIC, "41:00.0"},
    {"41:00.3", "40:01.0", PORT_NONE, 0, NIC, "41:00.0"},
    {"40:02.0", NULL, PORT_ROOT, 0},
    {"42:00.0", "40:02.0", PORT_NONE, 0, GPU},
    {"42:00.4", "40:02.0", PORT_NONE, 0, GPU, "42:00.0", 0x10de, 0x20f1},
};

START_TEST(virtual_functions_are_nics)
{
    other_host(with_vfs, sizeof(with_vfs) / sizeof(*with_vfs));
    make(NULL, 8);
    ck_assert_uint_eq(stock.items.count, 5);
    ck_assert_int_eq(hold_of("41:00.0"), HOLD_VFS);
    ck_assert_int_eq(hold_of("41:00.1"), HOLD_NONE);
    ck_assert_int_eq(hold_of("42:00.0"), HOLD_VFS);
    ck_assert_uint_eq(item_of("42:00.4"), HOST_NONE);
    ck_assert_uint_eq(stock.items.items[item_of("41:00.1")].card,
                      stock.items.items[item_of("41:00.0")].card);
}
END_TEST

START_TEST(no_more_virtual_functions_than_are_of_use)
{
    other_host(with_vfs, sizeof(with_vfs) / sizeof(*with_vfs));
    bind("41:00.1", "mlx5_core");
    function_of(&w, "41:00.1")->use = HOST_USE_UP;
    make(NULL, 1);
    ck_assert_uint_ne(item_of("41:00.1"), HOST_NONE);
    ck_assert_uint_ne(item_of("41:00.2"), HOST_NONE);
    ck_assert_uint_eq(item_of("41:00.3"), HOST_NONE);
}
END_TEST

/* --- holds --- */

START_TEST(drivers)
{
    static const char *const free_ones[] = {"vfio-pci", "mlx5_vfio_pci", "pci-stub"};

    for (size_t i = 0; i < sizeof(free_ones) / sizeof(*free_ones); i++) {
        bind("43:00.0", free_ones[i]);
        make(NULL, 0);
        ck_assert_int_eq(hold_of("43:00.0"), HOLD_NONE);
    }
    bind("43:00.0", "nvidia");
    make(NULL, 0);
    ck_assert_int_eq(hold_of("43:00.0"), HOLD_DRIVER);
    ck_assert_int_eq(unit_of("43:00.0")->hold, HOLD_DRIVER);
}
END_TEST

START_TEST(uses)
{
    use("45:00.0", HOST_USE_NONE);
    use("54:00.0", HOST_USE_UP);
    use("66:00.0", HOST_USE_ROUTE);
    use("68:00.0", HOST_USE_UNKNOWN);
    make(NULL, 0);
    ck_assert_int_eq(hold_of("45:00.0"), HOLD_NONE);
    ck_assert_int_eq(hold_of("54:00.0"), HOLD_USE);
    ck_assert_int_eq(hold_of("66:00.0"), HOLD_USE);
    ck_assert_int_eq(hold_of("68:00.0"), HOLD_DRIVER);
}
END_TEST

/* It may be without a driver, because the firmware's framebuffer has it. */
START_TEST(console)
{
    function_of(&w, "43:00.0")->use = HOST_USE_CONSOLE;
    function_of(&w, "44:00.0")->use = HOST_USE_CONSOLE;
    bind("44:00.0", "vfio-pci");
    make(NULL, 0);
    ck_assert_int_eq(hold_of("43:00.0"), HOLD_USE);
    ck_assert_int_eq(hold_of("44:00.0"), HOLD_NONE);
}
END_TEST

START_TEST(companions)
{
    static const struct row rows[] = {
        {"40:01.0", NULL, PORT_ROOT, 0},
        {"41:00.0", "40:01.0", PORT_NONE, 0, GPU},
        {"41:00.1", "40:01.0", PORT_NONE, 0, AUDIO},
        {"41:00.2", "40:01.0", PORT_NONE, 0, 0x0c0330},
        {"40:02.0", NULL, PORT_ROOT, 0},
        {"42:00.0", "40:02.0", PORT_NONE, 0, 0x0c0330},
        {"40:03.0", NULL, PORT_ROOT, 0},
        {"43:00.0", "40:03.0", PORT_NONE, 0, 0x010802},
    };

    other_host(rows, sizeof(rows) / sizeof(*rows));
    bind("41:00.1", "snd_hda_intel");
    bind("41:00.2", "xhci_hcd");
    bind("42:00.0", "xhci_hcd");
    bind("43:00.0", "nvme");
    group(100, "41:00.0", "41:00.1", "41:00.2", NULL);
    make(NULL, 0);
    ck_assert_int_eq(unit_of("41:00.0")->hold, HOLD_NONE);
    group(100, "42:00.0", NULL);
    make(NULL, 0);
    ck_assert_int_eq(unit_of("41:00.0")->hold, HOLD_USE);
    ck_assert_uint_eq(unit_of("41:00.0")->holder,
                      (size_t)(function_of(&w, "42:00.0") - w.host.functions.items));
    group(101, "42:00.0", NULL);
    group(100, "43:00.0", NULL);
    make(NULL, 0);
    ck_assert_int_eq(unit_of("41:00.0")->hold, HOLD_USE);
}
END_TEST

START_TEST(vms)
{
    struct owner items[] = {{"0000:43:00.0", "a", false, true}, {"0000:44:00.0", "b", true, false}};
    struct owners owners = {items, 2};

    bind("43:00.0", "nvidia");
    make(&owners, 0);
    ck_assert_int_eq(hold_of("43:00.0"), HOLD_DEFINED);
    ck_assert_int_eq(hold_of("44:00.0"), HOLD_RUNNING);
    ck_assert_int_eq(hold_of("53:00.0"), HOLD_NONE);
}
END_TEST

START_TEST(mediated)
{
    add_mdev(&w, "c0f1a7d2-6e35-4b89-9d44-1f2e3d4c5b03", "43:00.0");
    add_vdpa(&w, "vdpa0", "45:00.0");
    make(NULL, 0);
    ck_assert_int_eq(hold_of("43:00.0"), HOLD_MEDIATED);
    ck_assert_int_eq(hold_of("45:00.0"), HOLD_MEDIATED);
}
END_TEST

/* --- distances --- */

static unsigned distance(const char *one, const char *other)
{
    return stock_distance(&stock, item_of(one), item_of(other));
}

START_TEST(distances)
{
    make(NULL, 0);
    ck_assert_uint_eq(distance("43:00.0", "44:00.0"), DISTANCE_SWITCH);
    ck_assert_uint_eq(distance("68:00.0", "68:00.1"), DISTANCE_SWITCH);
    ck_assert_uint_eq(distance("66:00.0", "68:00.0"), DISTANCE_ROOT);
    ck_assert_uint_eq(distance("43:00.0", "53:00.0"), DISTANCE_NODE);
    ck_assert_uint_eq(distance("43:00.0", "63:00.0"), DISTANCE_NODES + 10);
    ck_assert_uint_eq(distance("63:00.0", "43:00.0"), DISTANCE_NODES + 10);
}
END_TEST

START_TEST(distances_below_several_switches)
{
    static const struct row rows[] = {
        {"40:01.0", NULL, PORT_ROOT, 0},
        {"41:00.0", "40:01.0", PORT_UPSTREAM, 0},
        {"42:00.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"42:01.0", "41:00.0", PORT_DOWNSTREAM, 0},
        {"43:00.0", "42:00.0", PORT_UPSTREAM, 0},
        {"44:00.0", "43:00.0", PORT_DOWNSTREAM, 0},
        {"45:00.0", "44:00.0", PORT_NONE, 0, GPU},
        {"46:00.0", "42:01.0", PORT_NONE, 0, NIC},
    };

    other_host(rows, sizeof(rows) / sizeof(*rows));
    make(NULL, 0);
    ck_assert_uint_eq(distance("45:00.0", "46:00.0"), DISTANCE_SWITCHES);
}
END_TEST

START_TEST(distances_that_nobody_knows)
{
    function_of(&w, "43:00.0")->node = -1;
    make(NULL, 0);
    ck_assert_uint_eq(distance("43:00.0", "63:00.0"), DISTANCE_NODES + 245);
    ck_assert_uint_eq(distance("43:00.0", "53:00.0"), DISTANCE_NODES + 245);
    ck_assert_uint_eq(distance("43:00.0", "44:00.0"), DISTANCE_SWITCH);
    ck_assert_uint_eq(stock.items.items[item_of("43:00.0")].node, HOST_NONE);
    ck_assert_int_eq(distance_level(DISTANCE_NODES + 245), DISTANCE_NODES);
    ck_assert_int_eq(distance_level(DISTANCE_SWITCHES), DISTANCE_SWITCHES);
}
END_TEST

/* Not for hundreds of NICs. */
START_TEST(no_gpu_is_left_out)
{
    static struct row rows[STOCK_MAX + 2];
    static char texts[STOCK_MAX + 1][BDF_TEXT_SIZE];

    for (unsigned i = 0; i < STOCK_MAX + 1; i++) {
        const struct bdf bdf = {i / 32, 0, (uint8_t)(i % 32), 0};

        rows[i] =
            (struct row){bdf_format(&bdf, texts[i]), NULL, PORT_NONE, 0, i < STOCK_MAX ? NIC : GPU};
    }
    rows[STOCK_MAX + 1] = (struct row){"ffff:01:01.0", NULL, PORT_ROOT, 0};
    other_host(rows, sizeof(rows) / sizeof(*rows));
    bind(texts[STOCK_MAX], "nvidia");
    make(NULL, 0);
    ck_assert_uint_eq(stock.items.count, STOCK_MAX);
    ck_assert_uint_eq(stock.left_out, 1);
    ck_assert(stock.items.items[STOCK_MAX - 1].gpu);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("stock");
    TCase *tcase = tcase_create("stock");

    tcase_add_checked_fixture(tcase, setup, clear);
    tcase_add_test(tcase, gpus_and_nics);
    tcase_add_test(tcase, functions_of_a_group);
    tcase_add_test(tcase, functions_without_a_group);
    tcase_add_test(tcase, virtual_functions_are_nics);
    tcase_add_test(tcase, no_more_virtual_functions_than_are_of_use);
    tcase_add_test(tcase, drivers);
    tcase_add_test(tcase, uses);
    tcase_add_test(tcase, console);
    tcase_add_test(tcase, companions);
    tcase_add_test(tcase, vms);
    tcase_add_test(tcase, mediated);
    tcase_add_test(tcase, distances);
    tcase_add_test(tcase, distances_below_several_switches);
    tcase_add_test(tcase, distances_that_nobody_knows);
    tcase_add_test(tcase, no_gpu_is_left_out);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
