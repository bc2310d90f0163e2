/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tables.c - the parts of a plan that are lists: devices, budgets, findings
 *
 * Rule:   what an admin has to act on (findings) comes last, where a terminal shows it; of these
 *         the warnings first, as vtopo-host check has them.
 */
#include "base/wrap.h"
#include "check/check.h"
#include "model/high_memory.h"
#include "model/link_text.h"
#include "report/explain.h"
#include "report/style.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static int compare_devices(const void *a, const void *b)
{
    const struct plan_device *p = *(const struct plan_device *const *)a;
    const struct plan_device *q = *(const struct plan_device *const *)b;
    int order = (p->function == HOST_NONE) - (q->function == HOST_NONE);

    if (!order)
        order = bdf_compare(&p->host, &q->host);
    return order ? order : (p->device > q->device) - (p->device < q->device);
}

/*
 * The assigned devices of a plan by host BDF, those without one last; the caller's to free, NULL:
 * out of memory.  Network interfaces that only may be host devices are left to their finding.
 */
static const struct plan_device **sort_devices(const struct vtopo_plan *plan, size_t *ret_count)
{
    const struct plan_device **sorted = malloc((plan->devices.count + 1) * sizeof(*sorted));

    *ret_count = 0;
    if (!sorted)
        return NULL;
    for (size_t i = 0; i < plan->devices.count; i++) {
        const struct plan_device *device = &plan->devices.items[i];

        if (device_is_assigned(&plan->extract.domain.devices.items[device->device]))
            sorted[(*ret_count)++] = device;
    }
    qsort(sorted, *ret_count, sizeof(*sorted), compare_devices);
    return sorted;
}

static void add_guest_cell(const struct bdf *bdf, bool known, size_t width, struct buffer *out)
{
    size_t start = out->length;

    if (known)
        explain_guest(bdf, out);
    else
        buffer_add(out, "?");
    buffer_pad(out, start, width);
}

/* ", group 8, 8.0 GT/s x16 (low)"; what is made on a function has neither of its own. */
static void add_marks(const struct vtopo_plan *plan, const struct plan_device *device,
                      struct buffer *out)
{
    enum device_kind kind = plan->extract.domain.devices.items[device->device].kind;
    const struct host_function *f;

    if (device->function == HOST_NONE || kind == DEVICE_HOSTDEV_MDEV ||
        kind == DEVICE_INTERFACE_VDPA)
        return;
    f = &plan->extract.host.functions.items[device->function];
    if (f->iommu_group >= 0)
        buffer_printf(out, ", group %d", f->iommu_group);
    if (f->link_now.speed || f->link_now.width)
        buffer_printf(out, ", %s", link_format(&f->link_now, (char[LINK_TEXT_SIZE]){0}));
    if (check_is_link_low(f))
        buffer_add(out, " (low)");
}

static void add_device(const struct vtopo_plan *plan, const struct plan_device *device,
                       struct buffer *out)
{
    static const char *const fates[] = {
        [FATE_MOVED] = "",
        [FATE_STAYS] = ", stays",
        [FATE_UNASSIGNED] = ", not given to the guest",
    };
    size_t start = out->length;

    buffer_add(out, "  ");
    buffer_add(out, device->function == HOST_NONE ? "-" : BDF_TEXT(&device->host));
    buffer_pad(out, start, 16);
    add_guest_cell(&device->guest_before, device->before_known, 8, out);
    buffer_add(out, device->fate == FATE_MOVED ? "-> " : "   ");
    if (device->fate == FATE_MOVED)
        add_guest_cell(&device->guest_after, device->after_known, 10, out);
    else
        buffer_add_times(out, " ", 10);
    explain_what(plan, device, out);
    add_marks(plan, device, out);
    buffer_add(out, fates[device->fate]);
    if (device->clique_source != CLIQUE_NOBODY && device->clique >= 0)
        buffer_printf(out, ", clique %d", device->clique);
    buffer_add(out, "\n");
}

bool explain_devices(const struct vtopo_plan *plan, bool colour, struct buffer *out)
{
    bool unknown = false;
    size_t count;
    autofree const struct plan_device **sorted = sort_devices(plan, &count);

    if (!sorted)
        return false;
    if (!count || plan->outcome == PLAN_UNCHANGED)
        return true;
    buffer_add(out, "\n");
    style_add(out, "  HOST BDF      GUEST BDF BEFORE -> AFTER", STYLE_DIM, colour);
    buffer_add(out, "\n");
    for (size_t i = 0; i < count; i++) {
        add_device(plan, sorted[i], out);
        unknown = unknown || !sorted[i]->before_known ||
                  (sorted[i]->fate == FATE_MOVED && !sorted[i]->after_known);
    }
    if (unknown)
        buffer_add(out, "  ?: for libvirt or the firmware to decide\n");
    return true;
}

/* A size in the largest unit that leaves no fraction, or one decimal of the next larger one. */
static void add_size(uint64_t bytes, struct buffer *out)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    size_t unit = 0;
    uint64_t rest = 0;

    while (bytes >= 1024 && unit + 1 < sizeof(units) / sizeof(*units)) {
        rest = bytes % 1024;
        bytes /= 1024;
        unit++;
    }
    if (rest)
        buffer_printf(out, "%" PRIu64 ".%" PRIu64 " %s", bytes, rest * 10 / 1024, units[unit]);
    else
        buffer_printf(out, "%" PRIu64 " %s", bytes, units[unit]);
}

static void add_amount(const struct plan_budget *budget, uint64_t amount, struct buffer *out)
{
    if (budget->bytes)
        add_size(amount, out);
    else
        buffer_printf(out, "%" PRIu64, amount);
}

void explain_budgets(const struct vtopo_plan *plan, bool colour, struct buffer *out)
{
    if (!plan->budgets.count)
        return;
    buffer_add(out, "\n");
    style_add(out, "  BUDGET                          USED        LIMIT", STYLE_DIM, colour);
    buffer_add(out, "\n");
    for (size_t i = 0; i < plan->budgets.count; i++) {
        const struct plan_budget *budget = &plan->budgets.items[i];
        size_t start = out->length;

        buffer_printf(out, "  %s", budget->name);
        buffer_pad(out, start, 34);
        add_amount(budget, budget->used, out);
        buffer_pad(out, start, 46);
        if (budget->unknown)
            buffer_add(out, "unknown");
        else
            add_amount(budget, budget->available, out);
        if (budget->note) {
            buffer_pad(out, start, 58);
            buffer_printf(out, "(%s)", budget->note);
        }
        buffer_add(out, "\n");
    }
}

/* Sizes are counted from 0 here; @text may be NULL. */
static void add_range(struct buffer *out, const char *name, uint64_t from, uint64_t to,
                      const char *text)
{
    size_t start = out->length;

    buffer_printf(out, "  %s", name);
    buffer_pad(out, start, 34);
    if (from)
        add_size(from, out);
    buffer_pad(out, start, 46);
    add_size(to, out);
    if (text) {
        buffer_pad(out, start, 58);
        buffer_printf(out, "(%s)", text);
    }
    buffer_add(out, "\n");
}

#define ABOVE (UINT64_C(1) << 32)

/* The guest's physical addresses above 4 GiB, where large BARs need them. */
void explain_space(const struct vtopo_plan *plan, bool colour, struct buffer *out)
{
    const struct plan_space *space = &plan->space;
    autobuffer struct buffer window = {0}, bits = {0};

    if (!space->there || space->need < HOST_HIGH_MEMORY)
        return;
    buffer_printf(&window, "%s: needs ", space->firmware);
    add_size(space->need, &window);
    buffer_printf(&bits, "%u bits", space->bits);
    if (window.failed || bits.failed) {
        out->failed = true;
        return;
    }
    buffer_add(out, "\n");
    style_add(out, "  ADDRESSES                       FROM        TO", STYLE_DIM, colour);
    buffer_add(out, "\n");
    if (space->ram_end > ABOVE)
        add_range(out, "memory", ABOVE, space->ram_end, NULL);
    if (space->hotplug_end)
        add_range(out, "memory that can be plugged in", space->ram_end, space->hotplug_end, NULL);
    add_range(out, space->fits ? "64-bit window" : "64-bit window (does not fit)", space->base,
              space->base + space->size, window.text);
    add_range(out, "end of addresses", 0, space->limit, bits.text);
}

/* The sentence, then what is to be pasted as it is. */
static void add_text(const char *text, struct buffer *out)
{
    const char *end = strchr(text, '\n');

    wrap_add(out, text, end ? (size_t)(end - text) : strlen(text), 6, 6);
    while (end) {
        const char *line = end + 1;

        end = strchr(line, '\n');
        buffer_add(out, *line ? "      " : "");
        buffer_add_bytes(out, line, end ? (size_t)(end - line) : strlen(line));
        buffer_add(out, "\n");
    }
}

static void add_finding(const struct finding *finding, bool colour, struct buffer *out)
{
    static const enum style styles[] = {
        [SEVERITY_INFO] = STYLE_INFO,
        [SEVERITY_WARNING] = STYLE_WARNING,
        [SEVERITY_REFUSAL] = STYLE_REFUSAL,
    };

    buffer_add(out, "  ");
    style_add(out, severity_name(finding->severity), styles[finding->severity], colour);
    buffer_printf(out, " %s %s", finding_code(finding->id), finding->subject);
    if (finding_subject_count(finding) > 1)
        buffer_printf(out, " and %zu more", finding_subject_count(finding) - 1);
    buffer_add(out, "\n");
    add_text(finding->text, out);
}

void explain_findings(const struct vtopo_plan *plan, bool colour, struct buffer *out)
{
    if (!plan->findings.count)
        return;
    buffer_add(out, "\n");
    style_add(out, "  FINDINGS", STYLE_DIM, colour);
    buffer_add(out, "\n");
    for (int severity = SEVERITY_REFUSAL; severity >= SEVERITY_INFO; severity--) {
        for (size_t i = 0; i < plan->findings.count; i++) {
            if (plan->findings.items[i].severity == (enum severity)severity)
                add_finding(&plan->findings.items[i], colour, out);
        }
    }
}
