/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_prepare.c - which devices are prepared, how they come to vfio-pci, what the kernel is told
 */
#include "place_world.h"

#include "prepare/prepare.h"

#include <stdlib.h>

static struct prepare prepare;

static int make(const char *command_line, const char *first, ...)
{
    const char *names[8];
    size_t count = 0;
    va_list ap;
    int r;

    va_start(ap, first);
    for (const char *name = first; name; name = va_arg(ap, const char *))
        names[count++] = name;
    va_end(ap);
    prepare_clear(&prepare);
    vtopo_error_free(w.error);
    w.error = NULL;
    r = prepare_make(&w.host, names, count, command_line, &prepare, &w.error);
    return r;
}

static void clear(void)
{
    prepare_clear(&prepare);
    teardown();
}

static const char *short_name(size_t function)
{
    static char text[BDF_TEXT_SIZE];

    return bdf_format(&w.host.functions.items[function].bdf, text) + strlen("0000:");
}

/* "43:00.0 44:00.0*": the devices, * by id; "- 45:00.0<54:00.0": left out, because of another. */
static const char *devices_of(void)
{
    free(w.text);
    w.text = NULL;
    for (size_t i = 0; i < prepare.devices.count; i++)
        text_append(&w.text, "%s%s%s", w.text ? " " : "",
                    short_name(prepare.devices.items[i].function),
                    prepare.devices.items[i].by_id ? "*" : "");
    for (size_t i = 0; i < prepare.left_out.count; i++) {
        const struct prepare_left_out *left = &prepare.left_out.items[i];

        text_append(&w.text, "%s-%s", w.text ? " " : "", short_name(left->function));
        if (left->holder != left->function)
            text_append(&w.text, "<%s", short_name(left->holder));
    }
    return w.text ? w.text : "";
}

static const char *modules_of(void)
{
    free(w.text);
    w.text = NULL;
    for (size_t i = 0; i < prepare.modules.count; i++)
        text_append(&w.text, "%s%s%s", w.text ? " " : "", prepare.modules.items[i].name,
                    prepare.modules.items[i].blacklist ? "!" : "");
    return w.text ? w.text : "";
}

static const char *arguments_of(void)
{
    static const char marks[] = {[ARGUMENT_THERE] = '=',
                                 [ARGUMENT_ADD] = '+',
                                 [ARGUMENT_USEFUL] = '~',
                                 [ARGUMENT_REMOVE] = '-'};

    free(w.text);
    w.text = NULL;
    for (size_t i = 0; i < prepare.argument_count; i++)
        text_append(&w.text, "%s%c%s", w.text ? " " : "", marks[prepare.arguments[i].advice],
                    prepare.arguments[i].text);
    return w.text ? w.text : "";
}

/* --- which --- */

START_TEST(all_that_is_free)
{
    ck_assert_int_eq(make(NULL, NULL), 0);
    ck_assert_str_eq(devices_of(), "43:00.0* 44:00.0* 45:00.0* 53:00.0* 54:00.0* 63:00.0* 64:00.0* "
                                   "65:00.0* 66:00.0* 68:00.0* 68:00.1*");
    ck_assert_int_eq(prepare.devices.items[0].kind, PREPARE_GPU);
    ck_assert_int_eq(prepare.devices.items[2].kind, PREPARE_NIC);
}
END_TEST

/* And then no id takes the others of its kind. */
START_TEST(what_the_host_uses)
{
    use("45:00.0", HOST_USE_ROUTE);
    use("54:00.0", HOST_USE_UP);
    use("66:00.0", HOST_USE_NONE);
    function_of(&w, "63:00.0")->use = HOST_USE_CONSOLE;
    ck_assert_int_eq(make(NULL, NULL), 0);
    ck_assert_str_eq(devices_of(),
                     "43:00.0 44:00.0 53:00.0 64:00.0 65:00.0 66:00.0 68:00.0 68:00.1 "
                     "-45:00.0 -54:00.0 -63:00.0");
    ck_assert_int_eq(make(NULL, "45:00.0", "63:00.0", NULL), 0);
    ck_assert_str_eq(devices_of(), "-45:00.0 -63:00.0");
}
END_TEST

/* Of a driver alone nobody knows: a NIC has to be named, a GPU with a screen only where nothing is
 * known of screens. */
START_TEST(what_a_driver_has)
{
    bind("45:00.0", "mlx5_core");
    bind("43:00.0", "nvidia");
    bind("44:00.0", "nvidia");
    function_of(&w, "44:00.0")->class_code = 0x030000;
    ck_assert_int_eq(make(NULL, NULL), 0);
    ck_assert_str_eq(devices_of(),
                     "43:00.0 53:00.0 54:00.0 63:00.0 64:00.0 65:00.0 66:00.0 68:00.0 "
                     "68:00.1 -44:00.0 -45:00.0");
    ck_assert_int_eq(make(NULL, "45:00.0", "44:00.0", NULL), 0);
    ck_assert_str_eq(devices_of(), "44:00.0 45:00.0");
    use("54:00.0", HOST_USE_NONE);
    ck_assert_int_eq(make(NULL, NULL), 0);
    ck_assert_ptr_nonnull(strstr(devices_of(), "44:00.0"));
    ck_assert_ptr_null(strstr(devices_of(), "-44:00.0"));
}
END_TEST

START_TEST(what_goes_together)
{
    group(100, "43:00.0", "45:00.0", NULL);
    ck_assert_int_eq(make(NULL, "43:00.0", NULL), 0);
    ck_assert_str_eq(devices_of(), "43:00.0 45:00.0");
    ck_assert_int_eq(prepare.devices.items[1].kind, PREPARE_NIC);
    use("45:00.0", HOST_USE_UP);
    ck_assert_int_eq(make(NULL, "43:00.0", "44:00.0", NULL), 0);
    ck_assert_str_eq(devices_of(), "44:00.0 -43:00.0<45:00.0");
}
END_TEST

/* Whichever of them has the lower address. */
START_TEST(what_goes_with_what_nobody_knows)
{
    group(100, "44:00.0", "45:00.0", NULL);
    group(101, "54:00.0", "63:00.0", NULL);
    bind("45:00.0", "mlx5_core");
    bind("54:00.0", "mlx5_core");
    ck_assert_int_eq(make(NULL, NULL), 0);
    ck_assert_str_eq(devices_of(), "43:00.0 53:00.0 64:00.0 65:00.0 66:00.0 68:00.0 68:00.1 "
                                   "-44:00.0<45:00.0 -45:00.0 -54:00.0 -63:00.0<54:00.0");
    ck_assert_int_eq(make(NULL, "44:00.0", NULL), 0);
    ck_assert_str_eq(devices_of(), "44:00.0 45:00.0");
}
END_TEST

/* Before the IOMMU is on, the further functions of a graphics card. */
START_TEST(without_groups)
{
    static const struct row rows[] = {
        {"40:01.0", NULL, PORT_ROOT, 0},
        {"41:00.0", "40:01.0", PORT_NONE, 0, GPU, A100},
        {"41:00.1", "40:01.0", PORT_NONE, 0, AUDIO, NULL, 0x10de, 0x10f7},
        {"40:02.0", NULL, PORT_ROOT, 0},
        {"42:00.0", "40:02.0", PORT_NONE, 0, NIC, CX6},
        {"42:00.1", "40:02.0", PORT_NONE, 0, NIC, CX6},
    };

    world_clear(&w);
    world_init(&w);
    add_nodes(&w, 1, 4);
    ADD_FUNCTIONS(&w, rows);
    ck_assert_int_eq(make(NULL, "41:00.0", "42:00.1", NULL), 0);
    ck_assert_str_eq(devices_of(), "41:00.0* 41:00.1* 42:00.1");
    ck_assert_int_eq(prepare.devices.items[1].kind, PREPARE_COMPANION);
    ck_assert(!prepare.iommu_on);
}
END_TEST

START_TEST(wrong_names)
{
    ck_assert_int_eq(make(NULL, "43:00", NULL), VTOPO_ERR_USAGE);
    ck_assert_int_eq(make(NULL, "99:00.0", NULL), VTOPO_ERR_HOST);
    ck_assert_int_eq(make(NULL, "42:00.0", NULL), VTOPO_ERR_HOST);
}
END_TEST

START_TEST(virtual_functions)
{
    function_of(&w, "44:00.0")->is_vf = true;
    function_of(&w, "44:00.0")->physfn = bdf_of("43:00.0");
    function_of(&w, "68:00.1")->is_vf = true;
    function_of(&w, "68:00.1")->physfn = bdf_of("68:00.0");
    function_of(&w, "68:00.1")->device = 0x101e;
    ck_assert_int_eq(make(NULL, "44:00.0", NULL), VTOPO_ERR_REFUSED);
    ck_assert_int_eq(make(NULL, NULL), 0);
    ck_assert_str_eq(devices_of(),
                     "45:00.0 53:00.0 54:00.0 63:00.0 64:00.0 65:00.0 66:00.0 68:00.1 "
                     "-43:00.0 -68:00.0");
}
END_TEST

/* --- drivers --- */

START_TEST(ids_that_take_no_others)
{
    ck_assert_int_eq(make(NULL, "43:00.0", "45:00.0", NULL), 0);
    ck_assert_str_eq(devices_of(), "43:00.0 45:00.0");
    ck_assert_str_eq(modules_of(), "");
    function_of(&w, "43:00.0")->device = 0x1234;
    ck_assert_int_eq(make(NULL, "43:00.0", "45:00.0", NULL), 0);
    ck_assert_str_eq(devices_of(), "43:00.0* 45:00.0");
}
END_TEST

START_TEST(modules)
{
    bind("43:00.0", "nvidia");
    bind("68:00.0", "mlx5_core");
    bind("68:00.1", "xhci_hcd");
    function_of(&w, "68:00.0")->device = 1;
    function_of(&w, "68:00.1")->device = 2;
    ck_assert_int_eq(make(NULL, "68:00.0", "68:00.1", NULL), 0);
    ck_assert_str_eq(modules_of(), "mlx5_core xhci_pci");
    /* All GPUs of the host, and nothing is left for nouveau. */
    ck_assert_int_eq(make(NULL, NULL), 0);
    ck_assert_str_eq(modules_of(), "nouveau! nvidia nvidiafb!");
    function_of(&w, "44:00.0")->use = HOST_USE_CONSOLE;
    function_of(&w, "44:00.0")->device = 3;
    ck_assert_int_eq(make(NULL, NULL), 0);
    ck_assert_str_eq(modules_of(), "nouveau nvidia nvidiafb");
}
END_TEST

/* --- the work --- */

static size_t searches;

const struct prepare_device *__real_prepare_find(const struct prepare *p, size_t function);
const struct prepare_device *__wrap_prepare_find(const struct prepare *p, size_t function);

const struct prepare_device *__wrap_prepare_find(const struct prepare *p, size_t function)
{
    searches++;
    return __real_prepare_find(p, function);
}

/* Of one id, in one group: what is the same for all is found once. */
START_TEST(grows_with_devices)
{
    enum { COUNT = 2000 };
    static struct row rows[COUNT + 1];
    static char texts[COUNT][BDF_TEXT_SIZE];

    world_clear(&w);
    world_init(&w);
    add_nodes(&w, 1, 4);
    rows[0] = (struct row){"ffff:01:01.0", NULL, PORT_ROOT, 0};
    for (unsigned i = 0; i < COUNT; i++) {
        const struct bdf bdf = {i / 32, 0, (uint8_t)(i % 32), 0};

        rows[i + 1] = (struct row){bdf_format(&bdf, texts[i]), NULL, PORT_NONE, 0,
                                   i % 2 ? GPU : NIC,          NULL, 0x10de,    1};
    }
    ADD_FUNCTIONS(&w, rows);
    for (size_t i = 0; i < w.host.functions.count; i++)
        w.host.functions.items[i].iommu_group = 1;
    searches = 0;
    ck_assert_int_eq(make(NULL, NULL), 0);
    ck_assert_uint_eq(prepare.devices.count, COUNT);
    ck_assert_uint_le(searches, 4 * COUNT);
}
END_TEST

/* --- the kernel --- */

static void processor(const char *vendor)
{
    memcpy(w.host.processor.vendor, vendor, strlen(vendor) + 1);
}

START_TEST(iommu_that_is_on)
{
    processor("GenuineIntel");
    ck_assert_int_eq(make(NULL, NULL), 0);
    ck_assert(prepare.iommu_on && !prepare.knows_command_line);
    ck_assert_str_eq(arguments_of(), "~iommu=pt");
    ck_assert_int_eq(make("quiet intel_iommu=on,sm_on iommu=pt\n", NULL), 0);
    ck_assert_str_eq(arguments_of(), "=intel_iommu=on =iommu=pt");
    ck_assert_int_eq(make("quiet intel_iommu=sm_on xiommu=pt iommu=pt2", NULL), 0);
    ck_assert_str_eq(arguments_of(), "~iommu=pt");
}
END_TEST

START_TEST(iommu_that_is_off)
{
    for (size_t i = 0; i < w.host.functions.count; i++)
        w.host.functions.items[i].iommu_group = -1;
    processor("GenuineIntel");
    ck_assert_int_eq(make("", NULL), 0);
    ck_assert_str_eq(arguments_of(), "+intel_iommu=on ~iommu=pt");
    ck_assert_int_eq(make("intel_iommu=off", NULL), 0);
    ck_assert_str_eq(arguments_of(), "-intel_iommu=off +intel_iommu=on ~iommu=pt");
    /* It is there, so the firmware has none. */
    ck_assert_int_eq(make("a intel_iommu=on", NULL), 0);
    ck_assert_str_eq(arguments_of(), "=intel_iommu=on ~iommu=pt");
    processor("AuthenticAMD");
    ck_assert_int_eq(make("amd_iommu=off", NULL), 0);
    ck_assert_str_eq(arguments_of(), "-amd_iommu=off ~iommu=pt");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("prepare");
    TCase *tcase = tcase_create("prepare");

    tcase_add_checked_fixture(tcase, setup, clear);
    tcase_add_test(tcase, all_that_is_free);
    tcase_add_test(tcase, what_the_host_uses);
    tcase_add_test(tcase, what_a_driver_has);
    tcase_add_test(tcase, what_goes_together);
    tcase_add_test(tcase, what_goes_with_what_nobody_knows);
    tcase_add_test(tcase, without_groups);
    tcase_add_test(tcase, wrong_names);
    tcase_add_test(tcase, virtual_functions);
    tcase_add_test(tcase, ids_that_take_no_others);
    tcase_add_test(tcase, modules);
    tcase_add_test(tcase, grows_with_devices);
    tcase_add_test(tcase, iommu_that_is_on);
    tcase_add_test(tcase, iommu_that_is_off);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
