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

enum type { TYPE_PCI, TYPE_PF, TYPE_VF };

static enum type type_of(const struct host_function *f)
{
    if (f->is_vf)
        return TYPE_VF;
    return f->vfs_total ? TYPE_PF : TYPE_PCI;
}

/* Without "type-". */
static const char *type_name(const struct host_function *f)
{
    static const char *const names[] = {[TYPE_PCI] = "PCI", [TYPE_PF] = "PF", [TYPE_VF] = "VF"};

    return names[type_of(f)];
}

/* One device_spec may be of several types: an alias is of one. */
static bool alias_key(const struct prepare_view *view, size_t at, uint64_t *ret)
{
    const struct host_function *f = prepare_function(view, at);

    *ret = (uint64_t)host_function_id(f) << 8 | type_of(f);
    return is_offered(view, at);
}

static const char *policy_of(const struct prepare_view *view, const struct kinds *aliases,
                             size_t first)
{
    for (size_t i = first; i != KINDS_NONE; i = aliases->next[i]) {
        if (prepare_function(view, i)->node < 0)
            return "preferred";
    }
    return "required";
}

/* The aliases' names, two of which may be one: two models may have one in pci.ids. */
struct names {
    struct kinds_key *keys; /* of each device */
    struct kinds kinds;
};

static bool find_names(const struct prepare_view *view, const struct kinds *aliases,
                       struct names *ret)
{
    size_t count = view->prepare->devices.count;
    bool done;

    *ret = (struct names){.keys = calloc(count + 1, sizeof(*ret->keys))};
    done = ret->keys;
    for (size_t i = 0; done && i < count; i++) {
        ret->keys[i].left_out = aliases->first[i] != i;
        if (ret->keys[i].left_out)
            continue;
        ret->keys[i].text = prepare_identifier(view, i, '-', true, NAME_MAX_LENGTH);
        done = ret->keys[i].text;
    }
    return done && kinds_make(ret->keys, count, &ret->kinds);
}

static void clear_names(struct names *names, size_t count)
{
    for (size_t i = 0; names->keys && i < count; i++)
        free((char *)names->keys[i].text);
    free(names->keys);
    kinds_clear(&names->kinds);
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

static void add_alias(const struct prepare_view *view, const struct kinds *aliases,
                      const struct names *names, size_t at, struct buffer *out)
{
    const struct host_function *f = prepare_function(view, at);

    buffer_printf(out, "alias = {\"name\": \"%s", names->keys[at].text);
    if (names->kinds.first[at] != at)
        buffer_printf(out, "-%04x-%s", f->device, type_name(f));
    buffer_printf(out,
                  "\", \"vendor_id\": \"%04x\", \"product_id\": \"%04x\", \"device_type\": "
                  "\"type-%s\", \"numa_policy\": \"%s\"}\n",
                  f->vendor, f->device, type_name(f), policy_of(view, aliases, at));
}

static void add_aliases(const struct prepare_view *view, struct buffer *out)
{
    size_t count = view->prepare->devices.count;
    struct names names = {0};
    struct kinds aliases;
    bool done = prepare_find_kinds(view, alias_key, &aliases) && find_names(view, &aliases, &names);

    out->failed |= !done;
    for (size_t i = 0; done && i < count; i++) {
        if (aliases.first[i] == i)
            add_alias(view, &aliases, &names, i, out);
    }
    clear_names(&names, count);
    kinds_clear(&aliases);
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
