/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spare_ports.c - spare ports are for what is plugged in later
 *
 * Takes:  the layout with its numbers, what libvirt will add to the domain (libvirt_result.c).
 * Gives:  a refusal where libvirt would put something into a spare port.
 * Rule:   a domain can have all its addresses and lack devices that libvirt adds unasked, a balloon
 *         say: they get the lowest empty ports, and ours are no different from others. In libvirt's
 *         own dump of the domain they have their places.
 * Not here: domains whose devices lack addresses (number.c).
 */
#include "plan/ground/libvirt_adds.h"
#include "plan/ground/libvirt_result.h"
#include "plan/tree/number.h"

static bool has_spare_ports(const struct layout *layout, bool ret_spare[DOMAIN_INDEXES])
{
    bool any = false;

    for (size_t i = 0; i < layout->controllers.count; i++) {
        const struct plan_controller *c = &layout->controllers.items[i];

        if (c->spare)
            any = ret_spare[c->index] = true;
    }
    return any;
}

static const struct domain_device *find_guest(const struct domain *domain,
                                              const bool spare[DOMAIN_INDEXES])
{
    for (size_t i = 0; i < domain->devices.count; i++) {
        const struct address *address = &domain->devices.items[i].address;

        if (address->kind == ADDRESS_PCI && spare[address->at.bus])
            return &domain->devices.items[i];
    }
    return NULL;
}

static int refuse(const struct domain_device *guest, struct vtopo_error **reterr)
{
    return error_set(
        reterr, VTOPO_ERR_REFUSED,
        "libvirt will add %s to the domain, and would put it into a spare port: define it first, then rewrite what \"virsh dumpxml --inactive\" prints",
        guest->label ? guest->label : "a device");
}

int layout_check_spare_ports(const struct layout_input *in, const struct layout *layout,
                             struct vtopo_error **reterr)
{
    bool spare[DOMAIN_INDEXES] = {false};
    autofree struct libvirt_results *results = NULL;
    int r;

    if (!has_spare_ports(layout, spare) || !libvirt_adds_devices(in->facts->base))
        return 0;
    results = calloc(1, sizeof(*results));
    r = results ? libvirt_results_make(in, layout, results, reterr) : error_nomem(reterr);
    for (size_t i = 0; !r && i < results->count; i++) {
        const struct domain_device *guest = find_guest(&results->items[i].domain, spare);

        if (guest)
            r = refuse(guest, reterr);
    }
    if (results)
        libvirt_results_clear(results);
    return r;
}
