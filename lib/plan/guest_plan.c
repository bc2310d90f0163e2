/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guest_plan.c - see guest_plan.h
 *
 * Takes:  the devices that have a place from vtopo, the ports above them, their links.
 * Gives:  JSON: guest addresses, cells, ports, links, and who shares a switch or a root complex.
 * Rule:   whoever has the guest reads it, so it says nothing of the host but what the guest sees,
 *         and nothing of what was before, so that a second rewrite says the same.  In the order of
 *         guest addresses.
 * Not here: reading it (json/guest_plan_read.c), putting it into a domain.
 */
#include "plan/guest_plan.h"

#include "base/buffer.h"
#include "base/error.h"
#include "model/link_text.h"

#include <string.h>

struct writer {
    const struct vtopo_plan *plan;
    const struct plan_device **devices; /* those with a place, ascending by guest address */
    size_t count;
    struct buffer out;
};

/* --- which --- */

static bool has_place(const struct plan_device *device)
{
    return device->fate == FATE_MOVED && device->card != PLAN_NONE;
}

bool guest_plan_has_devices(const struct vtopo_plan *plan)
{
    for (size_t i = 0; i < plan->devices.count; i++) {
        if (has_place(&plan->devices.items[i]))
            return true;
    }
    return false;
}

static size_t port_of(const struct vtopo_plan *plan, const struct plan_device *device)
{
    return plan->cards.items[device->card].port;
}

const char *guest_plan_unknown(const struct vtopo_plan *plan)
{
    for (size_t i = 0; i < plan->devices.count; i++) {
        const struct plan_device *device = &plan->devices.items[i];
        bool known = device->after_known;

        if (!has_place(device))
            continue;
        for (size_t at = port_of(plan, device); at != PLAN_NONE;
             at = plan->controllers.items[at].parent) {
            const struct plan_controller *c = &plan->controllers.items[at];

            known = known && (model_is_expander(c->model) || bdf_is_set(&c->guest));
        }
        if (!known)
            return plan->extract.domain.devices.items[device->device].label;
    }
    return NULL;
}

static int compare_devices(const void *left, const void *right)
{
    const struct plan_device *const *a = left, *const *b = right;

    return bdf_compare(&(*a)->guest_after, &(*b)->guest_after);
}

static bool list_devices(struct writer *w)
{
    w->devices = calloc(w->plan->devices.count + 1, sizeof(*w->devices));
    if (!w->devices)
        return false;
    for (size_t i = 0; i < w->plan->devices.count; i++) {
        if (has_place(&w->plan->devices.items[i]))
            w->devices[w->count++] = &w->plan->devices.items[i];
    }
    qsort(w->devices, w->count, sizeof(*w->devices), compare_devices);
    return true;
}

/* --- a device --- */

/* The expander above, or PLAN_NONE. */
static size_t expander_above(const struct vtopo_plan *plan, const struct plan_device *device)
{
    size_t at = port_of(plan, device);

    while (at != PLAN_NONE && !model_is_expander(plan->controllers.items[at].model))
        at = plan->controllers.items[at].parent;
    return at;
}

static void add_number_or_null(struct writer *w, const char *key, int number)
{
    if (number < 0)
        buffer_printf(&w->out, "\"%s\": null", key);
    else
        buffer_printf(&w->out, "\"%s\": %d", key, number);
}

static int cell_below(const struct vtopo_plan *plan, size_t expander)
{
    return expander == PLAN_NONE ? -1 : plan->controllers.items[expander].cell;
}

/* From the root bus down.  Returns how many. */
static size_t add_ports(struct writer *w, size_t at)
{
    const struct plan_controller *c = at == PLAN_NONE ? NULL : &w->plan->controllers.items[at];
    size_t above;

    if (c && c->model == CTRL_PCI_EXPANDER) { /* the bridge that QEMU puts into it */
        buffer_printf(&w->out, "\"%s\"", BDF_TEXT(&((struct bdf){0, (uint8_t)c->bus_nr, 0, 0})));
        return 1;
    }
    if (!c || c->model == CTRL_EXPANDER)
        return 0;
    above = add_ports(w, c->parent);
    buffer_printf(&w->out, "%s\"%s\"", above ? ", " : "", BDF_TEXT(&c->guest));
    return above + 1;
}

/* A device that is given itself: mediated ones and those of virtio are others in the guest. */
static bool is_itself(const struct plan_device *device)
{
    return device->function != HOST_NONE &&
           (device->kind == DEVICE_HOSTDEV_PCI || device->kind == DEVICE_INTERFACE_HOSTDEV);
}

static void add_link(struct writer *w, const struct host_link *link)
{
    if (link && link->speed && link->width)
        buffer_printf(&w->out, ", \"link\": \"%s\"", link_format(link, (char[LINK_TEXT_SIZE]){0}));
    else
        buffer_add(&w->out, ", \"link\": null");
}

static void add_device(struct writer *w, const struct plan_device *device)
{
    const struct host_function *function =
        is_itself(device) ? &w->plan->extract.host.functions.items[device->function] : NULL;

    buffer_printf(&w->out, "{\"bdf\": \"%s\", ", BDF_TEXT(&device->guest_after));
    if (function)
        buffer_printf(&w->out, "\"vendor_device\": \"%04x:%04x\", ", function->vendor,
                      function->device);
    else
        buffer_add(&w->out, "\"vendor_device\": null, ");
    add_number_or_null(w, "cell", cell_below(w->plan, expander_above(w->plan, device)));
    buffer_add(&w->out, ", \"ports\": [");
    add_ports(w, port_of(w->plan, device));
    buffer_add(&w->out, "]");
    add_link(w, function && device->shows_link ? &function->link_max : NULL);
    buffer_add(&w->out, "}");
}

/* --- lists --- */

/* ",\n" between entries, each on a line of its own. */
static void next_line(struct writer *w, size_t *printed)
{
    buffer_add(&w->out, (*printed)++ ? ",\n    " : "\n    ");
}

static void add_devices(struct writer *w)
{
    size_t printed = 0;

    buffer_add(&w->out, ",\n  \"devices\": [");
    for (size_t i = 0; i < w->count; i++) {
        next_line(w, &printed);
        add_device(w, w->devices[i]);
    }
    buffer_add(&w->out, "\n  ]");
}

static bool is_below(const struct vtopo_plan *plan, size_t at, size_t above)
{
    while (at != PLAN_NONE && at != above)
        at = plan->controllers.items[at].parent;
    return at == above;
}

static bool has_devices(const struct writer *w, size_t controller)
{
    for (size_t i = 0; i < w->count; i++) {
        if (is_below(w->plan, port_of(w->plan, w->devices[i]), controller))
            return true;
    }
    return false;
}

/* Their places in the list of devices. */
static void add_members(struct writer *w, size_t controller)
{
    size_t printed = 0;

    buffer_add(&w->out, "\"devices\": [");
    for (size_t i = 0; i < w->count; i++) {
        if (is_below(w->plan, port_of(w->plan, w->devices[i]), controller))
            buffer_printf(&w->out, "%s%zu", printed++ ? ", " : "", i);
    }
    buffer_add(&w->out, "]}");
}

/* Ports that say a link of their own (policy links). */
static void add_port_links(struct writer *w)
{
    size_t printed = 0;

    buffer_add(&w->out, ",\n  \"ports\": [");
    for (size_t i = 0; i < w->plan->controllers.count; i++) {
        const struct plan_controller *c = &w->plan->controllers.items[i];

        if (!c->link.speed || !has_devices(w, i))
            continue;
        next_line(w, &printed);
        buffer_printf(&w->out, "{\"bdf\": \"%s\"", BDF_TEXT(&c->guest));
        add_link(w, &c->link);
        buffer_add(&w->out, "}");
    }
    buffer_add(&w->out, printed ? "\n  ]" : "]");
}

/* Devices below one upstream port share a switch, nested ones included. */
static void add_switches(struct writer *w)
{
    size_t printed = 0;

    buffer_add(&w->out, ",\n  \"switches\": [");
    for (size_t i = 0; i < w->plan->controllers.count; i++) {
        const struct plan_controller *c = &w->plan->controllers.items[i];

        if (c->model != CTRL_UPSTREAM || !has_devices(w, i))
            continue;
        next_line(w, &printed);
        buffer_printf(&w->out, "{\"bdf\": \"%s\", ", BDF_TEXT(&c->guest));
        add_members(w, i);
    }
    buffer_add(&w->out, printed ? "\n  ]" : "]");
}

static void add_root_complexes(struct writer *w)
{
    size_t printed = 0;

    buffer_add(&w->out, ",\n  \"root_complexes\": [");
    for (size_t i = 0; i < w->plan->controllers.count; i++) {
        const struct plan_controller *c = &w->plan->controllers.items[i];

        if (!model_is_expander(c->model) || !has_devices(w, i))
            continue;
        next_line(w, &printed);
        buffer_printf(&w->out, "{\"bus\": \"0000:%02x\", ", c->bus_nr);
        add_number_or_null(w, "cell", c->cell);
        buffer_add(&w->out, ", ");
        add_members(w, i);
    }
    buffer_add(&w->out, printed ? "\n  ]" : "]");
}

int guest_plan_format(const struct vtopo_plan *plan, char **ret_text, struct vtopo_error **reterr)
{
    struct writer w = {.plan = plan};

    if (list_devices(&w)) {
        buffer_printf(&w.out, "{\n  \"format\": \"vtopo-guest-plan\",\n  \"version\": %d",
                      GUEST_PLAN_VERSION);
        add_devices(&w);
        add_port_links(&w);
        add_switches(&w);
        add_root_complexes(&w);
        buffer_add(&w.out, "\n}\n");
        *ret_text = buffer_steal(&w.out);
    } else {
        *ret_text = NULL;
    }
    free(w.devices);
    return *ret_text ? 0 : error_nomem(reterr);
}
