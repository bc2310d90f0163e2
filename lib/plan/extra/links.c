/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * links.c - ports that say the speed and width of the host's links (policy links "host")
 *
 * Takes:  the layout, the links of the host, what is known of the QEMU that will run the domain.
 * Gives:  plan.controllers[].link, and the overrides that make QEMU's ports say so.
 * Rule:   a guest link says what the host link says that it stands for (port_link.c); what the host
 *         does not say is left as QEMU has it.
 *
 * QEMU's x3130 and xio3130 say 2.5 GT/s x1 and nothing else.  Its CXL switch ports take any link,
 * and QEMU builds them where libvirt says x3130 if the property "driver" is overridden; below ports
 * that are not CXL, Linux takes them for ordinary switch ports.
 */
#include "plan/extra/links.h"

#include "base/buffer.h"
#include "plan/extra/override_wish.h"
#include "plan/extra/versions.h"
#include "plan/ground/planned_tree.h"
#include "plan/ground/port_link.h"

/* --- may QEMU be asked? --- */

/* Since QEMU 10.0 its CXL ports have x-speed and x-width, and root ports go beyond 16 GT/s. */
#define LINKS_SINCE 10000000

static int report_unproven(const struct reporter *reporter)
{
    return report_finding(
        reporter, FINDING_LINKS_UNPROVEN, "domain",
        "ports keep QEMU's own link speeds and widths: true ones need QEMU 10.0 or later with its CXL ports, and nothing says that this is one; machine type pc-q35-10.0 or later does, or policy qemu_version");
}

static int report_old_libvirt(const struct reporter *reporter)
{
    return report_finding(
        reporter, FINDING_LINKS_UNPROVEN, "domain",
        "ports keep QEMU's own link speeds and widths: true ones need libvirt 8.5 or later, and the policy says that it is older");
}

/* --- what is written --- */

/* The QEMU device that takes the place of a port; root ports take any link as they are. */
static const char *driver_of(enum controller_model model)
{
    if (model == CTRL_UPSTREAM)
        return "cxl-upstream";
    return model == CTRL_DOWNSTREAM ? "cxl-downstream" : NULL;
}

static bool add_overrides(struct vtopo_plan *plan, size_t controller)
{
    const struct plan_controller *c = &plan->controllers.items[controller];
    const char *driver = driver_of(c->model);

    return (!driver || override_add_controller(plan, controller, "driver", "string", driver)) &&
           override_add_controller(plan, controller, "x-speed", "string",
                                   link_speed_word(c->link.speed)) &&
           override_add_controller(plan, controller, "x-width", "string",
                                   link_width_word(c->link.width));
}

static bool set_links(const struct facts *facts, struct vtopo_plan *plan)
{
    autofree struct host_link *links = calloc(plan->controllers.count + 1, sizeof(*links));
    bool done = links && port_find_links(plan, facts->host, links);

    for (size_t i = 0; done && i < plan->controllers.count; i++) {
        plan->controllers.items[i].link = links[i];
        if (links[i].speed)
            done = add_overrides(plan, i);
    }
    return done;
}

/* The cards and switches whose link the host does not say; false: out of memory. */
static bool name_unknown(const struct facts *facts, const struct vtopo_plan *plan,
                         struct buffer *names)
{
    autofree size_t *ends = calloc(plan->controllers.count + 1, sizeof(*ends));

    if (!ends)
        return false;
    port_find_lower_ends(plan, facts->host, ends);
    for (size_t i = 0; i < plan->controllers.count; i++) {
        const struct plan_controller *c = &plan->controllers.items[i];

        if ((c->model == CTRL_ROOT_PORT || c->model == CTRL_DOWNSTREAM) && !c->link.speed &&
            ends[i] != HOST_NONE)
            buffer_printf(names, "%s%s", names->length ? ", " : "",
                          BDF_TEXT(&facts->host->functions.items[ends[i]].bdf));
    }
    return !names->failed;
}

static int report_unknown(const struct facts *facts, const struct vtopo_plan *plan,
                          const struct reporter *reporter)
{
    autobuffer struct buffer names = {0};

    if (!name_unknown(facts, plan, &names))
        return error_nomem(reporter->reterr);
    if (!names.length)
        return 0;
    return report_finding(
        reporter, FINDING_LINKS_UNKNOWN, "host",
        "ports for %s keep QEMU's own link speed and width: the host does not say theirs",
        names.text);
}

int links_assign(const struct facts *facts, struct vtopo_plan *plan,
                 const struct reporter *reporter)
{
    if (facts->policy->links != LINKS_HOST || !plan->controllers.count)
        return 0;
    if (libvirt_lacks_overrides(facts->policy))
        return report_old_libvirt(reporter);
    if (!qemu_is_at_least(facts, LINKS_SINCE))
        return report_unproven(reporter);
    if (!set_links(facts, plan))
        return error_nomem(reporter->reterr);
    return report_unknown(facts, plan, reporter);
}

/* --- which the guest sees --- */

/*
 * QEMU hides the PCI Express capability of a device behind a conventional bridge, and makes an
 * integrated endpoint, which has no link, of one on the root bus (hw/vfio/pci.c,
 * vfio_setup_pcie_cap()).
 */
static bool shows_link(const struct guest_tree *tree, const struct address *address)
{
    enum controller_model model = CTRL_OTHER;

    if (address->kind == ADDRESS_PCI && address->at.bus && tree->at[address->at.bus].there)
        model = tree->at[address->at.bus].model;
    return model == CTRL_ROOT_PORT || model == CTRL_DOWNSTREAM;
}

void links_find_shown(const struct domain *input, struct vtopo_plan *plan)
{
    struct guest_tree tree;

    planned_tree_make(plan, input, &tree);
    for (size_t i = 0; i < plan->devices.count; i++)
        plan->devices.items[i].shows_link = shows_link(&tree, &plan->devices.items[i].after);
}
