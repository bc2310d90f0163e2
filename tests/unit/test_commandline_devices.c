/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_commandline_devices.c - the devices that options of QEMU's command line make */
#include "domxml/domxml.h"

#include "base/error.h"
#include "build.h"
#include "model/qemu_device.h"

#include <check.h>
#include <string.h>

static struct vtopo_domain *parsed;

static const struct domain *parse(const char *option, const char *value)
{
    autofree char *text =
        mem_printf("<domain xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0'><q:commandline>"
                   "<q:arg value='%s'/><q:arg value='%s'/></q:commandline></domain>",
                   option, value);
    struct vtopo_error *error = NULL;

    vtopo_domain_free(parsed);
    parsed = NULL;
    if (vtopo_domain_parse(text, strlen(text), "test", &parsed, &error) != 0)
        ck_abort_msg("%s", vtopo_error_message(error));
    return &parsed->model;
}

static void teardown(void)
{
    vtopo_domain_free(parsed);
    parsed = NULL;
}

/* "driver@bus.slot driver@bus" of all; "" for none. */
static char *devices_of(const char *option, const char *value)
{
    const struct domain *domain = parse(option, value);
    char *text = NULL;

    text_append(&text, "%s", "");
    for (size_t i = 0; i < domain->qemu_devices.count; i++) {
        const struct domain_qemu_device *d = &domain->qemu_devices.items[i];
        autofree char *slot = d->slot < 0 ? NULL : mem_printf(".%d", d->slot);
        autofree char *one = mem_printf("%s%s%s%s%s", i ? " " : "", d->driver, d->bus ? "@" : "",
                                        d->bus ? d->bus : "", slot ? slot : "");

        text_append(&text, "%s", one);
    }
    return text;
}

START_TEST(devices)
{
    static const struct {
        const char *option, *value, *devices;
    } cases[] = {
        {"-nic", "user", "e1000e@pcie.0"},
        {"-nic", "tap,ifname=x,model=virtio-net-pci", "virtio-net-pci@pcie.0"},
        {"-nic", "user,model=virtio", "virtio-net-pci@pcie.0"},
        {"-nic", "none", ""},
        {"-nic", "model=rtl8139", ""}, /* QEMU wants a type */
        {"--nic", "model=rtl8139,type=user", "rtl8139@pcie.0"},
        {"-nic", "user,model=ne2k_isa", ""},
        {"-nic", "user,model=help", ""},
        {"-net", "nic", "e1000e@pcie.0"},
        {"-net", "nic,model=e1000,addr=5", "e1000@pcie.0.5"},
        {"-net", "nic,addr=0:1c", "e1000e@pcie.0.28"},
        {"-net", "nic,netdev=a,,b,macaddr=52:54:00:00:00:01", "e1000e@pcie.0"},
        {"-net", "nic,model=virtio,addr=zz", "virtio-net-pci@pcie.0"},
        {"-net", "user", ""},
        {"-net", "none", ""},
        {"-netdev", "user,id=nic", ""},
        {"-vga", "std", "VGA@pcie.0"},
        {"-vga", "qxl,retrace=dumb", "qxl-vga@pcie.0"},
        {"-vga", "virtio", "virtio-vga@pcie.0"},
        {"-vga", "none", ""},
        {"-vga", "virt", ""},
        {"-audio", "pa,model=hda", "intel-hda@pcie.0"},
        {"-audio", "driver=none,model=ac97", "AC97@pcie.0"},
        {"-audio", "pa,model=virtio", "virtio-sound-pci@pcie.0"},
        {"-audio", "pa,model=sb16", ""},
        {"-audio", "pa", ""},
        {"-soundhw", "sb16,hda,es1370", "intel-hda@pcie.0 ES1370@pcie.0"},
        {"-soundhw", "", ""},
        {"-watchdog", "i6300esb", "i6300esb"},
        {"-watchdog", "ib700", ""},
        {"-balloon", "virtio,addr=7", "virtio-balloon-pci"},
        {"-balloon", "none", ""},
        {"-virtfs", "local,path=/x", "virtio-9p-pci"},
        {"-device", "amd-iommu,intremap=on", "AMDVI-PCI@pcie.0"},
        {"-device", "amd-iommu,pci-id=iommu", "amd-iommu"},
        {"-device", "driver=edu,bus=pcie.0,,x", "edu@pcie.0,x"},
        {"-device", "bus=pcie.0", ""},
        {"-device", "=", ""},
        {"-device", "{", ""},
        {"-usb", "-usbdevice", ""},
        {"-hda", "x", ""},
        {"-drive", "if=ide,file=x", ""},
        {"-drive", "if=virtio,file=x", "virtio-blk-pci"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        autofree char *text = devices_of(cases[i].option, cases[i].value);

        ck_assert_msg(!strcmp(text, cases[i].devices), "%s %s: %s", cases[i].option, cases[i].value,
                      text);
    }
}
END_TEST

START_TEST(all_sound_cards)
{
    ck_assert_uint_ge(parse("-soundhw", "all")->qemu_devices.count, 3);
}
END_TEST

START_TEST(the_bus_is_that_of_the_machine)
{
    static const char text[] =
        "<domain xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0'><os><type "
        "arch='x86_64' machine='pc'>hvm</type></os><q:commandline><q:arg value='-nic'/>"
        "<q:arg value='user'/></q:commandline></domain>";

    ck_assert_int_eq(vtopo_domain_parse(text, strlen(text), "test", &parsed, NULL), 0);
    ck_assert_str_eq(parsed->model.qemu_devices.items[0].driver, "e1000");
    ck_assert_int_eq(qemu_device_bus(&parsed->model, &parsed->model.qemu_devices.items[0]), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("commandline_devices");
    TCase *tcase = tcase_create("all");

    tcase_add_checked_fixture(tcase, NULL, teardown);
    tcase_add_test(tcase, devices);
    tcase_add_test(tcase, all_sound_cards);
    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, the_bus_is_that_of_the_machine);
    return run_suite(suite);
}
