/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_nccl_file.c - the text of NCCL's topology file, and when there is none */
#include "nccl_world.h"

#include "peer/nccl_file.h"

#include <stdio.h>

static struct world w;
static char *text;

static void setup(void)
{
    nccl_world_init(&w);
    text = NULL;
}

static void teardown(void)
{
    free(text);
    world_clear(&w);
}

static void make_file(void)
{
    plan_or_fail(&w);
    free(text);
    text = NULL;
    ck_assert_int_eq(nccl_topo_file(w.plan, &text, NULL), 0);
}

static void expect(const char *part)
{
    ck_assert_msg(strstr(text, part) != NULL, "there is no '%s' in:\n%s", part, text);
}

static void expect_refusal(const char *part)
{
    struct vtopo_error *error = NULL;

    plan_or_fail(&w);
    ck_assert_int_eq(nccl_topo_file(w.plan, &text, &error), VTOPO_ERR_REFUSED);
    ck_assert_ptr_null(text);
    ck_assert_msg(strstr(vtopo_error_message(error), part) != NULL, "%s",
                  vtopo_error_message(error));
    vtopo_error_free(error);
}

START_TEST(switches_hold_devices)
{
    make_file();
    expect("<system version=\"1\">\n  <cpu numaid=\"0\" affinity=\"00000003\" arch=\"x86_64\">\n"
           "    <pci busid=\"ffff:41:00.0\" class=\"0x060400\" vendor=\"0x0000\" device=\"0x0000\""
           " subsystem_vendor=\"0x0000\" subsystem_device=\"0x0000\""
           " link_speed=\"32.0 GT/s PCIe\" link_width=\"16\">\n      <pci busid=\"0000:");
    expect("\"/>\n      <pci busid=\"ffff:45:00.0\" ");
    expect("\"/>\n      </pci>\n    </pci>\n    <pci busid=\"0000:");
    expect("\"/>\n  </cpu>\n</system>\n");
}
END_TEST

START_TEST(what_is_unknown_is_said_as_the_kernel_does)
{
    for (size_t i = 0; i < w.host.functions.count; i++)
        w.host.functions.items[i].link_max = (struct host_link){0, 0};
    make_file();
    expect(" link_speed=\"Unknown\" link_width=\"0\"");
    ck_assert_ptr_null(strstr(text, "vendor=\"Genuine"));
    ck_assert_ptr_null(strstr(text, "familyid"));
}
END_TEST

/* Intel's family is below 15; AMD's 25 is 15 and an extended one of 10, which NCCL shifts by four
 * bits. */
START_TEST(families_are_counted_as_nccl_does)
{
    w.host.processor = (struct host_processor){"GenuineIntel", 6, 143};
    make_file();
    expect(" arch=\"x86_64\" vendor=\"GenuineIntel\" familyid=\"6\" modelid=\"143\"");
    w.host.processor = (struct host_processor){"AuthenticAMD", 25, 17};
    make_file();
    expect(" vendor=\"AuthenticAMD\" familyid=\"175\" modelid=\"17\"");
}
END_TEST

START_TEST(affinity_is_a_mask_of_groups)
{
    struct idset *vcpus = &w.domain.cells.items[1].vcpus;

    idset_free(vcpus);
    ck_assert_int_eq(idset_parse("32,64-71", vcpus), IDSET_OK);
    make_file();
    expect("numaid=\"1\" affinity=\"000000ff,00000001,00000000\"");
}
END_TEST

/* NCCL's texts end at 254 characters; it reads the mask of the guest's kernel where there is none.
 */
START_TEST(affinity_that_is_too_long_is_left_out)
{
    struct idset *vcpus = &w.domain.cells.items[1].vcpus;

    idset_free(vcpus);
    ck_assert(idset_add(vcpus, 28 * 32 - 1));
    make_file();
    expect("numaid=\"1\" affinity=\"80000000,");
    ck_assert(idset_add(vcpus, 28 * 32));
    make_file();
    expect("numaid=\"1\" arch");
    idset_free(vcpus);
    make_file();
    expect("numaid=\"1\" arch");
}
END_TEST

START_TEST(ids_that_the_guest_does_not_see_are_left_out)
{
    add_mdev(&w, "4b20d080-1b54-4048-85b3-a6a62d165c01", "61:00.0");
    add_named(&w, DEVICE_HOSTDEV_MDEV, "4b20d080-1b54-4048-85b3-a6a62d165c01", NULL);
    make_file();
    expect(" class=\"0x030200\" link_speed=\"32.0 GT/s PCIe\" link_width=\"16\"/>");
}
END_TEST

START_TEST(an_unchanged_domain_has_none)
{
    w.domain.machine_kind = MACHINE_OTHER;
    expect_refusal("the domain is left as it is (VTOPO-0002 the machine type is "
                   "one that vtopo leaves alone)");
}
END_TEST

START_TEST(the_processor_of_aarch64)
{
    w.domain.machine_kind = MACHINE_VIRT;
    w.domain.firmware = FIRMWARE_OVMF;
    make_file();
    expect(" arch=\"arm64\">");
}
END_TEST

START_TEST(addresses_that_libvirt_chooses_are_refused)
{
    add_wish(&w, "61:00.0")->keep = 1;
    expect_refusal(
        "libvirt chooses the address of hostdev 61:00.0 in the guest; define the domain first");
}
END_TEST

START_TEST(an_unassigned_device_is_left_out)
{
    w.domain.devices.items[5].address.kind = ADDRESS_UNASSIGNED;
    make_file();
    ck_assert_ptr_null(strstr(
        text,
        "numaid=\"1\" affinity=\"0000000c\" arch=\"x86_64\">\n    <pci busid=\"0000:f1:00.0\" class=\"0x03"));
}
END_TEST

/* GPUs count twice (<pci>, <gpu>), as many as fit below 256 with <system>, two CPUs and the rest of
 * the file. */
START_TEST(nodes_are_counted_with_those_of_nccl)
{
    char uuid[40];
    /* system, 2 cpus, 2 switches, 7 devices; 3 gpu; nic and net of 4 */
    size_t used = 1 + 2 + 2 + 7 + 3 + 8;

    for (unsigned i = 0; used + 2 < 256; i++, used += 2) {
        snprintf(uuid, sizeof(uuid), "4b20d080-1b54-4048-85b3-%012x", i);
        add_mdev(&w, uuid, i % 2 ? "61:00.0" : "43:00.0");
        add_named(&w, DEVICE_HOSTDEV_MDEV, uuid, NULL);
    }
    ck_assert_uint_eq(used, 255);
    make_file();
    free(text);
    text = NULL;
    add_mdev(&w, "5b20d080-1b54-4048-85b3-000000000000", "61:00.0");
    add_named(&w, DEVICE_HOSTDEV_MDEV, "5b20d080-1b54-4048-85b3-000000000000", NULL);
    expect_refusal("NCCL takes 255 nodes, and these devices need 257");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("nccl_file");
    TCase *tcase = tcase_create("nccl_file");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, the_processor_of_aarch64);
    tcase_add_test(tcase, switches_hold_devices);
    tcase_add_test(tcase, what_is_unknown_is_said_as_the_kernel_does);
    tcase_add_test(tcase, families_are_counted_as_nccl_does);
    tcase_add_test(tcase, affinity_is_a_mask_of_groups);
    tcase_add_test(tcase, affinity_that_is_too_long_is_left_out);
    tcase_add_test(tcase, ids_that_the_guest_does_not_see_are_left_out);
    tcase_add_test(tcase, an_unchanged_domain_has_none);
    tcase_add_test(tcase, addresses_that_libvirt_chooses_are_refused);
    tcase_add_test(tcase, an_unassigned_device_is_left_out);
    tcase_add_test(tcase, nodes_are_counted_with_those_of_nccl);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
