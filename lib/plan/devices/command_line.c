/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * command_line.c - see command_line.h
 *
 * Takes:  domain.qemu_devices.
 * Gives:  their names, for findings.
 * Not here: the places that they take (plan/ground/occupancy.c).
 */
#include "plan/devices/command_line.h"

#include "base/buffer.h"
#include "model/qemu_device.h"

#include <string.h>

/* A list in a message: more are only counted. */
#define NAMES_MAX 8

struct name_list {
    struct buffer text;
    size_t count;
};

static void add_name(struct name_list *list, const char *name, const char *id)
{
    if (list->count++ >= NAMES_MAX)
        return;
    buffer_printf(&list->text, "%s%.64s", list->count > 1 ? ", " : "", name);
    if (id)
        buffer_printf(&list->text, " (id %.64s)", id);
}

/* NULL: there are none, or out of memory, which makes @ret_done false. */
static char *end_list(struct name_list *list, bool *ret_done)
{
    char *text;

    *ret_done = true;
    if (!list->count)
        return NULL;
    if (list->count > NAMES_MAX)
        buffer_printf(&list->text, " and %zu more", list->count - NAMES_MAX);
    text = buffer_steal(&list->text);
    *ret_done = text;
    return text;
}

bool command_line_assigned(const struct domain *domain, char **ret_text)
{
    struct name_list hosts = {0};
    autofree char *names = NULL;
    bool done;

    *ret_text = NULL;
    for (size_t i = 0; i < domain->qemu_devices.count; i++) {
        if (domain->qemu_devices.items[i].host)
            add_name(&hosts, domain->qemu_devices.items[i].host, NULL);
    }
    names = end_list(&hosts, &done);
    if (names && hosts.count > 1)
        *ret_text = mem_printf(
            "vfio-pci in <qemu:commandline> assigns %s past libvirt, which does not prepare them: they "
            "stay where their arguments put them; assign them with <hostdev>, and vtopo places them",
            names);
    else if (names)
        *ret_text = mem_printf(
            "vfio-pci in <qemu:commandline> assigns %s past libvirt, which does not prepare it: it stays "
            "where its argument puts it; assign it with <hostdev>, and vtopo places it",
            names);
    return done && (!names || *ret_text);
}

bool command_line_anywhere(const struct domain *domain, char **ret_names)
{
    struct name_list devices = {0};
    bool done;

    for (size_t i = 0; i < domain->qemu_devices.count; i++) {
        const struct domain_qemu_device *d = &domain->qemu_devices.items[i];

        if (qemu_device_is_anywhere(d))
            add_name(&devices, d->driver, d->id);
    }
    *ret_names = end_list(&devices, &done);
    return done;
}

const char *command_line_unfit(const struct domain *domain)
{
    static const struct {
        const char *driver; /* with the dot */
        enum controller_model model;
    } kinds[] = {
        {"pxb-pcie.", CTRL_EXPANDER},
        {"pxb.", CTRL_PCI_EXPANDER},
        {"pci-bridge.", CTRL_PCI_BRIDGE},
        {"x3130-upstream.", CTRL_UPSTREAM},
        {"xio3130-downstream.", CTRL_DOWNSTREAM},
        {"pcie-pci-bridge.", CTRL_PCIE_TO_PCI},
    };
    const char *text = domain->qemu_global_unfit;

    for (size_t k = 0; text && k < sizeof(kinds) / sizeof(*kinds); k++) {
        if (strncmp(text, kinds[k].driver, strlen(kinds[k].driver)) != 0)
            continue;
        for (size_t i = 0; i < domain->controllers.count; i++) {
            if (domain->controllers.items[i].model == kinds[k].model)
                return NULL;
        }
    }
    return text;
}
