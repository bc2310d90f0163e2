/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_libvirt_adds.c - what libvirt adds to a domain without addresses */
#include "build.h"

#include "base/readfile.h"
#include "domxml/domxml.h"
#include "plan/ground/libvirt_adds.h"
#include "plan/ground/libvirt_define.h"

#include <check.h>
#include <glob.h>

static bool nothing[256];
static const struct fates no_fates = {.moves = nothing};
static struct world w;

static void setup(void)
{
    world_init(&w);
}

static void teardown(void)
{
    world_clear(&w);
}

START_TEST(nothing_to_a_complete_domain)
{
    struct occupancy o = occupancy_of(&w.domain, &no_fates, false);

    ck_assert(libvirt_adds_nothing(&w.domain, &no_fates));
    ck_assert_uint_eq(libvirt_adds_ports(&o), 0);
    ck_assert_uint_eq(libvirt_adds_slots(&o), 0);
    add_controller(&w, 1, CTRL_ROOT_PORT, NULL);
    ck_assert(!libvirt_adds_nothing(&w.domain, &no_fates));
}
END_TEST

/* Of a definition as dumpxml prints it libvirt chooses nothing, whichever libvirt it is. */
START_TEST(its_version_counts_where_it_chooses)
{
    struct record_device *device;

    ck_assert(!libvirt_version_counts(&w.domain));
    w.domain.needs.has_balloon = false;
    ck_assert(libvirt_version_counts(&w.domain));
    w.domain.needs.has_balloon = true;
    add_other(&w, "disk vda", NULL);
    ck_assert(libvirt_version_counts(&w.domain));
    w.domain.devices.items[0].address = (struct address){.kind = ADDRESS_PCI, .at = {0, 0, 4, 0}};
    ck_assert(!libvirt_version_counts(&w.domain));
    device = vec_add(&w.domain.record.devices); /* it would without the rewrite */
    ck_assert_ptr_nonnull(device);
    ck_assert(!libvirt_version_counts(&w.domain));
    device->made = true;
    ck_assert(libvirt_version_counts(&w.domain));
}
END_TEST

static void add_virtio_serial(int number, const char *place)
{
    add_other(&w, "controller virtio-serial", place)->place = (struct device_place){
        .group = PLACE_CONTROLLER, .controller = CONTROLLER_VIRTIO_SERIAL, .number = number};
}

/* Controllers 1 and 3 are none of those that channels refer to, as many as they are. */
START_TEST(a_controller_that_nobody_refers_to_is_no_other_one)
{
    w.domain.needs.virtio_serial = 1u << 0 | 1u << 2;
    add_virtio_serial(1, "0:5.0");
    add_virtio_serial(3, "0:6.0");
    add_virtio_serial(0, "0:7.0");
    ck_assert(libvirt_adds_devices(&w.domain));
    add_virtio_serial(2, "0:8.0");
    ck_assert(!libvirt_adds_devices(&w.domain));
}
END_TEST

START_TEST(gaps_become_ports)
{
    struct occupancy o;

    add_controller(&w, 3, CTRL_ROOT_PORT, "0:2.0");
    o = occupancy_of(&w.domain, &no_fates, false);
    ck_assert_uint_eq(libvirt_adds_ports(&o), 2);
    ck_assert_uint_eq(libvirt_index_gaps(&w.domain), 2);
    ck_assert_uint_eq(libvirt_last_filled_index(&o, false), 3);
    o.fewest = true;
    ck_assert_uint_eq(libvirt_adds_ports(&o), 0);
}
END_TEST

START_TEST(bus_numbers_go_down_by_two)
{
    ck_assert_int_eq(libvirt_lowest_bus_number(&w.domain), BUSES);
    ck_assert_int_eq(libvirt_bus_number(BUSES), 254);
    add_controller(&w, 1, CTRL_EXPANDER, "0:2.0")->bus_nr = 200;
    add_controller(&w, 2, CTRL_EXPANDER, "0:3.0")->bus_nr = 180;
    ck_assert_int_eq(libvirt_lowest_bus_number(&w.domain), 180);
}
END_TEST

START_TEST(unasked_ports_are_always_expected)
{
    size_t expected = libvirt_expected_hotplug_ports(&w.domain, &no_fates);

    ck_assert_uint_gt(expected, 0);
    add_other(&w, "disk vda", "0:5.0");
    ck_assert_uint_eq(libvirt_expected_hotplug_ports(&w.domain, &no_fates), expected);
    add_other(&w, "disk vdb", NULL);
    ck_assert_uint_eq(libvirt_expected_hotplug_ports(&w.domain, &no_fates), expected + 1);
}
END_TEST

/* --- beside the exact account --- */

/* The root ports that are not in @domain. */
static size_t added_ports(const struct domain *domain, const struct domain *defined)
{
    size_t n = 0;

    for (size_t i = 0; i < defined->controllers.count; i++) {
        const struct domain_controller *c = &defined->controllers.items[i];

        n += c->model == CTRL_ROOT_PORT && !domain_controller_at(domain, c->index);
    }
    return n;
}

static void expect_enough(const char *path, unsigned version)
{
    struct vtopo_domain *domain = NULL;
    struct domain defined;
    struct occupancy o;
    const char *unknown;
    autofree char *text = NULL;
    size_t length, added;

    ck_assert_int_eq(read_file(path, SIZE_MAX / 2, VTOPO_ERR_FILE, &text, &length, NULL), 0);
    ck_assert_int_eq(vtopo_domain_parse(text, length, path, &domain, NULL), 0);
    ck_assert_int_eq(libvirt_define(&domain->model, version, &defined, &unknown, NULL), 0);
    o = occupancy_of(&domain->model, &no_fates, false);
    added = unknown ? 0 : added_ports(&domain->model, &defined);
    ck_assert_msg(added <= libvirt_adds_ports(&o), "%s: %zu ports are added, %zu expected", path,
                  added, libvirt_adds_ports(&o));
    domain_clear(&defined);
    vtopo_domain_free(domain);
}

/* The counts that the plan is made with are never below what libvirt really adds. */
START_TEST(no_more_is_added_than_expected)
{
    static const unsigned versions[] = {9000000, 11003000, 12008000};
    glob_t found;

    ck_assert_int_eq(glob(TEST_DATA "/domains/*.xml", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        for (size_t j = 0; j < sizeof(versions) / sizeof(*versions); j++)
            expect_enough(found.gl_pathv[i], versions[j]);
    }
    ck_assert_uint_gt(found.gl_pathc, 40);
    globfree(&found);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("libvirt_adds");
    TCase *tcase = tcase_create("libvirt_adds");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, nothing_to_a_complete_domain);
    tcase_add_test(tcase, a_controller_that_nobody_refers_to_is_no_other_one);
    tcase_add_test(tcase, its_version_counts_where_it_chooses);
    tcase_add_test(tcase, gaps_become_ports);
    tcase_add_test(tcase, bus_numbers_go_down_by_two);
    tcase_add_test(tcase, unasked_ports_are_always_expected);
    tcase_add_test(tcase, no_more_is_added_than_expected);
    return run_suite(suite);
}
