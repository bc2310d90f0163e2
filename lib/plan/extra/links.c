/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * links.c - ports that say the speed and width of the host's links (policy links "host")
 *
 * Takes:  the layout, the links of the host, the way in which they are written (link_way.c).
 * Gives:  plan.controllers[].link, and the overrides that make QEMU's ports say so.
 * Rule:   a guest link says what the host link says that it stands for (port_link.c); what the host
 *         does not say is left as QEMU has it.
 *
 * QEMU's x3130 and xio3130 say 2.5 GT/s x1 and nothing else.  Its generic switch takes any link, as
 * libvirt's <target> says it.  Where that is not there, its CXL switch ports do: QEMU builds them
 * where libvirt says x3130 if the property "driver" is overridden, and below ports that are not CXL
 * Linux takes them for ordinary switch ports.
 */
#include "plan/extra/links.h"

#include "base/buffer.h"
#include "model/machine.h"
#include "plan/extra/link_way.h"
#include "plan/extra/override_wish.h"
#include "plan/ground/link_choice.h"
#include "plan/ground/planned_tree.h"
#include "plan/ground/port_link.h"

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

static bool set_links(struct vtopo_plan *plan, const struct port_link *links, enum link_way way)
{
    bool done = true;

    for (size_t i = 0; done && i < plan->controllers.count; i++) {
        struct plan_controller *c = &plan->controllers.items[i];

        c->link = links[i].link;
        c->link_in_target = c->link.speed && way == LINK_WAY_TARGET;
        if (c->link.speed && way == LINK_WAY_OVERRIDES)
            done = add_overrides(plan, i);
    }
    return done;
}

/* --- what cannot be said --- */

static const struct bdf *end_of(const struct facts *facts, const struct port_link *link)
{
    return &facts->host->functions.items[link->end].bdf;
}

static void add_name(struct buffer *names, const struct bdf *bdf)
{
    buffer_printf(names, "%s%s", names->length ? ", " : "", BDF_TEXT(bdf));
}

/* One finding about all of @names; none if there are no names. */
static int report_named(const struct reporter *reporter, enum finding_id id,
                        const struct buffer *names, const char *before, const char *after)
{
    if (names->failed)
        return error_nomem(reporter->reterr);
    if (!names->length)
        return 0;
    return report_finding(reporter, id, "host", "%s%s%s", before, names->text, after);
}

/* The cards and switches whose link the host does not say. */
static int report_unknown(const struct facts *facts, const struct vtopo_plan *plan,
                          const struct port_link *links, const struct reporter *reporter)
{
    autobuffer struct buffer names = {0};

    for (size_t i = 0; i < plan->controllers.count; i++) {
        if (!links[i].link.speed && links[i].end != HOST_NONE &&
            plan->controllers.items[i].model != CTRL_PCIE_TO_PCI)
            add_name(&names, end_of(facts, &links[i]));
    }
    return report_named(reporter, FINDING_LINKS_UNKNOWN, &names, "ports for ",
                        " keep QEMU's own link speed and width: the host does not say theirs");
}

/*
 * QEMU hides the PCI Express capability of a device on a conventional bus (hw/vfio/pci.c), and its
 * pcie-pci-bridge says 2.5 GT/s x1 whatever the port above it says.
 */
static int report_bridged(const struct facts *facts, const struct vtopo_plan *plan,
                          const struct reporter *reporter)
{
    autobuffer struct buffer names = {0};

    for (size_t i = 0; i < plan->cards.count; i++) {
        const struct plan_card *card = &plan->cards.items[i];
        size_t function = plan->devices.items[card->first_device].function;

        if (card->attach_pci && facts->host->functions.items[function].link_max.speed)
            add_name(&names, &card->host);
    }
    return report_named(
        reporter, FINDING_LINKS_BRIDGED, &names, "the guest sees no link speed or width of ",
        ", behind a PCIe-to-PCI bridge, and may count more or less than on the host");
}

static int report_no_such_link(const struct facts *facts, const struct vtopo_plan *plan,
                               const struct port_link *links, const struct reporter *reporter)
{
    autobuffer struct buffer names = {0};

    for (size_t i = 0; i < plan->controllers.count; i++) {
        if (links[i].less)
            add_name(&names, end_of(facts, &links[i]));
    }
    return report_named(
        reporter, FINDING_LINKS_LESS, &names, "ports for ",
        " count less bandwidth in the guest than on the host: QEMU has no speed and width that count the same together with the card's own");
}

/* A port whose link is in a group. */
struct member {
    size_t group, port;
};

static int compare_members(const void *left, const void *right)
{
    const struct member *a = left, *b = right;
    int order = (a->group > b->group) - (a->group < b->group);

    return order ? order : (a->port > b->port) - (a->port < b->port);
}

static void name_group(const struct facts *facts, const struct vtopo_plan *plan,
                       const struct port_link *links, const struct member *members, size_t count,
                       struct buffer *names)
{
    buffer_printf(names, "%s", names->length ? "; " : "");
    for (size_t i = 0; i < count; i++) {
        bool up = plan->controllers.items[members[i].port].model == CTRL_ROOT_PORT;

        buffer_printf(names, "%s%s", i ? i + 1 == count ? " and " : ", " : "",
                      up ? "the processor" : BDF_TEXT(end_of(facts, &links[members[i].port])));
    }
}

static bool name_groups(const struct facts *facts, const struct vtopo_plan *plan,
                        const struct port_link *links, struct buffer *names)
{
    autofree struct member *members = calloc(plan->controllers.count + 1, sizeof(*members));
    size_t count = 0;

    if (!members)
        return false;
    for (size_t i = 0; i < plan->controllers.count; i++) {
        if (links[i].group != HOST_NONE)
            members[count++] = (struct member){links[i].group, i};
    }
    if (count)
        qsort(members, count, sizeof(*members), compare_members);
    for (size_t i = 0, n; i < count; i += n) {
        for (n = 0; i + n < count && members[i + n].group == members[i].group; n++)
            ;
        name_group(facts, plan, links, &members[i], n, names);
    }
    return !names->failed;
}

static int report_groups(const struct facts *facts, const struct vtopo_plan *plan,
                         const struct port_link *links, const struct reporter *reporter)
{
    autobuffer struct buffer names = {0};

    if (!name_groups(facts, plan, links, &names))
        return error_nomem(reporter->reterr);
    if (!names.length)
        return 0;
    return report_finding(
        reporter, FINDING_LINKS_LESS, "host",
        "the guest counts less bandwidth than the host between %s: one guest switch stands for several of the host, and each of its ports says one link only%s",
        names.text,
        plan->mirror == MIRROR_EXACT ? "" : "; with --mirror exact each switch has its own");
}

int links_assign(const struct facts *facts, struct vtopo_plan *plan,
                 const struct reporter *reporter)
{
    autofree struct port_link *links = NULL;
    enum link_way way = LINK_WAY_STOCK;
    int r;

    if (facts->policy->links != LINKS_HOST || !plan->controllers.count ||
        !domain_machine(facts->base)->express)
        return 0;
    r = link_way_find(facts, reporter, &way);
    if (r || way == LINK_WAY_STOCK)
        return r;
    links = calloc(plan->controllers.count + 1, sizeof(*links));
    if (!links || !port_find_links(plan, facts->host, links) || !set_links(plan, links, way))
        return error_nomem(reporter->reterr);
    r = report_unknown(facts, plan, links, reporter);
    if (!r)
        r = report_bridged(facts, plan, reporter);
    if (!r)
        r = report_no_such_link(facts, plan, links, reporter);
    return r ? r : report_groups(facts, plan, links, reporter);
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
