/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guest_cells.c - see guest_cells.h
 *
 * Takes:  the facts before anything is planned, the policy's words on cells.
 * Gives:  made cells; a view of the domain that has them; additions to the plan; findings.
 * Rule:   for a domain with assigned devices that has no cells, or cells none of which stands
 *         for a node by what the domain says.  What the policy says "advise" of is only found.
 *         Behind them, or those that are there, come cells for the memory of GPUs.
 * Not here: which cells (plan/cells), what is said where they are not made (make.c).
 */
#include "plan/guest_cells.h"

#include "base/buffer.h"
#include "base/error.h"
#include "model/machine.h"
#include "plan/cells/cell_elements.h"
#include "plan/cells/cell_nodes.h"
#include "plan/cells/make_cells.h"
#include "plan/devices/devices.h"
#include "plan/left_alone.h"

/* Nodes of the devices that the guest gets; @ret_count SIZE_MAX: none is assigned. */
static int find_nodes(const struct facts *facts, const struct assignments *assigned,
                      int **ret_nodes, size_t *ret_count, struct vtopo_error **reterr)
{
    bool any = false;

    *ret_nodes = calloc(assigned->count + 1, sizeof(**ret_nodes));
    *ret_count = 0;
    if (!*ret_nodes)
        return error_nomem(reterr);
    for (size_t i = 0; i < assigned->count; i++) {
        const struct assignment *a = &assigned->items[i];
        const struct address *address = &facts->base->devices.items[a->device].address;

        any = any || a->kind != DEVICE_INTERFACE_NETWORK;
        if (a->function != HOST_NONE && address->kind != ADDRESS_UNASSIGNED)
            (*ret_nodes)[(*ret_count)++] = assignment_node(facts, a);
    }
    if (!any)
        *ret_count = SIZE_MAX;
    return 0;
}

static bool any_known(const int *nodes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (nodes[i] >= 0)
            return true;
    }
    return false;
}

static int is_lacking(const struct facts *facts, const int *nodes, size_t count, bool *ret_lacking,
                      struct vtopo_error **reterr)
{
    bool tied = true;

    *ret_lacking = false;
    if (count == SIZE_MAX)
        return 0;
    if (!facts->base->cells.count) {
        *ret_lacking = true;
        return 0;
    }
    if (!cells_are_tied(facts, &tied))
        return error_nomem(reterr);
    *ret_lacking = !tied && any_known(nodes, count);
    return 0;
}

static struct cells_wish wish_of(const struct vtopo_policy *policy)
{
    static const enum made_pinning pinning[] = {
        [CELLS_PIN_NODE] = PIN_NODE,
        [CELLS_PIN_CORE] = PIN_CORE,
        [CELLS_PIN_NONE] = PIN_NONE,
    };

    return (struct cells_wish){
        .nodes = &policy->cells_nodes,
        .avoid = &policy->avoid_cpus,
        .pinning = pinning[policy->cells_pin],
        .preferred = policy->cells_memory == CELLS_MEMORY_PREFERRED,
    };
}

static int add_to_domain(const struct facts *facts, struct guest_cells *cells,
                         struct vtopo_error **reterr)
{
    if (facts->policy->cells != CELLS_MAKE || cells->made.state == MADE_NONE)
        return 0;
    if (cells->made.state == MADE_REFUSED)
        return error_set(reterr, VTOPO_ERR_REFUSED, "%s cannot be made (--cells make): %s",
                         facts->base->cells.count ? "ties of guest NUMA cells to host nodes"
                                                  : "guest NUMA cells",
                         cells->made.why);
    cells->added = cells_view(facts->base, &cells->made, &cells->domain);
    return cells->added ? 0 : error_nomem(reterr);
}

static int make_lacking(const struct facts *facts, const struct assignments *assigned,
                        struct guest_cells *ret, struct vtopo_error **reterr)
{
    const struct cells_wish wish = wish_of(facts->policy);
    autofree int *nodes = NULL;
    size_t count;
    int r = find_nodes(facts, assigned, &nodes, &count, reterr);

    if (!r)
        r = is_lacking(facts, nodes, count, &ret->lacking, reterr);
    if (r || !ret->lacking)
        return r;
    if (!made_cells_make(facts, &wish, nodes, count, &ret->made))
        return error_nomem(reterr);
    r = add_to_domain(facts, ret, reterr);
    if (r)
        made_cells_clear(&ret->made);
    return r;
}

/* Where the guest sees nothing of cells, or of what is new, it needs none. */
static bool find_initiators(const struct facts *facts, const struct assignments *assigned,
                            struct guest_cells *ret)
{
    bool of_made = !facts->base->cells.count && ret->made.state == MADE_ALL;
    size_t count = of_made ? ret->made.count : facts->base->cells.count;
    autofree size_t *nodes = of_made ? cell_nodes_of_made(&ret->made) : cell_nodes_of(facts);
    struct left_alone reason;
    bool done = left_alone_by_features(facts->base, &reason);

    done = done && nodes &&
           (reason.is_so || initiators_find(facts, assigned, nodes, count, &ret->initiators));
    left_alone_clear(&reason);
    if (ret->initiators.items.count)
        ret->made.initiators = &ret->initiators;
    return done;
}

int guest_cells_find(const struct facts *facts, const struct policy_index *index,
                     struct guest_cells *ret, struct vtopo_error **reterr)
{
    struct assignments assigned = {0};
    struct facts with = *facts;
    int r;

    *ret = (struct guest_cells){0};
    if (!domain_machine(facts->base)->rewritten)
        return 0;
    r = assignments_find(facts, index, &assigned, reterr);
    if (!r)
        r = make_lacking(facts, &assigned, ret, reterr);
    if (ret->added)
        with.base = &ret->domain;
    if (!r && !find_initiators(&with, &assigned, ret))
        r = error_nomem(reterr);
    assignments_clear(&assigned);
    return r;
}

/* --- what is said --- */

static char *list_cells(const struct made_cells *made)
{
    autobuffer struct buffer text = {0};

    for (size_t i = 0; i < made->count; i++) {
        const struct made_cell *cell = &made->items[i];
        autofree char *vcpus = idset_format(&cell->vcpus);

        text.failed |= !vcpus;
        buffer_printf(&text, "%s%zu with %s%s and %llu MiB", i ? ", " : "", i,
                      vcpus && *vcpus ? "vCPUs " : "no vCPU", vcpus ? vcpus : "",
                      (unsigned long long)cell->memory_kib / 1024);
        if (!cell->tied)
            buffer_add(&text, " on no node");
        else if (cell->node != HOST_NONE)
            buffer_printf(&text, " on host node %u", cell->node_id);
    }
    return buffer_steal(&text);
}

static int add_made(const struct guest_cells *cells, struct vtopo_plan *plan,
                    const struct reporter *reporter)
{
    const struct made_cells *made = &cells->made;
    autofree char *list = list_cells(made);
    int r;

    if (!list || !cell_elements_add(made, &plan->additions))
        return error_nomem(reporter->reterr);
    r = report_finding(reporter, FINDING_CELLS_MADE, "domain", "%s: %s",
                       made->state == MADE_ALL ? "it gets guest NUMA cells"
                                               : "its guest NUMA cells are tied to host nodes",
                       list);
    for (size_t i = 0; !r && i < made->notes.count; i++)
        r = report_finding(reporter, made->notes.items[i].id, made->notes.items[i].subject, "%s",
                           made->notes.items[i].text);
    return r;
}

/* Those that are made have them in their <numa>. */
static bool add_initiators(const struct facts *facts, const struct guest_cells *cells,
                           struct additions *additions)
{
    bool in_numa = cells->added && cells->made.state == MADE_ALL;

    return initiators_add_to_devices(&cells->initiators, additions) &&
           (in_numa || initiators_add_cells(facts, &cells->initiators, additions));
}

int guest_cells_add(const struct facts *facts, const struct guest_cells *cells,
                    struct vtopo_plan *plan, const struct reporter *reporter)
{
    int r = cells->added ? add_made(cells, plan, reporter) : 0;

    if (r || !facts->base->cells.count) /* they would be behind cells that are only advised */
        return r;
    if (!add_initiators(facts, cells, &plan->additions))
        return error_nomem(reporter->reterr);
    return initiators_report(&cells->initiators, reporter);
}

void guest_cells_clear(struct guest_cells *cells)
{
    initiators_clear(&cells->initiators);
    made_cells_clear(&cells->made);
    if (cells->added)
        cells_view_clear(&cells->domain);
    *cells = (struct guest_cells){0};
}
