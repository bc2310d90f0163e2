/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * prepare_kubevirt.c - the words of KubeVirt: permittedHostDevices
 *
 * Rule:   KubeVirt offers all devices of an id that are bound to vfio-pci, on every node of the
 *         cluster; what is not bound is not offered.  It knows a device by its IOMMU group, so of
 *         two in one group it has one (pkg/virt-handler/device-manager/pci_device.go).  A resource
 *         is called DOMAIN/NAME, and NAME has at most 63 characters.
 */
#include "report/prepare_view.h"

#define NAME_MAX_LENGTH 63

/* Whose name a resource has. */
static const char *domain_of(uint16_t vendor)
{
    switch (vendor) {
    case 0x10de:
        return "nvidia.com";
    case 0x15b3:
        return "mellanox.com";
    case 0x8086:
        return "intel.com";
    case 0x1002:
    case 0x1022:
        return "amd.com";
    case 0x14e4:
        return "broadcom.com";
    default:
        return "vtopo.io";
    }
}

static bool is_offered(const struct prepare_view *view, size_t at)
{
    return view->prepare->devices.items[at].kind != PREPARE_COMPANION;
}

static void add_device(const struct prepare_view *view, size_t at, struct buffer *out)
{
    const struct host_function *f = prepare_function(view, at);
    /* Two models with one name in pci.ids are two resources. */
    autofree char *name = prepare_identifier(view, at, '_', false, NAME_MAX_LENGTH - 5);

    out->failed |= !name;
    buffer_printf(out,
                  "      - pciVendorSelector: \"%04X:%04X\"\n"
                  "        resourceName: \"%s/%s_%04X\"\n",
                  f->vendor, f->device, domain_of(f->vendor), name ? name : "", f->device);
}

static bool group_key(const struct prepare_view *view, size_t at, uint64_t *ret)
{
    int group = prepare_function(view, at)->iommu_group;

    *ret = (uint64_t)group;
    return group >= 0 && is_offered(view, at);
}

/* Of all but the last of a group. */
static void add_groups(const struct prepare_view *view, struct buffer *out)
{
    struct kinds groups;
    bool done = prepare_find_kinds(view, group_key, &groups);

    out->failed |= !done;
    for (size_t i = 0; done && i < view->prepare->devices.count; i++) {
        if (groups.next[i] != KINDS_NONE)
            prepare_add_comment(out,
                                "Of IOMMU group %d, which %s shares with others of these, KubeVirt "
                                "knows one device.",
                                prepare_function(view, i)->iommu_group,
                                BDF_TEXT(&prepare_function(view, i)->bdf));
    }
    kinds_clear(&groups);
}

void prepare_view_kubevirt(const struct prepare_view *view, struct buffer *out)
{
    prepare_add_comment(out,
                        "kubectl -n kubevirt patch kubevirt kubevirt --type merge --patch-file "
                        "FILE: the list takes the place of one that is there.");
    prepare_add_comment(out,
                        "KubeVirt offers what is bound to vfio-pci, of these ids, on all nodes "
                        "of the cluster.");
    add_groups(view, out);
    buffer_add(out, "spec:\n  configuration:\n    permittedHostDevices:\n      pciHostDevices:\n");
    for (size_t i = 0; i < view->prepare->devices.count; i++) {
        if (is_offered(view, i) && prepare_is_first_of_id(view, i))
            add_device(view, i, out);
    }
}
