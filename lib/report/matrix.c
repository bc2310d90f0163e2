/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * matrix.c - see matrix.h
 *
 * Takes:  a plan.
 * Gives:  the matrices of its GPUs and NICs whose guest addresses are known, what the words in them
 *         mean, and which device is which.
 * Rule:   NVLink is claimed only where NVSwitches join all GPUs of a board, and never how many
 *         links; then the ways over PCIe, which nvidia-smi shows with topo -mp, come once more.
 * Not here: which word it is (peer/nvidia_path.c), what NCCL makes of it (pairs_table.c).
 */
#include "report/matrix.h"

#include "base/error.h"
#include "base/wrap.h"
#include "report/explain.h"
#include "report/matrix_parts.h"

#include <string.h>

#define INDENT 2
#define MEANINGS 9 /* columns before them */

static void add_sentence(const struct matrix *m, const char *text, size_t indent)
{
    wrap_add(m->out, text, strlen(text), INDENT, indent);
}

static void explain_nvlink(const struct matrix *m)
{
    if (m->nvlink)
        add_sentence(
            m,
            "NV#    over NVLink: modules of a board whose NVSwitches join all of them; how many links there are, and whether the driver has them up, nothing in /sys says",
            MEANINGS);
    if (m->nvlink && m->fabric_unsure)
        add_sentence(m, "NV#?   the same, if the guest has what NVLink needs (VTOPO-0096)",
                     MEANINGS);
    if (m->maybe_nvlink)
        add_sentence(
            m,
            m->nvlink
                ? "other NVLink is not in these tables: nothing in /sys says whether GPUs have bridges, or which of them are wired to each other"
                : "NVLink is not in these tables: nothing in /sys says whether GPUs have bridges, or which of them are wired to each other",
            INDENT);
}

static void explain_words(const struct matrix *m)
{
    static const char *const meanings[NVIDIA_PATHS] = {
        [NVIDIA_PIX] = "PIX    over PCIe, through at most one switch or bridge",
        [NVIDIA_PXB] = "PXB    through several switches, and not through the root complex",
        [NVIDIA_PHB] = "PHB    through their root complex (PCIe host bridge)",
        [NVIDIA_NODE] = "NODE   from root complex to root complex of one NUMA node",
        [NVIDIA_SYS] = "SYS    from NUMA node to NUMA node",
        [NVIDIA_UNKNOWN] =
            "?      not known: one of them has no NUMA node, or no place that can be told",
    };

    buffer_add(m->out, "\n");
    for (unsigned i = 0; i < NVIDIA_PATHS; i++) {
        if (m->words & 1U << i)
            add_sentence(m, meanings[i], MEANINGS);
    }
    explain_nvlink(m);
}

static size_t count_differing(const struct matrix *m)
{
    size_t count = 0;

    for (size_t row = 0; row < m->count; row++) {
        for (size_t column = row + 1; column < m->count; column++)
            count += matrix_differs(m, row, column);
    }
    return count;
}

static void explain_marks(const struct matrix *m)
{
    size_t pairs = count_differing(m), nodes = 0;

    for (size_t i = 0; i < m->count; i++)
        nodes += m->rows[i].node_differs;
    if (pairs)
        buffer_printf(m->out, "  *      not as on the host: %zu of %zu pairs\n", pairs,
                      m->count * (m->count - 1) / 2);
    if (nodes)
        buffer_printf(m->out,
                      "  %s      not on the cell that stands for the host's node: %zu of %zu\n",
                      pairs ? " " : "*", nodes, m->count);
}

static void list_devices(const struct matrix *m)
{
    buffer_add(m->out, "\n");
    for (size_t i = 0; i < m->count; i++) {
        const struct plan_device *d = &m->plan->devices.items[m->rows[i].device];
        size_t start = m->out->length;

        buffer_printf(m->out, "  %s", m->rows[i].name);
        buffer_pad(m->out, start, MEANINGS);
        buffer_printf(m->out, "%s -> ", BDF_TEXT(&d->host));
        explain_guest(&d->guest_after, m->out);
        buffer_add(m->out, "  ");
        explain_what(m->plan, d, m->out);
        buffer_add(m->out, "\n");
    }
}

/* GPUs and NICs that are not in it. */
static void count_unknown(const struct matrix *m)
{
    size_t count = 0;

    for (size_t i = 0; i < m->plan->devices.count; i++) {
        const struct plan_device *d = &m->plan->devices.items[i];

        count += d->peer != PEER_NONE && d->fate != FATE_UNASSIGNED && !d->after_known;
    }
    if (count)
        buffer_printf(m->out, "  not in it, because the guest's address is not known: %zu\n",
                      count);
}

static void print(struct matrix *m)
{
    explain_summary(m->plan, m->colour, m->out);
    if (m->plan->outcome == PLAN_UNCHANGED)
        return;
    if (m->count) {
        matrix_add_tables(m, "HOST, as nvidia-smi topo -m", "GUEST, as nvidia-smi topo -m", true,
                          m->count);
        if (m->nvlink)
            matrix_add_tables(m, "HOST, as nvidia-smi topo -mp", "GUEST, as nvidia-smi topo -mp",
                              false, m->gpus);
        explain_words(m);
        explain_marks(m);
        list_devices(m);
    } else {
        buffer_add(m->out, "\n  no GPU and no NIC of the host has a known address in the guest\n");
    }
    count_unknown(m);
}

int matrix_print(const struct vtopo_plan *plan, bool colour, char **ret_text,
                 struct vtopo_error **reterr)
{
    struct buffer out = {0};
    struct matrix m = {.plan = plan, .out = &out, .colour = colour};
    char *text;

    m.fabric_unsure = findings_have(&plan->findings, FINDING_FABRIC);
    if (matrix_make(&m))
        print(&m);
    else
        out.failed = true;
    matrix_clear(&m);
    text = buffer_steal(&out);
    if (!text)
        return error_nomem(reterr);
    *ret_text = text;
    return 0;
}
