/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cell_cuts.c - cells that cut a guest core or socket
 *
 * Takes:  the domain's cells and <topology>.
 * Gives:  a finding for the first core or socket whose vCPUs are in several cells.
 * Rule:   libvirt numbers vCPUs thread by thread, core by core, die by die; a cell may be a part of
 *         a socket only by whole dies.  Without <topology> each vCPU is a socket of its own
 *         (qemuBuildSmpCommandLine() of libvirt), and nothing can be cut.
 */
#include "plan/advice/advice.h"

static int cell_of(const struct domain *domain, size_t vcpu)
{
    for (size_t i = 0; i < domain->cells.count; i++) {
        if (idset_has(&domain->cells.items[i].vcpus, vcpu))
            return (int)domain->cells.items[i].id;
    }
    return -1;
}

/* The first vCPU of the first block of so many that is in several cells; IDSET_LIMIT: none is. */
static size_t find_cut(const struct domain *domain, size_t size, int *ret_first, int *ret_other)
{
    for (size_t v = 0; v < domain->vcpus && v < IDSET_LIMIT; v++) {
        size_t start = v / size * size;
        int first = cell_of(domain, start), cell = cell_of(domain, v);

        if (first >= 0 && cell >= 0 && cell != first) {
            *ret_first = first;
            *ret_other = cell;
            return start;
        }
    }
    return IDSET_LIMIT;
}

static int report_cut(const char *what, size_t start, size_t size, int first, int other,
                      const struct reporter *reporter)
{
    autofree char *subject = mem_printf("cell %d", first < other ? first : other);

    if (!subject)
        return error_nomem(reporter->reterr);
    return report_finding(
        reporter, FINDING_CELL_CUTS, subject,
        "vCPUs %zu-%zu are one %s of <topology>, and are in the cells %d and %d: the guest's scheduler and hwloc then leave caches or cells out; <topology> with a whole number of sockets (or dies) for each cell mends it",
        start, start + size - 1, what, first, other);
}

int cell_cuts_report(const struct facts *facts, const struct reporter *reporter)
{
    const struct domain *domain = facts->base;
    size_t dies = (size_t)domain->sockets * (domain->dies ? domain->dies : 1), start, die;
    int first, other;

    if (domain->cells.count < 2 || !dies || domain->vcpus % dies || !domain->threads)
        return 0;
    start = find_cut(domain, domain->threads, &first, &other);
    if (start < IDSET_LIMIT)
        return report_cut("core", start, domain->threads, first, other, reporter);
    die = domain->vcpus / dies;
    start = find_cut(domain, die ? die : 1, &first, &other);
    if (start == IDSET_LIMIT)
        return 0;
    return report_cut(domain->dies > 1 ? "die" : "socket", start, die, first, other, reporter);
}
