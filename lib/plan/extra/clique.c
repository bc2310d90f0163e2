/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * clique.c - which P2P clique each assigned device is in, and which of them QEMU gets
 *
 * Takes:  the domain's own overrides, the policy, what CDI specs say, and for "auto" the host's
 *         switches.
 * Gives:  plan.devices[].clique, wishes for overrides.
 * Rule:   the domain's own word goes before the policy's, that before CDI's, that before the
 *         host's. QEMU takes a clique only for a GPU of NVIDIA that is passed through whole
 *         (p2p_groups.h).
 * Not here: cliques from the host's switches (clique_auto.c), what keeps one from QEMU or from
 *         having an effect (clique_effect.c), aliases (override_wish.c).
 */
#include "plan/extra/clique.h"

#include "check/p2p_groups.h"
#include "model/mark.h"
#include "plan/extra/override_wish.h"
#include "plan/ground/cdi_lookup.h"

#include <stdio.h>
#include <string.h>

static const struct host_function *function_of(const struct facts *facts,
                                               const struct plan_device *device)
{
    return device->function == HOST_NONE ? NULL : &facts->host->functions.items[device->function];
}

static const struct domain_device *element_of(const struct facts *facts,
                                              const struct plan_device *device)
{
    return &facts->base->devices.items[device->device];
}

bool device_takes_clique(const struct facts *facts, const struct plan_device *device)
{
    const struct host_function *f = function_of(facts, device);

    return f && device->fate != FATE_UNASSIGNED &&
           element_of(facts, device)->kind == DEVICE_HOSTDEV_PCI && function_takes_clique(f);
}

/* --- who says what --- */

/* What is asked for, and by whom in words. */
struct wish {
    int clique; /* -1: nothing */
    enum clique_source source;
    char who[160];
};

static int find_wish(const struct facts *facts, const struct cdi_index *index,
                     const struct plan_device *device, struct wish *ret,
                     struct vtopo_error **reterr)
{
    const struct host_function *function = function_of(facts, device);
    enum device_kind kind = element_of(facts, device)->kind;
    const struct policy_cdi *cdi;
    int r;

    *ret = (struct wish){.clique = -1, .source = CLIQUE_NOBODY};
    if (!function || device->fate == FATE_UNASSIGNED || facts->policy->clique == CLIQUE_OFF)
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
    r = cdi_lookup(index, &function->bdf, CDI_CLIQUE, &cdi, reterr);
    if (r || !cdi)
        return r;
    ret->clique = cdi->clique;
    ret->source = CLIQUE_CDI_SPEC;
    snprintf(ret->who, sizeof(ret->who), "%.120s:%ld", cdi->file, cdi->line);
    return 0;
}

/* The domain's own property, as whoever wrote it has it. */
static const struct domain_override *own_property(const struct facts *facts,
                                                  const struct plan_device *device)
{
    return domain_find_override(facts->base, element_of(facts, device)->alias, PROPERTY_CLIQUE);
}

/* -1: it is no clique. */
static int read_own(const struct domain_override *own)
{
    char *end;
    unsigned long clique;

    if (!own->value || *own->value < '0' || *own->value > '9')
        return -1;
    clique = strtoul(own->value, &end, 0);
    return *end || clique > CLIQUE_MAX ? -1 : (int)clique;
}

static int set_own(struct plan_device *device, const struct domain_override *own,
                   const struct wish *wish, const struct reporter *reporter)
{
    device->clique = read_own(own);
    device->clique_source = CLIQUE_DOMAIN;
    device->clique_given = true;
    if (wish->clique < 0 || wish->clique == device->clique)
        return 0;
    return report_finding(
        reporter, FINDING_CLIQUE_OTHERS, BDF_TEXT(&device->host),
        "keeps the P2P clique \"%s\" that an override of the domain gives it, though %s says %d; take the property %s out of the domain, and vtopo writes its own",
        own->value ? own->value : "", wish->who, wish->clique, PROPERTY_CLIQUE);
}

/* What to call a device's host side in findings. */
static const char *subject_of(const struct facts *facts, const struct plan_device *device,
                              char text[BDF_TEXT_SIZE])
{
    const char *id = element_of(facts, device)->source_id;

    return id ? id : bdf_format(&device->host, text);
}

static int decide_device(const struct facts *facts, const struct cdi_index *index,
                         struct plan_device *device, const struct reporter *reporter)
{
    const struct domain_override *own = own_property(facts, device);
    struct wish wish;
    char text[BDF_TEXT_SIZE];
    int r = find_wish(facts, index, device, &wish, reporter->reterr);

    if (r)
        return r;
    if (own)
        return set_own(device, own, &wish, reporter);
    if (wish.clique < 0)
        return 0;
    device->clique = wish.clique;
    device->clique_source = wish.source;
    device->clique_given = device_takes_clique(facts, device);
    if (device->clique_given)
        return 0;
    return report_finding(
        reporter, FINDING_CLIQUE_UNUSED, subject_of(facts, device, text),
        "is in P2P clique %d by %s and is placed as the host has it, but gets no property: only GPUs of NVIDIA that are passed through whole take one",
        wish.clique, wish.who);
}

/* --- what QEMU gets --- */

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
static const struct domain_override *override_by_number(const struct domain *domain)
{
    for (size_t i = 0; i < domain->overrides.count; i++) {
        if (is_generated(domain->overrides.items[i].alias))
            return &domain->overrides.items[i];
    }
    return NULL;
}

static int report_by_number(const struct plan_device *device, const struct domain_override *other,
                            const struct reporter *reporter)
{
    return report_finding(
        reporter, FINDING_CLIQUE_ALIASES, BDF_TEXT(&device->host),
        "P2P clique %d is not written: the device would need an alias, and the domain has an override for \"%.40s\", a name that libvirt then gives to another device; give the devices aliases of their own (<alias name='ua-...'/>) and use these in the override",
        device->clique, other->alias);
}

static int hold_back_numbered(const struct facts *facts, struct vtopo_plan *plan,
                              const struct reporter *reporter)
{
    const struct domain_override *by_number = override_by_number(facts->base);
    int r = 0;

    for (size_t i = 0; !r && by_number && i < plan->devices.count; i++) {
        struct plan_device *device = &plan->devices.items[i];

        if (!device->clique_given || device->clique_source == CLIQUE_DOMAIN ||
            alias_is_user(element_of(facts, device)->alias))
            continue;
        device->clique_given = false;
        r = report_by_number(device, by_number, reporter);
    }
    return r;
}

static int add_overrides(struct vtopo_plan *plan, const struct reporter *reporter)
{
    int r = 0;

    for (size_t i = 0; !r && i < plan->devices.count; i++) {
        struct plan_device *device = &plan->devices.items[i];
        char value[12];

        if (!device->clique_given || device->clique_source == CLIQUE_DOMAIN)
            continue;
        snprintf(value, sizeof(value), "%d", device->clique);
        if (!override_add_device(plan, i, PROPERTY_CLIQUE, "unsigned", value))
            r = error_nomem(reporter->reterr);
    }
    return r;
}

static int report_problems(const struct vtopo_policy *policy, const struct reporter *reporter)
{
    int r = 0;

    for (size_t i = 0; !r && i < policy->problems.count; i++)
        r = report_finding(reporter, FINDING_CDI_BROKEN, "domain", "a CDI spec is passed over: %s",
                           policy->problems.items[i].text);
    return r;
}

static int decide_devices(const struct facts *facts, struct vtopo_plan *plan,
                          const struct reporter *reporter)
{
    struct cdi_index index;
    int r = cdi_index_make(facts->policy, &index) ? 0 : error_nomem(reporter->reterr);

    for (size_t i = 0; !r && i < plan->devices.count; i++)
        r = decide_device(facts, &index, &plan->devices.items[i], reporter);
    cdi_index_clear(&index);
    return r;
}

static bool any_given(const struct vtopo_plan *plan)
{
    for (size_t i = 0; i < plan->devices.count; i++) {
        if (plan->devices.items[i].clique_given)
            return true;
    }
    return false;
}

/* First all that decides what is written, then what there is to say of that. */
static int finish(const struct facts *facts, const struct obstacles *obstacles,
                  struct vtopo_plan *plan, const struct reporter *reporter)
{
    bool automatic = facts->policy->clique == CLIQUE_AUTO;
    int r = automatic ? cliques_assign_auto(facts, obstacles, plan, reporter) : 0;

    if (!r)
        r = cliques_hold_back(facts, plan, reporter);
    if (!r)
        r = hold_back_numbered(facts, plan, reporter);
    if (!r && facts->policy->clique != CLIQUE_OFF && any_given(plan))
        r = cliques_report_effect(facts, obstacles, plan, reporter);
    if (!r && automatic)
        r = cliques_report_auto(facts, obstacles, plan, reporter);
    return r ? r : add_overrides(plan, reporter);
}

int cliques_assign(const struct facts *facts, struct vtopo_plan *plan,
                   const struct reporter *reporter)
{
    struct obstacles *obstacles = NULL;
    int r = report_problems(facts->policy, reporter);

    if (!r)
        r = decide_devices(facts, plan, reporter);
    if (r || (facts->policy->clique != CLIQUE_AUTO && !any_given(plan)))
        return r;
    obstacles = obstacles_new(facts->host);
    r = obstacles ? finish(facts, obstacles, plan, reporter) : error_nomem(reporter->reterr);
    obstacles_free(obstacles);
    return r;
}
