/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * print_defined.c - print_defined VERSION FILE...: what libvirt is expected to make of domains
 *
 * For each file a line "domain" or "unknown WHY" or "unusable WHY", then a line for each controller
 * and each device with its address; with version "as-it-is" of the domain as the file has it.
 * test_libvirt_adds.py compares them.
 */
#include "base/error.h"
#include "base/readfile.h"
#include "domxml/domxml.h"
#include "plan/ground/libvirt_define.h"

#include <stdio.h>
#include <string.h>

static void print_address(const struct address *address)
{
    if (address->kind != ADDRESS_PCI) {
        puts(address->kind == ADDRESS_NONE ? " none" : " other");
        return;
    }
    printf(" %02x:%02x.%x%s\n", address->at.bus, address->at.slot, address->at.function,
           address->multifunction == 1 ? " multifunction" : "");
}

static void print_domain(const struct domain *domain)
{
    puts("domain");
    for (size_t i = 0; i < domain->controllers.count; i++) {
        const struct domain_controller *c = &domain->controllers.items[i];

        printf("controller pci %u %s %d %d %d", c->index, controller_model_name(c->model),
               c->chassis, c->port, c->bus_nr);
        print_address(&c->address);
    }
    for (size_t i = 0; i < domain->devices.count; i++) {
        const struct domain_device *d = &domain->devices.items[i];

        printf("device %d %s", d->place.group, d->label);
        print_address(&d->address);
    }
}

static int print_defined(const char *path, const char *version)
{
    struct vtopo_error *error = NULL;
    struct vtopo_domain *domain = NULL;
    struct domain defined = {0};
    const char *unknown = NULL;
    autofree char *text = NULL;
    size_t length;
    bool as_it_is = strcmp(version, "as-it-is") == 0;
    int r = 0;

    if (read_file(path, SIZE_MAX / 2, VTOPO_ERR_FILE, &text, &length, NULL))
        return 1;
    if (vtopo_domain_parse(text, length, path, &domain, &error)) {
        printf("unusable %s\n", vtopo_error_message(error));
        vtopo_error_free(error);
        return 0;
    }
    if (!as_it_is)
        r = libvirt_define(&domain->model, (unsigned)atoi(version), &defined, &unknown, &error);
    if (unknown)
        printf("unknown %s\n", unknown);
    else
        print_domain(as_it_is ? &domain->model : &defined);
    domain_clear(&defined);
    vtopo_domain_free(domain);
    vtopo_error_free(error);
    return r != 0;
}

int main(int argc, char **argv)
{
    int failed = 0;

    for (int i = 2; i < argc; i++)
        failed |= print_defined(argv[i], argv[1]);
    return failed;
}
