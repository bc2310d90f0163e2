/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * prepare_proxmox.c - the words of Proxmox VE: resource mappings
 *
 * Rule:   a mapping for each model and NUMA node, because a VM gets the first free device of a
 *         mapping, wherever it is.  A card whose functions all go together is mapped as a whole,
 *         without function, by the ids of its first.  What the hardware has of subsystem id and
 *         IOMMU group has to be there (PVE/Mapping/PCI.pm of pve-guest-common).
 */
#include "report/prepare_view.h"

#include <string.h>

#define NAME_MAX_LENGTH 40

static bool is_offered(const struct prepare_view *view, size_t at)
{
    return view->prepare->devices.items[at].kind != PREPARE_COMPANION;
}

static bool mapping_key(const struct prepare_view *view, size_t at, uint64_t *ret)
{
    const struct host_function *f = prepare_function(view, at);

    *ret = (uint64_t)host_function_id(f) << 32 | (uint32_t)f->node;
    return is_offered(view, at);
}

/* Do companions in its slot, which come next, go with function 0? */
static bool is_whole_card(const struct prepare_view *view, size_t at)
{
    const struct host_function *f = prepare_function(view, at);

    if (f->bdf.function)
        return false;
    for (size_t i = at + 1; i < view->prepare->devices.count &&
                            bdf_same_slot(&prepare_function(view, i)->bdf, &f->bdf);
         i++) {
        if (view->prepare->devices.items[i].kind == PREPARE_COMPANION)
            return true;
    }
    return false;
}

static void add_map(const struct prepare_view *view, size_t at, struct buffer *out)
{
    const struct host_function *f = prepare_function(view, at);
    char path[BDF_TEXT_SIZE];

    bdf_format(&f->bdf, path);
    if (is_whole_card(view, at))
        *strrchr(path, '.') = '\0';
    buffer_printf(out, " \\\n  --map node=%s,path=%s,id=%04x:%04x", view->node, path, f->vendor,
                  f->device);
    if (f->subsystem_vendor || f->subsystem_device)
        buffer_printf(out, ",subsystem-id=%04x:%04x", f->subsystem_vendor, f->subsystem_device);
    if (f->iommu_group >= 0)
        buffer_printf(out, ",iommugroup=%d", f->iommu_group);
}

static void add_mapping(const struct prepare_view *view, const struct kinds *mappings, size_t at,
                        struct buffer *out)
{
    const struct host_function *f = prepare_function(view, at);
    autofree char *name = prepare_identifier(view, at, '-', true, NAME_MAX_LENGTH);

    out->failed |= !name;
    buffer_printf(out, "pvesh create /cluster/mapping/pci --id %s-%04x", name ? name : "",
                  f->device);
    if (f->node >= 0)
        buffer_printf(out, "-node%d", f->node);
    for (size_t i = at; i != KINDS_NONE; i = mappings->next[i])
        add_map(view, i, out);
    buffer_add(out, "\n");
}

void prepare_view_proxmox(const struct prepare_view *view, struct buffer *out)
{
    struct kinds mappings;
    bool done = prepare_find_kinds(view, mapping_key, &mappings);

    out->failed |= !done;
    prepare_add_comment(out, "A mapping that is there already is extended in the web interface, or "
                             "with pvesh set, which takes all of its --map again.");
    for (size_t i = 0; done && i < view->prepare->devices.count; i++) {
        if (mappings.first[i] == i)
            add_mapping(view, &mappings, i, out);
    }
    kinds_clear(&mappings);
    prepare_add_comment(out, "Then: qm set VMID --hostpci0 mapping=NAME,pcie=1 (machine type q35)");
}
