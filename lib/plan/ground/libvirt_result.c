/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libvirt_result.c - what libvirt will make of the rewritten domain
 *
 * Takes:  the domain, a layout with its numbers, the version of libvirt if the policy has it.
 * Gives:  for each version that may do something else: the domain as libvirt will have it, without
 *         the plan's own controllers. That is what the next rewrite starts from.
 * Rule:   the plan's controllers and the devices on them are put in with their addresses, those
 *         that are announced without, then libvirt_define.c adds and places all that is missing.
 * Not here: what follows from it (tree/hotplug.c).
 */
#include "plan/ground/libvirt_result.h"

#include "plan/ground/versions.h"

static bool add_planned(struct domain *domain, const struct plan_controller *c)
{
    struct domain_controller *added = vec_add(&domain->controllers);

    if (!added)
        return false;
    *added = (struct domain_controller){
        .index = c->index,
        .index_given = true,
        .model = c->model,
        .address = {ADDRESS_PCI,
                    {0, (uint8_t)c->parent_index, (uint8_t)c->slot, (uint8_t)c->function},
                    -1},
        .bus_nr = model_is_expander(c->model) ? (int)c->bus_nr : -1,
        .node = -1,
        .chassis = -1,
        .port = -1,
        .hotplug = c->hotplug_off ? 0 : -1,
        .element = DOMAIN_NO_ELEMENT,
    };
    return true;
}

/* It is in the text, so it is not among those that libvirt puts behind all others. */
static bool add_announced(struct domain *domain, unsigned index)
{
    struct domain_controller *added = vec_add(&domain->controllers);

    if (added)
        *added = (struct domain_controller){.index = index,
                                            .index_given = true,
                                            .model = index ? CTRL_ROOT_PORT : CTRL_PCIE_ROOT,
                                            .bus_nr = -1,
                                            .node = -1,
                                            .chassis = -1,
                                            .port = -1,
                                            .hotplug = -1};
    return added;
}

/* The devices that move, at their new addresses. */
static void move_devices(const struct layout_input *in, const struct layout *layout,
                         struct domain *domain)
{
    for (size_t i = 0; i < in->assigned->count; i++) {
        const struct card_function *function = &in->cards->functions[i];
        const struct card_port *port;

        if (in->fates->items[i].fate != FATE_MOVED)
            continue;
        port = &layout->ports[function->card];
        domain->devices.items[in->assigned->items[i].device].address = (struct address){
            .kind = ADDRESS_PCI,
            .at = {0, (uint8_t)layout->controllers.items[port->port].index, (uint8_t)port->slot,
                   (uint8_t)function->guest_function},
            .multifunction = -1,
        };
    }
}

/* A view: domain_view_clear(). */
static bool make_output(const struct layout_input *in, const struct layout *layout,
                        struct domain *ret)
{
    bool ok = domain_view(in->facts->base, ret);

    for (size_t i = 0; ok && i < layout->controllers.count; i++)
        ok = add_planned(ret, &layout->controllers.items[i]);
    for (size_t i = 0; ok && i < layout->announced.count; i++)
        ok = add_announced(ret, layout->announced.items[i]);
    if (ok)
        move_devices(in, layout, ret);
    return ok;
}

static void remove_planned(const struct layout *layout, struct domain *domain)
{
    bool planned[DOMAIN_INDEXES] = {false};
    size_t left = 0;

    for (size_t i = 0; i < layout->controllers.count; i++) {
        if (!layout->controllers.items[i].filler)
            planned[layout->controllers.items[i].index] = true;
    }
    for (size_t i = 0; i < domain->controllers.count; i++) {
        struct domain_controller *c = &domain->controllers.items[i];

        if (!planned[c->index])
            domain->controllers.items[left++] = *c; /* planned ones have no texts */
    }
    domain->controllers.count = left;
}

static int add_result(const struct domain *output, unsigned version, const struct layout *layout,
                      struct libvirt_results *ret, struct vtopo_error **reterr)
{
    struct libvirt_result *result = &ret->items[ret->count];
    const char *unknown;
    int r = libvirt_define(output, version, &result->domain, &unknown, reterr);

    if (r)
        return r;
    if (unknown) {
        ret->unknown = unknown;
        return 0;
    }
    remove_planned(layout, &result->domain);
    guest_tree_make(&result->domain, &result->tree);
    ret->count++;
    return 0;
}

int libvirt_results_make(const struct layout_input *in, const struct layout *layout,
                         struct libvirt_results *ret, struct vtopo_error **reterr)
{
    unsigned versions[LIBVIRT_VERSIONS];
    size_t count = libvirt_versions(libvirt_version_of(in->facts), versions);
    struct domain output = {0};
    int r = 0;

    ret->count = 0;
    ret->unknown = NULL;
    if (!make_output(in, layout, &output))
        r = error_nomem(reterr);
    /* A version that refuses the domain, as it would without vtopo, is not the one. */
    for (size_t i = 0; !r && i < count; i++)
        r = add_result(&output, versions[i], layout, ret, reterr);
    domain_view_clear(&output);
    if (r)
        libvirt_results_clear(ret);
    return r;
}

void libvirt_results_clear(struct libvirt_results *results)
{
    for (size_t i = 0; i < results->count; i++)
        domain_clear(&results->items[i].domain);
    results->count = 0;
}
