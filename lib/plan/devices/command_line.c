/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * command_line.c - see command_line.h
 *
 * Takes:  domain.qemu_devices.
 * Gives:  their names, for findings.
 * Not here: the places that they take (plan/ground/occupancy.c).
 */
#include "plan/devices/command_line.h"

#include "model/qemu_device.h"

/* A list in a message: more are only counted. */
#define NAMES_MAX 8

struct name_list {
    char *text;
    size_t count;
};

static bool add_name(struct name_list *list, const char *name, const char *id)
{
    const char *comma = list->count ? ", " : "";

    if (list->count++ >= NAMES_MAX)
        return true;
    return id ? mem_append(&list->text, "%s%.64s (id %.64s)", comma, name, id)
              : mem_append(&list->text, "%s%.64s", comma, name);
}

static bool end_list(struct name_list *list)
{
    return list->count <= NAMES_MAX ||
           mem_append(&list->text, " and %zu more", list->count - NAMES_MAX);
}

bool command_line_assigned(const struct domain *domain, char **ret_text)
{
    struct name_list hosts = {0};
    bool ok = true;

    *ret_text = NULL;
    for (size_t i = 0; ok && i < domain->qemu_devices.count; i++) {
        if (domain->qemu_devices.items[i].host)
            ok = add_name(&hosts, domain->qemu_devices.items[i].host, NULL);
    }
    ok = ok && end_list(&hosts);
    if (ok && hosts.count)
        *ret_text = mem_printf(
            "vfio-pci in <qemu:commandline> assigns %s past libvirt: libvirt and vtopo do not see what "
            "is behind such an argument, so it is not placed; <hostdev> in its stead would be",
            hosts.text);
    ok = ok && (!hosts.count || *ret_text);
    free(hosts.text);
    return ok;
}

bool command_line_anywhere(const struct domain *domain, char **ret_names)
{
    struct name_list devices = {0};
    bool ok = true;

    for (size_t i = 0; ok && i < domain->qemu_devices.count; i++) {
        const struct domain_qemu_device *d = &domain->qemu_devices.items[i];

        if (qemu_device_is_anywhere(d))
            ok = add_name(&devices, d->driver, d->id);
    }
    ok = ok && end_list(&devices);
    *ret_names = ok ? devices.text : NULL;
    if (!ok)
        free(devices.text);
    return ok;
}
