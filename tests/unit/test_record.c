/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_record.c - the record: names of devices, what is read of it, what is not */
#include "model/record.h"

#include "build.h"
#include "domxml/domxml.h"
#include "parsed.h"
#include "vtopo/error.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static struct world w;

static void setup(void)
{
    world_init(&w);
}

static void teardown(void)
{
    world_clear(&w);
}

START_TEST(devices_are_known_by_what_they_stand_for)
{
    static const char *const names[] = {"0000:42:00.0", "uuid-1", "0000:41:00.0", "0000:99:00.0",
                                        "0000:42:00.0"};
    size_t found[5];

    add_hostdev(&w, "41:00.0", "01:00.0");
    add_other(&w, "disk vda", "02:00.0");
    add_hostdev(&w, "42:00.0", NULL);
    add_named(&w, DEVICE_HOSTDEV_MDEV, "uuid-1", NULL);
    ck_assert(record_find_devices(&w.domain, names, 5, found));
    ck_assert_uint_eq(found[0], 2);
    ck_assert_uint_eq(found[1], 3);
    ck_assert_uint_eq(found[2], 0);
    ck_assert_uint_eq(found[3], SIZE_MAX);
    ck_assert_uint_eq(found[4], SIZE_MAX); /* it is found already */
}
END_TEST

START_TEST(an_nvme_disk_has_its_namespace_in_its_name)
{
    struct domain_device disk = {
        .kind = DEVICE_DISK_NVME, .source = {0, 0x18, 0, 0}, .nvme_namespace = 2};
    char *name = record_host_of(&disk);

    ck_assert_str_eq(name, "0000:18:00.0/2");
    free(name);
}
END_TEST

#define RECORD(attributes, entries)                                                                \
    "<vtopo:record xmlns:vtopo='http://vtopo.io/record/1.0'" attributes ">" entries                \
    "</vtopo:record>"
#define DOMAIN(metadata)                                                                           \
    "<domain><metadata>" metadata "</metadata><devices>"                                           \
    "<controller type='pci' index='1' model='pcie-root-port'/>"                                    \
    "<hostdev mode='subsystem' type='pci'><source><address domain='0' bus='0x41' slot='0' "        \
    "function='0'/></source></hostdev></devices></domain>"
#define REMOVED(attributes, text) "<vtopo:removed " attributes " text=\"" text "\"/>"
#define CONTROLLER(index) "&lt;controller type='pci' index='" index "' model='pcie-root-port'/>"
#define DEVICE(attributes) RECORD("", "<vtopo:device host='0000:41:00.0'" attributes "/>")

/* Between the elements that stay, and behind blanks and comments; elsewhere behind the element. */
START_TEST(controllers_come_back_to_their_places)
{
    static const struct {
        const char *entry, *devices, *wanted;
    } cases[] = {
        {REMOVED("children='1' bytes='1'", "  " CONTROLLER("3") "&#10;"), "<a/>\n<b/>",
         "<a/>\n  <controller type='pci' index='3' model='pcie-root-port'/>\n<b/>"},
        {REMOVED("children='0' bytes='0'", CONTROLLER("3")), "<a/>",
         "<controller type='pci' index='3' model='pcie-root-port'/><a/>"},
        {REMOVED("children='1' bytes='8'", CONTROLLER("3")), "<a/><!--x--><b/>",
         "<a/><!--x--><controller type='pci' index='3' model='pcie-root-port'/><b/>"},
        {REMOVED("children='1' bytes='4'", CONTROLLER("3")), "<a/><!--x--><b/>",
         "<a/><controller type='pci' index='3' model='pcie-root-port'/><!--x--><b/>"},
        {REMOVED("children='9' bytes='0'", CONTROLLER("3")), "<a/><b/>",
         "<a/><b/><controller type='pci' index='3' model='pcie-root-port'/>"},
        {REMOVED("children='0' bytes='1'", CONTROLLER("3")), "<a/>",
         "<controller type='pci' index='3' model='pcie-root-port'/><a/>"},
        {REMOVED("children='1' bytes='1'", CONTROLLER("3")),
         "<a/>\n<controller type='pci' index='7' model='pcie-root-port'>"
         "<alias name='ua-vtopo-x'/></controller>\n<b/>",
         "<a/>\n<controller type='pci' index='3' model='pcie-root-port'/><b/>"},
    };
    autofree char *text = mem_printf(
        "<domain><metadata>" RECORD("", "%s") "</metadata><devices>%s</devices></domain>",
        cases[_i].entry, cases[_i].devices);
    autofree char *wanted =
        mem_printf("<domain><metadata></metadata><devices>%s</devices></domain>", cases[_i].wanted);
    struct vtopo_domain *domain = parsed_domain(text);
    autofree char *undone = NULL;
    size_t length;

    ck_assert_ptr_null(domain->model.record.problem);
    ck_assert_int_eq(vtopo_domain_undo(domain, &undone, &length, NULL), 0);
    ck_assert_str_eq(undone, wanted);
    vtopo_domain_free(domain);
}
END_TEST

START_TEST(a_record_is_read)
{
    struct vtopo_domain *domain = parsed_domain(DOMAIN(RECORD(
        " metadata='&lt;metadata />'", "<vtopo:device host='0000:41:00.0' bus='0x05' slot='0x00' "
                                       "function=' 1' multifunction='on' alias='hostdev0'/>"
                                       "<vtopo:device host='0000:99:00.0' made='address'/>"
                                       "<vtopo:controller index='3' made='target hotplug'/>"
                                       "<vtopo:controller index='4' hotplug='on'/>"
                                       "<vtopo:controller index='3' made='only busNr'/>")));
    const struct domain_record *record = &domain->model.record;
    const struct record_device *device = record_of_device(&domain->model, 0);

    ck_assert(record->there && !record->problem && !record->made_metadata);
    ck_assert_str_eq(record->metadata, "<metadata />");
    ck_assert_uint_eq(record->devices.count, 1);
    ck_assert_ptr_nonnull(device);
    ck_assert(!device->made && !device->texts[RECORD_DOMAIN]);
    ck_assert_str_eq(device->texts[RECORD_BUS], "0x05");
    ck_assert_str_eq(device->texts[RECORD_FUNCTION], " 1");
    ck_assert_str_eq(device->alias, "hostdev0");
    ck_assert_int_eq(device->address.kind, ADDRESS_PCI);
    ck_assert_str_eq(BDF_TEXT(&device->address.at), "0000:05:00.1");
    ck_assert_int_eq(device->address.multifunction, 1);
    ck_assert_uint_eq(record->targets.count, 3);
    ck_assert(!record_of_target(&domain->model, 3, false)->only);
    ck_assert(record_of_target(&domain->model, 3, true)->only);
    ck_assert(record_of_target(&domain->model, 4, false)->on);
    ck_assert_ptr_null(record_of_target(&domain->model, 4, true));
    vtopo_domain_free(domain);
}
END_TEST

START_TEST(a_device_without_an_address_is_read)
{
    struct vtopo_domain *domain = parsed_domain(DOMAIN(DEVICE("")));

    ck_assert_int_eq(record_of_device(&domain->model, 0)->address.kind, ADDRESS_NONE);
    ck_assert(!record_of_device(&domain->model, 0)->made);
    vtopo_domain_free(domain);
}
END_TEST

/* Each is told, and nothing of the record is used. */
static const char *const damaged[] = {
    DOMAIN(DEVICE(" bus='0x100'")),
    DOMAIN(DEVICE(" bus='5' slot='32'")),
    DOMAIN(DEVICE(" bus='5' function='8'")),
    DOMAIN(DEVICE(" domain='1' bus='5'")),
    DOMAIN(DEVICE(" bus='-1'")),
    DOMAIN(DEVICE(" bus='5&#39;/>&lt;x a=&#39;'")),
    DOMAIN(DEVICE(" bus=''")),
    DOMAIN(DEVICE(" bus='00000000000000000000000000000000000000000000000005'")),
    DOMAIN(DEVICE(" multifunction='yes'")),
    DOMAIN(DEVICE(" made='address' bus='5'")),
    DOMAIN(DEVICE(" made='anything'")),
    DOMAIN(DEVICE(" alias='&lt;'")),
    DOMAIN(DEVICE(" unknown='1'")),
    DOMAIN(DEVICE(" vtopo:bus='1'")),
    DOMAIN(RECORD("", "<vtopo:device bus='5'/>")),
    DOMAIN(RECORD("", "<vtopo:device host='0000:41:00.0'>x</vtopo:device>")),
    DOMAIN(RECORD("", "<device host='0000:41:00.0'/>")),
    DOMAIN(RECORD("", "<vtopo:later host='0000:41:00.0'/>")),
    DOMAIN(RECORD("", "text")),
    DOMAIN(RECORD(" made='x'", "")),
    DOMAIN(RECORD(" made='metadata' metadata='&lt;metadata/>'", "")),
    DOMAIN(RECORD(" metadata='&lt;metadata>&lt;x/>&lt;/metadata>'", "")),
    DOMAIN(RECORD("", "<vtopo:controller index='256' made='busNr'/>")),
    DOMAIN(RECORD("", "<vtopo:controller index='1'/>")),
    DOMAIN(RECORD("", "<vtopo:controller index='1' made='hotplug' hotplug='on'/>")),
    DOMAIN(RECORD("", "<vtopo:controller index='1' made='target'/>")),
    DOMAIN(RECORD("", "<vtopo:controller index='1' hotplug='off'/>")),
    DOMAIN(RECORD("", "<vtopo:controller index='1' made='busNr'/>"
                      "<vtopo:controller index='1' made='busNr'/>")),
    DOMAIN(RECORD("", "<vtopo:device host='0000:41:00.0' bus='5'/>") RECORD("", "")),
    DOMAIN(RECORD("", REMOVED("", CONTROLLER("3")))),
    DOMAIN(RECORD("", REMOVED("children='1' bytes='-1'", CONTROLLER("3")))),
    DOMAIN(RECORD("", REMOVED("children='1' bytes='1'", ""))),
    DOMAIN(RECORD("", REMOVED("children='1' bytes='1'", "text"))),
    DOMAIN(RECORD("", REMOVED("children='1' bytes='1'", "&lt;controller"))),
    DOMAIN(RECORD("", REMOVED("children='1' bytes='1'", CONTROLLER("3") CONTROLLER("4")))),
    DOMAIN(RECORD("", REMOVED("children='1' bytes='1'", CONTROLLER("256")))),
    DOMAIN(RECORD("", REMOVED("children='1' bytes='1'", "&lt;disk/>"))),
    DOMAIN(RECORD("", REMOVED("children='1' bytes='1'", "&lt;?pi?>" CONTROLLER("3")))),
    DOMAIN(
        RECORD("", REMOVED("children='1' bytes='1'", CONTROLLER("3") "&lt;/devices>&lt;devices>"))),
    DOMAIN(RECORD("", REMOVED("children='1' bytes='1'", CONTROLLER("3"))
                          REMOVED("children='1' bytes='1'", CONTROLLER("3")))),
    DOMAIN("<record xmlns='http://vtopo.io/record/1.0'><what/></record>"),
    DOMAIN("<vtopo:other xmlns:vtopo='http://vtopo.io/record/1.0'/>"),
};

START_TEST(what_is_not_as_vtopo_writes_it_is_not_used)
{
    struct vtopo_domain *domain = parsed_domain(damaged[_i]);
    const struct domain_record *record = &domain->model.record;

    ck_assert(record->there);
    ck_assert_ptr_nonnull(record->problem);
    ck_assert_uint_eq(record->devices.count + record->targets.count + record->controllers.count, 0);
    ck_assert_ptr_null(record->metadata);
    vtopo_domain_free(domain);
}
END_TEST

START_TEST(another_version_is_refused_by_name)
{
    static const char text[] = DOMAIN("<r xmlns='http://vtopo.io/record/2.0'/>");
    struct vtopo_domain *domain;
    struct vtopo_error *error = NULL;

    ck_assert_int_eq(vtopo_domain_parse(text, strlen(text), "test", &domain, &error),
                     VTOPO_ERR_DOMAIN);
    ck_assert_ptr_nonnull(strstr(vtopo_error_message(error), "http://vtopo.io/record/2.0"));
    vtopo_error_free(error);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("record");
    TCase *tcase = tcase_create("record");

    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, devices_are_known_by_what_they_stand_for);
    tcase_add_test(tcase, an_nvme_disk_has_its_namespace_in_its_name);
    tcase_add_loop_test(tcase, controllers_come_back_to_their_places, 0, 7);
    tcase_add_test(tcase, a_record_is_read);
    tcase_add_test(tcase, a_device_without_an_address_is_read);
    tcase_add_loop_test(tcase, what_is_not_as_vtopo_writes_it_is_not_used, 0,
                        sizeof(damaged) / sizeof(*damaged));
    tcase_add_test(tcase, another_version_is_refused_by_name);
    return run_suite(suite);
}
