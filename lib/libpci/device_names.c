/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * device_names.c - what people call a device, from this machine's pci.ids
 *
 * Takes:  vendor and device ids.
 * Gives:  names.
 * Rule:   libpci reads its list of names and nothing else: no bus is opened (pci_init() is never
 *         called, as it leaves the process when it finds none), no network, no cache, no udev.
 */
#include "libpci/device_names.h"

#include <pci/pci.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

struct device_names {
    struct pci_access *access;
};

/*
 * libpci's error callback must not return and is given nothing of its caller's; so this, one per
 * thread and set only while libpci runs, is the one variable of the library that changes.
 */
static _Thread_local jmp_buf *way_out;

static void end_lookup(char *message, ...) __attribute__((noreturn));

static void end_lookup(char *message, ...)
{
    (void)message;
    longjmp(*way_out, 1);
}

static void ignore(char *message, ...)
{
    (void)message;
}

struct device_names *device_names_new(void)
{
    struct device_names *names = malloc(sizeof(*names));

    if (!names)
        return NULL;
    names->access = pci_alloc();
    names->access->error = end_lookup;
    names->access->warning = ignore;
    names->access->debug = ignore;
    return names;
}

void device_names_free(struct device_names *names)
{
    if (names)
        pci_cleanup(names->access);
    free(names);
}

/* False: not known, or the list cannot be read. */
static bool find_name(struct device_names *names, int what, const struct host_function *function,
                      char *text, size_t size)
{
    jmp_buf here;
    const char *found = NULL;

    way_out = &here;
    if (!setjmp(here)) {
        int flags = what | PCI_LOOKUP_NO_NUMBERS | PCI_LOOKUP_NO_HWDB;

        found = pci_lookup_name(names->access, text, (int)size, flags, function->vendor,
                                function->device);
    }
    way_out = NULL;
    return found == text && *text;
}

/* Names are others' text: nothing in them may steer a terminal. */
static void make_printable(char *text)
{
    for (; *text; text++) {
        if (*text < ' ' || *text >= 0x7f)
            *text = '?';
    }
}

/* "GA100 [A100X]" becomes "A100X"; without brackets nothing changes. */
static void shorten_to_brackets(char *name)
{
    char *open = strchr(name, '['), *close = open ? strchr(open, ']') : NULL;

    if (!close)
        return;
    *close = '\0';
    memmove(name, open + 1, strlen(open + 1) + 1);
}

/*
 * "Advanced Micro Devices, Inc. [AMD/ATI]" is AMD/ATI, "Mellanox Technologies" is Mellanox, "Red
 * Hat, Inc." is Red Hat.
 */
static void shorten_vendor(char *vendor)
{
    static const char *const endings[] = {
        ",",        " Co",           " Corp",     " Electronics",
        " Inc",     " Ltd",          " Networks", " Semiconductor",
        " Systems", " Technologies", " Tech",     " Technology",
        " /",
    };

    shorten_to_brackets(vendor);
    for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
        char *found = strstr(vendor, endings[i]);

        if (found && found > vendor)
            *found = '\0';
    }
}

static char *make_name(struct device_names *names, const struct host_function *function,
                       bool is_short)
{
    char vendor[256], device[256];

    if (!find_name(names, PCI_LOOKUP_VENDOR, function, vendor, sizeof(vendor)))
        return mem_printf("%04x:%04x", function->vendor, function->device);
    make_printable(vendor);
    shorten_vendor(vendor);
    if (!find_name(names, PCI_LOOKUP_DEVICE, function, device, sizeof(device)))
        return mem_printf("%s %04x:%04x", vendor, function->vendor, function->device);
    make_printable(device);
    if (is_short)
        shorten_to_brackets(device);
    return mem_printf("%s %s", vendor, device);
}

char *device_name(struct device_names *names, const struct host_function *function)
{
    return make_name(names, function, false);
}

char *device_short_name(struct device_names *names, const struct host_function *function)
{
    return make_name(names, function, true);
}
