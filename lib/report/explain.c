/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explain.c - a plan for people: the summary and the order of the parts
 *
 * Takes:  a plan.
 * Gives:  text of at most 100 columns where names allow it.
 * Rule:   the same input gives the same bytes on every machine: no pci.ids, no locale.
 * Not here: the plan for programs (json_plan.c).
 */
#include "report/explain.h"

#include "base/error.h"
#include "base/printable.h"
#include "model/pci_class.h"
#include "model/policy_key.h"
#include "report/style.h"

#include <string.h>

void explain_guest(const struct bdf *bdf, struct buffer *out)
{
    const char *text = BDF_TEXT(bdf);

    buffer_add(out, bdf->domain ? text : text + sizeof("0000:") - 1);
}

/* ".0", ".0-3", ".0,2" */
static void add_functions(unsigned functions, struct buffer *out)
{
    const char *comma = ".";

    for (unsigned first = 0, last; first < 8; first = last + 1) {
        last = first;
        if (!(functions & 1U << first))
            continue;
        while (functions & 1U << (last + 1))
            last++;
        buffer_printf(out, last > first ? "%s%u-%u" : "%s%u", comma, first, last);
        comma = ",";
    }
}

static void add_slot(const char *bdf, unsigned functions, struct buffer *out)
{
    buffer_add_bytes(out, bdf, strlen(bdf) - 2);
    add_functions(functions, out);
}

void explain_functions(const struct bdf *slot, unsigned functions, struct buffer *out)
{
    add_slot(BDF_TEXT(slot), functions, out);
}

void explain_guest_functions(const struct bdf *slot, unsigned functions, struct buffer *out)
{
    const char *text = BDF_TEXT(slot);

    add_slot(slot->domain ? text : text + sizeof("0000:") - 1, functions, out);
}

/* What is between the function and the guest; "" for the function itself. */
static const char *kind_word(enum device_kind kind, const struct host_function *function)
{
    switch (kind) {
    case DEVICE_HOSTDEV_MDEV:
        return "mdev of ";
    case DEVICE_INTERFACE_VDPA:
        return "vDPA of ";
    case DEVICE_DISK_NVME:
        return "disk of ";
    default:
        return function->is_vf ? "VF of " : "";
    }
}

void explain_what(const struct vtopo_plan *plan, const struct plan_device *device,
                  struct buffer *out)
{
    const struct domain_device *named = &plan->extract.domain.devices.items[device->device];
    const struct host_function *function;

    if (device->function == HOST_NONE) {
        buffer_add(out, named->label ? named->label : "device");
        return;
    }
    function = &plan->extract.host.functions.items[device->function];
    buffer_printf(out, "%04x:%04x  %s%s", function->vendor, function->device,
                  kind_word(named->kind, function), class_word(function->class_code));
}

static size_t count_controllers(const struct vtopo_plan *plan, enum controller_model model)
{
    size_t count = 0;

    for (size_t i = 0; i < plan->controllers.count; i++)
        count += plan->controllers.items[i].model == model;
    return count;
}

static void add_count(const char *before, size_t count, const char *one, const char *more,
                      struct buffer *out)
{
    if (count)
        buffer_printf(out, "%s%zu %s", before, count, count == 1 ? one : more);
}

static void add_name(const char *name, bool colour, struct buffer *out)
{
    size_t start;

    style_start(out, STYLE_HEADING, colour);
    start = out->length;
    buffer_add(out, name);
    if (out->length > start)
        printable(out->text + start, false);
    style_end(out, STYLE_HEADING, colour);
}

void explain_summary(const struct vtopo_plan *plan, bool colour, struct buffer *out)
{
    const char *name = plan->extract.domain.name;
    size_t expanders =
        count_controllers(plan, CTRL_EXPANDER) + count_controllers(plan, CTRL_PCI_EXPANDER);
    size_t switches = count_controllers(plan, CTRL_UPSTREAM);

    add_name(name ? name : "(no name)", colour, out);
    if (plan->outcome == PLAN_UNCHANGED) {
        buffer_add(out, plan->additions.count ? ": its devices stay, see the findings\n"
                                              : ": left as it is, see the findings\n");
        return;
    }
    buffer_printf(out, ": mirror %s", mirror_word(plan->mirror));
    if (!plan->cards.count)
        buffer_add(out, ", no card moves");
    add_count(", ", plan->cards.count, "card", "cards", out);
    add_count(" below ", expanders, "expander", "expanders", out);
    add_count(expanders ? " and " : " below ", switches, "switch", "switches", out);
    buffer_add(out, plan->realised ? "; the domain is so already\n" : "\n");
}

/* The one in whose place an element comes. */
static void explain_former(const struct addition *addition, struct buffer *out)
{
    if (addition->old)
        buffer_printf(out, "      instead of %s\n", addition->old);
}

static void explain_change(const struct addition *addition, struct buffer *out)
{
    const struct addition_place *place = addition_place(addition->kind);
    size_t start = out->length;

    buffer_printf(out, "    <%s %s='%s'>", place->element, place->attribute, addition->text);
    if (addition->old)
        buffer_printf(out, ", which had '%s'", addition->old);
    if (!out->failed)
        printable(out->text + start, false);
    buffer_add(out, "\n");
}

/* The path of its parent, with the one that it is in the place of the kind of its name. */
static void explain_parent(const struct addition *addition, struct buffer *out)
{
    const char *parent = addition_place(addition->kind)->parent;
    const char *open = *addition->of ? strchr(parent, '[') : NULL;

    if (open)
        buffer_printf(out, "  in <%.*s%s%s>\n", (int)(open + 1 - parent), parent, addition->of,
                      strchr(open, ']'));
    else
        buffer_printf(out, "  in <%s>\n", *parent ? parent : "domain");
}

static bool has_parent_of(const struct addition *addition, const struct addition *other)
{
    return !strcmp(addition_place(addition->kind)->parent, addition_place(other->kind)->parent) &&
           !strcmp(addition->of, other->of);
}

/* What is added besides controllers and addresses, to be checked by who defines it. */
static void explain_additions(const struct vtopo_plan *plan, bool colour, struct buffer *out)
{
    if (!plan->additions.count)
        return;
    buffer_add(out, "\n");
    style_add(out, "  ADDED TO THE DOMAIN", STYLE_DIM, colour);
    buffer_add(out, "\n");
    for (size_t i = 0; i < plan->additions.count; i++) {
        const struct addition *addition = &plan->additions.items[i];
        const struct addition_place *place = addition_place(addition->kind);

        if (!i || !has_parent_of(addition, addition - 1))
            explain_parent(addition, out);
        if (place->attribute) {
            explain_change(addition, out);
            continue;
        }
        for (const char *line = addition->text; *line;
             line += strcspn(line, "\n"), line += *line == '\n')
            buffer_printf(out, "    %.*s\n", (int)strcspn(line, "\n"), line);
        explain_former(addition, out);
    }
}

int explain_plan(const struct vtopo_plan *plan, bool colour, char **ret_text,
                 struct vtopo_error **reterr)
{
    struct buffer out = {0};
    char *text;
    bool done;

    explain_summary(plan, colour, &out);
    done = explain_tree(plan, colour, &out) && explain_devices(plan, colour, &out) &&
           explain_pairs(plan, colour, &out);
    explain_additions(plan, colour, &out);
    explain_budgets(plan, colour, &out);
    explain_space(plan, colour, &out);
    explain_findings(plan, colour, &out);
    if (!done)
        out.failed = true;
    text = buffer_steal(&out);
    if (!text)
        return error_nomem(reterr);
    *ret_text = text;
    return 0;
}
