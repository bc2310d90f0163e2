/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_machine.c - which machine a machine type is, and what it has */
#include "model/machine.h"
#include "model/root_slots.h"

#include "suite.h"

#include <check.h>

START_TEST(machine_types_are_told_apart)
{
    static const struct {
        const char *arch, *machine;
        enum machine_kind kind;
    } rows[] = {
        {"x86_64", "q35", MACHINE_Q35},
        {"i686", "pc-q35-7.2", MACHINE_Q35},
        {NULL, "pc-q35-rhel9.6.0", MACHINE_Q35},
        {"x86_64", "ubuntu-q35", MACHINE_OTHER},
        {"x86_64", "pc-q35", MACHINE_OTHER},
        {"aarch64", "q35", MACHINE_OTHER},
        {"aarch64", "virt", MACHINE_VIRT},
        {"aarch64", "virt-10.0", MACHINE_VIRT},
        {"aarch64", "virt-rhel9.6.0", MACHINE_VIRT},
        {"aarch64", "virtual", MACHINE_OTHER},
        {"armv7l", "virt", MACHINE_OTHER},
        {"riscv64", "virt", MACHINE_OTHER},
        {"loongarch64", "virt", MACHINE_OTHER},
        {"x86_64", "virt", MACHINE_OTHER},
        {NULL, "virt", MACHINE_OTHER},
        {"x86_64", "pc", MACHINE_PC},
        {NULL, "pc-i440fx-7.2", MACHINE_PC},
        {"x86_64", "pc-i440fx", MACHINE_OTHER},
        {"x86_64", "pc-1.0", MACHINE_OTHER},
        {"aarch64", "pc", MACHINE_OTHER},
        {"x86_64", "microvm", MACHINE_OTHER},
        {"aarch64", NULL, MACHINE_OTHER},
        {NULL, NULL, MACHINE_OTHER},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        ck_assert_msg(machine_kind_of(rows[i].arch, rows[i].machine) == rows[i].kind, "%s %s",
                      rows[i].arch, rows[i].machine);
}
END_TEST

START_TEST(machines_have_their_own_controllers_and_slots)
{
    static const struct {
        enum machine_kind kind;
        const char *root, *expander;
        const char *own, *libvirt; /* slots */
    } rows[] = {
        {MACHINE_Q35, "pcie-root", "pcie-expander-bus", "0,31", "1,26-27,29"},
        {MACHINE_VIRT, "pcie-root", "pcie-expander-bus", "0", ""},
        {MACHINE_PC, "pci-root", "pci-expander-bus", "0-1", "2"},
        {MACHINE_OTHER, NULL, NULL, "0", ""},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct domain domain = {.machine_kind = rows[i].kind};
        const struct machine *machine = domain_machine(&domain);
        bool taken[2][ROOT_SLOTS] = {{false}};
        struct idset slots[2] = {0};

        ck_assert_pstr_eq(controller_model_name(machine->root), rows[i].root);
        ck_assert_pstr_eq(controller_model_name(machine->expander), rows[i].expander);
        root_slots_of_qemu(&domain, taken[0]);
        root_slots_of_libvirt(&domain, taken[1]);
        for (unsigned n = 0; n < 2 * ROOT_SLOTS; n++)
            ck_assert(!taken[n / ROOT_SLOTS][n % ROOT_SLOTS] ||
                      idset_add(&slots[n / ROOT_SLOTS], n % ROOT_SLOTS));
        for (size_t n = 0; n < 2; n++) {
            autofree char *text = idset_format(&slots[n]);

            ck_assert_str_eq(text, n ? rows[i].libvirt : rows[i].own);
            idset_free(&slots[n]);
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("machine");
    TCase *all = tcase_create("all");

    tcase_add_test(all, machine_types_are_told_apart);
    tcase_add_test(all, machines_have_their_own_controllers_and_slots);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
