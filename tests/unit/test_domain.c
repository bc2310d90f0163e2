/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_domain.c - what callers may ask of a parsed domain */
#include "domxml/domxml.h"

#include "parsed.h"
#include "suite.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vtopo/domain.h>

#define HOSTDEV(bus, more)                                                                         \
    "<hostdev type='pci'><source><address bus='" bus "' slot='0' function='0'/></source>" more     \
    "</hostdev>"

static struct vtopo_domain *parse(const char *devices)
{
    char text[4096];

    snprintf(text, sizeof(text), "<domain><devices>%s</devices></domain>", devices);
    return parsed_domain(text);
}

#define PORT(more) "<controller type='pci' index='3' model='pcie-root-port'>" more "</controller>"
#define AT(bus) "<address type='pci' bus='" bus "' slot='2' function='0'/>"

START_TEST(root_ports)
{
    static const struct {
        const char *devices;
        bool there;
    } cases[] = {
        {"", false},
        {"<controller type='pci' index='0' model='pcie-root'/>", false},
        {"<controller type='pci' index='1' model='pcie-expander-bus'/>", false},
        {"<controller type='pci' index='1' model='pcie-expander-bus'>" AT("0") "</controller>",
         false},
        {"<rng model='virtio'>" AT("0") "</rng>", false},
        {PORT(""), true},
        {PORT(AT("0")), true},
        {PORT(AT("1")), false},
        {PORT("<address type='pci' bus='0' slot='0' function='0'/>"), true}, /* no address */
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct vtopo_domain *domain = parse(cases[i].devices);

        ck_assert_msg(vtopo_domain_has_root_ports(domain) == cases[i].there, "%s",
                      cases[i].devices);
        vtopo_domain_free(domain);
    }
}
END_TEST

START_TEST(names)
{
    struct vtopo_domain *domain =
        parse("<interface type='ethernet'><target dev='tap0'/><alias name='ua-a'/></interface>"
              "<disk type='file'><target dev='vda' bus='virtio'/></disk>"
              "<controller type='pci' index='1' model='pcie-root-port'><alias name='ua-p'/>"
              "</controller>");

    ck_assert(vtopo_domain_has_device(domain, "tap0"));
    ck_assert(vtopo_domain_has_device(domain, "ua-a"));
    ck_assert(vtopo_domain_has_device(domain, "vda"));
    ck_assert(!vtopo_domain_has_device(domain, "tap"));
    ck_assert(!vtopo_domain_has_device(domain, "ua-p"));
    vtopo_domain_free(domain);
}
END_TEST

/* What nobody has named is none; ids on the command line are names, too. */
START_TEST(names_in_use)
{
    static const char *const expected[] = {"ua-p", "ua-a", "ua-q"};
    struct vtopo_domain *domain = NULL;
    const char *text =
        "<domain xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0'><devices>"
        "<interface type='ethernet'><alias name='ua-a'/></interface><rng model='virtio'/>"
        "<controller type='pci' index='1' model='pcie-root-port'><alias name='ua-p'/></controller>"
        "<controller type='pci' index='2' model='pcie-root-port'/></devices>"
        "<q:commandline><q:arg value='-device'/><q:arg value='pcie-root-port,id=ua-q'/>"
        "</q:commandline></domain>";
    const char *found[8];

    ck_assert_int_eq(vtopo_domain_parse(text, strlen(text), "test", &domain, NULL), 0);
    ck_assert_uint_eq(domain_names_most(&domain->model), 5);
    ck_assert_uint_eq(domain_names(&domain->model, found), 3);
    for (size_t i = 0; i < 3; i++)
        ck_assert_str_eq(found[i], expected[i]);
    vtopo_domain_free(domain);
}
END_TEST

START_TEST(assigned)
{
    struct vtopo_domain *domain = parse(HOSTDEV("0x41", "") HOSTDEV(
        "0x42",
        "<address type='unassigned'/>") "<interface type='network'><source "
                                        "network='pool'/></interface>"
                                        "<interface type='vdpa'><source "
                                        "dev='/dev/vhost-vdpa-0'/></interface>"
                                        "<disk type='nvme'><source type='pci' namespace='1'>"
                                        "<address bus='0x18' slot='0' function='0'/></source>"
                                        "<target dev='vda' bus='virtio'/></disk>");
    char **sources;

    ck_assert_uint_eq(vtopo_domain_assigned_count(domain), 2);
    ck_assert_int_eq(vtopo_domain_assigned_names(domain, &sources, NULL), 0);
    ck_assert_str_eq(sources[0], "0000:41:00.0");
    ck_assert_str_eq(sources[1], "/dev/vhost-vdpa-0");
    ck_assert_ptr_null(sources[2]);
    free(sources);
    vtopo_domain_free(domain);
}
END_TEST

START_TEST(nothing_assigned)
{
    struct vtopo_domain *domain = parse("");
    char **sources;

    ck_assert_int_eq(vtopo_domain_assigned_names(domain, &sources, NULL), 0);
    ck_assert_ptr_null(sources[0]);
    free(sources);
    vtopo_domain_free(domain);
}
END_TEST

START_TEST(pinned_cpus)
{
    static const char text[] =
        "<domain type='kvm'><vcpu>4</vcpu><cputune><vcpupin vcpu='0' cpuset='8'/>"
        "<vcpupin vcpu='1' cpuset='4,68'/><vcpupin vcpu='2' cpuset='0-31'/>"
        "<emulatorpin cpuset='1,3'/><iothreadpin iothread='1' cpuset='2'/></cputune>"
        "<os><type arch='x86_64' machine='q35'>hvm</type></os>"
        "<devices><emulator>/opt/qemu</emulator></devices></domain>";
    struct vtopo_domain *domain;
    char *list;

    ck_assert_int_eq(vtopo_domain_parse(text, strlen(text), "test", &domain, NULL), 0);
    ck_assert_int_eq(vtopo_domain_pinned_cpus(domain, 2, &list, NULL), 0);
    ck_assert_str_eq(list, "4,8,68");
    free(list);
    ck_assert_int_eq(vtopo_domain_pinned_cpus(domain, 0, &list, NULL), 0);
    ck_assert_str_eq(list, "");
    free(list);
    ck_assert_int_eq(vtopo_domain_helper_cpus(domain, &list, NULL), 0);
    ck_assert_str_eq(list, "1-3");
    free(list);
    ck_assert_str_eq(vtopo_domain_emulator(domain), "/opt/qemu");
    vtopo_domain_free(domain);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("domain");
    TCase *tcase = tcase_create("questions");

    tcase_add_test(tcase, root_ports);
    tcase_add_test(tcase, names);
    tcase_add_test(tcase, names_in_use);
    tcase_add_test(tcase, assigned);
    tcase_add_test(tcase, nothing_assigned);
    tcase_add_test(tcase, pinned_cpus);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
