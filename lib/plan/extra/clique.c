/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * clique.c - which P2P clique each assigned device is in, and which of them QEMU is told
 *
 * Takes:  the domain's own overrides, the policy, what CDI specs say, and for "auto" the host's
 * switches. Gives:  plan.devices[].clique, wishes for overrides, findings for what keeps a clique
 * from having an effect. Rule:   the domain's own word goes before the policy's, that before CDI's,
 * that before the host's.  QEMU takes a clique only for a GPU of NVIDIA that is passed through
 * whole (hw/vfio/pci-quirks.c, vfio_add_nv_gpudirect_cap()). Not here: cliques from the host's
 * switches (clique_auto.c), aliases (override_wish.c).
 */
#include "plan/extra/clique.h"

#include "model/host_tree.h"
#include "model/mark.h"

#include <stdio.h>
#include <string.h>

#define VENDOR_NVIDIA 0x10de
#define CLASS_DISPLAY 0x03

static const struct host_function *function_of(const struct planner *p,
                                               const struct plan_device *device)
{
    return device->function == HOST_NONE ? NULL : &p->facts.host->functions.items[device->function];
}

static enum device_kind kind_of(const struct planner *p, const struct plan_device *device)
{
    return p->facts.base->devices.items[device->device].kind;
}

bool function_takes_clique(const struct host_function *function)
{
    return function->vendor == VENDOR_NVIDIA && function->class_code >> 16 == CLASS_DISPLAY &&
           !function->is_vf;
}

bool plan_takes_clique(const struct planner *p, const struct plan_device *device)
{
    const struct host_function *f = function_of(p, device);

    return f && device->fate != FATE_UNASSIGNED && kind_of(p, device) == DEVICE_HOSTDEV_PCI &&
           function_takes_clique(f);
}

/* --- who says what --- */

/* What is asked for, and by whom in words. */
struct wish {
    int clique; /* -1: nothing */
    enum clique_source source;
    char who[160];
};

static int find_wish(const struct planner *p, const struct plan_device *device, struct wish *ret)
{
    const struct host_function *function = function_of(p, device);
    enum device_kind kind = kind_of(p, device);
    const struct policy_cdi *cdi;
    int r;

    *ret = (struct wish){.clique = -1, .source = CLIQUE_NOBODY};
    if (!function || device->fate == FATE_UNASSIGNED || p->facts.policy->clique == CLIQUE_OFF)
        return 0;
    ret->clique = device->policy.clique;
    if (ret->clique >= 0) {
        ret->source = CLIQUE_POLICY;
        snprintf(ret->who, sizeof(ret->who), "the policy");
        return 0;
    }
    /* A spec names a function; an mdev, a vDPA device or a disk on it is another device. */
    if (kind != DEVICE_HOSTDEV_PCI && kind != DEVICE_INTERFACE_HOSTDEV)
        return 0;
    r = plan_cdi_of(p, &function->bdf, CDI_CLIQUE, &cdi);
    if (r || !cdi)
        return r;
    ret->clique = cdi->clique;
    ret->source = CLIQUE_CDI_SPEC;
    snprintf(ret->who, sizeof(ret->who), "%.120s:%ld", cdi->file, cdi->line);
    return 0;
}

/* The domain's own property, as whoever wrote it has it. */
static const struct domain_override *own_property(const struct planner *p,
                                                  const struct plan_device *device)
{
    return domain_find_override(p->facts.base, p->facts.base->devices.items[device->device].alias,
                                PROPERTY_CLIQUE);
}

static int read_own(const struct domain_override *own)
{
    char *end;
    unsigned long clique;

    if (!own->value || *own->value < '0' || *own->value > '9')
        return -1;
    clique = strtoul(own->value, &end, 0);
    return *end || clique > CLIQUE_MAX ? -1 : (int)clique;
}

static int keep_own(struct planner *p, struct plan_device *device,
                    const struct domain_override *own, const struct wish *wish)
{
    device->clique = read_own(own);
    device->clique_source = CLIQUE_DOMAIN;
    device->clique_given = true;
    if (wish->clique < 0 || wish->clique == device->clique)
        return 0;
    return plan_finding(
        p, FINDING_CLIQUE_OTHERS, BDF_TEXT(&device->host),
        "keeps the P2P clique \"%s\" that an override of the domain gives it, though %s says %d; take the property %s out of the domain, and vtopo writes its own",
        own->value ? own->value : "", wish->who, wish->clique, PROPERTY_CLIQUE);
}

static int decide_device(struct planner *p, struct plan_device *device)
{
    const struct domain_override *own = own_property(p, device);
    struct wish wish;
    char text[BDF_TEXT_SIZE];
    int r = find_wish(p, device, &wish);

    if (r)
        return r;
    if (own)
        return keep_own(p, device, own, &wish);
    if (wish.clique < 0)
        return 0;
    device->clique = wish.clique;
    device->clique_source = wish.source;
    device->clique_given = plan_takes_clique(p, device);
    if (device->clique_given)
        return 0;
    return plan_finding(
        p, FINDING_CLIQUE_NOT_TAKEN, plan_subject(p, device, text),
        "is in P2P clique %d by %s and is placed as the host has it, but gets no property: only GPUs of NVIDIA that are passed through whole take one",
        wish.clique, wish.who);
}

/* --- what keeps a clique from having an effect --- */

static bool any_given(const struct planner *p)
{
    for (size_t i = 0; i < p->plan->devices.count; i++) {
        if (p->plan->devices.items[i].clique_given)
            return true;
    }
    return false;
}

/* Another GPU below one host switch with it that has a clique; NULL: none. */
static const struct plan_device *neighbour_in_clique(const struct planner *p,
                                                     const struct plan_device *device)
{
    for (size_t i = 0; i < p->plan->devices.count; i++) {
        const struct plan_device *other = &p->plan->devices.items[i];

        if (other->clique_given && other->function != HOST_NONE &&
            host_common_switch(p->facts.host, device->function, other->function) != HOST_NONE)
            return other;
    }
    return NULL;
}

int plan_tell_partial(struct planner *p, const struct plan_device *device)
{
    const struct plan_device *other = neighbour_in_clique(p, device);

    if (!other)
        return 0;
    return plan_finding(
        p, FINDING_CLIQUE_PARTIAL, BDF_TEXT(&device->host),
        "has no P2P clique, and %s below the same host switch has one: the guest's driver will do no P2P between them",
        BDF_TEXT(&other->host));
}

static int tell_partial(struct planner *p)
{
    int r = 0;

    for (size_t i = 0; !r && i < p->plan->devices.count; i++) {
        const struct plan_device *device = &p->plan->devices.items[i];

        if (!device->clique_given && plan_takes_clique(p, device))
            r = plan_tell_partial(p, device);
    }
    return r;
}

/*
 * From Turing on (TU102 is 1e02, what came before is below) a GPU has its MSI-X capability where
 * QEMU puts the clique's; QEMU before 8.1 knows no other place for it (f6b30c1984f7).
 */
#define TURING 0x1e00
#define QEMU_OF_TURING 8001000

/* The first GPU that an older QEMU does not start with a clique; NULL: there is none. */
static const struct plan_device *first_of_new_qemu(const struct planner *p)
{
    for (size_t i = 0; i < p->plan->devices.count; i++) {
        const struct plan_device *device = &p->plan->devices.items[i];

        if (device->clique_given && plan_takes_clique(p, device) &&
            function_of(p, device)->device >= TURING)
            return device;
    }
    return NULL;
}

static int tell_qemu(struct planner *p)
{
    const struct plan_device *device =
        plan_qemu_is(p, QEMU_OF_TURING) ? NULL : first_of_new_qemu(p);

    if (!device)
        return 0;
    return plan_finding(
        p, FINDING_CLIQUE_QEMU, BDF_TEXT(&device->host),
        "has a P2P clique, which GPUs since Turing take only from QEMU 8.1 or later: an older one does not start the guest (\"Failed to add NVIDIA GPUDirect cap\"), unless its vendor has mended it; machine type pc-q35-8.1 or later, or policy qemu_version, tells that this one is new enough");
}

static int tell_obstacles(struct planner *p)
{
    int r = 0;

    if (!any_given(p))
        return 0;
    if (p->facts.base->kvm_hidden)
        r = plan_finding(
            p, FINDING_CLIQUE_HIDDEN, "domain",
            "<kvm><hidden state='on'/> hides the hypervisor, and NVIDIA's driver looks for P2P cliques only where it sees one: they will have no effect");
    return r ? r : tell_qemu(p);
}

/* --- what QEMU is told --- */

static bool is_generated(const char *alias)
{
    static const char hostdev[] = "hostdev";
    const char *number = alias + strlen(hostdev);

    return !strncmp(alias, hostdev, strlen(hostdev)) && *number &&
           !number[strspn(number, "0123456789")];
}

/*
 * libvirt numbers host devices that have no alias of their own, hostdev0, hostdev1...: one that
 * gets an alias drops out of the count, and an override that others wrote by such a name would go
 * to another device.
 */
static const struct domain_override *override_by_number(const struct planner *p)
{
    for (size_t i = 0; i < p->facts.base->overrides.count; i++) {
        if (is_generated(p->facts.base->overrides.items[i].alias))
            return &p->facts.base->overrides.items[i];
    }
    return NULL;
}

static int tell_by_number(struct planner *p, const struct plan_device *device,
                          const struct domain_override *other)
{
    return plan_finding(
        p, FINDING_CLIQUE_ALIASES, BDF_TEXT(&device->host),
        "P2P clique %d is not written: the device would need an alias, and the domain has an override for \"%.40s\", a name that libvirt then gives to another device; give the devices aliases of their own (<alias name='ua-...'/>) and use these in the override",
        device->clique, other->alias);
}

static int write_wishes(struct planner *p)
{
    const struct domain_override *by_number = override_by_number(p);
    int r = 0;

    for (size_t i = 0; !r && i < p->plan->devices.count; i++) {
        struct plan_device *device = &p->plan->devices.items[i];
        char value[12];

        if (!device->clique_given || device->clique_source == CLIQUE_DOMAIN)
            continue;
        if (by_number && !alias_is_user(p->facts.base->devices.items[device->device].alias)) {
            device->clique_given = false;
            r = tell_by_number(p, device, by_number);
            continue;
        }
        snprintf(value, sizeof(value), "%d", device->clique);
        r = plan_override_device(p, i, PROPERTY_CLIQUE, "unsigned", value);
    }
    return r;
}

static int tell_problems(struct planner *p)
{
    int r = 0;

    for (size_t i = 0; !r && i < p->facts.policy->problems.count; i++)
        r = plan_finding(p, FINDING_CDI_BROKEN, "domain", "a CDI spec is passed over: %s",
                         p->facts.policy->problems.items[i].text);
    return r;
}

int plan_clique(struct planner *p)
{
    bool auto_mode = p->facts.policy->clique == CLIQUE_AUTO;
    int r = tell_problems(p);

    for (size_t i = 0; !r && i < p->plan->devices.count; i++)
        r = decide_device(p, &p->plan->devices.items[i]);
    if (!r && auto_mode)
        r = plan_clique_auto(p);
    if (!r && p->facts.policy->clique != CLIQUE_OFF)
        r = tell_obstacles(p);
    /* With "auto" clique_auto.c has said why a GPU has none. */
    if (!r && p->facts.policy->clique == CLIQUE_CDI)
        r = tell_partial(p);
    return r ? r : write_wishes(p);
}
