/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * domain.c - what callers may ask of a parsed domain (vtopo/domain.h)
 * Not here: parsing and undoing (lib/domxml).
 */
#include "base/buffer.h"
#include "base/diff.h"
#include "base/error.h"
#include "domxml/domxml.h"
#include "model/places.h"
#include "model/record.h"

#include <string.h>

/* The same name twice: git apply takes the second for the file to change. */
int vtopo_domain_diff(const struct vtopo_domain *domain, const char *text, size_t length,
                      char **ret_text, struct vtopo_error **reterr)
{
    return diff_texts(domain->text, domain->length, text, length, domain->name, domain->name,
                      ret_text, reterr);
}

bool vtopo_domain_has_root_ports(const struct vtopo_domain *domain)
{
    for (size_t i = 0; i < domain->model.controllers.count; i++) {
        const struct domain_controller *port = &domain->model.controllers.items[i];

        if (port->model == CTRL_ROOT_PORT &&
            (port->address.kind != ADDRESS_PCI || port->address.at.bus == 0))
            return true;
    }
    return false;
}

static bool is_called(const struct domain_device *device, const char *name)
{
    return (device->alias && !strcmp(device->alias, name)) ||
           (device->target && !strcmp(device->target, name));
}

bool vtopo_domain_has_device(const struct vtopo_domain *domain, const char *name)
{
    for (size_t i = 0; i < domain->model.devices.count; i++) {
        if (is_called(&domain->model.devices.items[i], name))
            return true;
    }
    return false;
}

static bool is_counted(const struct domain_device *device)
{
    return device_is_assigned(device) && device->kind != DEVICE_DISK_NVME &&
           device->address.kind != ADDRESS_UNASSIGNED;
}

size_t vtopo_domain_assigned_count(const struct vtopo_domain *domain)
{
    size_t count = 0;

    for (size_t i = 0; i < domain->model.devices.count; i++)
        count += is_counted(&domain->model.devices.items[i]);
    return count;
}

/* The pointers, and behind them the texts, which @texts has with a NUL behind each. */
static char **make_block(const struct buffer *texts, size_t count)
{
    size_t pointers = (count + 1) * sizeof(char *);
    char **names = malloc(pointers + texts->length + 1);
    char *text = names ? (char *)names + pointers : NULL;

    if (!names)
        return NULL;
    memcpy(text, texts->length ? texts->text : "", texts->length + 1);
    for (size_t i = 0; i < count; i++) {
        names[i] = text;
        text += strlen(text) + 1;
    }
    names[count] = NULL;
    return names;
}

int vtopo_domain_assigned_names(const struct vtopo_domain *domain, char ***ret_names,
                                struct vtopo_error **reterr)
{
    autobuffer struct buffer texts = {0};
    size_t count = 0;
    char **names;

    for (size_t i = 0; i < domain->model.devices.count; i++) {
        const struct domain_device *device = &domain->model.devices.items[i];
        autofree char *name = is_counted(device) ? record_host_of(device) : NULL;

        if (is_counted(device) && !name)
            return error_nomem(reterr);
        if (name)
            buffer_add_bytes(&texts, name, strlen(name) + 1);
        count += name != NULL;
    }
    names = texts.failed ? NULL : make_block(&texts, count);
    if (!names)
        return error_nomem(reterr);
    *ret_names = names;
    return 0;
}

const char *vtopo_domain_uuid(const struct vtopo_domain *domain)
{
    return *domain->model.uuid ? domain->model.uuid : NULL;
}

int vtopo_domain_places(const struct vtopo_domain *domain, char **ret_text,
                        struct vtopo_error **reterr)
{
    autobuffer struct buffer text = {0};

    places_add(&domain->model, &text);
    *ret_text = buffer_steal(&text);
    return *ret_text ? 0 : error_nomem(reterr);
}

const char *vtopo_domain_emulator(const struct vtopo_domain *domain)
{
    return domain->model.emulator;
}

int vtopo_domain_pinned_cpus(const struct vtopo_domain *domain, size_t most, char **ret_list,
                             struct vtopo_error **reterr)
{
    struct idset cpus = {0};
    bool ok = true;

    for (size_t i = 0; ok && i < domain->model.pins.count; i++) {
        const struct domain_pin *pin = &domain->model.pins.items[i];

        if (idset_size(&pin->cpus) <= most)
            ok = idset_add_all(&cpus, &pin->cpus);
    }
    *ret_list = ok ? idset_format(&cpus) : NULL;
    idset_free(&cpus);
    return *ret_list ? 0 : error_nomem(reterr);
}

int vtopo_domain_helper_cpus(const struct vtopo_domain *domain, char **ret_list,
                             struct vtopo_error **reterr)
{
    *ret_list = idset_format(&domain->model.helper_cpus);
    return *ret_list ? 0 : error_nomem(reterr);
}
