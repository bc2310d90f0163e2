/* SPDX-License-Identifier: GPL-2.0-or-later */
/* assignment.c - see assignment.h */
#include "plan/ground/assignment.h"

#include "base/search.h"

static int compare_device(const void *key, const void *item)
{
    const size_t *device = key;
    const struct assignment *assignment = item;

    return (*device > assignment->device) - (*device < assignment->device);
}

const struct assignment *assignment_at(const struct assignments *assigned, size_t device)
{
    return search_find(&device, assigned->items, assigned->count, sizeof(*assigned->items),
                       compare_device);
}

const struct host_function *assignment_function(const struct facts *facts,
                                                const struct assignment *assignment)
{
    return assignment->function == HOST_NONE ? NULL
                                             : &facts->host->functions.items[assignment->function];
}

const char *assignment_subject(const struct facts *facts, const struct assignment *assignment,
                               char text[BDF_TEXT_SIZE])
{
    const struct domain_device *device = &facts->base->devices.items[assignment->device];

    return device->source_id ? device->source_id : bdf_format(&assignment->host, text);
}

int assignment_node(const struct facts *facts, const struct assignment *assignment)
{
    int wish = assignment->policy.node;

    return wish >= -1 ? wish : host_node_of(facts->host, assignment_function(facts, assignment));
}

bool assignment_has_host_bars(const struct assignment *assignment)
{
    return assignment->kind == DEVICE_HOSTDEV_PCI || assignment->kind == DEVICE_INTERFACE_HOSTDEV;
}

bool assignment_is_alone(const struct facts *facts, const struct assignment *assignment)
{
    return assignment->single || assignment_function(facts, assignment)->is_vf ||
           !assignment_has_host_bars(assignment);
}

bool function_has_io(const struct host_function *function)
{
    bool has = false;

    for (unsigned bar = 0; bar < HOST_BARS; bar++)
        has = has || (function->bars[bar].io && function->bars[bar].size);
    return has;
}

bool assignment_has_io(const struct facts *facts, const struct assignment *assignment)
{
    const struct host_function *function = assignment_function(facts, assignment);

    return function && assignment_has_host_bars(assignment) && function_has_io(function);
}

const struct host_function *qemu_device_function(const struct facts *facts,
                                                 const struct domain_qemu_device *device)
{
    size_t at = device->source_known ? host_find(facts->host, &device->source) : HOST_NONE;

    return at == HOST_NONE ? NULL : &facts->host->functions.items[at];
}

void assignments_clear(struct assignments *assigned)
{
    free(assigned->items);
    *assigned = (struct assignments){0};
}
