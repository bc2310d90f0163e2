/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check_groups.c - who else is in the IOMMU groups of the devices?
 *
 * Takes:  the groups of the devices that a guest gets whole.
 * Gives:  a result for each group of which the guest gets only a part, and for each device without
 *         a group.
 * Rule:   a member counts while a driver of the host holds it. VFIO drivers, pci-stub and those of
 *         ports leave its DMA to VFIO (driver_managed_dma in Linux,
 *         iommu_device_use_default_domain() in drivers/iommu/iommu.c), and so does a member without
 *         a driver.
 */
#include "base/search.h"
#include "check/checker.h"

#define CLASS_HOST_BRIDGE 0x0600

static const struct check_advice partly = {
    FINDING_GROUP_PARTLY,
    "VFIO starts no guest with a part of a group while the host uses the rest",
    "every other member in the same guest, or with a VFIO driver or none",
    "give them to the guest, too, or keep them from host and guest with <hostdev managed='yes'> "
    "and <address "
    "type='unassigned'/>; another slot, or ACS turned on in the BIOS, makes smaller groups",
    {"is in ", ": VFIO starts no guest with a part of a group while drivers of the host hold the "
               "rest; give the guest all of them, or keep them from host and guest (<hostdev "
               "managed='yes'> with <address type='unassigned'/>)"},
};
static const struct check_advice in_use = {
    FINDING_GROUP_PARTLY,
    "VFIO starts no guest with a part of a group while the host uses the rest",
    "every other member in the same guest, or with a VFIO driver or none",
    "another slot, or ACS turned on in the BIOS, makes smaller groups; where the host itself does "
    "not work with them (network, disk, display, chipset), they can be given to the guest, too",
    {"is in ", ": VFIO starts no guest with a part of a group while drivers of the host hold the "
               "rest; another slot, or ACS turned on in the BIOS, makes smaller groups; give the "
               "guest the rest only if the host itself does not work with it"},
};
static const struct check_advice none = {
    FINDING_NO_GROUP,
    "VFIO cannot give it to a guest",
    "an IOMMU group",
    "turn on VT-d or AMD-Vi (IOMMU) in the BIOS, and boot Linux with intel_iommu=on where that is "
    "not the default",
    {0},
};

/* A function in the order of groups. */
struct member {
    int group;
    size_t function;
};

static int compare_members(const void *a, const void *b)
{
    const struct member *first = a, *second = b;

    if (first->group != second->group)
        return (first->group > second->group) - (first->group < second->group);
    return (first->function > second->function) - (first->function < second->function);
}

static int compare_with_device(const void *key, const void *item)
{
    size_t function = *(const size_t *)key, other = ((const struct check_device *)item)->function;

    return (function > other) - (function < other);
}

static bool is_assigned(const struct checker *c, size_t function)
{
    const struct check_device *device = search_find(&function, c->set->devices, c->set->count,
                                                    sizeof(*c->set->devices), compare_with_device);

    return device && device->whole;
}

/* Host bridges have no driver, and are on the bus of what is below the root complex. */
static bool is_bridge(const struct host_function *function)
{
    return function->port != PORT_NONE || function->class_code >> 8 == CLASS_HOST_BRIDGE;
}

/* The members from @first on, of one group. */
static bool check_group(struct checker *c, const struct member *first, size_t count)
{
    size_t subject = HOST_NONE;
    struct check_list others = {0};
    autofree char *list = NULL;
    bool used = false;

    for (size_t i = 0; i < count; i++) {
        if (subject == HOST_NONE && is_assigned(c, first[i].function))
            subject = first[i].function;
    }
    for (size_t i = 0; subject != HOST_NONE && i < count; i++) {
        const struct host_function *f = &c->host->functions.items[first[i].function];

        if (first[i].function != subject && !is_bridge(f) && check_is_held_by_host(f) &&
            (c->set->everything || !is_assigned(c, first[i].function))) {
            check_list_add(&others, BDF_TEXT(&f->bdf));
            /* A graphics card has a USB function; of another slot it may be the host's keyboard. */
            used = used || check_may_be_in_use(f) ||
                   (check_is_usb(f) &&
                    !bdf_same_slot(&f->bdf, &c->host->functions.items[subject].bdf));
        }
    }
    if (!others.count)
        return true;
    list = check_list_steal(&others);
    return list && check_add_detail(
                       c, subject, used ? &in_use : &partly, NULL,
                       mem_printf("is in IOMMU group %d with %s, which the host's driver holds%s",
                                  first->group, list,
                                  c->set->everything ? "" : " and the guest does not get"),
                       mem_printf("IOMMU group %d with %s", first->group, list));
}

bool check_groups(struct checker *c)
{
    size_t count = c->host->functions.count, size;
    autofree struct member *members = calloc(count + 1, sizeof(*members));

    if (!members)
        return false;
    for (size_t i = 0; i < count; i++)
        members[i] = (struct member){c->host->functions.items[i].iommu_group, i};
    qsort(members, count, sizeof(*members), compare_members);
    for (size_t first = 0; first < count; first += size) {
        for (size = 1; first + size < count && members[first + size].group == members[first].group;)
            size++;
        if (members[first].group >= 0 && !check_group(c, &members[first], size))
            return false;
    }
    return true;
}

bool check_no_group(struct checker *c)
{
    for (size_t i = 0; i < c->set->count; i++) {
        const struct check_device *device = &c->set->devices[i];

        if (device->whole && c->host->functions.items[device->function].iommu_group < 0 &&
            !check_add(c, device->function, &none, NULL, mem_printf("is in no IOMMU group")))
            return false;
    }
    return true;
}
