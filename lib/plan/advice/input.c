/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * input.c - what is worth knowing of the domain's XML as it was given
 *
 * Takes:  the domain, with what an earlier rewrite wrote down in it.
 * Gives:  findings: it is that of a running guest, its record cannot be used, somebody has changed
 *         what was added.
 * Not here: what is done about it (model/undo.c, domxml/parse_additions.c).
 */
#include "plan/advice/advice.h"

#include <stdint.h>

static int report_running(const struct facts *facts, const struct reporter *reporter)
{
    if (!facts->base->running)
        return 0;
    return report_finding(
        reporter, FINDING_RUNNING, "domain",
        "this is the XML of a running guest, without passwords and with the CPU model of this "
        "start; rewrite what \"virsh dumpxml --inactive --security-info VM\" prints instead");
}

static int report_record(const struct facts *facts, const struct reporter *reporter)
{
    const char *problem = facts->input->record.problem;

    if (!problem)
        return 0;
    return report_finding(
        reporter, FINDING_RECORD_UNUSED, "domain",
        "where its devices were before vtopo is written in its <metadata>, but cannot be used (%s); "
        "they count as having been in the lowest empty root ports of pcie.0, or in new ones",
        problem);
}

/* One finding for what is no longer as it was made, with the first kind of it. */
static int report_additions(const struct facts *facts, const struct reporter *reporter)
{
    const struct record_additions *recorded = &facts->input->record.additions;
    const struct addition_place *first = NULL;
    size_t count = 0;
    bool given = false;

    for (size_t i = 0; i < recorded->count; i++) {
        given = given || recorded->items[i].given;
        if (recorded->items[i].element != SIZE_MAX || recorded->items[i].given)
            continue;
        first = first ? first : addition_place(recorded->items[i].kind);
        count++;
    }
    if (!first)
        return 0;
    return report_finding(
        reporter, FINDING_ADDITION_CHANGED, "domain",
        "%zu of %zu elements that vtopo added %s no longer there as it made them (<%s> in <%s>%s): what is there instead counts as the domain's own%s",
        count, recorded->count, count > 1 ? "are" : "is", first->element,
        *first->parent ? first->parent : "domain", count > 1 ? " and others" : "",
        given
            ? ", and so does the rest of the guest NUMA cells that it belongs to; --undo leaves all of them"
            : "");
}

int input_report(const struct facts *facts, const struct reporter *reporter)
{
    int r = report_running(facts, reporter);

    if (!r)
        r = report_record(facts, reporter);
    return r ? r : report_additions(facts, reporter);
}
