/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * prepare_nova.c - the words of Nova: [pci] device_spec and alias
 *
 * Rule:   a device_spec for each GPU and NIC, with its address, so that what the host keeps is not
 *         among them; an alias for each model.  numa_policy "required": an instance gets the device
 *         only if one of its nodes is the device's; where the host does not say on which node one
 *         is, "preferred".  device_type: type-PF is what can have virtual functions, type-VF is one
 *         (nova/conf/pci.py, nova/pci/request.py of OpenStack).
 */
#include "report/prepare_view.h"

#include "model/pci_class.h"

#include <string.h>

#define NOVA_DOMAINS 0xffff /* it knows no addresses of larger domains */
#define NAME_MAX_LENGTH 60

static bool is_offered(const struct prepare_view *view, size_t at)
{
    return view->prepare->devices.items[at].kind != PREPARE_COMPANION &&
           prepare_function(view, at)->bdf.domain <= NOVA_DOMAINS;
}

static const char *type_of(const struct host_function *f)
{
    if (f->is_vf)
        return "type-VF";
    return f->vfs_total ? "type-PF" : "type-PCI";
}

/* One device_spec may be of several types: an alias is of one. */
static bool is_same_alias(const struct host_function *a, const struct host_function *b)
{
    return a->vendor == b->vendor && a->device == b->device && !strcmp(type_of(a), type_of(b));
}

/* Is it the first of its alias? */
static bool is_first(const struct prepare_view *view, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (is_offered(view, i) &&
            is_same_alias(prepare_function(view, i), prepare_function(view, at)))
            return false;
    }
    return is_offered(view, at);
}

static const char *policy_of(const struct prepare_view *view, size_t at)
{
    for (size_t i = 0; i < view->prepare->devices.count; i++) {
        const struct host_function *f = prepare_function(view, i);

        if (is_offered(view, i) && is_same_alias(f, prepare_function(view, at)) && f->node < 0)
            return "preferred";
    }
    return "required";
}

/* Two models may have one name in pci.ids. */
static bool is_name_taken(const struct prepare_view *view, size_t at, const char *name, bool *taken)
{
    for (size_t i = 0; i < at; i++) {
        autofree char *other = is_first(view, i)
                                   ? prepare_identifier(view, i, '-', true, NAME_MAX_LENGTH)
                                   : strdup("");

        if (!other)
            return false;
        *taken = *taken || !strcmp(other, name);
    }
    return true;
}

static char *alias_name(const struct prepare_view *view, size_t at)
{
    const struct host_function *f = prepare_function(view, at);
    autofree char *name = prepare_identifier(view, at, '-', true, NAME_MAX_LENGTH);
    bool taken = false;

    if (!name || !is_name_taken(view, at, name, &taken))
        return NULL;
    return taken ? mem_printf("%s-%04x-%s", name, f->device, type_of(f) + strlen("type-"))
                 : steal(name);
}

static void add_specs(const struct prepare_view *view, struct buffer *out)
{
    for (size_t i = 0; i < view->prepare->devices.count; i++) {
        const struct host_function *f = prepare_function(view, i);

        if (is_offered(view, i))
            buffer_printf(out,
                          "device_spec = {\"vendor_id\": \"%04x\", \"product_id\": \"%04x\", "
                          "\"address\": \"%s\"}\n",
                          f->vendor, f->device, BDF_TEXT(&f->bdf));
        else if (f->bdf.domain > NOVA_DOMAINS)
            prepare_add_comment(out, "%s: Nova knows no PCI domain above ffff.", BDF_TEXT(&f->bdf));
    }
}

static void add_aliases(const struct prepare_view *view, struct buffer *out)
{
    for (size_t i = 0; i < view->prepare->devices.count; i++) {
        const struct host_function *f = prepare_function(view, i);
        autofree char *name = NULL;

        if (!is_first(view, i))
            continue;
        name = alias_name(view, i);
        out->failed |= !name;
        buffer_printf(out,
                      "alias = {\"name\": \"%s\", \"vendor_id\": \"%04x\", \"product_id\": "
                      "\"%04x\", \"device_type\": \"%s\", \"numa_policy\": \"%s\"}\n",
                      name ? name : "", f->vendor, f->device, type_of(f), policy_of(view, i));
    }
}

static bool has_nic(const struct prepare_view *view)
{
    for (size_t i = 0; i < view->prepare->devices.count; i++) {
        if (view->prepare->devices.items[i].kind == PREPARE_NIC)
            return true;
    }
    return false;
}

void prepare_view_nova(const struct prepare_view *view, struct buffer *out)
{
    prepare_add_comment(out, "For nova.conf of nova-compute on this host; the aliases for that of "
                             "nova-api, too, where they are the same for all hosts.");
    buffer_add(out, "[pci]\n");
    add_specs(view, out);
    if (has_nic(view))
        prepare_add_comment(out, "A NIC that Neutron gives to ports has its network in device_spec "
                                 "as well: \"physical_network\": \"NAME\".");
    add_aliases(view, out);
    prepare_add_comment(out,
                        "Then, with [filter_scheduler] enabled_filters with PciPassthroughFilter "
                        "and NUMATopologyFilter: openstack flavor set FLAVOR --property "
                        "pci_passthrough:alias=NAME:1 --property hw:numa_nodes=1");
}
